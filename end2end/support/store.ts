import { AxeBuilder } from "@axe-core/playwright";
import { type Locator, type Page, expect } from "@playwright/test";

import { OTHER } from "./build.ts";
import type { Row } from "./csv.ts";
import type { Hondana } from "./hondana.ts";
import type { Reader } from "./reader.ts";
import { BOTCHAN, NAKAZATO, YUMIKO } from "./titles.ts";

/** What a browser says about requests that come to nothing, which here they are meant to. */
export const NO_LINE = [/net::ERR_/, /request failed/, /Failed to load resource/, /answer 503/, /navigation preload/];

/** What a page from the store says of itself. */
export const KEPT_AT = /\d{1,2}時\d{2}分の内容です。/;

/** Pages that are kept for a patron, and whose they are. */
const KEPT = 7;

/** Waits until the worker of this browser has kept everything it keeps of a patron. */
export async function storeIsFull(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => stored("hondana-pages")), { timeout: 30_000 }).toHaveLength(KEPT);
}

/** Lets {@link storeIsFull} and {@link everythingKept} look into the store. */
export async function letLook(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, {
      stored: async (name: string) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname),
      storedPage: async (path: string) => (await (await caches.open("hondana-pages")).match(path))?.text(),
    });
  });
}

declare global {
  function stored(name: string): Promise<string[]>;
  function storedPage(path: string): Promise<string | undefined>;
}

/** Everything this browser keeps of the library that a script could read: caches, storage, databases. */
export async function everythingKept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const kept: string[] = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    kept.push(JSON.stringify(await indexedDB.databases()));
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        kept.push(`${name} ${request.url}`);
        if (!request.url.includes("/pkg/")) kept.push((await answer?.text()) ?? "");
      }
    }
    return kept.join("\n");
  });
}

/** A patron with a title in the cart, on a device that keeps what it may. */
export async function begin(reader: Reader): Promise<void> {
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.expectCartKept([BOTCHAN.title, "指定しない"]);
  await storeIsFull(reader.page);
  // The cart may have been kept before the title was put into it.
  await expect.poll(() => reader.page.evaluate(() => storedPage("/cart"))).toContain(BOTCHAN.title);
}

/** Presses ログアウト. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole("banner").getByRole("button", { name: "ログアウト" }).click();
}

/** What the page says of the line. */
export function note(page: Page, text: string | RegExp): Locator {
  return page.getByRole("status").getByText(text);
}

/** What those who appear here have reserved. */
export async function reserved(hondana: Hondana): Promise<Row[]> {
  return (await hondana.exported("reservations")).filter(({ card }) =>
    [NAKAZATO.card, YUMIKO.card].includes(card ?? ""),
  );
}

/** Files with a hash that the page has loaded. The texts are not among them: two builds that say the same share them. */
export async function filesOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name).pathname)
      .filter((name) => name.includes("/pkg/") && !name.startsWith("/pkg/texts-"))
      .filter((name, at, all) => all.indexOf(name) === at)
      .sort(),
  );
}

/** Whether a page has the style of the other build. */
export async function isOther(page: Page): Promise<boolean> {
  const [name = ""] = OTHER.split(":");
  return page.evaluate(
    (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() === "1",
    name,
  );
}

/** Waits until nothing that a script could read holds any of these words. */
export async function expectNothingOf(page: Page, personal: string[]): Promise<void> {
  await expect(async () => {
    const kept = await everythingKept(page);
    for (const word of personal) expect(kept, word).not.toContain(word);
  }).toPass({ timeout: 10_000 });
}

/** axe finds nothing to object to, in the light and in the dark. */
export async function expectNoObjection(page: Page, where: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    // Colours that are still changing into each other have contrasts of their own.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
    expect.soft(told, `${where}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ reducedMotion: "no-preference" });
}

/** Pictures to look at, with PICTURES=1, in three widths. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env.PICTURES === undefined) return;
  for (const width of [390, 820, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    await page.screenshot({ path: `test-results/pictures/pwa-${name}-${width}.png` });
  }
  await page.setViewportSize({ width: 390, height: 844 });
}
