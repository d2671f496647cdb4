// The program comes in pieces (app/src/pieces.rs): which a reader loads, and what becomes of a page when one can't be had.

import { PASSWORD } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, NAKAZATO } from "../support/titles.ts";

/** The pieces beside the program's first file. */
const PIECES = /\/pkg\/(split|chunk)[^/]*\.wasm$/;

test("a reader on the way to a reservation loads nothing of the desk, and no page is made of many files", async ({
  reader,
}) => {
  const { page } = reader;
  const pieces = new Set<string>();
  page.on("request", (request) => {
    if (PIECES.test(request.url())) pieces.add(request.url());
  });
  await reader.open("/");
  expect([...pieces], "so far the first file is enough").toEqual([]);
  await reader.searchBox.focus();
  await expect.poll(() => [...pieces].join(" "), "the cart's is fetched with the first touch").toContain("cart_route");
  const touched = pieces.size;
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.goTo("予約カート");
  expect(pieces.size, "and is enough up to the cart").toBe(touched);
  await reader.reserveButton.click();
  await reader.arrived("利用者ログイン");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("受取場所と連絡方法");
  await reader.choosePlace("北分館", "メール");
  await reader.reserveButton.click();
  await reader.arrived("予約完了");
  await reader.goTo("予約状況");
  const loaded = [...pieces].join(" ");
  expect(loaded).toContain("account_route");
  expect(loaded).not.toMatch(/desk_route|bookshelf_route/);
  expect(pieces.size, "of the cart and of one's own pages together").toBeLessThan(24);
});

test("the first file holds what it needs, and not the data of every piece", async ({ hondana, request }) => {
  const page = await (await request.get(hondana.address)).text();
  const [, file] = /href="([^"]*\/pkg\/hondana\.[^"]*\.wasm)"/.exec(page) ?? [];
  const { length } = await (await request.get(`${hondana.address}${file ?? ""}`)).body();
  expect(length).toBeGreaterThan(100_000);
  // With the data of all pieces (frontend/src/lib.rs) it is 0.9 million.
  expect(length).toBeLessThan(750_000);
});

test("a page names its own piece in its head and no other's, also while others are made", async ({
  hondana,
  request,
}) => {
  const pieces = {
    "/": "",
    "/search?q=x": "",
    "/cart": "cart",
    "/login": "account",
    "/calendar": "",
    "/shared?key=x": "bookshelf",
  };
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      Object.entries(pieces).map(async ([address, piece]) => {
        const text = await (await request.get(`${hondana.address}${address}`)).text();
        const named = [...text.matchAll(/href="[^"]*\/pkg\/split_([a-z]+)_route/g)].map(([, name]) => name);
        expect(named, address).toEqual(piece === "" ? [] : [piece]);
      }),
    );
  }
});

test("a piece that can't be had leaves the page to the browser: links and forms go on", async ({ reader, watch }) => {
  const { page } = reader;
  watch.forgive(/ERR_FAILED|Failed to fetch|RuntimeError|unreachable|panicked|split module|preload/);
  await page.route(PIECES, (route) => route.abort());
  await reader.open("/");
  await page.getByRole("banner").getByRole("link", { name: "ログイン" }).click();
  await expect(reader.heading("利用者ログイン")).toBeVisible();
  await expect(page).toHaveURL(/\/login/);
  await page.getByRole("textbox", { name: "利用者番号" }).fill(NAKAZATO.card);
  await page.getByRole("textbox", { name: "パスワード" }).fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: "ログイン", exact: true }).click();
  await expect(reader.heading("予約状況")).toBeVisible();
  await page.getByRole("banner").getByRole("link", { name: "貸出状況" }).click();
  await expect(reader.heading("貸出状況")).toBeVisible();
});
