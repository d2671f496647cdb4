// The desk's lists while they follow (R34), and what a page does when its stream ends.

import type { Page } from "@playwright/test";

import type { Desk } from "../support/desk.ts";
import { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

const FOLLOWS = "変わると、自動で表示します。";
const DOWN = "つながっていないため、最新ではないかもしれません。";
const CHANGED = "内容が変わりました。";

test("the list of calls follows though its first line has the focus, and no two tabs do the same deed", async ({
  reader,
  desk,
}) => {
  await desk.begin("中央図書館");
  await signIn(reader);
  await reserveByTelephone(reader, KUSAMAKURA);
  await desk.scan(KUSAMAKURA.barcode);
  const list = await open(desk, "/desk/telephone");
  await expect(list.getByRole("heading", { level: 3 }).first()).toBeFocused();
  const second = await open(desk, "/desk/telephone");

  await reserveByTelephone(reader, BOTCHAN);
  await desk.takeBack(BOTCHAN.barcode);
  for (const tab of [list, second]) await expect(tab.getByRole("article")).toContainText(BOTCHAN.title);
  await expect(list.getByText(CHANGED)).toHaveCount(0);
  await second.bringToFront();
  await expect(second.getByRole("heading", { level: 3 }).first()).toBeFocused();
  // One tab heard it from the server, the other from that tab.
  const ops = await Promise.all([list, second].map((tab) => op(tab)));
  expect(new Set(ops).size).toBe(2);

  // A button that has the focus is left alone.
  await second.getByRole("button", { name: "出なかった" }).focus();
  await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
  // The page shows it, and says it aloud in a part that nobody sees.
  await expect(second.getByRole("main").getByText(CHANGED)).toBeVisible();
  await expect(second.getByRole("button", { name: "出なかった" })).toBeFocused();
  await expect(list.getByRole("article")).not.toContainText(BOTCHAN.title);
});

test("the list of one place does not go on under the name of another", async ({ desk }) => {
  await desk.begin("中央図書館");
  const shelf = await open(desk, "/desk/holds");
  const place = shelf.getByRole("button", { name: "場所を変える" }).locator("..");
  await expect(place).toContainText("中央図書館");
  await desk.moveTo("北分館");
  // As after sleep, or when the server was away.
  await shelf.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(place).toContainText("北分館");
  await expect(shelf.getByText(FOLLOWS)).toBeVisible();
});

test("a page whose session has ended waits a moment for the session that may take its place", async ({ reader }) => {
  await signIn(reader);
  const start = new Date("2026-11-28T10:00:00+09:00");
  await reader.page.clock.install({ time: start });
  await reader.open("/account/reservations");
  await expect(reader.page.getByText(FOLLOWS)).toBeVisible();
  await reader.page.clock.pauseAt(new Date(start.getTime() + 3_600_000));
  await expect(reader.page.getByText(FOLLOWS)).toBeVisible();
  const other = new Reader(await reader.page.context().newPage());
  await other.open("/account/loans");
  await other.page.getByRole("button", { name: "ログアウト" }).click();
  await expect(reader.page.getByText(DOWN).filter({ visible: true })).toBeVisible();
  await expect(reader.heading("予約状況")).toBeVisible();
  await reader.page.clock.runFor(2_500);
  await expect(reader.heading("利用者ログイン")).toBeVisible();
});

async function signIn(reader: Reader): Promise<void> {
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
}

async function reserveByTelephone(reader: Reader, title: typeof BOTCHAN): Promise<void> {
  await reader.addToCart(title.reading, title.title);
  await reader.goTo("予約カート");
  await reader.reserveCart("中央図書館", "電話");
}

/** Opens a list in another tab of the desk and waits until it follows. */
async function open(desk: Desk, address: string): Promise<Page> {
  const page = await desk.page.context().newPage();
  await page.goto(address);
  await expect(page.getByText(FOLLOWS)).toBeVisible();
  return page;
}

/** The id of the request that the next deed of a list is. */
async function op(page: Page): Promise<string> {
  return page.locator("input[name=op]").first().inputValue();
}
