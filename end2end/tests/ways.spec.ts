// The main job once more, for those who have no mouse, a small phone, or everything four times as large. Without scripts it
// is in without-scripts.spec.ts, at the kiosk in kiosk-path.spec.ts.

import type { Locator, Page } from "@playwright/test";

import { Keyboard } from "../support/keyboard.ts";
import { expectFits } from "../support/looks.ts";
import { PASSWORD, type Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO } from "../support/titles.ts";

test("by keyboard alone, and the focus is never lost", async ({ reader }) => {
  const { page } = reader;
  const hands = await Keyboard.of(page);
  const main = page.getByRole("main");
  await reader.open("/");
  for (const { reading, title } of [BOTCHAN, KOKORO]) {
    await test.step(`find ${title} and put it into the cart`, async () => {
      await (title === BOTCHAN.title ? hands.tabTo(reader.searchBox) : backTo(page, reader.searchBox));
      await page.keyboard.press("ControlOrMeta+a");
      await hands.scan(reading);
      await reader.arrived(`「${reading}」の検索結果`);
      await expectFocus(page);
      const result = reader.result(title);
      await hands.press(result.getByRole("button", { name: "カートに入れる" }), 40);
      await expect(result.getByText("カートに入っています")).toBeVisible();
      await expectFocus(page);
    });
  }
  await test.step("order the cart", async () => {
    await backTo(page, page.getByRole("banner").getByRole("link", { name: /^予約カート/ }));
    await hands.enter();
    await reader.arrived("予約カート");
    await expectFocus(page);
    await hands.press(page.getByRole("button", { name: "順番を指定する" }));
    await reader.expectCart([BOTCHAN.title, "1"], [KOKORO.title, "2"]);
    await expectFocus(page);
    await hands.press(page.getByRole("button", { name: `「${BOTCHAN.title}」を下へ` }), 20);
    await reader.expectCart([KOKORO.title, "1"], [BOTCHAN.title, "2"]);
    await expectFocus(page);
  });
  await test.step("sign in", async () => {
    await hands.press(reader.reserveButton, 30);
    await reader.arrived("利用者ログイン");
    await expectFocus(page);
    await hands.tabTo(page.getByRole("textbox", { name: "利用者番号" }));
    await hands.type(NAKAZATO.card);
    await hands.tabTo(page.getByLabel("パスワード", { exact: true }));
    await hands.scan(PASSWORD);
    // A page that was loaded begins at its top.
    await reader.arrived("受取場所と連絡方法");
  });
  await test.step("choose, confirm, reserve", async () => {
    await choose(hands, page.getByRole("radio", { name: "北分館" }));
    await choose(hands, page.getByRole("radio", { name: "メール" }));
    await hands.press(page.getByRole("button", { name: "次へ進む" }));
    await reader.arrived("予約確認");
    await expectFocus(page);
    await hands.press(reader.reserveButton);
    await reader.arrived("予約完了");
  });
  await test.step("look at it, and sign out", async () => {
    await hands.press(main.getByRole("link", { name: "予約の状況を確かめる" }));
    await reader.arrived("予約状況");
    await expectFocus(page);
    await expect(reader.reservation(KOKORO.title)).toContainText("順番 1／2");
    await expect(reader.reservation(BOTCHAN.title)).toContainText("前の資料待ち（1番目）");
    await backTo(page, page.getByRole("button", { name: "ログアウト" }));
    await hands.enter();
    await reader.arrived("図書館の資料を探す");
  });
});

for (const [screen, viewport] of [
  ["a phone of 360 pixels", { width: 360, height: 640 }],
  ["a computer at 400 %", { width: 320, height: 256 }],
] as const) {
  test.describe(screen, () => {
    test.use({ viewport });

    test(`the whole path on ${screen}, and nothing sticks out`, async ({ reader, desk }) => {
      const { page } = reader;
      await reader.open("/");
      await expectFits(page, "home");
      for (const { reading, title } of [BOTCHAN, KOKORO]) await reader.addToCart(reading, title);
      await expectFits(page, "results");
      await reader.result(KOKORO.title).getByRole("link", { name: KOKORO.title, exact: true }).click();
      await reader.arrived(KOKORO.title);
      await expectFits(page, "record");
      await reader.goTo("予約カート");
      await page.getByRole("button", { name: "順番を指定する" }).click();
      await page.getByRole("button", { name: `「${BOTCHAN.title}」を下へ` }).click();
      await reader.expectCart([KOKORO.title, "1"], [BOTCHAN.title, "2"]);
      await expectFits(page, "cart");
      await reader.reserveButton.click();
      await reader.arrived("利用者ログイン");
      await expectFits(page, "sign-in");
      await reader.signIn(NAKAZATO.card);
      await reader.arrived("受取場所と連絡方法");
      await expectFits(page, "place");
      await reader.choosePlace("北分館", "メール");
      await expectFits(page, "confirmation");
      await reader.reserveButton.click();
      await reader.arrived("予約完了");
      await expectFits(page, "done");
      await page.getByRole("link", { name: "予約の状況を確かめる" }).click();
      await reader.arrived("予約状況");
      await desk.begin("北分館");
      await desk.scan(KOKORO.barcode);
      await expect(reader.reservation(KOKORO.title), "it is told without loading the page anew").toContainText(
        "用意できました",
      );
      await expectFits(page, "予約状況");
      await expectSeen(reader);
    });
  });
}

/** What has the focus is something that can be seen, and not the page itself, from where one would start all over. */
async function expectFocus(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => (document.activeElement?.checkVisibility() ? document.activeElement.tagName : "")))
    .not.toMatch(/^(BODY|HTML|)$/);
}

/** Goes back by Shift and Tab until something has the focus. */
async function backTo(page: Page, control: Locator, most = 60): Promise<void> {
  for (let steps = 0; steps <= most; steps += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Shift+Tab");
  }
  throw new Error(`more than ${most} steps back to ${control.toString()}`);
}

/** Goes to a group of choices by Tab and on within it by arrows. */
async function choose(hands: Keyboard, choice: Locator): Promise<void> {
  const name = await choice.getAttribute("name");
  for (let steps = 0; steps < 20; steps += 1) {
    const here = await hands.page.evaluate(() => document.activeElement?.getAttribute("name"));
    if (here === name) break;
    await hands.page.keyboard.press("Tab");
  }
  await hands.page.keyboard.press("Space");
  for (let steps = 0; steps < 10 && !(await choice.isChecked()); steps += 1)
    await hands.page.keyboard.press("ArrowDown");
  await expect(choice).toBeChecked();
  await expect(choice).toBeFocused();
}

/** A row of 予約状況 can be read without moving sideways: its cells stand below each other. */
async function expectSeen(reader: Reader): Promise<void> {
  const row = await reader.reservation(KOKORO.title).boundingBox();
  const width = reader.page.viewportSize()?.width ?? 0;
  expect((row?.x ?? 0) + (row?.width ?? Infinity)).toBeLessThanOrEqual(width);
}
