// Every page of the desk with something on it: people who use aids can use it, it fits a tablet, in both languages; and
// what is printed of it.

import type { Page } from "@playwright/test";

import { furnish } from "../support/furnish.ts";
import { expectFits, objections } from "../support/looks.ts";
import { expect, test } from "../support/test.ts";
import { AOKI, BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

for (const [language, colorScheme] of [
  ["ja", "dark"],
  ["en", "light"],
] as const) {
  test(`every page of the desk (${language}, ${colorScheme})`, async ({ desk, hondana }) => {
    test.setTimeout(240_000);
    const { page } = desk;
    const pages = await furnish(desk, hondana);
    await page.setViewportSize({ width: 820, height: 1180 });
    await page.emulateMedia({ colorScheme });
    await page.goto(`/guide?lang=${language}`);
    for (const address of pages) {
      await page.goto(address);
      await expectProper(page, address, language);
    }
    await page.goto("/desk");
    for (const number of [BOTCHAN.barcode, "no-such"]) await scan(page, number);
    await expectProper(page, "check-in", language);
    await page.goto("/desk/check-out");
    for (const number of [AOKI.card, KUSAMAKURA.second]) await scan(page, number);
    await expectProper(page, "check-out, refused", language);
  });
}

test("what is printed shows nobody's name where others see it", async ({ desk, hondana }) => {
  test.setTimeout(120_000);
  const { page } = desk;
  await furnish(desk, hondana);
  const printed = async () => {
    await page.emulateMedia({ media: "print" });
    const text = await page.locator("body").innerText();
    await page.emulateMedia({ media: "screen" });
    return text;
  };
  await test.step("a slip alone", async () => {
    await desk.takeBack(KUSAMAKURA.barcode);
    expect((await printed()).split("\n").filter((line) => line.trim() !== "")).toEqual([
      NAKAZATO.label,
      "中央図書館",
      expect.stringContaining("取置期限日"),
      KUSAMAKURA.title,
      KUSAMAKURA.barcode,
    ]);
  });
  await test.step("the lists, without what can be done", async () => {
    for (const list of ["pulls", "holds", "transit"]) {
      await page.goto(`/desk/${list}`);
      const text = await printed();
      expect(text, list).not.toMatch(/中里|ナカザト|手続き|見あたらない|返却\n/);
      expect(text.split("\n").length, list).toBeGreaterThan(3);
    }
  });
  await test.step("a list is asked for beside a slip", async () => {
    await page.goto("/desk/holds");
    await scan(page, KUSAMAKURA.barcode);
    await expect(page.locator(".slip")).toBeVisible();
    const press = () =>
      page.evaluate(() => {
        const parts: (string | null)[] = [];
        window.print = () => parts.push(document.body.getAttribute("data-print"));
        for (const button of document.querySelectorAll<HTMLElement>("button.no-print")) button.click();
        return parts;
      });
    // The slip comes with the page, before its buttons have come to life.
    await expect.poll(press).toEqual(["slip", "list"]);
    await page.evaluate(() => {
      document.body.setAttribute("data-print", "list");
    });
    expect(await printed()).toContain("取り置いている資料");
  });
  await test.step("what a patron takes home", async () => {
    await desk.lend(NAKAZATO.card, KOKORO.barcode);
    const text = await printed();
    expect(text).toContain(KOKORO.title);
    expect(text).toContain("返却期限");
    expect(text).not.toMatch(/中里|1000004/);
  });
  await test.step("an overdue letter: a sheet for each, folded so that its name is inside", async () => {
    await page.goto("/desk/letters");
    const letters = await page.getByRole("article").count();
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(letters);
    await page.emulateMedia({ media: "print" });
    // A third of an A4 sheet, in the pixels of CSS.
    const third = (99 / 25.4) * 96;
    for (const letter of await page.getByRole("article").all()) {
      const height = await letter.locator(".outside").evaluate((part) => part.getBoundingClientRect().height);
      expect(Math.abs(height - third)).toBeLessThan(1);
    }
  });
});

async function scan(page: Page, number: string): Promise<void> {
  await page.waitForFunction(() => "awake" in window);
  await expect(page.locator(".scan input[type=text], #barcode").first()).toBeFocused();
  await page.keyboard.type(number);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByText(number, { exact: true }).first()).toBeVisible();
}

async function expectProper(page: Page, where: string, language: string): Promise<void> {
  await expect(page.locator("html"), where).toHaveAttribute("lang", language);
  await expect(page.getByRole("heading", { level: 1 }), where).toHaveCount(1);
  await expectFits(page, where);
  expect.soft(await objections(page), where).toEqual([]);
}
