// The whole path once more with JavaScript off: plain forms, all the way.

import { deadline } from "../support/dates.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

test.use({ javaScriptEnabled: false });

test("the whole path without scripts", async ({ reader, desk }) => {
  const { page } = reader;
  const none = "指定しない";
  const [botchan, kokoro, kusamakura] = [BOTCHAN.title, KOKORO.title, KUSAMAKURA.title];
  await test.step("search and fill the cart", async () => {
    await reader.open("/");
    for (const { reading, title } of [BOTCHAN, KOKORO, KUSAMAKURA]) await reader.addToCart(reading, title);
  });
  await test.step("order it by pull-downs and buttons", async () => {
    await reader.goTo("予約カート");
    await reader.expectCart([botchan, none], [kokoro, none], [kusamakura, none]);
    await expect(reader.handle(botchan), "nothing stands there that would do nothing").toBeHidden();
    await reader.order(kusamakura).selectOption("1");
    await reader.order(botchan).selectOption("2");
    await page.getByRole("button", { name: "順番を指定する" }).click();
    await reader.expectCart([kusamakura, "1"], [botchan, "2"], [kokoro, none]);
    await page.getByRole("button", { name: `「${botchan}」を上へ` }).click();
    await reader.expectCart([botchan, "1"], [kusamakura, "2"], [kokoro, none]);
  });
  await test.step("a title taken out and put in again stands at the end", async () => {
    await page.getByRole("button", { name: `「${kusamakura}」をカートから出す` }).click();
    await reader.expectCart([botchan, "1"], [kokoro, none]);
    await reader.addToCart(KUSAMAKURA.reading, kusamakura);
    await reader.goTo("予約カート");
    await reader.order(kusamakura).selectOption("2");
  });
  await test.step("reserve; the pull-down chosen last counts though no other button was pressed", async () => {
    await reader.reserveButton.click();
    await reader.arrived("利用者ログイン");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("受取場所と連絡方法");
    await reader.choosePlace("北分館", "メール");
    await expect(reader.titles).toHaveText([/順番 1.*坊っちゃん/, /順番 2.*草枕/, /^\s*こころ/]);
    await reader.reserveButton.click();
    await reader.arrived("予約完了");
    await expect(reader.titles).toHaveCount(3);
  });
  await test.step("予約状況", async () => {
    await page.getByRole("link", { name: "予約の状況を確かめる" }).click();
    await reader.arrived("予約状況");
    await expect(reader.reservation(botchan)).toContainText("予約中（1番目）");
    await expect(reader.reservation(kusamakura)).toContainText("前の資料待ち（1番目）");
    await expect(reader.reservation(kokoro)).toContainText("予約中（1番目）");
  });
  await test.step("the desk", async () => {
    await desk.begin("北分館");
    await desk.scan(BOTCHAN.barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await page.reload();
    await expect(reader.reservation(botchan)).toContainText(`取置期限日 ${deadline()}`);
    await expect(await desk.mailsTo(NAKAZATO.mail)).toHaveCount(1);
  });
  await test.step("sign out", async () => {
    await page.getByRole("button", { name: "ログアウト" }).click();
    await reader.arrived("図書館の資料を探す");
    await page.goto("/account/reservations");
    await expect(reader.heading("利用者ログイン")).toBeVisible();
  });
});
