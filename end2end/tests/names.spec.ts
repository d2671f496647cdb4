// What a screen reader is given of the pages of the main job: every role and name, in their order, as they are written down
// in tests/names. A change of it has to be meant: `npm test -- names --update-snapshots`, and read what changed.

import type { Page } from "@playwright/test";

import { ScreenKeyboard, register } from "../support/kiosk.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO } from "../support/titles.ts";

/** Compares what is there with what is written down. */
async function expectNames(page: Page, screen: string): Promise<void> {
  await expect(async () => {
    expect(steady(await page.locator("body").ariaSnapshot())).toMatchSnapshot(`${screen}.txt`);
  }).toPass({ timeout: 10_000 });
}

/** Without addresses, which nobody is read, and what is otherwise on another day or for another person of the same kind. */
function steady(tree: string): string {
  return tree
    .replaceAll(/\n *- \/url: .*/g, "")
    .replaceAll(/（[月火水木金土日](・祝)?）/g, "（曜）")
    .replaceAll(/(?<!level=)\d[\d,]*/g, "0");
}

test("what a screen reader is given from the home page to 予約状況", async ({ reader }) => {
  test.setTimeout(180_000);
  const { page } = reader;
  await reader.open("/guide");
  await expectNames(page, "guide");
  await reader.open("/login");
  await expectNames(page, "login");
  await reader.open("/search?q=となりのトトロ");
  await expectNames(page, "results");
  for (const { reading, title } of [BOTCHAN, KOKORO]) await reader.addToCart(reading, title);
  await reader.result(KOKORO.title).getByRole("link", { name: KOKORO.title }).click();
  await reader.arrived(KOKORO.title);
  await expectNames(page, "record");
  await reader.goTo("予約カート");
  await page.getByRole("button", { name: "順番を指定する" }).click();
  await expectNames(page, "cart");
  await reader.reserveButton.click();
  await reader.arrived("利用者ログイン");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("受取場所と連絡方法");
  await expectNames(page, "place");
  await reader.choosePlace("中央図書館", "メール");
  await expectNames(page, "confirm");
  await reader.reserveButton.click();
  await reader.arrived("予約完了");
  await expectNames(page, "done");
  await reader.goTo("予約状況");
  await expectNames(page, "reservations");
  await reader.open("/account/bookshelf");
  await expectNames(page, "bookshelf");
});

test("what a screen reader is given of the desk", async ({ desk }) => {
  await desk.begin("中央図書館");
  await desk.scan(KOKORO.barcode);
  await expectNames(desk.page, "check-in");
});

test.describe("kiosk", () => {
  test.use({ viewport: { width: 1080, height: 1920 }, hasTouch: true });

  test("what a screen reader is given of a kiosk", async ({ reader }) => {
    const { page } = reader;
    await register(page, "入口の端末");
    await reader.open("/search?q=となりのトトロ");
    await reader.searchBox.tap();
    await expect(new ScreenKeyboard(page).itself).toBeVisible();
    await expectNames(page, "kiosk");
  });
});
