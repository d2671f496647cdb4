// What this device keeps is somebody's: it is gone when they are, and never another's; the desk and kiosks keep nothing.

import {
  NO_LINE,
  begin,
  everythingKept,
  expectNothingOf,
  letLook,
  note,
  reserved,
  signOut,
  storeIsFull,
} from "../support/store.ts";
import { PASSWORD } from "../support/reader.ts";
import { MANAGER } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, NAKAZATO, YUMIKO } from "../support/titles.ts";

test.use({ serviceWorkers: "allow", viewport: { width: 390, height: 844 } });

test.beforeEach(async ({ page, watch }) => {
  watch.forgive(...NO_LINE);
  await letLook(page);
});

test.describe("what is somebody's is forgotten", () => {
  const PERSONAL = [NAKAZATO.name, NAKAZATO.card, BOTCHAN.title, "hondana-waiting http"];

  test("when they sign out", async ({ reader, hondana }) => {
    const { page } = reader;
    await begin(reader);
    expect(await everythingKept(page), "there was something").toContain(NAKAZATO.name);
    await signOut(page);
    await reader.arrived("図書館の資料を探す");
    await expectNothingOf(page, PERSONAL);
    await hondana.kill();
    await page.goto("/account/reservations");
    await expect(reader.heading("つながっていません")).toBeVisible();
  });

  test("when they sign out without a line, and the session ends when it is back", async ({ reader, hondana }) => {
    const { page } = reader;
    await begin(reader);
    await hondana.kill();
    await reader.reserveCartButNoAnswer("北分館", "電話");
    await page.goto("/account/loans");
    await signOut(page);
    await expect(page.getByText("この端末に控えた内容は消しました。")).toBeVisible();
    await expectNothingOf(page, PERSONAL);
    await hondana.revive();
    await expect(reader.heading("図書館の資料を探す")).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("banner").getByRole("link", { name: "ログイン" })).toBeVisible();
    await page.goto("/account/loans");
    await expect(reader.heading("利用者ログイン")).toBeVisible();
    expect(await reserved(hondana)).toHaveLength(0);
  });

  test("when their session is over, and what waited is told to be lost", async ({ reader, hondana, context }) => {
    const { page } = reader;
    await begin(reader);
    await hondana.kill();
    await reader.reserveCartButNoAnswer("北分館", "電話");
    await context.clearCookies();
    await hondana.revive();
    await page.goto("/guide");
    await expect(note(page, "送信待ちの予約は送れませんでした。")).toBeVisible();
    await expectNothingOf(page, PERSONAL);
    expect(await reserved(hondana)).toHaveLength(0);
  });

  test("when somebody else signs in", async ({ reader, hondana, context }) => {
    const { page } = reader;
    await begin(reader);
    await context.clearCookies();
    await page.goto("/login?next=/account/loans");
    await reader.signIn(YUMIKO.card);
    await reader.arrived("貸出状況");
    await storeIsFull(page);
    await expectNothingOf(page, PERSONAL);
    await hondana.kill();
    await page.goto("/account/card");
    await expect(page.getByRole("main")).toContainText(YUMIKO.card);
  });
});

test("a reservation meant for one patron is never another's", async ({ reader, hondana, context }) => {
  await begin(reader);
  await reader.open("/cart");
  await reader.reserveButton.click();
  await reader.arrived("受取場所と連絡方法");
  await reader.choosePlace("北分館", "電話");
  await context.clearCookies();
  const second = await context.newPage();
  await second.goto("/login");
  await second.getByRole("textbox", { name: "利用者番号" }).fill(YUMIKO.card);
  await second.getByRole("textbox", { name: "パスワード" }).fill(PASSWORD);
  await second.getByRole("main").getByRole("button", { name: "ログイン", exact: true }).click();
  await expect(second.getByRole("heading", { level: 1, name: "予約状況" })).toBeVisible();
  await reader.reserveButton.click();
  await expect(reader.heading("予約確認")).toHaveCount(0);
  await expect(reader.heading("予約完了")).toHaveCount(0);
  expect(await reserved(hondana)).toHaveLength(0);
});

test("the desk never gets a worker, and a device that becomes a kiosk loses it", async ({ reader }) => {
  const { page } = reader;
  const workers = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  await page.goto("/desk");
  await page.getByRole("textbox", { name: "職員ID" }).fill(MANAGER.login);
  await page.getByRole("textbox", { name: "パスワード" }).fill(MANAGER.password);
  await page.getByRole("main").getByRole("button", { name: "ログイン" }).click();
  await page.getByRole("button", { name: "中央図書館" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
  await page.waitForTimeout(1000);
  expect(await workers(), "the desk").toBe(0);

  await reader.open("/guide");
  await expect.poll(workers, "somebody looks at the guide").toBe(1);
  await page.goto("/desk/library/kiosks");
  await page.getByRole("textbox", { name: "端末の名前" }).fill("入口");
  await page.getByRole("button", { name: "この端末を登録する" }).click();
  await expect(page.getByText("この端末は館内OPACです。")).toBeVisible();
  await reader.open("/guide");
  await expect.poll(workers, "a kiosk").toBe(0);
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await page.waitForTimeout(1000);
  expect(await workers()).toBe(0);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
});
