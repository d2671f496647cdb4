// Four weeks in the life of an ordered set of three: a walk-in, a hold that runs out and pauses the set, going on, a copy
// that is lost, a renewal refused and one granted. The server lives by a clock of its own.

import type { Page } from "@playwright/test";

import { dayAfter } from "../support/dates.ts";
import { type Reader, noticeAwakening, Reader as AnotherReader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO, YUMIKO } from "../support/titles.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Later than the demo's past. Noon in Japan, so that a day more is a day more. */
const START = new Date(`${new Date(Date.now() + DAY).toISOString().slice(0, 10)}T03:00:00Z`);

test.use({ moment: START });

test("an ordered set lives through four weeks", async ({ hondana, reader, desk, browser, baseURL }) => {
  test.slow();
  const goTo = (day: number) => hondana.goTo(new Date(START.getTime() + day * DAY));
  const other = await browser.newContext({ baseURL: baseURL ?? "" });
  await noticeAwakening(other);
  const yumiko = new AnotherReader(await other.newPage());

  await test.step("day 0: three titles in an order; a walk-in takes the third from the shelf", async () => {
    await signIn(reader, NAKAZATO.card);
    for (const { reading, title } of [BOTCHAN, KUSAMAKURA, KOKORO]) await reader.addToCart(reading, title);
    await reader.goTo("予約カート");
    await reader.page.getByRole("button", { name: "順番を指定する" }).click();
    await reader.expectCartKept([BOTCHAN.title, "1"], [KUSAMAKURA.title, "2"], [KOKORO.title, "3"]);
    await reader.reserveCart("中央図書館", "メール");
    await expectStates(reader, [BOTCHAN, /^予約中（1番目）/], [KUSAMAKURA, /^前の資料待ち/], [KOKORO, /^前の資料待ち/]);

    await desk.begin("中央図書館");
    await desk.lend(YUMIKO.card, KOKORO.barcode);
    await expect(desk.instruction).toContainText("貸し出しました");
    await expectStates(reader, [KOKORO, /^前の資料待ち/]);
  });

  await test.step("the first is ready, and the second wakes", async () => {
    await desk.takeBack(BOTCHAN.barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await expectStates(
      reader,
      [BOTCHAN, /^用意できました/],
      [KUSAMAKURA, /^予約中（1番目）/],
      [KOKORO, /^前の資料待ち/],
    );
    await expect(reader.reservation(BOTCHAN.title)).toContainText("用意ができているため、変更できません。");
  });

  await test.step("day 5: the walk-in may not renew while somebody waits, asleep or not", async () => {
    await goTo(5);
    await signIn(yumiko, YUMIKO.card);
    await yumiko.open("/account/loans");
    const loan = yumiko.reservation(KOKORO.title);
    await expect(loan).toContainText("予約して待っている方がいるため、延長できません。");
    await expect(loan.getByRole("button", { name: /貸出延長/ })).toHaveCount(0);
  });

  await test.step("day 14: still kept; day 15: not picked up, and the set is paused", async () => {
    await goTo(14);
    await expectStates(reader, [BOTCHAN, /^用意できました/]);
    await goTo(15);
    await expectStates(reader, [KUSAMAKURA, /^確認待ち/], [KOKORO, /^確認待ち/]);
    await reader.open("/account/cancelled");
    await expect(reader.reservation(BOTCHAN.title)).toContainText("取置期限切れ");
    await workAgain();
    await desk.takeBack(KUSAMAKURA.barcode);
    await expect(desk.instruction).toContainText("書架へ");
  });

  await test.step("going on", async () => {
    await reader.open("/account/reservations");
    await reader.page.getByRole("button", { name: "続ける" }).click();
    await expect(reader.page.getByRole("status")).toContainText("順番予約を続けます。");
    await expectStates(reader, [KUSAMAKURA, /^予約中（1番目）/], [KOKORO, /^前の資料待ち/]);
  });

  await test.step("a copy is ready and then lost: the place is kept, and the next copy comes", async () => {
    await desk.takeBack(KUSAMAKURA.barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await expectStates(reader, [KUSAMAKURA, /^用意できました/]);
    await desk.lose(KUSAMAKURA.barcode);
    await expectStates(reader, [KUSAMAKURA, /^予約中（1番目）/], [KOKORO, /^前の資料待ち/]);
    await desk.takeBack(KUSAMAKURA.second);
    await expect(desk.instruction).toContainText("取置棚へ");
    const mails = await desk.mailsTo(NAKAZATO.mail);
    await expect(mails.filter({ hasText: "用意した資料についてのおわび" })).toHaveCount(1);
    await desk.lend(NAKAZATO.card, KUSAMAKURA.second);
    await expect(desk.instruction).toContainText(KUSAMAKURA.title);
    await expectStates(reader, [KOKORO, /^予約中（1番目）/]);
  });

  await test.step("day 21: the reader renews what nobody waits for, once", async () => {
    await goTo(21);
    await reader.open("/account/loans");
    const loan = reader.reservation(KUSAMAKURA.title);
    await loan.getByRole("button", { name: /貸出延長/ }).click();
    await expect(reader.page.getByRole("status")).toContainText(
      `「${KUSAMAKURA.title}」を${dayAfter(START, 35)}まで延長しました。`,
    );
    await expect(loan).toContainText(dayAfter(START, 35));
    await expect(loan.getByRole("button", { name: /貸出延長/ })).toHaveCount(0);
  });

  await test.step("day 28: the walk-in brings the third back, and the set is done", async () => {
    await goTo(28);
    await workAgain();
    await desk.takeBack(KOKORO.barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await expectStates(reader, [KOKORO, /^用意できました/]);
    await desk.lend(NAKAZATO.card, KOKORO.barcode);
    await reader.open("/account/reservations");
    await expect(reader.page.getByText("予約している資料はありません。")).toBeVisible();
  });
  await other.close();

  /** Staff are signed out overnight. */
  async function workAgain(): Promise<void> {
    await desk.begin("中央図書館");
  }
});

async function signIn(reader: Reader, card: string): Promise<void> {
  await reader.open("/login");
  await reader.signIn(card);
  await reader.arrived("予約状況");
}

async function expectStates(reader: Reader, ...states: [{ title: string }, RegExp][]): Promise<void> {
  await reader.open("/account/reservations");
  for (const [{ title }, state] of states) {
    await expect(stateOf(reader.page, title)).toHaveText(state);
  }
}

/** What 予約状況 says of a title. */
function stateOf(page: Page, title: string) {
  const link = page.getByRole("link", { name: title, exact: true });
  return page.getByRole("row").filter({ has: link }).locator("[data-state]");
}
