// The patron's door: registration, reissue, change, addresses, one-time passwords, slowed guessing.

import type { Page } from "@playwright/test";

import type { Desk } from "../support/desk.ts";
import { PASSWORD, Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

/** A card without a password and without an address. */
const HOMMA = { card: "1000001", kana: "ほんま しずえ", birth: "昭和16年3月14日", telephone: "00-0001" };
/** A card with a password and a confirmed address. */
const NAKAZATO = {
  card: "1000004",
  kana: "ﾅｶｻﾞﾄ ﾀﾞｲｽｹ",
  birth: "S57.5.30",
  telephone: "０４８０（００）０００４",
  mail: "nakazato.d@example.jp",
};

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("a first password is registered by mail", async ({ reader, desk }) => {
      const { page } = reader;
      await reader.open("/login");
      await page.getByRole("link", { name: "新規パスワード登録・再発行" }).click();
      await arrived(reader, "新規パスワード登録・再発行");
      await expect(page.getByRole("main")).toContainText("library@hondana.example.jp から届きます");
      await fillFacts(page, { ...HOMMA, birth: "きのう" });
      await fill(page, "メールアドレス", "shizue@example.jp");
      await press(page, "メールを受け取る");
      await expect(page.getByRole("alert")).toContainText("生年月日を読み取れません。");
      await expect(page.getByRole("textbox", { name: "氏名カナ" }), "what was typed is there").toHaveValue(HOMMA.kana);
      await fill(page, "生年月日", HOMMA.birth);
      await press(page, "メールを受け取る");
      await arrived(reader, "メールをご確認ください");

      const link = await desk.newestLink("shizue@example.jp");
      await page.goto(link);
      await arrived(reader, "パスワードを決める");
      await fill(page, "新しいパスワード", "Hana12");
      await fill(page, "新しいパスワード（もう一度）", "hana12");
      await press(page, "このパスワードにする");
      await expect(page.getByRole("alert")).toContainText("2つの新しいパスワードが違います。");
      await fill(page, "新しいパスワード", "Hana12");
      await fill(page, "新しいパスワード（もう一度）", "Hana12");
      await press(page, "このパスワードにする");
      await arrived(reader, "利用者ログイン");
      await expect(page.getByRole("status")).toContainText("パスワードを登録しました。");
      await reader.signIn(HOMMA.card, "Hana12");
      await arrived(reader, "予約状況");

      await page.goto(link);
      await arrived(reader, "このリンクは使えません");
      await expect(page.getByRole("main")).toContainText("このリンクは、もう使われました。");
      await page.goto("/link?key=abc");
      await expect(page.getByRole("main")).toContainText("リンクの途中が切れているようです。");
    });

    test("a forgotten password is reissued to the confirmed address only", async ({ reader, desk }) => {
      const { page } = reader;
      await reader.open("/register");
      await fillFacts(page, NAKAZATO);
      await fill(page, "メールアドレス", "thief@example.com");
      await press(page, "メールを受け取る");
      await arrived(reader, "メールをご確認ください");
      const answer = await page.getByRole("main").innerText();
      const link = await desk.newestLink(NAKAZATO.mail);
      await expect(desk.page.getByRole("article").filter({ hasText: "thief@example.com" })).toHaveCount(0);

      // A mail program that opens the link before its reader does changes nothing.
      await page.goto(link);
      await page.goto(link);
      await arrived(reader, "パスワードを決める");
      await fill(page, "新しいパスワード", "Neko34");
      await fill(page, "新しいパスワード（もう一度）", "Neko34");
      await press(page, "このパスワードにする");
      await arrived(reader, "利用者ログイン");
      await reader.signIn(NAKAZATO.card, PASSWORD);
      await expect(page.getByRole("alert")).toContainText("利用者番号またはパスワードが違います。");
      await reader.signIn(NAKAZATO.card, "Neko34");
      await arrived(reader, "予約状況");
      await mailWith(desk, NAKAZATO.mail, "パスワードが変わりました");

      // A card nobody has gets the same answer, word for word.
      await page.goto("/register");
      await fillFacts(page, { ...NAKAZATO, card: "9999999" });
      await press(page, "メールを受け取る");
      await arrived(reader, "メールをご確認ください");
      expect(await page.getByRole("main").innerText()).toBe(answer);
    });

    test("the password is changed, and other browsers have to sign in again", async ({ reader, browser, baseURL }) => {
      const { page } = reader;
      const elsewhere = await browser.newContext({ baseURL: baseURL ?? "", javaScriptEnabled: false });
      const other = new Reader(await elsewhere.newPage(), false);
      for (const one of [other, reader]) {
        await one.page.goto("/login?next=/account/settings");
        await one.signIn(NAKAZATO.card);
        await expect(one.heading("利用者情報")).toBeVisible();
      }
      const change = page.getByRole("region").or(page.locator("section")).filter({ hasText: "パスワードの変更" });
      const fillIn = async (old: string, next: string) => {
        const form = change.last();
        await form.getByLabel("今のパスワード").fill(old);
        await form.getByLabel("新しいパスワード", { exact: true }).fill(next);
        await form.getByLabel("新しいパスワード（もう一度）").fill(next);
        await form.getByRole("button", { name: "パスワードを変える" }).click();
      };
      await fillIn("Hon3dana", "Neko34");
      await expect(page.getByRole("alert")).toContainText("今のパスワードが違います。");
      await fillIn(PASSWORD, "19820530");
      await expect(page.getByRole("alert")).toContainText("当てられやすい");
      await fillIn(PASSWORD, "Neko34");
      await expect(page.getByRole("status")).toContainText("パスワードを変えました。");
      await page.goto("/account/reservations");
      await expect(reader.heading("予約状況"), "here one stays signed in").toBeVisible();
      await other.page.goto("/account/reservations");
      await expect(other.heading("利用者ログイン")).toBeVisible();
      await elsewhere.close();
    });

    test("addresses are added, confirmed by mail, chosen and taken away", async ({ reader, desk }) => {
      const { page } = reader;
      await page.goto("/login?next=/account/settings");
      await reader.signIn(NAKAZATO.card);
      await arrived(reader, "利用者情報");
      const second = page
        .locator("section.slot")
        .filter({ has: page.getByRole("heading", { name: "メールアドレス2" }) });
      await second.getByLabel("新しいメールアドレス2").fill("daisuke@example.com");
      await second.getByLabel("今のパスワード").fill("wrong");
      await second.getByRole("button", { name: "メールアドレス2に確認のメールを送る" }).click();
      await expect(page.getByRole("alert")).toContainText("今のパスワードが違います。");
      await expect(second.getByLabel("新しいメールアドレス2")).toHaveValue("daisuke@example.com");
      await second.getByLabel("今のパスワード").fill(PASSWORD);
      await second.getByRole("button", { name: "メールアドレス2に確認のメールを送る" }).click();
      await expect(page.getByRole("status")).toContainText("daisuke@example.com に確認のメールを送りました。");
      await expect(second).toContainText("登録していません。");

      // The link is opened where the mail is read, which may be another browser.
      const link = await desk.newestLink("daisuke@example.com");
      await desk.page.goto(link);
      await expect(desk.page.getByRole("heading", { level: 1, name: "メールアドレスの確認" })).toBeVisible();
      await expect(desk.page.getByRole("main")).toContainText("daisuke@example.com");
      await page.goto("/account/settings");
      await expect(second, "looking confirms nothing").toContainText("登録していません。");
      await desk.page.getByRole("button", { name: "このアドレスを登録する" }).click();
      await expect(desk.page.getByRole("main")).toContainText("daisuke@example.com を確かめました。");
      await mailWith(desk, NAKAZATO.mail, "メールアドレスの登録が変わりました");

      await page.goto("/account/settings");
      await second.getByRole("button", { name: "メールアドレス2に送る" }).click();
      await expect(page.getByRole("status")).toContainText("お知らせを送るアドレスを変えました。");
      await expect(second).toContainText("お知らせを送るアドレス");
      await second.getByText("メールアドレス2を変える").click();
      await second.getByLabel("今のパスワード").fill(PASSWORD);
      await second.getByRole("button", { name: "メールアドレス2を削除する" }).click();
      await expect(page.getByRole("status")).toContainText("メールアドレスを削除しました。");
      await expect(second).toContainText("登録していません。");
      await mailWith(desk, "daisuke@example.com", "メールアドレスの登録が変わりました");
    });

    test("the desk gives out a one-time password", async ({ reader, desk }) => {
      await desk.begin("中央図書館");
      await desk.page.goto("/desk/cards?q=1000004");
      await desk.page.getByRole("link", { name: "仮パスワードを発行する" }).click();
      await expect(desk.page.getByRole("heading", { level: 1, name: "仮パスワードの発行" })).toBeVisible();
      await desk.page.getByRole("button", { name: "発行する" }).click();
      await expect(desk.alert("本人であることを確かめてから")).toBeVisible();
      await desk.page.getByRole("checkbox", { name: "本人であることを確かめた" }).check();
      await desk.page.getByRole("button", { name: "発行する" }).click();
      const told = await desk.page.getByRole("status").filter({ hasText: "仮パスワードは" }).innerText();
      const once = /[a-z2-6]{4}-[a-z2-6]{4}/.exec(told)?.[0] ?? "";
      expect(once, told).not.toBe("");
      await desk.page.reload();
      await expect(desk.page.getByRole("main"), "it is shown once").not.toContainText(once);
      await mailWith(desk, NAKAZATO.mail, "仮パスワードを発行しました");

      const { page } = reader;
      await reader.open("/login");
      await page.getByRole("link", { name: "仮パスワードを使う" }).click();
      await arrived(reader, "仮パスワードを使う");
      const use = async (birth: string) => {
        await fill(page, "利用者番号", NAKAZATO.card);
        await fill(page, "仮パスワード", once.toUpperCase());
        await fill(page, "生年月日", birth);
        await fill(page, "新しいパスワード", "Neko34");
        await fill(page, "新しいパスワード（もう一度）", "Neko34");
        await press(page, "このパスワードにする");
      };
      await use("S57.5.31");
      await expect(page.getByRole("alert")).toContainText("組み合わせが違うか");
      await use(NAKAZATO.birth);
      await arrived(reader, "利用者ログイン");
      await reader.signIn(NAKAZATO.card, "Neko34");
      await arrived(reader, "予約状況");
    });

    test("guessing is slowed, a card nobody has like any other, and the desk lifts it", async ({ reader, desk }) => {
      const { page } = reader;
      await reader.open("/login");
      for (const card of ["9999999", NAKAZATO.card]) {
        for (let n = 0; n < 5; n += 1) {
          await reader.signIn(card, "guess");
          await expect(page.getByRole("alert")).toContainText("利用者番号またはパスワードが違います。");
        }
        await reader.signIn(card, PASSWORD);
        await expect(page.getByRole("alert")).toContainText(/約1分後の\d+:\d\dから、もう一度お試しください。/);
        await expect(page.getByRole("textbox", { name: "利用者番号" })).toHaveValue(card);
      }
      await desk.begin("中央図書館");
      await desk.page.goto("/desk/cards?q=1000004");
      await expect(desk.page.getByRole("main")).toContainText("ログインを");
      await desk.page.getByRole("button", { name: "すぐにログインできるようにする" }).click();
      await expect(desk.page.getByRole("status")).toContainText("解除しました。");
      await reader.signIn(NAKAZATO.card, PASSWORD);
      await arrived(reader, "予約状況");
    });
  });
}

interface Facts {
  card: string;
  kana: string;
  birth: string;
  telephone: string;
}

async function fillFacts(page: Page, facts: Facts): Promise<void> {
  await fill(page, "利用者番号", facts.card);
  await fill(page, "氏名カナ", facts.kana);
  await fill(page, "生年月日", facts.birth);
  await fill(page, "電話番号", facts.telephone);
}

async function arrived(reader: Reader, heading: string): Promise<void> {
  await reader.arrived(heading);
}

async function fill(page: Page, label: string, value: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(value);
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

/** Waits for a mail with this subject to an address. */
async function mailWith(desk: Desk, to: string, subject: string): Promise<void> {
  await desk.atTheDesk();
  await expect(async () => {
    await desk.page.goto("/desk/mail");
    const mails = desk.page
      .getByRole("article")
      .filter({ hasText: `宛先 ${to}` })
      .filter({ hasText: subject });
    await expect(mails.first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
}
