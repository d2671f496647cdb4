// Every page in its states, as axe sees it: light, dark, with high contrast and in the device's own colours, on a phone, a
// tablet and a computer; patrons' pages also at 200 % and 400 %. `make test` looks at a part in which every state meets
// every colour and every screen; `make axe` (AXE=all) at all of it. What can only be brought about by much doing is
// looked at where that is done: account.spec.ts, shelf.spec.ts, marathon.spec.ts, walls.spec.ts, kiosk.spec.ts.

import type { Page } from "@playwright/test";

import { MANAGER } from "../support/desk.ts";
import { furnish } from "../support/furnish.ts";
import { Looking } from "../support/looks.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { AOKI, BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

/** Opened as they are, by whoever comes in. */
const OPEN = [
  "/",
  "/guide",
  "/calendar",
  "/calendar?place=south-hall",
  "/search?q=",
  "/search?q=&material=magazine&page=2",
  "/search?q=zxqvwkjzxq",
  "/cart",
  "/login",
  "/register",
  "/register/sent",
  "/register/once",
  "/link?key=0",
  "/shared?key=0",
  "/desk",
];

test("axe: what everybody sees", async ({ reader, hondana, watch }, info) => {
  test.setTimeout(600_000);
  // A list that is shared no more.
  watch.forgive(/404/);
  const { page } = reader;
  const looking = new Looking(info);
  await tellSomething(page, hondana.address);
  for (const address of OPEN) await looking.atAddress(page, address);
  await reader.open("/guide?lang=en");
  await looking.atAddress(page, "/", "home in English");
  await reader.open("/guide?lang=ja");
  await reader.open("/");
  await page.locator(".site-footer summary").click();
  await looking.at(page, "home, the choice of how it looks");
  await reader.searchBox.pressSequentially("ここ");
  await expect(page.getByRole("listbox")).toBeVisible();
  await looking.at(page, "home, with suggestions");
  await reader.open("/search?q=%E6%96%87%E8%97%9D%E6%98%A5%E7%A7%8B");
  await reader.results.first().getByRole("link").first().click();
  await reader.arrived("文藝春秋");
  await looking.at(page, "a record with many issues");
  looking.done();
});

test("axe: the way to a reservation", async ({ reader }, info) => {
  test.setTimeout(600_000);
  const { page } = reader;
  const looking = new Looking(info);
  await reader.open("/");
  for (const { reading, title } of [BOTCHAN, KOKORO, KUSAMAKURA]) await reader.addToCart(reading, title);
  await looking.at(page, "results, one in the cart");
  await reader.result(KUSAMAKURA.title).getByRole("link", { name: KUSAMAKURA.title }).click();
  await reader.arrived(KUSAMAKURA.title);
  await looking.at(page, "a record");
  await reader.goTo("予約カート");
  await page.getByRole("button", { name: "順番を指定する" }).click();
  await looking.at(page, "the cart, in order");
  await reader.reserveButton.click();
  await reader.arrived("利用者ログイン");
  await reader.signIn(NAKAZATO.card, "Wr0ngPwd");
  await expect(page.getByRole("alert")).toBeVisible();
  await looking.at(page, "sign-in, after a wrong password");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("受取場所と連絡方法");
  await looking.at(page, "place and contact");
  await reader.choosePlace("中央図書館", "メール");
  await looking.at(page, "予約確認");
  await reader.reserveButton.click();
  await reader.arrived("予約完了");
  await looking.at(page, "予約完了");
  await reader.goTo("予約状況");
  await looking.at(page, "予約状況, a set");
  for (const what of ["loans", "cancelled", "settings"]) {
    await looking.atAddress(page, `/account/${what}`, `${what}, with nothing`);
  }
  looking.done();
});

test("axe: what is not there, on its way, broken, without a line", async ({ reader, watch }, info) => {
  test.setTimeout(300_000);
  watch.forgive(/404|500|ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch/);
  const { page } = reader;
  const looking = new Looking(info);
  await looking.atAddress(page, "/no/such/page", "not there");
  await reader.open("/");
  await page.route("**/api/search*", (route) => route.fulfill({ status: 500, body: "fault" }));
  await searched(reader);
  await expect(reader.heading("表示できませんでした")).toBeVisible();
  await looking.at(page, "broken");
  await page.unrouteAll();
  await reader.open("/");
  await page.route("**/api/search*", (route) => route.abort("internetdisconnected"));
  await searched(reader);
  await expect(reader.heading("インターネットにつながっていません")).toBeVisible();
  await looking.at(page, "without a line");
  await page.unrouteAll();
  await reader.open("/");
  await page.route("**/api/search*", () => undefined);
  await searched(reader);
  await expect(page.getByText("読み込んでいます。")).toBeVisible();
  await looking.at(page, "on its way");
  await page.unrouteAll();
  looking.done();
});

test("axe: the desk", async ({ desk, hondana }, info) => {
  test.setTimeout(900_000);
  const { page } = desk;
  const looking = new Looking(info, false);
  const pages = await furnish(desk, hondana);
  await page.request.post("/api/add-bulletin", {
    form: {
      op: "0190b3a0-0000-7000-8000-000000000001",
      title: "蔵書点検のお知らせ",
      text: "",
      from: "",
      until: nextMonth(),
    },
    headers: { origin: hondana.address },
  });
  pages.push("/desk/library/bulletins", "/desk/library/seasons", "/desk/library/kiosks");
  for (const address of pages) await looking.atAddress(page, address);
  await page.getByRole("main").getByRole("link", { name: "戻る" }).first().click();
  await page.goto("/desk/library/bulletins");
  await page.getByRole("link", { name: "「蔵書点検のお知らせ」を直す" }).click();
  await looking.at(page, "a bulletin is changed");
  await page.goto("/desk");
  for (const number of [BOTCHAN.barcode, "no-such"]) await scan(page, number);
  await looking.at(page, "check-in");
  await page.goto("/desk/check-out");
  for (const number of [AOKI.card, KUSAMAKURA.second]) await scan(page, number);
  await looking.at(page, "check-out, refused");
  looking.done();
});

/** Searches from the page that is open, without loading another. */
async function searched(reader: Reader): Promise<void> {
  await reader.searchBox.fill("こころ");
  await reader.searchBox.press("Enter");
}

async function scan(page: Page, number: string): Promise<void> {
  await page.waitForFunction(() => "awake" in window);
  await page.keyboard.type(number);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByText(number, { exact: true }).first()).toBeVisible();
}

/** Puts something on the home page that stands there only when staff put it there. */
async function tellSomething(page: Page, origin: string): Promise<void> {
  const send = (endpoint: string, form: Record<string, string>) =>
    page.request.post(`/api/${endpoint}`, { form, headers: { origin } });
  await send("staff-sign-in", MANAGER);
  const until = nextMonth();
  const today = new Date().toISOString().slice(0, 10);
  for (const [n, text] of ["どなたでも参加できます。\n\n申し込みは窓口へ。", ""].entries()) {
    const op = `0190b3a0-0000-7000-8000-00000000000${n + 2}`;
    await send("add-bulletin", { op, title: `おはなし会 その${n + 1}`, text, from: "", until });
  }
  await send("add-season", {
    op: "0190b3a0-0000-7000-8000-000000000009",
    name: "冬の読書マラソン",
    from: today,
    until,
    books: "10",
  });
  await page.context().clearCookies();
}

/** A day some weeks ahead. */
function nextMonth(): string {
  return new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}
