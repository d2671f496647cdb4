// 図書館カレンダー (R30): which days are open, for each place, with scripts and without.

import type { Locator, Page } from "@playwright/test";

import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("a reader finds out when a place is open", async ({ reader }) => {
      const { page } = reader;
      const today = dayInJapan(new Date());
      await test.step("this month of the first place, with today in it", async () => {
        await reader.open("/");
        await page.getByRole("contentinfo").getByRole("link", { name: "図書館カレンダー" }).click();
        await reader.arrived("図書館カレンダー");
        await expectMonth(reader, "中央図書館", today.year, today.month);
        const marked = page.getByRole("cell").and(page.locator("[aria-current=date]"));
        await expect(marked).toHaveCount(1);
        await expect(marked).toContainText("今日");
        await expect(marked.getByRole("time")).toHaveText(String(today.day));
      });
      await test.step("every day says whether it is open", async () => {
        for (const cell of await days(page).all()) await expect(cell).toContainText(/開館|休館/);
      });
      await test.step("another place has other closed days", async () => {
        await page.getByRole("link", { name: "南公民館", exact: true }).click();
        await expectMonth(reader, "南公民館", today.year, today.month);
        await expect(page.getByRole("link", { name: "南公民館", exact: true })).toHaveAttribute("aria-current", "true");
        for (const row of await page.getByRole("row").all()) {
          const sunday = row
            .getByRole("cell")
            .first()
            .filter({ has: page.getByRole("time") });
          if ((await sunday.count()) > 0) await expect(sunday).toContainText("休館");
        }
      });
      await test.step("the neighbouring months", async () => {
        const next = today.month === 12 ? [today.year + 1, 1] : [today.year, today.month + 1];
        await page.getByRole("link", { name: "次の月" }).click();
        await expectMonth(reader, "南公民館", next[0], next[1]);
        await expect(page.locator("[aria-current=date]"), "today is not in it").toHaveCount(0);
        await page.getByRole("link", { name: "前の月" }).click();
        await expectMonth(reader, "南公民館", today.year, today.month);
      });
      await test.step("closed from one year into the next, with the reason", async () => {
        await reader.open(`/calendar?place=central&month=${String(today.year)}-12`);
        await expectMonth(reader, "中央図書館", today.year, 12);
        for (const day of [29, 30, 31]) await expect(dayCell(page, day)).toContainText(/休館\s*年末年始/);
        await page.getByRole("link", { name: "次の月" }).click();
        await expectMonth(reader, "中央図書館", today.year + 1, 1);
        for (const day of [1, 2, 3]) await expect(dayCell(page, day)).toContainText(/休館\s*年末年始/);
      });
    });

    test("what nobody offers becomes what is nearest", async ({ reader }) => {
      const today = dayInJapan(new Date());
      await reader.open("/calendar?place=nowhere&month=soon");
      await expectMonth(reader, "中央図書館", today.year, today.month);
      await reader.open("/calendar?month=2000-01");
      await expectMonth(reader, "中央図書館", today.year - 1, today.month);
      await expect(reader.page.getByRole("link", { name: "前の月" })).toHaveCount(0);
      await reader.open("/calendar?month=2999-01");
      await expectMonth(reader, "中央図書館", today.year + 2, today.month);
      await expect(reader.page.getByRole("link", { name: "次の月" })).toHaveCount(0);
      await reader.page.getByRole("link", { name: "今月" }).click();
      await expectMonth(reader, "中央図書館", today.year, today.month);
    });
  });
}

test.describe("at 390 pixels", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the whole month is in sight, in English too", async ({ reader }) => {
    for (const language of ["ja", "en"]) {
      await reader.open(`/calendar?lang=${language}`);
      await expect(reader.page.locator("html")).toHaveAttribute("lang", language);
      const sticksOut = await reader.page
        .getByRole("cell")
        .evaluateAll((cells) =>
          cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
        );
      expect(sticksOut, "cells whose text is wider than they are").toEqual([]);
      const width = await reader.page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
    }
  });
});

/** Cells that are days of the month. */
function days(page: Page): Locator {
  return page.getByRole("cell").filter({ has: page.getByRole("time") });
}

/** The cell of a day of the month. */
function dayCell(page: Page, day: number): Locator {
  return days(page).filter({ has: page.getByRole("time").getByText(String(day), { exact: true }) });
}

/** Waits until the whole month of this place is shown. */
async function expectMonth(reader: Reader, place: string, year = 0, month = 0): Promise<void> {
  const { page } = reader;
  await expect(reader.heading("図書館カレンダー")).toBeVisible();
  const name = `${String(year)}年${String(month)}月`;
  await expect(page.getByRole("heading", { level: 2, name: `${place} ${name}`, exact: true })).toBeVisible();
  await expect(page.getByRole("table", { name: `${place} ${name}の開館日と休館日` })).toBeVisible();
  await expect(page.getByRole("columnheader")).toHaveText(["日", "月", "火", "水", "木", "金", "土"]);
  await expect(days(page)).toHaveCount(new Date(Date.UTC(year, month, 0)).getUTCDate());
  await expect(page.getByRole("row").nth(1).getByRole("cell")).toHaveCount(7);
}

/** The day it is in Japan, where the demo library stands. */
function dayInJapan(moment: Date): { year: number; month: number; day: number } {
  const japan = new Date(moment.getTime() + 9 * 60 * 60 * 1000);
  return { year: japan.getUTCFullYear(), month: japan.getUTCMonth() + 1, day: japan.getUTCDate() };
}
