// Pages that follow what happens while they are open (R34).

import type { BrowserContext, Page, Request } from "@playwright/test";

import { deadline } from "../support/dates.ts";
import { objections } from "../support/looks.ts";
import { Reader, noticeAwakening } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO, YUMIKO } from "../support/titles.ts";

/** What a page says when it follows. */
const FOLLOWS = "変わると、自動で表示します。";
const DOWN = "つながっていないため、最新ではないかもしれません。";
const REFRESH = { name: "最新の状態にする" };

test("phone, computer and desk see a copy become ready, and nobody reloads", async ({
  reader,
  desk,
  browser,
  baseURL,
}) => {
  await signIn(reader);
  await reserve(reader, BOTCHAN, "北分館");
  await follow(reader);
  const phone = await another(browser.newContext({ baseURL: baseURL ?? "", viewport: { width: 390, height: 844 } }));
  await signIn(phone);
  await following(phone.page);
  const reloads = [reloadsOf(reader.page), reloadsOf(phone.page)];

  await desk.begin("中央図書館");
  await desk.scan(BOTCHAN.barcode);
  await expect(reader.reservation(BOTCHAN.title)).toContainText("移送中");
  await expect(phone.reservation(BOTCHAN.title)).toContainText("移送中");

  // The list of the place where it is to be picked up is open beside it.
  const shelf = await desk.page.context().newPage();
  await desk.moveTo("北分館");
  await shelf.goto("/desk/holds");
  await following(shelf);
  const shelves = reloadsOf(shelf);
  await shelf.getByRole("textbox", { name: "バーコード" }).fill("half a num");
  await desk.takeBack(BOTCHAN.barcode);
  const ready = shelf.getByRole("row").filter({ hasText: BOTCHAN.title });
  await expect(ready).toContainText(NAKAZATO.label);
  await expect(shelf.getByRole("textbox", { name: "バーコード" }), "what is typed stays").toHaveValue("half a num");
  await expect(shelf.getByRole("textbox", { name: "バーコード" })).toBeFocused();
  for (const one of [reader, phone]) {
    await expect(one.reservation(BOTCHAN.title)).toContainText(`取置期限日 ${deadline()}`);
    await expect(one.page.getByText("用意できた資料が1点あります。")).toBeVisible();
    await expect(one.page.locator("[aria-live=polite]")).toHaveText(`「${BOTCHAN.title}」が用意できました。`);
    await expect(one.page.getByRole("link", REFRESH)).toBeHidden();
  }
  expect([...reloads, shelves].map((count) => count())).toEqual([0, 0, 0]);
  expect(await objections(reader.page)).toEqual([]);
  await phone.page.context().close();
});

test("who stands behind moves up, and an open choice and the focus are left alone", async ({
  reader,
  browser,
  baseURL,
}) => {
  const first = await another(browser.newContext({ baseURL: baseURL ?? "" }));
  await signIn(first, YUMIKO.card);
  await reserve(first, BOTCHAN, "中央図書館");
  await signIn(reader);
  await reserve(reader, BOTCHAN, "中央図書館");
  await reserve(reader, KOKORO, "中央図書館");
  await follow(reader);
  const row = reader.reservation(BOTCHAN.title);
  await expect(row).toContainText("予約中（2番目）");
  // A choice that is not sent yet, and the focus on a link of the list.
  await reader.order(KOKORO.title).selectOption("1");
  const link = reader.page.getByRole("link", { name: `「${BOTCHAN.title}」の取消` });
  await link.focus();

  await cancelFirst(first);
  await expect(row).toContainText("予約中（1番目）");
  await expect(reader.page.locator("[aria-live=polite]")).toHaveText(`「${BOTCHAN.title}」は1番目になりました。`);
  await expect(link).toBeFocused();
  await expect(reader.order(KOKORO.title)).toHaveValue(/::1$/);

  // What would draw the list anew waits, and says so.
  const elsewhere = await another(browser.newContext({ baseURL: baseURL ?? "" }));
  await signIn(elsewhere);
  await cancel(elsewhere, KOKORO.title);
  await expect(reader.page.getByRole("main").getByText("内容が変わりました。")).toBeVisible();
  await expect(link).toBeFocused();
  await expect(reader.reservation(KOKORO.title)).toBeVisible();
  await reader.page.getByRole("link", REFRESH).click();
  await reader.arrived("予約状況");
  await expect(reader.reservation(KOKORO.title)).toHaveCount(0);
  await first.page.context().close();
  await elsewhere.page.context().close();
});

test("a server that was killed is followed again when it is back, without gap", async ({
  reader,
  watch,
  hondana,
  desk,
}) => {
  watch.forgive(/\/live|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await signIn(reader);
  await reserve(reader, BOTCHAN, "中央図書館");
  await follow(reader);
  await desk.begin("中央図書館");
  const count = reloadsOf(reader.page);
  await hondana.kill();
  await expect(reader.page.getByText(DOWN).filter({ visible: true })).toBeVisible();
  await expect(reader.page.getByRole("link", REFRESH)).toBeVisible();
  await hondana.revive();
  // It happens before the page is back, so it has to be told of it then.
  await desk.takeBack(BOTCHAN.barcode);
  await expect(reader.reservation(BOTCHAN.title)).toContainText("用意できました");
  await expect(reader.page.getByText(FOLLOWS)).toBeVisible();
  expect(count()).toBe(0);
});

test("two tabs share one stream, and the one that is left takes over", async ({ reader, desk }) => {
  const streams = streamsOf(reader.page.context());
  await signIn(reader);
  await reserve(reader, BOTCHAN, "北分館");
  await follow(reader);
  const second = await another(Promise.resolve(reader.page.context()));
  await follow(second);
  await expect.poll(streams).toBe(1);
  await desk.begin("中央図書館");
  await desk.scan(BOTCHAN.barcode);
  for (const tab of [reader, second]) await expect(tab.reservation(BOTCHAN.title)).toContainText("移送中");
  expect(streams()).toBe(1);
  await second.page.close();
  await desk.moveTo("北分館");
  await desk.scan(BOTCHAN.barcode);
  await expect(reader.reservation(BOTCHAN.title)).toContainText("用意できました");
  // Leaving the page ends it.
  await reader.page.getByRole("banner").getByRole("link", { name: "貸出状況" }).click();
  await reader.arrived("貸出状況");
  await expect.poll(streams).toBe(0);
});

test("whoever signs out in one tab is signed out in the other", async ({ reader }) => {
  await signIn(reader);
  await follow(reader);
  const other = await another(Promise.resolve(reader.page.context()));
  await other.open("/account/loans");
  await other.page.getByRole("button", { name: "ログアウト" }).click();
  await expect(reader.heading("利用者ログイン")).toBeVisible();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a page says of which moment it is and can be loaded anew", async ({ reader, desk }) => {
    await signIn(reader);
    await reserve(reader, BOTCHAN, "中央図書館");
    await reader.open("/account/reservations");
    await expect(reader.page.getByText(/^\d\d:\d\d現在\s*$/)).toBeVisible();
    await desk.begin("中央図書館");
    await desk.scan(BOTCHAN.barcode);
    await reader.page.getByRole("link", REFRESH).click();
    await reader.arrived("予約状況");
    await expect(reader.reservation(BOTCHAN.title)).toContainText("用意できました");
    await desk.page.goto("/desk/holds");
    await expect(desk.page.getByText(/^\d\d:\d\d現在\s*$/)).toBeVisible();
    await expect(desk.page.getByRole("link", REFRESH)).toBeVisible();
  });
});

async function signIn(reader: Reader, card = NAKAZATO.card): Promise<void> {
  await reader.open("/login");
  await reader.signIn(card);
  await reader.arrived("予約状況");
}

/** A reader in another browser, or in another tab of it. */
async function another(opened: Promise<BrowserContext>): Promise<Reader> {
  const context = await opened;
  await noticeAwakening(context);
  return new Reader(await context.newPage());
}

async function reserve(reader: Reader, title: typeof BOTCHAN, place: string): Promise<void> {
  await reader.addToCart(title.reading, title.title);
  await reader.expectCartKept([title.title, "指定しない"]);
  await reader.reserveCart(place, "メール");
}

/** Opens 予約状況 and waits until it follows. */
async function follow(reader: Reader): Promise<void> {
  await reader.open("/account/reservations");
  await following(reader.page);
}

async function following(page: Page): Promise<void> {
  await expect(page.getByText(FOLLOWS)).toBeVisible();
}

async function cancelFirst(reader: Reader): Promise<void> {
  await cancel(reader, BOTCHAN.title);
}

async function cancel(reader: Reader, title: string): Promise<void> {
  await reader.open("/account/reservations");
  await reader.page.getByRole("link", { name: `「${title}」の取消` }).click();
  await reader.arrived("予約の取消");
  await reader.page.getByRole("button", { name: "予約を取り消す" }).click();
  await reader.arrived("予約状況");
}

/** How often a page was loaded since. */
function reloadsOf(page: Page): () => number {
  let count = 0;
  page.on("load", () => (count += 1));
  return () => count;
}

/** The streams that are open in a browser. */
function streamsOf(context: BrowserContext): () => number {
  const open = new Set<Request>();
  const isStream = (request: Request) => new URL(request.url()).pathname === "/live";
  context.on("request", (request) => {
    if (isStream(request)) open.add(request);
  });
  const close = (request: Request) => {
    open.delete(request);
  };
  context.on("requestfailed", close);
  context.on("requestfinished", close);
  // Of a page that was closed nothing more is heard.
  return () => [...open].filter((request) => !request.frame().page().isClosed()).length;
}
