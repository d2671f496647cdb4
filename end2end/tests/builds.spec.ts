// Another build is served while pages are open: no page ever has files of two.

import { mkdtemp } from "node:fs/promises";
import path from "node:path";

import type { Page } from "@playwright/test";

import { otherBuild } from "../support/build.ts";
import { WORKSHOP } from "../support/hondana.ts";
import { KEPT_AT, NO_LINE, begin, filesOf, isOther, letLook, note } from "../support/store.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN } from "../support/titles.ts";

test.use({ serviceWorkers: "allow", viewport: { width: 390, height: 844 } });

test.beforeEach(async ({ page, watch }) => {
  watch.forgive(...NO_LINE);
  await letLook(page);
});

test("another build: pages that are open and pages that are opened each have their own files", async ({
  reader,
  hondana,
  context,
}) => {
  test.slow();
  const { page } = reader;
  await begin(reader);
  const workshop = process.env[WORKSHOP] ?? "";
  const other = await otherBuild(await mkdtemp(path.join(workshop, "build-")));
  await reader.open("/account/loans");
  const before = await filesOf(page);

  await hondana.kill();
  await hondana.revive(other);
  await test.step("the page that was open still gets the files it was made with", async () => {
    for (const file of before) {
      const there = await page.evaluate(async (file) => (await fetch(file)).ok, file);
      expect(there, file).toBe(true);
    }
  });
  const second = await context.newPage();
  await letLook(second);
  await test.step("a page that is opened has the files of the other build, and only those", async () => {
    await second.goto("/account/loans");
    await second.waitForFunction(() => localStorage.getItem("hondana.cart") !== null);
    const now = await filesOf(second);
    expect(now.filter((file) => before.includes(file))).toEqual([]);
    expect(now).toHaveLength(before.length);
    expect(await isOther(second)).toBe(true);
    expect(await isOther(page)).toBe(false);
  });
  await test.step("the other build's worker takes over when nobody looks", async () => {
    const waits = () =>
      second.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting !== null);
    await expect.poll(waits, { timeout: 30_000 }).toBe(true);
    await look(page, "hidden");
    await expect.poll(waits).toBe(false);
    await look(page, "visible");
  });
  await test.step("without a line either is shown whole", async () => {
    await hondana.kill();
    for (const address of ["/account/loans", "/account/card", "/"]) {
      await second.goto(address);
      await expect(note(second, KEPT_AT)).toBeVisible();
      const shown = await filesOf(second);
      const isOld = shown.every((file) => before.includes(file));
      expect(isOld || !shown.some((file) => before.includes(file)), `${address}: one build`).toBe(true);
      expect(await isOther(second), `${address}: its own style`).toBe(!isOld);
    }
  });
  await test.step("once no page of the old build is open, its files are gone", async () => {
    await hondana.revive(other);
    await page.close();
    await expect(async () => {
      await second.evaluate(async () =>
        (await caches.open("hondana-notes")).put("/changed", new Response(`${Date.now()}`)),
      );
      await second.goto("/guide");
      const kept = await second.evaluate(() => stored("hondana-files"));
      expect(kept.filter((file) => before.includes(file))).toEqual([]);
    }).toPass({ timeout: 30_000 });
  });
});

/** What a page is told when its reader turns to another, or comes back. */
async function look(page: Page, state: DocumentVisibilityState): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

test.describe("without a worker", () => {
  test.use({ serviceWorkers: "block" });

  test("a page whose files are gone is loaded anew, once", async ({ reader, hondana, watch }) => {
    watch.forgive(/404/);
    const { page } = reader;
    await reader.open("/guide");
    const [file = ""] = (await filesOf(page)).filter((name) => name.endsWith(".js"));
    const other = await otherBuild(await mkdtemp(path.join(process.env[WORKSHOP] ?? "", "build-")));
    await hondana.kill();
    await hondana.revive(other);
    let loads = 0;
    page.on("load", () => (loads += 1));
    // It is noted once all of the answer is there; by then the page may be on its way out.
    const ask = () =>
      page.evaluate(async (file) => (await fetch(file.replace(".js", ".gone.js"))).text(), file).catch(() => undefined);
    await ask();
    await expect.poll(() => loads).toBe(1);
    await reader.awake();
    expect(await isOther(page)).toBe(true);
    await ask();
    await page.waitForTimeout(1000);
    expect(loads, "not for ever").toBe(1);
  });

  test("an answer of another version has the page loaded that was wanted, once", async ({ reader, hondana }) => {
    const { page } = reader;
    await reader.open("/guide");
    let asked = 0;
    await page.route("**/api/home", async (route) => {
      asked += 1;
      await route.fulfill({ contentType: "text/plain; charset=utf-8", body: "00000000;0;" });
    });
    let loads = 0;
    page.on("load", () => (loads += 1));
    await page.getByRole("banner").getByRole("link", { name: "資料を探す" }).click();
    await expect.poll(() => loads).toBe(1);
    await reader.awake();
    await expect(page).toHaveURL(`${hondana.address}/`);
    await expect(reader.searchBox).toBeVisible();
    expect(asked, "what stands on the page came with it").toBe(1);
  });

  test("a page of another version is loaded anew, and when it comes again its links and forms are left", async ({
    reader,
    hondana,
  }) => {
    const { page } = reader;
    let made = 0;
    await page.route(`${hondana.address}/`, async (route) => {
      made += 1;
      const response = await route.fetch();
      const body = (await response.text()).replace(/(name="site" content=")\w+;/, "$100000000;");
      await route.fulfill({ response, body });
    });
    await page.goto("/");
    await expect.poll(() => made).toBe(2);
    await page.waitForTimeout(1000);
    expect(made, "not for ever").toBe(2);
    await reader.searchBox.fill(BOTCHAN.reading);
    await reader.searchBox.press("Enter");
    await reader.awake();
    await expect(reader.results.first()).toContainText(BOTCHAN.title);
  });
});
