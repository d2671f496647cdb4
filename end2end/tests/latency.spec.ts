// How long the desk waits from Enter to the instruction on the screen, with twenty desks scanning at once, on each
// engine. Made on request only, and nothing is asserted of it: `make desk-latency`.
//
// Two desks are real browsers, one lends and one takes back; the others are programs that send what their pages would,
// each with a session of its own, lending and taking back its own books.

import { appendFile } from "node:fs/promises";

import type { BrowserContext, Page } from "@playwright/test";

import { Desk } from "../support/desk.ts";
import { FarDesk } from "../support/far-desk.ts";
import { Hondana } from "../support/hondana.ts";
import { startPostgres } from "../support/postgres.ts";
import { noticeAwakening } from "../support/reader.ts";
import { Stock } from "../support/stock.ts";
import { expect, test } from "../support/test.ts";

const DESKS = 20;
const SCANS = Number(process.env.SCANS ?? 500);
/** Books each desk lends and takes back, over and over. */
const BOOKS = 5;
/** Cards with nothing on loan. */
const CARDS = Array.from({ length: 17 }, (_, n) => String(1_000_004 + n));
/** How long a person takes from one scan to the next, in milliseconds. */
const HUMAN = 1000;

test.skip(process.env.LATENCY === undefined, "latency is measured with LATENCY=1");
// What records the pages for looking at failures takes time from them.
test.use({ trace: "off" });

for (const engine of ["SQLite", "PostgreSQL"] as const) {
  test(`${DESKS} desks on ${engine}`, async ({ browser }) => {
    test.setTimeout(1_800_000);
    const postgres = engine === "PostgreSQL" ? await startPostgres() : undefined;
    const hondana = await Hondana.start({ database: postgres?.address });
    try {
      const books = share((await Stock.of(hondana)).free("central", BOOKS * (DESKS - 1)));
      const pages = await Promise.all([0, 1].map(() => openPage(browser.newContext({ baseURL: hondana.address }))));
      const [lending, returning] = pages.map((page) => new Desk(page));
      if (lending === undefined || returning === undefined) throw new Error("no pages");
      for (const desk of [lending, returning]) await desk.begin("中央図書館");
      await lending.openCounter();
      const far: FarDesk[] = [];
      while (far.length < DESKS - pages.length) far.push(await FarDesk.begin(hondana.address, "central"));
      for (const pause of [HUMAN, 0]) {
        const others = new Others(far, books.slice(1), pause);
        const times = await scanInPairs(lending, returning, books[0] ?? [], pause);
        const scans = await others.stop();
        await report(engine, pause, times, scans);
        expect(times.total.length).toBeGreaterThanOrEqual(SCANS);
      }
    } finally {
      await hondana.stop();
      await postgres?.stop();
    }
  });
}

/** The times of the scans, and how much of each the server and the way there took, in milliseconds. */
interface Times {
  total: number[];
  server: number[];
}

/** The one page lends, the other takes back what was lent before, each at its pace. */
async function scanInPairs(lending: Desk, returning: Desk, books: string[], pause: number): Promise<Times> {
  const times: Times = { total: [], server: [] };
  const measure = async (page: Page, text: string, wanted: string) => {
    const [total, server] = await measured(page, text, wanted);
    times.total.push(total);
    times.server.push(server);
  };
  await lending.begins(CARDS[0] ?? "");
  let last: string | undefined;
  for (let n = 0; times.total.length < SCANS; n += 1) {
    const book = books[n % books.length] ?? "";
    const before = last;
    const paused = new Promise((resolve) => setTimeout(resolve, pause));
    await Promise.all([
      measure(lending.page, book, "貸し出しました"),
      before === undefined ? undefined : measure(returning.page, before, "返却しました"),
    ]);
    await paused;
    last = book;
  }
  if (last !== undefined) await returning.scan(last);
  return times;
}

/** Types a number as a scanner does, presses Enter, and sees how long it takes until the page has drawn what it says. */
async function measured(page: Page, text: string, wanted: string): Promise<[number, number]> {
  await page.evaluate(
    ([text, wanted]) => {
      const shown = new Promise<[number, number]>((resolve) => {
        let begun = 0;
        const enter = (event: KeyboardEvent) => {
          if (event.key === "Enter") begun = event.timeStamp;
        };
        addEventListener("keydown", enter, { capture: true });
        const area = document.querySelector(".instruction");
        if (area === null) throw new Error("not a page of the desk");
        const observer = new MutationObserver(() => {
          const said = area.textContent;
          if (begun === 0 || !said.includes(text) || !said.includes(wanted)) return;
          observer.disconnect();
          removeEventListener("keydown", enter, { capture: true });
          // After the next frame is drawn.
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => {
              const total = performance.now() - begun;
              const asked = performance.getEntriesByType("resource").filter((entry) => entry.startTime >= begun - 1);
              const server = asked.find((entry) => /\/api\/(counter|check-in)$/.test(entry.name))?.duration ?? 0;
              performance.clearResourceTimings();
              resolve([total, server]);
            };
            port2.postMessage(null);
          });
        });
        observer.observe(area, { childList: true, subtree: true, characterData: true });
      });
      Object.assign(window, { shown });
    },
    [text, wanted] as const,
  );
  await page.keyboard.insertText(text);
  await page.keyboard.press("Enter");
  return page.evaluate(() => (window as unknown as { shown: Promise<[number, number]> }).shown);
}

/** The other desks at work: a card, its books, and all of them back, until they are stopped. */
class Others {
  private readonly work: Promise<void>[];
  private stopped = false;
  private scans = 0;
  private readonly begun = performance.now();

  constructor(desks: FarDesk[], books: string[][], pause: number) {
    this.work = desks.map((desk, n) => this.scanOn(desk, CARDS[(n + 1) % CARDS.length] ?? "", books[n] ?? [], pause));
  }

  private async scanOn(desk: FarDesk, card: string, books: string[], pause: number): Promise<void> {
    // Not all in step.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * pause));
    const next = async (scan: () => Promise<string>, wanted: string) => {
      const begun = performance.now();
      const said = await scan();
      if (!said.includes(wanted)) throw new Error(`${said} is not ${wanted}`);
      this.scans += 1;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pause - (performance.now() - begun))));
    };
    while (!this.stopped) {
      await next(() => desk.counter(card), "Begun");
      for (const book of books) await next(() => desk.counter(book), "Lent");
      for (const book of books) await next(() => desk.takeBack(book), "Ok");
    }
  }

  /** Scans per second of all of them together. */
  async stop(): Promise<number> {
    const rate = this.scans / ((performance.now() - this.begun) / 1000);
    this.stopped = true;
    await Promise.all(this.work);
    return rate;
  }
}

async function openPage(opened: Promise<BrowserContext>): Promise<Page> {
  const context = await opened;
  await noticeAwakening(context);
  return context.newPage();
}

/** For each desk books of its own; the two pages of the browser have the same. */
function share(books: string[]): string[][] {
  return Array.from({ length: DESKS - 1 }, (_, n) => books.slice(n * BOOKS, n * BOOKS + BOOKS));
}

async function report(engine: string, pause: number, times: Times, others: number): Promise<void> {
  const at = (list: number[], share: number) => {
    const sorted = list.toSorted((a, b) => a - b);
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1).padStart(7);
  };
  const pace = pause === 0 ? "as fast as answered" : "one scan a second  ";
  const row =
    `${engine.padEnd(10)} | ${pace} | ${others.toFixed(0).padStart(5)}/s | ` +
    `${at(times.total, 0.5)} ${at(times.total, 0.99)} ${at(times.total, 1)} | ${at(times.server, 0.5)} ${at(times.server, 0.99)}`;
  const table = process.env.LATENCY_TABLE;
  if (table === undefined) console.info(row);
  else await appendFile(table, `${row}\n`);
}
