// My本棚: lists (R27) and the sealed loan history (R28).

import { writeFile } from "node:fs/promises";

import type { Page } from "@playwright/test";

import { objections } from "../support/looks.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO } from "../support/titles.ts";

const [botchan, kokoro] = [BOTCHAN.title, KOKORO.title];

/** A phone, for what has to work there as well. */
const PHONE = { width: 390, height: 844 };

for (const [how, scripts] of [
  ["", true],
  [", scripts off", false],
] as const) {
  test.describe(`lists${how}`, () => {
    test.use({ javaScriptEnabled: scripts });

    test(`a title goes into a list, is written about, moved, reserved, shared and taken out${how}`, async ({
      reader,
      browser,
      baseURL,
    }) => {
      const { page } = reader;
      const main = page.getByRole("main");
      await signIn(reader, NAKAZATO.card);
      await test.step("one press in the results and on the record", async () => {
        await reader.open("/");
        await reader.search(BOTCHAN.reading);
        await page.getByRole("button", { name: `「${botchan}」を読みたい本に入れる` }).click();
        await expect(page.getByRole("status")).toContainText(`「${botchan}」を「読みたい本」に入れました。`);
        await reader.awake();
        await reader.search(KOKORO.reading);
        await reader.result(kokoro).getByRole("link", { name: kokoro, exact: true }).click();
        await reader.arrived(kokoro);
        await page.getByRole("button", { name: `「${kokoro}」を読みたい本に入れる` }).click();
        await expect(page.getByRole("status")).toContainText(`「${kokoro}」を「読みたい本」に入れました。`);
      });
      await test.step("a note, an order, another list", async () => {
        await page.getByRole("banner").getByRole("link", { name: "My本棚" }).click();
        await reader.arrived("My本棚");
        await page.getByRole("textbox", { name: "リストの名前" }).fill("夏休み");
        await page.getByRole("button", { name: "リストを作る" }).click();
        await reader.arrived("夏休み");
        await page.getByRole("link", { name: "My本棚へ戻る" }).click();
        await reader.arrived("My本棚");
        await page.getByRole("link", { name: "読みたい本", exact: true }).click();
        await reader.arrived("読みたい本");
        await openEntry(page, kokoro);
        await page.getByRole("button", { name: `「${kokoro}」を先頭へ` }).click();
        await expect(main.getByRole("rowheader").first()).toContainText(kokoro);
        await openEntry(page, kokoro);
        await row(page, kokoro).getByRole("textbox", { name: "メモ" }).fill("先生の手紙");
        await row(page, kokoro).getByRole("button", { name: "保存する" }).click();
        await expect(row(page, kokoro)).toContainText("先生の手紙");
        await openEntry(page, botchan);
        await row(page, botchan).getByRole("combobox", { name: "移すリスト" }).selectOption({ label: "夏休み" });
        await row(page, botchan).getByRole("button", { name: "移す", exact: true }).click();
        await expect(page.getByRole("status")).toContainText("「夏休み」に移しました。");
        await expect(row(page, botchan)).toHaveCount(0);
      });
      await test.step("the whole list into the cart", async () => {
        await page.getByRole("link", { name: "リストをまとめて予約する" }).click();
        await reader.arrived("リストをカートに入れる");
        await expect(row(page, kokoro)).toContainText("カートに入れます。");
        await main.getByRole("button", { name: "カートに入れる" }).click();
        await reader.arrived("予約カート");
        await expect(reader.cartLine(kokoro)).toBeVisible();
      });
      await test.step("shared without a name, and revoked", async () => {
        await page.goto("/account/bookshelf");
        await page.getByRole("link", { name: "読みたい本", exact: true }).click();
        await reader.arrived("読みたい本");
        await page.getByRole("link", { name: "名前・共有・取り込み" }).click();
        await page.getByRole("button", { name: "共有する" }).click();
        await expect(page.getByRole("status")).toContainText("リストを共有しています。");
        const link = (await main.locator("a.address").getAttribute("href")) ?? "";
        const stranger = await browser.newContext({ baseURL: baseURL ?? "", javaScriptEnabled: scripts });
        const theirs = await stranger.newPage();
        await theirs.goto(link);
        await expect(theirs.getByRole("rowheader")).toContainText(kokoro);
        await expect(theirs.locator("meta[name=robots]")).toHaveAttribute("content", /noindex/);
        for (const hidden of [NAKAZATO.name, NAKAZATO.card, "先生の手紙"]) {
          expect(await theirs.content()).not.toContain(hidden);
        }
        await page.getByRole("button", { name: "共有をやめる" }).click();
        await expect(page.getByRole("status")).toContainText("共有をやめました。");
        await theirs.reload();
        await expect(theirs.getByRole("main")).toContainText("このリンクのリストは、共有されていません。");
        await stranger.close();
      });
    });
  });
}

test("a list as CSV goes out and comes in again, with what was odd by its line", async ({ reader }, info) => {
  const { page } = reader;
  await page.setViewportSize(PHONE);
  await signIn(reader, NAKAZATO.card);
  await reader.open("/account/bookshelf");
  await page.getByRole("link", { name: "お気に入り", exact: true }).click();
  await reader.arrived("お気に入り");
  const list = new URL(page.url()).pathname;
  await reader.open(`${list}/settings`);
  const file = info.outputPath("list.csv");
  await writeFile(file, "書名,メモ,日付\nどこにもない本,ほしい,あした\n");
  await page.getByLabel("CSVファイル").setInputFiles(file);
  await page.getByRole("button", { name: "取り込む" }).click();
  await expect(page.getByRole("status")).toContainText("新しく入れた資料 1点");
  await expect(page.getByRole("status")).toContainText("2行目：日付を読み取れません。");
  await expect(row(page, "どこにもない本")).toContainText("所蔵なし");
  const answer = await page.request.get(`/account/bookshelf.csv?list=${list.split("/").pop() ?? ""}`);
  expect(await answer.text()).toMatch(/^\uFEFF書名,.*\r\nどこにもない本,/);
});

for (const viewport of [PHONE, { width: 820, height: 1180 }, { width: 1280, height: 800 }]) {
  test(`the history is chosen, sealed, opened, closed by a new password and opened again, ${viewport.width} wide`, async ({
    reader,
    desk,
  }) => {
    const { page } = reader;
    await page.setViewportSize(viewport);
    await signIn(reader, NAKAZATO.card);
    await reader.open("/account/history");
    await expect(page.getByRole("main")).toContainText("「利用しない」になっています");
    await page.getByRole("link", { name: "利用するかどうかを考える" }).click();
    await reader.arrived("貸出履歴を利用する");
    await expect(page.getByRole("main"), "told beforehand").toContainText("パスワードを忘れて再発行すると");
    expect(await objections(page)).toEqual([]);
    await page.getByRole("textbox", { name: "パスワード" }).fill("Wrong111");
    await page.getByRole("button", { name: "利用する", exact: true }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.getByRole("textbox", { name: "パスワード" }).fill("Hon2dana");
    await page.getByRole("button", { name: "利用する", exact: true }).click();
    await reader.arrived("回復コード");
    const code = (await page.locator(".recovery-code").textContent())?.trim() ?? "";
    expect(code).toMatch(/^([a-z2-6]{5}-){4}[a-z2-6]{5}$/);
    await page.reload();
    await expect(page.getByRole("main"), "once").toContainText("一度だけ表示します");
    await desk.begin("中央図書館");
    await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
    await reader.open("/account/history");
    await expect(row(page, botchan)).toBeVisible();
    expect(await objections(page)).toEqual([]);
    const file = await page.request.get("/account/history.csv");
    expect(await file.text()).toContain(botchan);

    await test.step("in another browser it opens with the sign-in, and is gone with the sign-out", async () => {
      await page.getByRole("button", { name: "ログアウト" }).click();
      await reader.arrived("図書館の資料を探す");
      expect((await page.context().cookies()).some((cookie) => cookie.name === "history")).toBe(false);
      await signIn(reader, NAKAZATO.card);
      await reader.open("/account/history");
      await expect(row(page, botchan)).toBeVisible();
    });
    await test.step("without what the browser keeps it asks for the password once", async () => {
      await page.context().clearCookies({ name: "history" });
      await reader.open("/account/history");
      await expect(row(page, botchan)).toHaveCount(0);
      await page.getByRole("textbox", { name: "パスワード" }).fill("Hon2dana");
      await page.getByRole("button", { name: "開く" }).click();
      await expect(row(page, botchan)).toBeVisible();
    });
    await test.step("one is deleted, then all", async () => {
      await page.getByRole("button", { name: `「${botchan}」の記録を消す` }).click();
      await expect(page.getByRole("main")).toContainText("まだ記録はありません");
      await page.getByRole("link", { name: "やめる・消す" }).click();
      await reader.arrived("やめる・消す");
      await page.getByRole("button", { name: "やめて、すべて消す" }).click();
      await expect(page.getByRole("main")).toContainText("「利用しない」になっています");
    });
  });
}

/** The row of a list about a title. */
function row(page: Page, title: string) {
  return page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: title }) });
}

async function openEntry(page: Page, title: string): Promise<void> {
  await page
    .locator("summary", { has: page.locator(`xpath=self::*[@aria-label="「${title}」のメモ・移動・削除"]`) })
    .click();
}

async function signIn(reader: Reader, card: string): Promise<void> {
  await reader.open("/login");
  await reader.signIn(card);
  await expect(reader.heading("予約状況")).toBeVisible();
}
