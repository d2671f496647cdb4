// The line is gone: what a phone still shows, and what it keeps to send later.

import { expect, test } from "../support/test.ts";
import { KEPT_AT, NO_LINE, begin, expectNoObjection, letLook, note, picture, reserved } from "../support/store.ts";
import { BOTCHAN, NAKAZATO } from "../support/titles.ts";

test.use({ serviceWorkers: "allow", viewport: { width: 390, height: 844 } });

test.beforeEach(async ({ page, watch }) => {
  watch.forgive(...NO_LINE);
  await letLook(page);
});

test("with the server gone one's own pages open as they were, and say of when they are", async ({
  reader,
  hondana,
}) => {
  const { page } = reader;
  await begin(reader);
  await hondana.kill();
  const pages = {
    "/account/reservations": "予約状況",
    "/account/loans": "貸出状況",
    "/account/card": "利用カード",
    "/calendar": "図書館カレンダー",
    "/cart": "予約カート",
    "/": "図書館の資料を探す",
  };
  for (const [address, heading] of Object.entries(pages)) {
    await reader.open(address);
    await expect(reader.heading(heading)).toBeVisible();
    await expect(note(page, KEPT_AT), address).toBeVisible();
    await expectNoObjection(page, address);
  }
  await test.step("by links, too, and the card can be scanned", async () => {
    await page.getByRole("banner").getByRole("link", { name: "貸出状況" }).click();
    await reader.arrived("貸出状況");
    await page.getByRole("banner").getByRole("link", { name: "利用カード" }).click();
    await reader.arrived("利用カード");
    await expect(page.getByRole("img", { name: `利用者番号 ${NAKAZATO.card} のバーコード` })).toBeVisible();
  });
  await test.step("another month of the calendar is the month there is", async () => {
    await page.goto("/calendar?month=2031-01");
    await expect(page).toHaveURL(/\/calendar$/);
    await expect(reader.heading("図書館カレンダー")).toBeVisible();
  });
  await test.step("any other page says that there is no line, and what can be seen without", async () => {
    await page.goto("/search?q=x");
    await expect(reader.heading("つながっていません")).toBeVisible();
    await expectNoObjection(page, "offline");
    await picture(page, "offline");
    await page.getByRole("main").getByRole("link", { name: "利用カード" }).click();
    await reader.arrived("利用カード");
    await picture(page, "card");
  });
  await test.step("a form that can't be sent says so, and leads back", async () => {
    await page.goto("/account/reservations");
    await page.evaluate(() => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: "/api/cancel" });
      document.body.append(form);
      form.submit();
    });
    await expect(page.getByText("つながっていないため、送れませんでした。")).toBeVisible();
    await page.getByRole("button", { name: "もう一度開く" }).click();
    await reader.arrived("予約状況");
    await picture(page, "kept");
  });
  await test.step("when the line is back the page is as it is now, by itself", async () => {
    await hondana.revive();
    await expect(note(page, KEPT_AT)).toHaveCount(0);
    await reader.arrived("予約状況");
  });
});

test("a page that was on its way when the worker began is kept like any other", async ({ page, context }) => {
  let held = false;
  await page.route("**/calendar", async (route) => {
    held = true;
    const worker = context.serviceWorkers().at(-1) ?? (await context.waitForEvent("serviceworker"));
    const state = () =>
      worker.evaluate(() => (self as unknown as { serviceWorker: ServiceWorker }).serviceWorker.state);
    await expect.poll(state).toBe("activated");
    await route.continue();
  });
  await expect(async () => {
    await page.goto("/login");
    await page.goto("/calendar");
    // A worker that was quick had the page, and nobody held it.
    if (!held) {
      await page.evaluate(async () => {
        for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
      });
    }
    expect(held).toBe(true);
  }).toPass();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await expect.poll(() => page.evaluate(() => stored("hondana-pages"))).toContain("/calendar");
});

test("a reservation made without a line is sent once when it is back, and answered", async ({ reader, hondana }) => {
  const { page } = reader;
  await begin(reader);
  await hondana.kill();
  await test.step("from the cart to the last button, with what the browser holds", async () => {
    await reader.open("/cart");
    await reader.expectCart([BOTCHAN.title, "指定しない"]);
    await reader.reserveButton.click();
    await reader.arrived("受取場所と連絡方法");
    await reader.choosePlace("北分館", "電話");
    await reader.reserveButton.click();
    await expect(reader.heading("送信待ち")).toBeVisible();
    await expect(page.getByRole("main").getByRole("listitem")).toHaveText([BOTCHAN.title]);
    await expectNoObjection(page, "waiting");
    await picture(page, "waiting");
  });
  await test.step("any page says that something waits", async () => {
    await page.goto("/account/loans");
    await expect(note(page, "送信待ちの予約があります。")).toBeVisible();
  });
  await hondana.revive();
  await test.step("it is sent, and the answer told", async () => {
    await expect(note(page, "送信待ちだった予約を送りました。")).toBeVisible({ timeout: 20_000 });
    await page.getByRole("link", { name: "予約の結果を見る" }).click();
    await reader.arrived("予約完了");
    await expect(reader.titles).toContainText([BOTCHAN.title]);
    await expect(page.getByRole("definition").filter({ hasText: "北分館" })).toBeVisible();
  });
  await reader.open("/");
  await expect(page.locator(".line-notes")).toBeHidden();
  expect(await reserved(hondana)).toHaveLength(1);
});

test("an answer that was lost makes no second reservation", async ({ reader, hondana, context }) => {
  const { page } = reader;
  await begin(reader);
  let arrived = 0;
  await context.route("**/api/reserve", async (route) => {
    arrived += 1;
    const response = await route.fetch({ maxRedirects: 0 });
    // The server has done it, and nobody hears.
    if (arrived === 1) await route.abort();
    else await route.fulfill({ response });
  });
  await reader.reserveCartButNoAnswer("北分館", "電話");
  await reader.arrived("予約完了");
  await expect(page.getByText("予約しました。予約待ちの1番目です。")).toBeVisible();
  expect(arrived, "sent again").toBe(2);
  expect(await reserved(hondana)).toHaveLength(1);
});

test("what waits can be taken back", async ({ reader, hondana }) => {
  const { page } = reader;
  await begin(reader);
  await hondana.kill();
  await reader.reserveCartButNoAnswer("北分館", "電話");
  await page.getByRole("button", { name: "送るのをやめる" }).click();
  await expect(page.getByText("送るのをやめました。")).toBeVisible();
  await page.reload();
  await expect(page.getByText("送信待ちの予約はありません。")).toBeVisible();
  await expect(page.getByText("送るのをやめました。")).toBeHidden();
  await hondana.revive();
  await reader.open("/");
  expect(await reserved(hondana)).toHaveLength(0);
});

test("a cart of which the kept page lacks a title shows what it has, and does not load for ever", async ({
  reader,
  hondana,
}) => {
  const { page } = reader;
  await begin(reader);
  await hondana.kill();
  await page.evaluate(() => {
    const kept = localStorage.getItem("hondana.cart") ?? "";
    // Whose it is, and a list of one title (app/src/cart/state.rs), now of two.
    const more = kept.replace(
      /^(1;(?:0;|1;32;\w{32}))1;(32;\w{32})/,
      (_, owner, title) => `${owner}2;${title}32;0190b3a0000070008000000000000001`,
    );
    if (more === kept) throw new Error(kept);
    localStorage.setItem("hondana.cart", more);
    localStorage.removeItem("hondana.cart.view");
  });
  let loads = 0;
  page.on("framenavigated", () => (loads += 1));
  await reader.open("/cart");
  await expect(note(page, KEPT_AT)).toBeVisible();
  await page.waitForTimeout(3000);
  expect(loads).toBe(1);
  await expect(reader.cartLines).toHaveCount(1);
});
