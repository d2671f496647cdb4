// What a visit costs a slow phone: bytes by kind, requests, the time until something stands there and until it lives; later
// pages; typing. Made on request only, and nothing is asserted of it: `make visit`.
//
// As Lighthouse's phone: a processor four times slower than this one, 1.6 Mbit/s, 150 ms there and back. The worker that keeps
// pages begins after the first page and is left out.

import type { BrowserContext, CDPSession, Page } from "@playwright/test";

import { Reader, noticeAwakening } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, NAKAZATO } from "../support/titles.ts";

const VISITS = Number(process.env.VISIT ?? "0");
const SLOW_LINE = { offline: false, latency: 150, downloadThroughput: 1_638_400 / 8, uploadThroughput: 750_000 / 8 };
const SLOW_PROCESSOR = 4;

test.skip(VISITS === 0, "visits are measured with VISIT=how many");
test.use({ trace: "off" });

/** What came over the line since the last look. */
interface Cost {
  requests: number;
  bytes: number;
  kinds: Map<string, number>;
}

/** A phone before the library. */
class Phone {
  private requests = new Map<string, string>();
  private cost: Cost = { requests: 0, bytes: 0, kinds: new Map() };

  private constructor(
    readonly page: Page,
    readonly reader: Reader,
    private readonly devtools: CDPSession,
  ) {}

  static async in(context: BrowserContext): Promise<Phone> {
    await noticeAwakening(context);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    const phone = new Phone(page, new Reader(page), devtools);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", SLOW_LINE);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOW_PROCESSOR });
    devtools.on("Network.requestWillBeSent", ({ requestId, request, type }) => {
      phone.requests.set(requestId, new URL(request.url).pathname.endsWith(".wasm") ? "program" : kindOf(type));
    });
    devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (encodedDataLength === 0) return;
      const kind = phone.requests.get(requestId) ?? "other";
      phone.cost.requests += 1;
      phone.cost.bytes += encodedDataLength;
      phone.cost.kinds.set(kind, (phone.cost.kinds.get(kind) ?? 0) + encodedDataLength);
    });
    return phone;
  }

  /** What it cost since this was asked last, once the line is quiet. */
  async spent(): Promise<Cost> {
    await this.page.waitForLoadState("networkidle");
    const spent = this.cost;
    this.cost = { requests: 0, bytes: 0, kinds: new Map() };
    return spent;
  }

  /** How long something takes, in milliseconds. */
  static async time(deed: () => Promise<void>): Promise<number> {
    const begun = performance.now();
    await deed();
    return performance.now() - begun;
  }

  /** The moments of a page that was loaded, in milliseconds: something stands there, the largest does, it lives. */
  async moments(): Promise<[number, number, number]> {
    return this.page.evaluate(async () => {
      const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN;
      const largest = await new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          resolve(list.getEntries().at(-1)?.startTime ?? NaN);
        }).observe({
          type: "largest-contentful-paint",
          buffered: true,
        });
      });
      return [first, largest, (window as unknown as { awake: number }).awake];
    });
  }
}

test("what a visit costs a slow phone", async ({ browser, hondana }) => {
  test.setTimeout(1_800_000);
  const steps = new Map<string, { costs: Cost[]; times: number[][] }>();
  const note = (step: string, cost: Cost, times: number[]) => {
    const noted = steps.get(step) ?? { costs: [], times: [] };
    steps.set(step, noted);
    noted.costs.push(cost);
    noted.times.push(times);
  };
  const typing: number[] = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const context = await browser.newContext({
      baseURL: hondana.address,
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    });
    const phone = await Phone.in(context);
    const { page, reader } = phone;
    const loaded = async (step: string, address: string) => {
      await reader.open(address);
      const times = await phone.moments();
      note(step, await phone.spent(), times);
    };
    const followed = async (step: string, follow: () => Promise<void>, heading: string) => {
      const time = await Phone.time(async () => {
        await follow();
        await expect(reader.heading(heading)).toBeVisible();
      });
      note(step, await phone.spent(), [time]);
    };
    await loaded("home, first visit", "/");
    typing.push(await type(page));
    note("a word typed, with what is fetched ahead", await phone.spent(), []);
    await followed("result list", () => reader.searchBox.press("Enter"), `「${BOTCHAN.reading}」の検索結果`);
    await followed(
      "record",
      () => page.getByRole("main").getByRole("link", { name: BOTCHAN.title }).first().click(),
      BOTCHAN.title,
    );
    await followed(
      "cart",
      () =>
        page
          .getByRole("banner")
          .getByRole("link", { name: /^予約カート/ })
          .click(),
      "予約カート",
    );
    await followed(
      "calendar (a piece)",
      () => page.getByRole("contentinfo").getByRole("link", { name: "図書館カレンダー" }).click(),
      "図書館カレンダー",
    );
    await reader.open("/login");
    await phone.spent();
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
    await phone.spent();
    await followed(
      "貸出状況",
      () => page.getByRole("banner").getByRole("link", { name: "貸出状況" }).click(),
      "貸出状況",
    );
    await loaded("home, second visit", "/");
    await context.close();
    const other = await browser.newContext({
      baseURL: hondana.address,
      viewport: { width: 390, height: 844 },
      isMobile: true,
    });
    const second = await Phone.in(other);
    await second.reader.open("/search?q=%E3%81%AD%E3%81%93");
    note("result list, first visit", await second.spent(), await second.moments());
    await other.close();
  }
  for (const [step, { costs, times }] of steps) {
    const middle = costs.sort((a, b) => a.bytes - b.bytes)[Math.floor(costs.length / 2)];
    if (middle === undefined) continue;
    const moments = (times[0] ?? []).map((_, at) => `${median(times.map((one) => one[at] ?? NaN)).toFixed(0)} ms`);
    const kinds = [...middle.kinds].map(([kind, bytes]) => `${kind} ${kb(bytes)}`).join(", ");
    console.info(`${step}: ${middle.requests} requests, ${kb(middle.bytes)} (${kinds}) ${moments.join(" / ")}`);
  }
  console.info(`typing: from a letter to suggestions ${median(typing).toFixed(0)} ms`);
});

/** Types the reading of a title, and answers how long suggestions took after the last letter. */
async function type(page: Page): Promise<number> {
  const box = page.getByRole("searchbox", { name: "資料を探す" });
  await box.pressSequentially(BOTCHAN.reading.slice(0, -1), { delay: 120 });
  await page.getByRole("option").first().waitFor();
  // What is still under way of the letters before.
  await page.waitForTimeout(1000);
  return Phone.time(async () => {
    const heard = page.waitForResponse(/suggest/);
    await box.pressSequentially(BOTCHAN.reading.slice(-1));
    await heard;
    await page.getByRole("option").first().waitFor();
  });
}

function kindOf(type: string | undefined): string {
  const kinds: Record<string, string> = { Document: "page", Stylesheet: "style", Script: "script", Image: "picture" };
  return kinds[type ?? ""] ?? "data";
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
