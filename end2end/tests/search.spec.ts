// Finding things: by words, by what narrows them, by what is offered while typing; and finding nothing.

import { expect, test } from "../support/test.ts";
import { BOTCHAN } from "../support/titles.ts";

/** How many titles the page says there are. */
const COUNT = /^(\d+)件のうち/;

test("however it is written, the same title is found first", async ({ reader }) => {
  await reader.open("/");
  for (const words of ["坊っちゃん", "ぼっちゃん", "ボッチャン", "ﾎﾞｯﾁｬﾝ", "夏目漱石　坊っちゃん"]) {
    await reader.searchBox.fill(words);
    await reader.searchBox.press("Enter");
    await expect(reader.page.getByRole("heading", { level: 1 })).toContainText(words.replace("　", " ").slice(0, 3));
    await expect(reader.results.first().getByRole("heading", { level: 2 }), words).toHaveText(BOTCHAN.title);
  }
  await expect(reader.results.first().getByRole("list", { name: "所蔵" })).toContainText("中央図書館 在庫1／所蔵1");
  await expect(reader.results.first()).toContainText("予約待ちなし");
});

test("a facet narrows the list and can be taken away", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/");
  await reader.search("夏目漱石");
  const all = await count();
  const facets = page.getByRole("complementary", { name: "絞り込む" });
  const north = facets.getByRole("link", { name: /^北分館/ });
  const promised = Number(/\d+$/.exec(await north.innerText())?.[0]);
  await north.click();
  await expect(page).toHaveURL(/branch=north/);
  await expect.poll(count).toBe(promised);
  expect(promised).toBeLessThan(all);
  for (const copies of await reader.results.getByRole("list", { name: "所蔵" }).allInnerTexts()) {
    expect(copies).toContain("北分館");
  }
  await page.getByRole("link", { name: "「北分館」の絞り込みをやめる" }).click();
  await expect.poll(count).toBe(all);
  await expect(page).not.toHaveURL(/branch=/);

  async function count(): Promise<number> {
    return Number(COUNT.exec(await page.getByText(COUNT).innerText())?.[1]);
  }
});

test("the list can be sorted by year", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/");
  await reader.search("夏目漱石");
  const years = async () =>
    (await reader.results.allInnerTexts()).map((text) => Number(/(\d{4})年/.exec(text)?.[1] ?? Number.NaN));
  const sorts = page.getByRole("navigation", { name: "並べ替え" });
  for (const [sort, direction] of [
    ["出版年の新しい順", -1],
    ["出版年の古い順", 1],
  ] as const) {
    await sorts.getByRole("link", { name: sort }).click();
    await expect(sorts.getByRole("link", { name: sort })).toHaveAttribute("aria-current", "true");
    const shown = await years();
    expect(shown.length).toBeGreaterThan(3);
    expect(shown).toEqual(shown.toSorted((a, b) => direction * (a - b)));
  }
});

test("a page of results can be bookmarked", async ({ reader, browser, baseURL }) => {
  const { page } = reader;
  await reader.open("/search?q=&material=book");
  const paging = page.getByRole("navigation", { name: "ページ", exact: true });
  await paging.getByRole("link", { name: "次へ" }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(paging.getByRole("link", { name: "2ページ目" })).toHaveAttribute("aria-current", "page");
  await expect(page.getByText(/件のうち 21～40件目/)).toBeVisible();
  const titles = await reader.results.getByRole("heading", { level: 2 }).allInnerTexts();
  expect(titles).toHaveLength(20);

  const elsewhere = await browser.newPage({ ...(baseURL === undefined ? {} : { baseURL }) });
  await elsewhere.goto(page.url());
  await expect(elsewhere.getByRole("main").locator("li").getByRole("heading", { level: 2 })).toHaveText(titles);
  await elsewhere.close();

  await page.goBack();
  await expect(page.getByText(/件のうち 1～20件目/)).toBeVisible();
});

test("suggestions come while typing and are chosen by the keyboard", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/");
  await reader.searchBox.pressSequentially("ぼっち", { delay: 30 });
  const suggestions = page.getByRole("listbox", { name: "候補" });
  const option = suggestions.getByRole("option", { name: BOTCHAN.title });
  await expect(option).toBeVisible();
  for (let at = 0; ; at += 1) {
    await page.keyboard.press("ArrowDown");
    // A step is shown a moment after the key; the next before that would go past it.
    const active = `suggestion-${at}`;
    await expect(reader.searchBox, "the keyboard went past it").toHaveAttribute("aria-activedescendant", active);
    if ((await option.getAttribute("aria-selected")) !== "true") continue;
    await expect(option).toHaveId(active);
    break;
  }
  await page.keyboard.press("Enter");
  await reader.arrived(`「${BOTCHAN.title}」の検索結果`);
  await expect(suggestions).toBeHidden();
  await expect(reader.searchBox).toHaveValue(BOTCHAN.title);

  await reader.searchBox.fill("");
  await reader.searchBox.pressSequentially("ここ", { delay: 30 });
  await expect(suggestions).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(suggestions).toBeHidden();
});

test("what was meant is offered when nothing is found", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/");
  await reader.search("ぼっちゃゆ");
  await expect(page.getByText("資料が見つかりませんでした。")).toBeVisible();
  await page.getByText("もしかして：").getByRole("link").click();
  await expect(reader.result(BOTCHAN.title)).toBeVisible();
});

test("nothing found says what to try", async ({ reader }) => {
  await reader.open("/");
  await reader.search("zxqvwkjzxq");
  await expect(reader.page.getByText("資料が見つかりませんでした。")).toBeVisible();
  await expect(reader.page.getByText("言葉を減らすか、短くしてみてください。")).toBeVisible();
  await expect(reader.results).toHaveCount(0);
});

test("a list that could not be had is asked for again at its own address", async ({ reader, watch }) => {
  watch.forgive(/500/);
  const { page } = reader;
  await reader.open("/");
  await page.route("**/api/search", (route) => route.fulfill({ status: 500, body: "fault" }), { times: 1 });
  await reader.searchBox.fill(BOTCHAN.reading);
  await reader.searchBox.press("Enter");
  await expect(reader.heading("表示できませんでした")).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "もう一度開く" }).click();
  await expect(reader.result(BOTCHAN.title)).toBeVisible();
});

test("a list is asked for once, and not again when it is left", async ({ reader }) => {
  const { page } = reader;
  const asked: unknown[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/search")) asked.push(request.postDataJSON());
  });
  await reader.open("/");
  await reader.search(BOTCHAN.reading);
  await reader.result(BOTCHAN.title).getByRole("link").first().click();
  await reader.arrived(BOTCHAN.title);
  await page.getByRole("banner").getByRole("link", { name: "予約カート" }).click();
  await reader.arrived("予約カート");
  expect(asked).toHaveLength(1);
});

test("an empty search shows the whole catalogue", async ({ reader }) => {
  await reader.open("/");
  await reader.searchBox.press("Enter");
  await reader.arrived("検索結果一覧");
  await expect(reader.results).toHaveCount(20);
});

test("a percent sign is only a percent sign", async ({ reader }) => {
  await reader.open("/");
  await reader.search("100%41");
  await expect(reader.searchBox).toHaveValue("100%41");
});

test("hostile words are only words", async ({ reader }) => {
  const { page } = reader;
  const hostile = [
    `"><script>window.taken = 1</script><img src=x onerror=window.taken=1>`,
    `</title></script><!-- ' OR 1=1; --`,
    `((( AND *:* title:[a TO ~^ \\`,
    `</title><h1>`,
    "%zz &page=99999999999 #",
    "亀".repeat(2000),
  ];
  for (const words of hostile) {
    await reader.open(`/search?q=${encodeURIComponent(words)}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`「${words.trim()}」の検索結果`);
    await expect(reader.searchBox).toHaveValue(words.trim());
    expect(await page.title()).toContain(words.trim());
  }
  for (const address of [
    "/search?q=%00",
    "/search?q=%ff%fe",
    "/search?q=a&page=4294967295",
    "/search?page=-1&ndc=77",
  ]) {
    await reader.open(address);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  }
  expect(await page.evaluate(() => "taken" in window)).toBe(false);
});
