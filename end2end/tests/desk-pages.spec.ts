// Every page of the desk with something on it: people who use aids can use it, it fits a tablet, in both languages; and
// what is printed of it.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { type Desk, MANAGER } from "../support/desk.ts";
import type { Hondana } from "../support/hondana.ts";
import { Keyboard } from "../support/keyboard.ts";
import { Stock } from "../support/stock.ts";
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

/** Puts something on every page of the desk. Answers their addresses. */
async function furnish(desk: Desk, hondana: Hondana): Promise<string[]> {
  const { page } = desk;
  const send = (endpoint: string, form: Record<string, string>) =>
    page.request.post(`/api/${endpoint}`, { form, headers: { origin: hondana.address } });
  await (await Keyboard.of(page)).signIn(MANAGER.login, MANAGER.password, "1");
  await page.goto(`/desk/cards?q=${NAKAZATO.card}`);
  const card = new URL(page.url()).pathname;
  for (const [barcode, place, contact] of [
    [KUSAMAKURA.barcode, "central", "telephone"],
    [BOTCHAN.barcode, "north", "mail"],
  ] as const) {
    await page.goto(`${card}/reserve?q=${barcode}`);
    await page.locator(`input[name=place][value=${place}]`).check();
    await page.locator(`input[name=contact][value=${contact}]`).check();
    await page.getByRole("main").getByRole("button", { name: "予約する" }).click();
    await expect(page.getByRole("status")).toContainText("予約しました");
    if (place === "central") await send("check-in-form", { barcode });
  }
  await send("gather-pulls", {});
  const missing = (await Stock.of(hondana)).single("central");
  await send("note-fate", { barcode: missing, fate: "missing" });
  await page.goto(`/desk/requests/new?card=${card.split("/").at(-1) ?? ""}`);
  await page.keyboard.type("遠い町の郷土史");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "未所蔵資料", exact: true })).toBeVisible();
  const request = (await page.getByRole("link", { name: /郷土史/ }).getAttribute("href")) ?? "";
  const addressOf = async (barcode: string) => {
    await page.goto(`/desk/catalogue?q=${barcode}`);
    return new URL(page.url()).pathname;
  };
  const [bib, other] = [await addressOf(missing), await addressOf(BOTCHAN.barcode)];
  const lists = ["today", "pulls", "holds", "transit", "telephone", "decisions", "letters"];
  const library = ["policy", "closures?place=central&from=2099-01-05", "staff", "figures?span=month"];
  return [
    ...lists.map((list) => `/desk/${list}`),
    "/desk/cards?q=%E3%83%8A%E3%82%AB%E3%82%B6%E3%83%88",
    "/desk/cards/new",
    ...["", "/edit", "/replace", `/reserve?q=${KOKORO.barcode}`].map((deed) => `${card}${deed}`),
    "/desk/requests",
    "/desk/requests/new",
    request,
    "/desk/catalogue?q=%E6%BC%B1%E7%9F%B3",
    "/desk/catalogue/new",
    ...["", "/edit", "/copies", `/copy?barcode=${missing}`, `/${other.split("/").at(-1) ?? ""}`].map(
      (deed) => `${bib}${deed}`,
    ),
    "/desk/library",
    ...library.map((page) => `/desk/library/${page}`),
    "/desk/copies",
    "/desk/journal",
    "/desk/mail",
  ];
}

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
  const [scrollWidth, clientWidth] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth] as const;
  });
  expect(scrollWidth, `${where}: width of the page`).toBeLessThanOrEqual(clientWidth);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
  expect.soft(told, where).toEqual([]);
}
