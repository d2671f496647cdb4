// What Lighthouse says of five pages, as a phone of the middle class sees them: the median of five looks. Made on request
// only, and nothing is asserted of it: `make lighthouse`.

import { pathToFileURL } from "node:url";

import { chromium } from "@playwright/test";

import { Hondana } from "../support/hondana.ts";
import { Reader, noticeAwakening } from "../support/reader.ts";
import { test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO } from "../support/titles.ts";

/** Lighthouse is not among the tests' packages, since only this file needs it: where it lies. */
const FOLDER = process.env.LIGHTHOUSE;
const LOOKS = Number(process.env.LOOKS ?? "5");
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"] as const;
const METRICS = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time"] as const;
/** A port for the browser's own protocol, which Lighthouse speaks. */
const PORT = 9333;

/** What is used of Lighthouse's answer. */
interface Report {
  lhr: {
    categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
    audits: Record<string, { score: number | null; title: string; numericValue?: number }>;
  };
}
type Lighthouse = (address: string, flags: object) => Promise<Report | undefined>;

test.skip(FOLDER === undefined, "Lighthouse looks with LIGHTHOUSE=folder");

test("lighthouse", async () => {
  test.setTimeout(3_600_000);
  const module = pathToFileURL(`${FOLDER ?? ""}/node_modules/lighthouse/core/index.js`).href;
  const lighthouse = ((await import(module)) as { default: Lighthouse }).default;
  const server = await Hondana.start({});
  const browser = await chromium.launchPersistentContext("", {
    ...test.info().project.use.launchOptions,
    args: [...(test.info().project.use.launchOptions?.args ?? []), `--remote-debugging-port=${PORT}`],
    baseURL: server.address,
    locale: "ja-JP",
  });
  await noticeAwakening(browser);
  const reader = new Reader(await browser.newPage());
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.reserveCart("北分館", "メール");
  await reader.addToCart(KOKORO.reading, KOKORO.title);
  await reader.results.getByRole("link", { name: KOKORO.title, exact: true }).click();
  await reader.arrived(KOKORO.title);
  const record = new URL(reader.page.url()).pathname;
  for (const [name, address] of [
    ["home", "/"],
    ["result list", "/search?q=%E3%81%AD%E3%81%93"],
    ["record", record],
    ["cart", "/cart"],
    ["予約状況", "/account/reservations"],
  ] as const) {
    const reports: Report["lhr"][] = [];
    for (let look = 0; look < LOOKS; look += 1) {
      const report = await lighthouse(`${server.address}${address}`, {
        port: PORT,
        output: "json",
        logLevel: "error",
        onlyCategories: CATEGORIES,
        disableStorageReset: true,
      });
      if (report !== undefined) reports.push(report.lhr);
    }
    const scores = CATEGORIES.map(
      (category) =>
        `${category} ${median(reports.map((one) => 100 * (one.categories[category]?.score ?? 0))).toFixed(0)}`,
    );
    const times = METRICS.map(
      (metric) => `${metric} ${median(reports.map((one) => one.audits[metric]?.numericValue ?? 0)).toFixed(0)} ms`,
    );
    console.info(`${name}: ${scores.join(", ")}; ${times.join(", ")}`);
    for (const fault of faults(reports[0])) console.info(`    ${fault}`);
  }
  await browser.close();
  await server.stop();
});

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** What takes points away. */
function faults(report: Report["lhr"] | undefined): string[] {
  if (report === undefined) return [];
  const weighty = Object.values(report.categories).flatMap(({ auditRefs }) =>
    auditRefs.filter(({ weight }) => weight > 0),
  );
  return weighty.flatMap(({ id }) => {
    const audit = report.audits[id];
    return audit?.score != null && audit.score < 0.9 ? [`${id}: ${audit.title} (${audit.score})`] : [];
  });
}
