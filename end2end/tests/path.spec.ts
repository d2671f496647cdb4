// The main job, from the first word typed to the copy on the hold shelf, on a computer and on a phone.

import { deadline } from "../support/dates.ts";
import type { Desk } from "../support/desk.ts";
import { type Pointer, drag, finger, mouse } from "../support/drag.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

test("signed in before filling the cart", async ({ reader, desk, hasTouch }) => {
  const { page } = reader;
  await test.step("sign in", async () => {
    await reader.open("/login");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
    await expect(page.getByText("予約している資料はありません。")).toBeVisible();
  });
  await fillCart(reader);
  await test.step("every way of ordering shows the same at once", async () => {
    await reader.goTo("予約カート");
    await orderCart(reader, hasTouch ? await finger(page) : mouse(page));
  });
  await test.step("choose place and contact, confirm", async () => {
    await reader.reserveButton.click();
    await reader.arrived("受取場所と連絡方法");
    await chooseConfirmReserve(reader);
  });
  await test.step("予約状況 shows the set with its positions", async () => {
    await page.getByRole("link", { name: "予約の状況を確かめる" }).click();
    await reader.arrived("予約状況");
    await expectReservedSet(reader);
  });
  await comesBack(reader, desk);
});

test("signed in after filling the cart", async ({ reader, hasTouch }) => {
  const { page } = reader;
  await reader.open("/");
  await fillCart(reader);
  await reader.goTo("予約カート");
  await orderCart(reader, hasTouch ? await finger(page) : mouse(page));
  await test.step("the way to the place leads over the sign-in and back", async () => {
    await reader.reserveButton.click();
    await reader.arrived("利用者ログイン");
    await expect(page.getByText("カートの資料はそのまま残ります。")).toBeVisible();
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("受取場所と連絡方法");
    await expect(page.getByText(`${NAKAZATO.name} さん`)).toBeVisible();
  });
  await test.step("the cart is as it was", async () => {
    await reader.goTo("予約カート");
    await reader.expectCart([BOTCHAN.title, "1"], [KUSAMAKURA.title, "2"], [KOKORO.title, "3"]);
    await reader.reserveButton.click();
    await reader.arrived("受取場所と連絡方法");
  });
  await chooseConfirmReserve(reader);
  await reader.goTo("予約状況");
  await expectReservedSet(reader);
});

/** Finds three titles by their readings and puts them into the cart. */
async function fillCart(reader: Reader): Promise<void> {
  await test.step("search three titles and put them into the cart", async () => {
    for (const { reading, title } of [BOTCHAN, KOKORO, KUSAMAKURA]) {
      await reader.addToCart(reading, title);
    }
    const cart = reader.page.getByRole("banner").getByRole("link", { name: "予約カート" });
    await expect(cart).toHaveAccessibleName("予約カート 3");
  });
}

/** Orders the cart by dragging, by the keyboard, by pull-down and by buttons: 坊っちゃん, 草枕, こころ in the end. */
async function orderCart(reader: Reader, pointer: Pointer): Promise<void> {
  const { page } = reader;
  const [botchan, kokoro, kusamakura] = [BOTCHAN.title, KOKORO.title, KUSAMAKURA.title];
  const none = "指定しない";
  await reader.expectCart([botchan, none], [kokoro, none], [kusamakura, none]);

  await drag(pointer, reader.handle(kusamakura), reader.cartLine(botchan));
  await reader.expectCart([kusamakura, none], [botchan, none], [kokoro, none]);

  await page.getByRole("button", { name: "順番を指定する" }).click();
  await reader.expectCart([kusamakura, "1"], [botchan, "2"], [kokoro, "3"]);

  await reader.handle(kokoro).focus();
  await page.keyboard.press("ArrowUp");
  await reader.expectCart([kusamakura, "1"], [kokoro, "2"], [botchan, "3"]);
  await expect(reader.handle(kokoro)).toBeFocused();

  await reader.order(botchan).selectOption("1");
  await reader.expectCart([botchan, "1"], [kusamakura, "2"], [kokoro, "3"]);

  await page.getByRole("button", { name: `「${kusamakura}」を下へ` }).click();
  await reader.expectCart([botchan, "1"], [kokoro, "2"], [kusamakura, "3"]);

  await drag(pointer, reader.handle(kokoro), reader.cartLine(kusamakura));
  await reader.expectCart([botchan, "1"], [kusamakura, "2"], [kokoro, "3"]);
  await reader.expectCartKept([botchan, "1"], [kusamakura, "2"], [kokoro, "3"]);
}

/** From the choice of place and contact to 予約完了. */
async function chooseConfirmReserve(reader: Reader): Promise<void> {
  const { page } = reader;
  await expect(page.getByText(`${NAKAZATO.mail} へお送りします。`)).toBeVisible();
  await reader.choosePlace("北分館", "メール");
  await expect(reader.titles).toHaveText([/順番 1.*坊っちゃん/, /順番 2.*草枕/, /順番 3.*こころ/]);
  await expect(page.getByRole("main")).toContainText("北分館");
  await reader.reserveButton.click();
  await reader.arrived("予約完了");
  const position = "予約しました。予約待ちの1番目です。";
  await expect(reader.titles).toContainText([position, position, position]);
  const cart = page.getByRole("banner").getByRole("link", { name: "予約カート" });
  await expect(cart, "what was reserved has left the cart").toHaveAccessibleName("予約カート");
}

/** The set as 予約状況 shows it before any copy is there. */
async function expectReservedSet(reader: Reader): Promise<void> {
  await expect(reader.page.getByRole("row")).toHaveCount(4);
  await expect(reader.reservation(BOTCHAN.title)).toContainText("予約中（1番目）");
  await expect(reader.reservation(BOTCHAN.title)).toContainText("順番 1／3");
  await expect(reader.reservation(KUSAMAKURA.title)).toContainText("前の資料待ち（1番目）");
  await expect(reader.reservation(KUSAMAKURA.title)).toContainText("順番 2／3");
  await expect(reader.reservation(KOKORO.title)).toContainText("前の資料待ち（1番目）");
  await expect(reader.reservation(KOKORO.title)).toContainText("北分館");
}

/** The copy of the first title comes back: in transit from elsewhere, ready at the place, and the reader is told. */
async function comesBack(reader: Reader, desk: Desk): Promise<void> {
  const { page } = reader;
  await test.step("a copy is checked in elsewhere and goes on its way", async () => {
    await desk.begin("中央図書館");
    await desk.scan(KOKORO.barcode);
    await expect(desk.instruction, "a later title of the set is not captured").toContainText("書架へ");
    await desk.scan(BOTCHAN.barcode);
    await expect(desk.instruction).toContainText("移送：北分館へ");
    await expect(desk.instruction).toContainText(NAKAZATO.label);
    await expect(desk.instruction, "no full name stands on a slip").not.toContainText("中里");
    await page.reload();
    await expect(reader.reservation(BOTCHAN.title)).toContainText("移送中");
  });
  await test.step("it arrives and is ready", async () => {
    await desk.moveTo("北分館");
    await desk.scan(BOTCHAN.barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await expect(desk.instruction).toContainText(`取置期限日 ${deadline()}`);
    await desk.scan(BOTCHAN.barcode);
    await expect(desk.instruction, "a second scan says the same").toContainText("取置棚へ");
  });
  await test.step("the reader sees it, and the next of the set has its turn", async () => {
    await page.reload();
    await reader.arrived("予約状況");
    await expect(reader.reservation(BOTCHAN.title)).toContainText("用意できました");
    await expect(reader.reservation(BOTCHAN.title)).toContainText(`取置期限日 ${deadline()}`);
    await expect(page.getByText("用意できた資料が1点あります。")).toBeVisible();
    await expect(reader.reservation(KUSAMAKURA.title)).toContainText("予約中（1番目）");
    await expect(reader.reservation(KOKORO.title)).toContainText("前の資料待ち（1番目）");
  });
  await test.step("the mail is written, once", async () => {
    const mails = await desk.mailsTo(NAKAZATO.mail);
    await expect(mails).toHaveCount(1);
    await expect(mails).toContainText("予約の資料が用意できました");
    await expect(mails).toContainText(BOTCHAN.title);
    await expect(mails).toContainText("北分館");
    await expect(mails).toContainText(deadline());
  });
}
