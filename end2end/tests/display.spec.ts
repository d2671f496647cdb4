// 表示と文字の大きさ: what a reader chooses at the foot of a page counts on every page, with scripts and without; and the
// tokens of the two ways to high contrast are the same.

import type { Page } from "@playwright/test";

import { expectFits } from "../support/looks.ts";
import { expect, test } from "../support/test.ts";

/** The colours of the page and of what is typed on it, and how large its letters are. */
async function look(page: Page): Promise<{ ground: string; ink: string; size: string }> {
  return page.evaluate(() => {
    const { backgroundColor, color, fontSize } = getComputedStyle(document.body);
    return { ground: backgroundColor, ink: color, size: fontSize };
  });
}

const LIGHT = { ground: "rgb(255, 255, 255)", ink: "rgb(26, 26, 26)" };
const DARK = { ground: "rgb(26, 26, 26)", ink: "rgb(242, 242, 242)" };

async function choose(page: Page, theme: string, size: string): Promise<void> {
  await page.getByText("表示と文字の大きさ").click();
  await page.getByRole("combobox", { name: "画面の色" }).selectOption(theme);
  await page.getByRole("combobox", { name: "文字の大きさ" }).selectOption(size);
  await page.getByRole("button", { name: "表示を変える" }).click();
}

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("what is chosen is remembered and leads back to the page it was chosen on", async ({ reader }) => {
      const { page } = reader;
      await reader.open("/search?q=%E8%8D%89%E6%9E%95");
      await choose(page, "暗い", "もっと大きい");
      await expect(reader.heading("「草枕」の検索結果")).toBeVisible();
      await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
      await reader.open("/guide");
      await expect(page.locator("html"), "on other pages too").toHaveAttribute("data-size", "largest");
      await page.getByText("表示と文字の大きさ").click();
      await expect(page.getByRole("combobox", { name: "画面の色" })).toHaveValue("dark");
    });
  });
}

test("a choice wins over the device, and without one the device decides", async ({ reader, context, baseURL }) => {
  const { page } = reader;
  const chosen = (word: string) => context.addCookies([{ name: "display", value: word, url: baseURL ?? "" }]);
  await reader.open("/guide");
  expect(await look(page)).toEqual({ ...LIGHT, size: "16px" });
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await look(page)).toEqual({ ...DARK, size: "16px" });
  await chosen("light.large");
  await reader.open("/guide");
  expect(await look(page)).toEqual({ ...LIGHT, size: "20px" });
  await page.emulateMedia({ colorScheme: "light" });
  await chosen("dark.largest");
  await reader.open("/guide");
  expect(await look(page)).toEqual({ ...DARK, size: "24px" });
  await page.emulateMedia({ media: "print" });
  expect((await look(page)).ground, "paper is white").toBe(LIGHT.ground);
});

test("high contrast is the same whether the device asks for it or the reader does", async ({
  reader,
  context,
  baseURL,
}) => {
  const { page } = reader;
  const tokens = () =>
    page.evaluate(() => {
      // Each as a colour of an element, since a custom property is computed to no more than its words.
      const probe = document.body.appendChild(document.createElement("i"));
      const names = ["ground", "ground-soft", "ground-raised", "ink", "ink-soft", "line", "line-strong", "key"];
      names.push("key-strong", "key-soft", "on-key", "link", "link-visited", "bad", "bad-soft", "warn", "warn-soft");
      const found = names.map((name) => {
        probe.style.setProperty("color", `var(--${name})`);
        return [name, getComputedStyle(probe).color];
      });
      probe.remove();
      return Object.fromEntries(found) as Record<string, string>;
    });
  for (const colorScheme of ["light", "dark"] as const) {
    await context.clearCookies();
    await page.emulateMedia({ colorScheme, contrast: "no-preference" });
    await reader.open("/guide");
    const usual = await tokens();
    await page.emulateMedia({ colorScheme, contrast: "more" });
    const asked = await tokens();
    await page.emulateMedia({ colorScheme, contrast: "no-preference" });
    await context.addCookies([{ name: "display", value: "high-contrast.usual", url: baseURL ?? "" }]);
    await reader.open("/guide");
    expect(await tokens(), colorScheme).toEqual(asked);
    expect(asked, "and another than the usual one").not.toEqual(usual);
  }
});

test("nothing moves for whoever doesn't want that", async ({ reader }) => {
  const { page } = reader;
  const longest = () =>
    page.evaluate(() => {
      const seconds = (text: string) => Math.max(...text.split(",").map(Number.parseFloat));
      const times = [...document.querySelectorAll("*")].map((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return Math.max(seconds(transitionDuration), seconds(animationDuration));
      });
      return Math.max(...times);
    });
  await reader.open("/");
  expect(await longest(), "buttons change their colour gently").toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await longest()).toBe(0);
});

test("the largest letters fit a phone", async ({ reader, context, baseURL }) => {
  const { page } = reader;
  await context.addCookies([{ name: "display", value: "auto.largest", url: baseURL ?? "" }]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const address of ["/", "/search?q=", "/cart", "/calendar", "/guide", "/login", "/register"]) {
    await reader.open(address);
    await expectFits(page, address);
  }
});
