// What the desk keeps, by keyboard alone: cards, titles not owned, the catalogue, closures, staff, figures.

import type { Page } from "@playwright/test";

import { MANAGER } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO } from "../support/titles.ts";

test("a card is issued, found by its reading, replaced when it is lost, and the old one refused", async ({ desk }) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await page.goto("/desk/cards/new");
  await fill(page, "利用者番号", "２０００－００１");
  await fill(page, "氏名", "川上 みどり");
  await fill(page, "氏名カナ", "川上");
  await fill(page, "生年月日", "昭和60年5月6日");
  await fill(page, "電話番号", "0480-12-3456");
  await enter(page, "氏名カナ");
  await expect(page.getByRole("alert")).toContainText("氏名カナを、かなで入力してください。");
  await expect(page.getByRole("textbox", { name: "氏名", exact: true })).toHaveValue("川上 みどり");
  await fill(page, "氏名カナ", "かわかみ みどり");
  await enter(page, "氏名カナ");
  await arrived(page, "川上 みどり");
  await expect(page.getByRole("status")).toContainText("カードを発行しました。");

  // The search field has the focus, and whoever is meant is opened at once.
  await page.goto("/desk/cards");
  await expect(page.getByRole("textbox", { name: "利用者をさがす" })).toBeFocused();
  await type(page, "かわかみ");
  await page.keyboard.press("Enter");
  await arrived(page, "川上 みどり");

  await follow(page, "カードを再発行する");
  await arrived(page, "カードの再発行");
  await type(page, "2000002");
  await page.keyboard.press("Enter");
  await arrived(page, "川上 みどり");
  await expect(page.getByRole("main")).toContainText("2000002");
  await desk.openCounter();
  await desk.read("2000001");
  await expect(desk.alert("このカードは再発行されています。")).toBeVisible();
  await desk.lend("2000002", BOTCHAN.barcode);
  await expect(desk.patron).toContainText(BOTCHAN.title);

  // A patron is not told whether a card exists.
  await page.goto("/login");
  await fill(page, "利用者番号", "2000001");
  await fill(page, "パスワード", "whatever");
  await enter(page, "パスワード");
  await expect(page.getByRole("alert")).not.toContainText("再発行");
});

test("a reservation is made, changed and cancelled on a patron's behalf; a barred card says why not", async ({
  desk,
}) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await openCard(page, NAKAZATO.card, NAKAZATO.name);
  await follow(page, "予約を受ける");
  await arrived(page, "予約を受ける");
  await type(page, KOKORO.barcode);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "予約する資料" })).toBeVisible();
  await press(page, "予約する");
  await arrived(page, NAKAZATO.name);
  await expect(page.getByRole("status")).toContainText(`「${KOKORO.title}」を予約しました。1番目です。`);

  await follow(page, `「${KOKORO.title}」の変更・取消`);
  await arrived(page, "予約の変更・取消");
  await page.getByRole("radio", { name: "北分館" }).focus();
  await page.keyboard.press("Space");
  await press(page, "変更する");
  await arrived(page, NAKAZATO.name);
  await expect(page.getByRole("row").filter({ hasText: KOKORO.title })).toContainText("北分館");
  await follow(page, `「${KOKORO.title}」の変更・取消`);
  await press(page, "予約を取り消す");
  await arrived(page, NAKAZATO.name);
  await expect(page.getByRole("main")).toContainText("予約している資料はありません。");

  await press(page, "利用を停止する");
  await expect(page.getByRole("main")).toContainText("利用を停止しています。");
  await page.goto(`${new URL(page.url()).pathname}/reserve?q=${KOKORO.barcode}`);
  await press(page, "予約する");
  await expect(page.getByRole("alert")).toContainText("この利用カードでは予約できません。");
});

test("a title not owned is entered, looked for, and declined with a reason", async ({ desk }) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await openCard(page, NAKAZATO.card, NAKAZATO.name);
  await follow(page, "所蔵していない資料を受ける");
  await arrived(page, "未所蔵資料を受け付ける");
  await type(page, "遠い町の郷土史");
  await page.keyboard.press("Enter");
  await arrived(page, "未所蔵資料");
  await follow(page, "「遠い町の郷土史」の手続き");
  await press(page, "調査中");
  await expect(page.getByRole("row").filter({ hasText: "遠い町の郷土史" })).toContainText("調査中");
  await follow(page, "「遠い町の郷土史」の手続き");
  await fill(page, "お断りの理由（利用者が読みます）", "絶版のため");
  await enter(page, "お断りの理由（利用者が読みます）");
  await expect(page.getByRole("main")).toContainText("受け付けている資料はありません。");
});

test("a title is entered, its copies scanned in; a magazine's next issue takes one scan for each copy", async ({
  desk,
}) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await page.goto("/desk/catalogue");
  await type(page, "978-4-591-04623-4");
  await page.keyboard.press("Enter");
  await follow(page, "新しい書誌を登録する");
  await arrived(page, "新しい書誌を登録する");
  await expect(page.getByRole("textbox", { name: "ISBN" })).toHaveValue("978-4-591-04623-4");
  await fill(page, "書名", "試しの本");
  await enter(page, "書名");
  await arrived(page, "試しの本");
  await follow(page, "資料を追加する");
  await arrived(page, "資料を追加する");
  for (const barcode of ["T-1", "T-2"]) {
    await expect(page.getByRole("textbox", { name: "バーコード" })).toBeFocused();
    await type(page, barcode);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status")).toContainText(`${barcode} を追加しました。`);
  }

  await page.goto("/desk/catalogue?q=文藝春秋");
  await follow(page, "文藝春秋");
  await arrived(page, "文藝春秋");
  await follow(page, "次の号を受け入れる");
  await expect(page.getByRole("textbox", { name: "号", exact: true })).toHaveValue("2027年1月号");
  await expect(page.getByRole("textbox", { name: "バーコード" })).toBeFocused();
  await type(page, "T-3");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status")).toContainText("T-3 を追加しました。");
  await expect(page.getByRole("textbox", { name: "号", exact: true })).toHaveValue("2027年1月号");
});

test("managers see what the desk does not, and an account that is disabled ends at once", async ({
  desk,
  browser,
  baseURL,
}) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await page.goto("/desk/library");
  await arrived(page, "図書館の管理");
  await expect(page.getByRole("link", { name: "統計" })).toHaveCount(0);
  await page.goto("/desk/library/figures");
  await arrived(page, "返却");

  const context = await browser.newContext({ baseURL: baseURL ?? "" });
  const boss = await context.newPage();
  await boss.goto("/desk");
  await fill(boss, "職員ID", MANAGER.login);
  await fill(boss, "パスワード", MANAGER.password);
  await enter(boss, "パスワード");
  await press(boss, "中央図書館");
  await boss.goto("/desk/library/figures?span=year");
  await expect(boss.getByRole("img", { name: "貸出の推移", exact: true })).toBeVisible();

  await boss.goto("/desk/library/closures");
  await fill(boss, "休館の初日", "2099-01-05");
  await enter(boss, "休館の初日");
  await expect(boss.getByRole("main")).toContainText("この期間に返却期限が来る貸出");
  await press(boss, "休館にして、期限を動かす");
  await expect(boss.getByRole("status")).toContainText("休館を登録し、期限を0件動かしました。");

  await boss.goto("/desk/library/staff");
  await press(boss, "manager：停止する");
  await expect(boss.getByRole("alert")).toContainText("管理者がいなくなるため、変えられません。");
  await press(boss, "desk：停止する");
  await expect(boss.getByRole("status")).toContainText("職員の登録を変えました。");
  await page.goto("/desk");
  await arrived(page, "職員ログイン");
  await context.close();
});

test("the desk's pages fit a phone", async ({ desk }) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await page.setViewportSize({ width: 390, height: 844 });
  for (const address of [
    "/desk/cards",
    "/desk/cards/new",
    "/desk/requests",
    "/desk/catalogue",
    "/desk/library/policy",
  ]) {
    await page.goto(address);
    const [scrollWidth, clientWidth] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth] as const;
    });
    expect(scrollWidth, address).toBeLessThanOrEqual(clientWidth);
  }
});

async function arrived(page: Page, title: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: title, exact: true })).toBeVisible();
}

async function fill(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole("textbox", { name, exact: true }).fill(text);
}

/** Sends the form a field is in. */
async function enter(page: Page, name: string): Promise<void> {
  await page.getByRole("textbox", { name, exact: true }).press("Enter");
}

async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole("main").getByRole("button", { name, exact: true });
  await button.press("Enter");
}

/** As a scanner types: into the field that the page has given the focus. */
async function type(page: Page, text: string): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await page.keyboard.type(text);
}

async function follow(page: Page, name: string): Promise<void> {
  // A page that wakes up may give its heading the focus, between the link's and the key.
  await page.waitForFunction(() => "awake" in window);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.getByRole("main").getByRole("link", { name, exact: true }).press("Enter");
}

async function openCard(page: Page, card: string, name: string): Promise<void> {
  await page.goto("/desk/cards");
  await type(page, card);
  await page.keyboard.press("Enter");
  await arrived(page, name);
}
