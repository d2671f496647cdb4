// Every page by itself: it answers, it is a proper page, it fits a phone. What axe says of them is in axe.spec.ts.

import type { Page } from "@playwright/test";

import { expectFits } from "../support/looks.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { NAKAZATO } from "../support/titles.ts";

const PUBLIC = [
  "/",
  "/search?q=",
  "/search?q=zxqvwkjzxq",
  "/cart",
  "/login",
  "/login?next=%2Fcart",
  "/guide",
  "/calendar",
  "/desk",
];

/** Titles that ask much of a narrow page: one very long word each. */
const LONG = [
  {
    words: "サージェント・ペパーズ",
    title: "サージェント・ペパーズ・ロンリー・ハーツ・クラブ・バンド",
  },
  { words: "SOLID STATE SURVIVOR", title: "SOLID STATE SURVIVOR" },
];

test.describe("at 390 pixels", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("every public page is a proper page and fits", async ({ reader }) => {
    for (const address of PUBLIC) {
      await reader.open(address);
      await expectProperPage(reader.page, address);
    }
    await reader.open("/search?q=%E6%96%87%E8%97%9D%E6%98%A5%E7%A7%8B");
    await reader.results.first().getByRole("link").first().click();
    await reader.arrived("文藝春秋");
    await expectProperPage(reader.page, "a record");
  });

  test("every page of a reservation is a proper page and fits", async ({ reader }) => {
    const { page } = reader;
    await reader.open("/login");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
    await expectProperPage(page, "予約状況 without any");
    for (const { words, title } of LONG) await reader.addToCart(words, title);
    await expectProperPage(page, "results");
    await reader.goTo("予約カート");
    await page.getByRole("button", { name: "順番を指定する" }).click();
    await expectProperPage(page, "予約カート");
    await reader.reserveButton.click();
    await reader.arrived("受取場所と連絡方法");
    await expectProperPage(page, "受取場所と連絡方法");
    await reader.choosePlace("南公民館", "メール");
    await expectProperPage(page, "予約確認");
    await reader.reserveButton.click();
    await reader.arrived("予約完了");
    await expectProperPage(page, "予約完了");
    await reader.goTo("予約状況");
    await expectProperPage(page, "予約状況");
  });

  test("a page that is not there says so", async ({ reader, watch }) => {
    watch.forgive(/404/);
    for (const address of ["/no/such/page", "/bibs/no-such-book", "/bibs/00000000-0000-7000-8000-000000000000"]) {
      const answer = await reader.page.goto(address);
      expect(answer?.status(), address).toBe(404);
      await expect(reader.heading("ページが見つかりません")).toBeVisible();
      await expectProperPage(reader.page, address);
    }
  });

  test("what needs a sign-in leads there", async ({ reader }) => {
    for (const address of ["/account/reservations", "/cart/place", "/cart/confirm?place=central&contact=mail"]) {
      await reader.open(address);
      await expect(reader.heading("利用者ログイン"), address).toBeVisible();
      await expectProperPage(reader.page, address);
    }
  });
});

test("the same page in English, and it stays English", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/guide");
  await page.getByText("言語 Language").click();
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await reader.open("/search?q=");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).not.toContainText("検索");
  await page.getByText("Language 言語").click();
  await page.getByRole("link", { name: "日本語", exact: true }).click();
  await expect(reader.heading("検索結果一覧")).toBeVisible();
});

test("the manifest of the app names pictures that are there, of the size it says", async ({ page }) => {
  interface Picture {
    src: string;
    sizes: string;
  }
  interface Manifest {
    icons: Picture[];
    screenshots: Picture[];
    shortcuts: { icons: Picture[] }[];
  }
  const { icons, screenshots, shortcuts } = (await (
    await page.request.get("/manifest.webmanifest")
  ).json()) as Manifest;
  for (const { src, sizes } of [...icons, ...screenshots, ...shortcuts.flatMap(({ icons }) => icons)]) {
    const answer = await page.request.get(src);
    expect(answer.status(), src).toBe(200);
    const png = await answer.body();
    expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, src).toBe(sizes);
  }
});

test("the search box can be reached by the keyboard alone", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "本文へ" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(reader.searchBox).toBeFocused();
  await searchByKeyboard(reader);
});

async function searchByKeyboard(reader: Reader): Promise<void> {
  await reader.page.keyboard.type("草枕");
  await reader.page.keyboard.press("Enter");
  await reader.arrived("「草枕」の検索結果");
  await expect(reader.heading("「草枕」の検索結果"), "reading goes on at the new page's top").toBeFocused();
}

/** One first heading, a title, a language, one main part, and nothing that sticks out to the right. */
async function expectProperPage(page: Page, address: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }), address).toHaveCount(1);
  await expect(page.getByRole("main"), address).toHaveCount(1);
  await expect(page.locator("html"), address).toHaveAttribute("lang", "ja");
  const heading = await page.getByRole("heading", { level: 1 }).innerText();
  expect(await page.title(), address).toContain(heading);
  await expectFits(page, address);
}
