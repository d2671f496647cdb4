import { type Browser, type BrowserContext, test as base, expect } from "@playwright/test";

import { Desk } from "./desk.ts";
import { Hondana } from "./hondana.ts";
import { Reader, noticeAwakening } from "./reader.ts";
import { Watch } from "./watch.ts";

interface Fixtures {
  /** The moment the server lives at when it starts; undefined is now. */
  moment: Date | undefined;
  /** Whether the server is reached by a name, as passkeys want it. */
  named: boolean;
  /** A server with a demo library that nobody else touches. */
  hondana: Hondana;
  /** Fails the test when anything in `page`'s browser goes wrong. */
  watch: Watch;
  /** A reader before `page`. */
  reader: Reader;
  /** A member of staff before a browser of their own. */
  desk: Desk;
  /** The same, for the desk. */
  deskWatch: Watch;
  /** The desk's browser. */
  deskContext: BrowserContext;
}

export const test = base.extend<Fixtures>({
  moment: [undefined, { option: true }],
  named: [false, { option: true }],
  hondana: async ({ moment, named }, use) => {
    const hondana = await Hondana.start({ moment, named });
    await use(hondana);
    await hondana.stop();
    expect(hondana.failures(), "what the server logged as its failure").toEqual([]);
  },
  baseURL: async ({ hondana }, use) => {
    await use(hondana.address);
  },
  watch: [
    async ({ context, javaScriptEnabled }, use) => {
      await watched(context, javaScriptEnabled, use);
    },
    { auto: true },
  ],
  reader: async ({ page, javaScriptEnabled }, use) => {
    await noticeAwakening(page.context());
    await use(new Reader(page, javaScriptEnabled));
  },
  deskContext: async ({ browser, baseURL, javaScriptEnabled }, use) => {
    const context = await deskBrowser(browser, baseURL ?? "", javaScriptEnabled);
    await use(context);
    await context.close();
  },
  deskWatch: async ({ deskContext, javaScriptEnabled }, use) => {
    await watched(deskContext, javaScriptEnabled, use);
  },
  desk: async ({ deskContext, deskWatch: _, javaScriptEnabled }, use) => {
    await noticeAwakening(deskContext);
    await use(new Desk(await deskContext.newPage(), javaScriptEnabled));
  },
});

async function watched(context: BrowserContext, scripts: boolean, use: (watch: Watch) => Promise<void>): Promise<void> {
  const watch = new Watch(context);
  // The page fetches its program ahead; a browser that runs none refuses it, and wonders why it was fetched.
  if (!scripts) watch.forgive(/\/pkg\/\S+\.js csp$/, /\/pkg\/\S+ was preloaded using link preload but not used/);
  await use(watch);
  expect(watch.troubles(), "what went wrong in the browser").toEqual([]);
}

/** The desk has a computer, whatever the readers have. */
function deskBrowser(browser: Browser, baseURL: string, javaScriptEnabled: boolean): Promise<BrowserContext> {
  const viewport = { width: 1280, height: 800 };
  return browser.newContext({ baseURL, javaScriptEnabled, viewport, isMobile: false, hasTouch: false });
}

export { expect };
