// Where a patron is signed in and what is kept of them; the second factor of staff and the log of what they did.

import { readFile } from "node:fs/promises";

import type { Page } from "@playwright/test";

import { code } from "../support/authenticator.ts";
import { Looking } from "../support/looks.ts";
import { Reader, noticeAwakening } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, NAKAZATO } from "../support/titles.ts";

const MANAGER = { login: "manager", password: "Manage-2-dana" };
const PHONE =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

test("a reader signs out a phone from home", async ({ reader, browser, baseURL }) => {
  const context = await browser.newContext({ baseURL: baseURL ?? "", userAgent: PHONE });
  await noticeAwakening(context);
  const phone = new Reader(await context.newPage());
  for (const somewhere of [phone, reader]) {
    await somewhere.open("/login");
    await somewhere.signIn(NAKAZATO.card);
    await somewhere.arrived("予約状況");
  }
  const { page } = reader;
  await page.getByRole("link", { name: "ログインと個人情報" }).click();
  await reader.arrived("ログインと個人情報");
  const sessions = page.getByRole("region", { name: "ログインしている端末" }).or(page.locator(".sessions"));
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await expect(sessions.getByRole("listitem").first()).toContainText("この端末");
  await page.getByRole("button", { name: "Chrome · Androidをログアウト" }).click();
  await expect(page.getByRole("status")).toContainText("ほかの端末をログアウトしました。");
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await phone.open("/account/loans");
  await phone.arrived("利用者ログイン");
  await context.close();
});

test("a reader gets what is kept of them, and erases it", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.goTo("予約カート");
  await reader.expectCartKept([BOTCHAN.title, "指定しない"]);
  await reader.open("/account/data");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "ファイルを受け取る" }).click();
  const file = JSON.parse(await readFile(await (await download).path(), "utf8")) as {
    card: { number: string; mails: [string, boolean][] };
    cart: string[];
  };
  expect(file.card.number).toBe(NAKAZATO.card);
  expect(file.card.mails.map(([address]) => address)).toContain(NAKAZATO.mail);
  expect(file.cart).toEqual([BOTCHAN.title]);

  await page.getByRole("link", { name: "消す内容を確かめる" }).click();
  await reader.arrived("情報を消します");
  await page.getByRole("button", { name: "消してログアウトする" }).click();
  await reader.arrived("情報を消しました");
  await expect(page.getByRole("banner").getByRole("link", { name: "ログイン", exact: true })).toBeVisible();
  await reader.open("/login?next=%2Fcart");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約カート");
  await reader.expectCart();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test("a manager sets up a second factor, is asked for it, and what they do is written down", async ({ page }) => {
      await signIn(page);
      await page.getByRole("button", { name: "中央図書館" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
      await page.goto("/desk/library/factor");
      await expect(page.getByRole("img", { name: "認証アプリで読み取るQRコード" })).toBeVisible();
      const secret = (await page.locator("code.secret").textContent()) ?? "";
      await page.getByRole("textbox", { name: "確認コード" }).fill("000000");
      await page.getByRole("textbox", { name: "パスワード" }).fill(MANAGER.password);
      await page.getByRole("button", { name: "設定する" }).click();
      await expect(page.getByRole("alert")).toContainText("確認コードが違います。");
      await page.getByRole("textbox", { name: "確認コード" }).fill(code(secret));
      await page.getByRole("textbox", { name: "パスワード" }).fill(MANAGER.password);
      await page.getByRole("button", { name: "設定する" }).click();
      await expect(page.getByRole("status")).toContainText("確認コードを設定しました。");
      const recovery = await page.locator(".secrets code").allTextContents();
      expect(new Set(recovery).size).toBe(10);
      await page.reload();
      await expect(page.getByText("予備コードは、あと10個使えます。")).toBeVisible();
      await expect(page.getByText(recovery[0] ?? "")).toHaveCount(0);

      await page
        .getByRole("navigation", { name: "窓口のメニュー" })
        .getByRole("button", { name: "ログアウト" })
        .click();
      // Whoever types an address while the desk is still closing stops it.
      await expect(page.getByRole("searchbox", { name: "資料を探す" })).toBeVisible();
      await signIn(page);
      await page.goto("/desk/cards");
      await expect(page.getByRole("heading", { level: 1, name: "確認コード" })).toBeVisible();
      await page.getByRole("textbox", { name: "確認コード" }).fill("111111");
      await page.getByRole("button", { name: "確かめる" }).click();
      await expect(page.getByRole("alert")).toContainText("確認コードが違います。");
      await page.getByRole("textbox", { name: "確認コード" }).fill(code(secret, 1));
      await page.getByRole("button", { name: "確かめる" }).click();
      await page.getByRole("button", { name: "中央図書館" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();

      await page.goto("/desk/library/audit");
      await expect(page.getByRole("row", { name: /manager.*確認コードを設定した/ })).toBeVisible();
      await expect(page.getByRole("row", { name: /manager.*ログインした/ })).toHaveCount(2);
      await page.goto("/desk/library/factor");
      await page.getByRole("textbox", { name: "確認コード" }).fill(recovery[0] ?? "");
      await page.getByRole("button", { name: "確認コードを外す" }).click();
      await expect(page.getByRole("status")).toContainText("確認コードの設定を外しました。");
    });
  });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "a desk with scripts" : "a desk without scripts", () => {
    test.use({ javaScriptEnabled });

    test("a manager changes the password they sign in with, which signs them out elsewhere", async ({
      browser,
      baseURL,
      page,
    }) => {
      await signIn(page);
      await page.getByRole("button", { name: "中央図書館" }).click();
      const elsewhere = await browser.newContext({ ...(baseURL === undefined ? {} : { baseURL }), javaScriptEnabled });
      const other = await elsewhere.newPage();
      await signIn(other);
      await page.goto("/desk/library");
      await page.getByRole("link", { name: "自分のアカウント" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "自分のアカウント" })).toBeVisible();
      const browsers = page.getByRole("listitem").filter({ hasText: "にログイン、最後に使ったのは" });
      await expect(browsers).toHaveCount(2);
      await expect(browsers.first()).toContainText("この端末");
      const change = async (old: string, password: string, again: string) => {
        await page.getByLabel("今のパスワード", { exact: true }).fill(old);
        await page.getByLabel("新しいパスワード", { exact: true }).fill(password);
        await page.getByLabel("新しいパスワード（もう一度）").fill(again);
        await page.getByRole("button", { name: "パスワードを変える" }).click();
      };
      await change("Not-this-1", "Another-2-dana", "Another-2-dana");
      await expect(page.getByRole("alert")).toContainText("今のパスワードが違います。");
      await change(MANAGER.password, "Another-2-dana", "Another-3-dana");
      await expect(page.getByRole("alert")).toContainText("もう一度入力したものと違います。");
      await change(MANAGER.password, "Another-2-dana", "Another-2-dana");
      await expect(page.getByRole("status")).toContainText("パスワードを変えました。");
      await other.goto("/desk");
      await expect(other.getByRole("textbox", { name: "職員ID" })).toBeVisible();
      await elsewhere.close();
      await page.reload();
      await expect(page.getByRole("heading", { level: 1, name: "自分のアカウント" })).toBeVisible();
    });

    test("a manager signs out elsewhere", async ({ browser, baseURL, page }) => {
      const elsewhere = await browser.newContext({ ...(baseURL === undefined ? {} : { baseURL }), javaScriptEnabled });
      const other = await elsewhere.newPage();
      await signIn(other);
      await signIn(page);
      await page.getByRole("button", { name: "中央図書館" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
      await page.goto("/desk/library/own");
      await page.getByRole("button", { name: "ほかの端末をすべてログアウト" }).click();
      await expect(page.getByRole("status")).toContainText("ほかの端末をログアウトしました。");
      await other.goto("/desk");
      await expect(other.getByRole("textbox", { name: "職員ID" })).toBeVisible();
      await elsewhere.close();
    });
  });
}

test("a deed on a card stands in the log, and the desk is told what it may not do", async ({ desk, page }) => {
  await desk.begin("中央図書館");
  await desk.page.goto("/desk/cards?q=1000004");
  await desk.page.getByRole("button", { name: "利用を停止する" }).click();
  await expect(desk.page.getByRole("status")).toContainText("カードの利用を停止しました。");
  await desk.page.goto("/desk/library/audit");
  await expect(desk.page.getByRole("alert").first()).toContainText("この操作は、今の登録ではできません。");

  await signIn(page);
  await page.getByRole("button", { name: "中央図書館" }).click();
  await page.goto(`/desk/library/audit?card=${NAKAZATO.card}`);
  await expect(page.getByRole("row", { name: /desk.*カードの利用を止めた/ })).toBeVisible();
});

test("axe: what is kept of whom, and the accounts of staff", async ({ reader, desk }, info) => {
  test.setTimeout(300_000);
  const looking = new Looking(info);
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  for (const deed of ["", "/erase", "/erased"]) await looking.atAddress(reader.page, `/account/data${deed}`);
  looking.done();
  await signIn(desk.page);
  await desk.page.getByRole("button", { name: "中央図書館" }).click();
  await expect(desk.page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
  const atDesk = new Looking(info, false);
  await atDesk.atAddress(desk.page, "/desk?refused");
  for (const what of ["audit", "factor", "own", "staff"]) await atDesk.atAddress(desk.page, `/desk/library/${what}`);
  atDesk.done();
});

async function signIn(page: Page): Promise<void> {
  await page.goto("/desk");
  await page.getByRole("textbox", { name: "職員ID" }).fill(MANAGER.login);
  await page.getByRole("textbox", { name: "パスワード" }).fill(MANAGER.password);
  await page.getByRole("main").getByRole("button", { name: "ログイン" }).click();
  await expect(page.getByRole("main").getByRole("heading", { level: 1, name: /勤務場所|確認コード/ })).toBeVisible();
}
