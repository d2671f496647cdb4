// The home page: search first, then what the library tells, where it is open today, what came in, what people wait for.

import type { Locator, Page } from "@playwright/test";

import { Keyboard } from "../support/keyboard.ts";
import { expect, test } from "../support/test.ts";
import { CLERK } from "../support/desk.ts";

/** A section by its heading. */
function section(page: Page, name: string): Locator {
  return page
    .getByRole("main")
    .locator("section")
    .filter({ has: page.getByRole("heading", { level: 2, name }) });
}

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("staff tell something, everybody reads it, and it is taken back", async ({ reader, desk }) => {
      const { page } = desk;
      await desk.begin("中央図書館");
      await page.goto("/desk/library");
      await page.getByRole("link", { name: "お知らせ", exact: true }).click();
      await expect(page.getByRole("heading", { level: 1, name: "お知らせ" })).toBeVisible();
      const text = "あさって </textarea> の朝から。\n\n本は返却ポストへ。";
      await page.getByRole("textbox", { name: "見出し" }).fill("蔵書点検で休館します");
      await page.getByRole("textbox", { name: "本文" }).fill(text);
      await page.getByLabel("表示を終える日").fill("2020-01-01");
      await page.getByRole("button", { name: "お知らせを出す" }).click();
      await expect(page.getByRole("alert")).toContainText("終える日が");
      await expect(page.getByRole("textbox", { name: "本文" }), "what was typed comes back").toHaveValue(text);
      await page.getByLabel("表示を終える日").fill(inDays(20));
      await page.getByRole("button", { name: "お知らせを出す" }).click();
      await expect(page.getByRole("status")).toContainText("お知らせを出しました。");
      await expect(page.getByRole("row").filter({ hasText: "蔵書点検で休館します" })).toContainText("表示中");

      await reader.open("/");
      const told = section(reader.page, "図書館からのお知らせ");
      await expect(told).toContainText("蔵書点検で休館します");
      await expect(told.getByText("本は返却ポストへ。")).toBeVisible();
      await expect(told, "as it was written").toContainText("あさって </textarea> の朝から。");

      await page.getByRole("link", { name: "「蔵書点検で休館します」を直す" }).click();
      await expect(page.getByRole("textbox", { name: "本文" })).toHaveValue(text);
      await page.getByRole("textbox", { name: "見出し" }).fill("蔵書点検");
      await page.getByRole("button", { name: "変更を保存する" }).click();
      await expect(page.getByRole("status")).toContainText("お知らせを変えました。");
      await reader.open("/");
      await expect(told.getByRole("heading", { level: 3 })).toHaveText("蔵書点検");
      await page.getByRole("button", { name: "「蔵書点検」を取り下げる" }).click();
      await expect(page.getByRole("status")).toContainText("お知らせを取り下げました。");
      await reader.open("/");
      await expect(told).toHaveCount(0);
    });

    test("what came in and what people wait for lead to their pages", async ({ reader }) => {
      const { page } = reader;
      await reader.open("/");
      await expect(section(page, "今日の開館時間").getByRole("term").first()).toHaveText("中央図書館");
      const wanted = section(page, "予約の多い資料").getByRole("listitem");
      const counts = (await wanted.getByText(/予約待ち \d+人/).allTextContents()).map((text) =>
        Number(/\d+/.exec(text)),
      );
      expect(counts.length).toBeGreaterThan(0);
      expect(counts, "the most first").toEqual([...counts].sort((one, other) => other - one));
      expect(Math.min(...counts), "of what one person waits for nothing is said").toBeGreaterThan(1);
      const arrived = section(page, "新しく入った資料").getByRole("listitem");
      await expect(arrived).toHaveCount(8);
      await expect(arrived.first()).toContainText("受入");
      await arrived.first().getByRole("link").click();
      await expect(page).toHaveURL(/\/bibs\//);
    });
  });
}

test("the search is the first thing the keyboard reaches in the page, and stands when the rest does not", async ({
  reader,
  watch,
}) => {
  watch.forgive(/500/);
  const { page } = reader;
  await reader.open("/guide");
  await page.route("**/api/home", (route) => route.fulfill({ status: 500, body: "" }));
  await page.getByRole("banner").getByRole("link", { name: "資料を探す" }).click();
  await reader.arrived("図書館の資料を探す");
  await expect(page.getByText("今は表示できません。検索はできます。")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(reader.searchBox).toBeFocused();
});

test("covers are drawn alike, and say nothing to screen readers", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/search?q=%E5%A4%8F%E7%9B%AE%E6%BC%B1%E7%9F%B3");
  const first = reader.results.first();
  const drawn = await pieces(first.locator("svg.cover"));
  expect(drawn.length).toBeGreaterThan(5);
  await expect(first.locator("svg.cover")).toHaveAttribute("aria-hidden", "true");
  await first.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/bibs\//);
  // The address changes before what it shows is there.
  await expect.poll(() => pieces(page.locator("svg.cover")), "on its own page as in the list").toEqual(drawn);
  expect(await page.locator("[style]").count(), "no inline styles").toBe(0);
});

test("whoever is at the desk finds the page of news by the keyboard", async ({ desk }) => {
  const { page } = desk;
  await (await Keyboard.of(page)).signIn(CLERK.login, CLERK.password, "1");
  await page.goto("/desk/library/bulletins");
  await page.getByRole("textbox", { name: "見出し" }).focus();
  await page.keyboard.type("開館時間が変わります");
  await page.getByLabel("表示を終える日").fill(inDays(5));
  await page.getByLabel("表示を終える日").press("Enter");
  await expect(page.getByRole("status")).toContainText("お知らせを出しました。");
});

/** What a drawing consists of, in whatever order its attributes were written. */
function pieces(drawing: Locator): Promise<string[]> {
  return drawing.locator("*").evaluateAll((pieces) =>
    pieces.map((piece) => {
      const attributes = [...piece.attributes].map(({ name, value }) => `${name}=${value}`).sort();
      return [piece.tagName, ...attributes, piece.children.length === 0 ? piece.textContent : ""].join(" ");
    }),
  );
}

/** A day so many days ahead. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}
