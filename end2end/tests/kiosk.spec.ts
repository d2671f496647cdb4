// A kiosk: registered by a manager, a first password without mail, a visit that ends by itself.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { bar, register, signInAsManager } from "../support/kiosk.ts";
import { Reader, noticeAwakening } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { NAKAZATO } from "../support/titles.ts";

/** A card without a password, and another's facts. */
const HOMMA = { card: "1000001", kana: "ほんま しずえ", birth: "昭和16年3月14日", telephone: "00-0001" };

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("a first password is chosen at a kiosk, and at no other device", async ({ reader }) => {
      const { page } = reader;
      await register(page, "1階 入口");
      await reader.open("/register");
      await reader.arrived("新規パスワード登録・再発行");
      await expect(page.getByRole("textbox", { name: "メールアドレス" })).toHaveCount(0);
      await choose(page, { ...HOMMA, telephone: "00-0002" });
      await expect(page.getByRole("alert")).toContainText("利用カードの登録と合わないか");
      await expect(page.getByRole("textbox", { name: "氏名カナ" }), "what was typed is there").toHaveValue(HOMMA.kana);
      await choose(page, HOMMA);
      await reader.arrived("利用者ログイン");
      await expect(page.getByRole("status")).toContainText("パスワードを登録しました。");
      await reader.signIn(HOMMA.card, "Hana12");
      await reader.arrived("予約状況");
      await page.goto("/account/data");
      await expect(page.getByRole("listitem").filter({ hasText: "この端末" })).toContainText("1階 入口");
      await page.getByRole("button", { name: "終わる" }).click();
      await expect(page.getByText("この端末は館内OPACです。")).toBeVisible();

      await reader.open("/register");
      await choose(page, HOMMA);
      await expect(page.getByRole("alert"), "R4: never a second one").toContainText(
        "すでにパスワードが登録されています",
      );

      await signInAsManager(page);
      await page.goto("/desk/library/kiosks");
      await page.getByRole("button", { name: "1階 入口：登録を取り消す" }).click();
      await expect(page.getByRole("status")).toContainText("端末の登録を取り消しました。");
      await page
        .getByRole("navigation", { name: "窓口のメニュー" })
        .getByRole("button", { name: "ログアウト" })
        .click();
      await expect(page.getByRole("searchbox", { name: "資料を探す" })).toBeVisible();
      await reader.open("/register");
      await choose(page, { ...HOMMA, card: "1000002" });
      await expect(page.getByRole("alert")).toContainText("館内OPACとして登録されていません。");
    });
  });
}

test("a visit to a kiosk is counted down, prolonged, and ended", async ({ reader }) => {
  const { page } = reader;
  await register(page, "2階");
  await page.clock.install();
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  const said = bar(page);
  await expect(said).toContainText("3分間使わないと、ログアウトします。");
  await page.clock.runFor(135_000);
  await expect(said).toContainText(/あと4\d秒でログアウトします。/);
  const goOn = said.getByRole("button", { name: "続ける" });
  await expect(goOn, "whoever is there need not look for it").toBeFocused();
  const whole = await said.boundingBox();
  expect(whole, "it has the whole screen").toEqual({ x: 0, y: 0, ...page.viewportSize() });
  await goOn.click();
  await expect(said).toContainText("3分間使わないと、ログアウトします。");
  await page.clock.runFor(100_000);
  await expect(said, "going on has begun it anew").toContainText("3分間使わないと、ログアウトします。");
  await page.clock.runFor(90_000);
  await expect(page.getByText("この端末は館内OPACです。")).toBeVisible();
  await expect(page.getByRole("link", { name: "ログイン" })).toBeVisible();
});

test("also what somebody did who never signed in comes to an end", async ({ reader }) => {
  const { page } = reader;
  await register(page, "2階");
  await page.clock.install();
  await reader.open("/");
  await page.clock.runFor(600_000);
  await expect(reader.heading("図書館の資料を探す"), "nobody is there, and nothing is to be ended").toBeVisible();
  await reader.addToCart("こころ", "こころ");
  await page.clock.runFor(150_000);
  await expect(bar(page)).toContainText(/秒で最初の画面に戻ります。/);
  await page.clock.runFor(60_000);
  await reader.arrived("図書館の資料を探す");
  await expect(page.getByRole("banner").getByRole("link", { name: "予約カート" })).toHaveAccessibleName("予約カート");
});

for (const width of [390, 820, 1280]) {
  test(`at ${width} pixels a kiosk's pages fit and axe finds nothing to object to`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ baseURL: baseURL ?? "", viewport: { width, height: 900 } });
    await noticeAwakening(context);
    const page = await context.newPage();
    const reader = new Reader(page);
    await signInAsManager(page);
    const addresses = ["/desk/library/kiosks", "/register", "/login", "/account/reservations"];
    for (const address of addresses) {
      if (address === "/register") await register(page, "入口");
      if (address === "/account/reservations") await reader.signIn(NAKAZATO.card);
      else await reader.open(address);
      if (address === "/account/reservations") await reader.arrived("予約状況");
      const [content, shown] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth] as const;
      });
      expect(content, `${address}: width of the page`).toBeLessThanOrEqual(shown);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
      expect.soft(told, address).toEqual([]);
      if (process.env.PICTURES !== undefined) {
        const name = address.replaceAll("/", "-");
        await page.screenshot({ path: `test-results/pictures/kiosk${name}-${width}.png`, fullPage: true });
      }
    }
    await context.close();
  });
}

/** Fills in the form of the kiosk and sends it. */
async function choose(page: Page, facts: typeof HOMMA): Promise<void> {
  for (const [label, text] of [
    ["利用者番号", facts.card],
    ["氏名カナ", facts.kana],
    ["生年月日", facts.birth],
    ["電話番号", facts.telephone],
    ["新しいパスワード", "Hana12"],
    ["新しいパスワード（もう一度）", "Hana12"],
  ] as const) {
    const field = page.getByRole("textbox", { name: label, exact: true });
    const secret = page.getByLabel(label, { exact: true });
    await (label.startsWith("新しい") ? secret : field).fill(text);
  }
  await page.getByRole("button", { name: "このパスワードにする" }).click();
}
