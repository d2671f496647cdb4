// Passkeys, with Chromium's own authenticator: registered, used, taken away; a barred card; where there are none.

import type { Locator, Page } from "@playwright/test";

import { objections } from "../support/looks.ts";
import { PASSWORD, type Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { NAKAZATO } from "../support/titles.ts";

const REFUSED = "このパスキーではログインできません。パスワードでログインしてください。";

/** Gives the browser a device that makes sure who sits before it; answers how to take that away from it. */
async function authenticator(page: Page): Promise<(verified: boolean) => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return async (isUserVerified) => {
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  };
}

/** The part of 利用者情報 about passkeys. */
function section(page: Page): Locator {
  return page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name: "パスキー" }) });
}

async function toSettings(reader: Reader): Promise<void> {
  await reader.open("/login?next=/account/settings");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("利用者情報");
}

async function register(page: Page, name: string, password = PASSWORD): Promise<void> {
  const form = section(page);
  await form.getByLabel("パスキーの名前").fill(name);
  await form.getByLabel("今のパスワード").fill(password);
  await form.getByRole("button", { name: "パスキーを登録する" }).click();
}

async function signOut(reader: Reader): Promise<void> {
  await reader.page.getByRole("button", { name: "ログアウト" }).click();
  await expect(reader.page.getByRole("banner").getByRole("link", { name: "ログイン" })).toBeVisible();
}

async function byPasskey(reader: Reader, address = "/login"): Promise<void> {
  await reader.open(address);
  await reader.page.getByRole("button", { name: "パスキーでログイン" }).click();
}

test.describe("where people come by a name", () => {
  test.use({ named: true });

  test("a passkey is registered, signs in and is taken away", async ({ reader, desk }) => {
    const { page } = reader;
    await authenticator(page);
    await toSettings(reader);
    await expect(section(page)).toContainText("登録していません。");
    await register(page, "わたしのスマホ", "wrong");
    await expect(section(page).getByRole("alert")).toContainText("今のパスワードが違います。");
    await register(page, "わたしのスマホ");
    await expect(page.getByRole("status")).toContainText("パスキーを登録しました。");
    await expect(section(page).getByRole("listitem")).toContainText("わたしのスマホ");
    expect(await objections(page)).toEqual([]);
    await desk.begin("中央図書館");
    const mails = await desk.mailsTo(NAKAZATO.mail);
    await expect(mails.filter({ hasText: "パスキーが登録されました" })).toHaveCount(1);
    // The device makes no second one.
    await reader.awake();
    await register(page, "もう一つ");
    await expect(section(page).getByRole("alert")).toContainText("パスキーを登録できませんでした。");
    await signOut(reader);

    await byPasskey(reader, "/login?next=/account/settings");
    await reader.arrived("利用者情報");
    await expect(section(page).getByRole("listitem")).toContainText("最後に使ったのは");
    await section(page).getByRole("button", { name: "わたしのスマホを削除する" }).click();
    await expect(page.getByRole("status")).toContainText("パスキーを削除しました。");
    await expect(section(page)).toContainText("登録していません。");
    await reader.awake();
    await signOut(reader);

    await byPasskey(reader);
    await expect(page.getByRole("alert")).toContainText(REFUSED);
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
  });

  test("the cart comes along, and a device that is not sure of its owner signs nobody in", async ({ reader }) => {
    const { page } = reader;
    const verified = await authenticator(page);
    await toSettings(reader);
    await register(page, "");
    await expect(section(page).getByRole("listitem")).toContainText("Chrome");
    await reader.awake();
    await signOut(reader);
    await verified(false);
    await byPasskey(reader);
    await expect(page.getByRole("alert")).toContainText("パスキーを使えませんでした。");
    await expect(page.getByRole("button", { name: "パスキーでログイン" })).toBeEnabled();
    await verified(true);
    await page.getByRole("button", { name: "パスキーでログイン" }).click();
    await reader.arrived("予約状況");
  });

  test("a barred card signs in by passkey as by password", async ({ reader, desk }) => {
    const { page } = reader;
    await authenticator(page);
    await toSettings(reader);
    await register(page, "");
    await expect(page.getByRole("status")).toContainText("パスキーを登録しました。");
    await reader.awake();
    await signOut(reader);
    await desk.begin("中央図書館");
    await desk.page.goto(`/desk/cards?q=${NAKAZATO.card}`);
    await desk.page.getByRole("button", { name: "利用を停止する" }).click();
    await expect(desk.page.getByRole("status")).toContainText("カードの利用を停止しました。");
    await byPasskey(reader);
    await reader.arrived("予約状況");
    await expect(page.getByRole("main")).toContainText("この利用カードは、いま使えません。");
  });

  test.describe("without scripts", () => {
    test.use({ javaScriptEnabled: false });

    test("there is the password", async ({ reader }) => {
      const { page } = reader;
      await reader.open("/login?next=/account/settings");
      await expect(page.getByRole("button", { name: "パスキーでログイン" })).toHaveCount(0);
      await reader.signIn(NAKAZATO.card);
      await expect(reader.heading("利用者情報")).toBeVisible();
      await expect(section(page)).toContainText("JavaScript が使えるブラウザーが必要です。");
      await expect(page.getByRole("button", { name: "パスキーを登録する" })).toHaveCount(0);
    });
  });
});

test("where people come by a number, the pages say nothing of passkeys", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/login");
  await expect(page.locator("body")).not.toContainText("パスキー");
  await toSettings(reader);
  await expect(page.getByRole("main")).not.toContainText("パスキー");
});
