// What the cart does besides: at once, without a network, and under somebody's fingers.

import { dragOver, mouse } from "../support/drag.ts";
import { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

const [botchan, kokoro, kusamakura] = [BOTCHAN.title, KOKORO.title, KUSAMAKURA.title];
const none = "指定しない";

test("a title taken out unsent is out of the cart, whose page comes to life late", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/");
  await reader.addToCart(BOTCHAN.reading, botchan);
  await reader.goTo("予約カート");
  await reader.expectCartKept([botchan, none]);
  // Never answered the first time: loading the page anew gives it up, and the server makes it with the title.
  await page.route("**/api/cart-change", () => new Promise<never>(() => undefined), { times: 1 });
  // The rest of the page lives by then.
  await page.route(/split[^/]*cart_route[^/]*\.wasm$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.continue();
  });
  await page.getByRole("button", { name: `「${botchan}」をカートから出す` }).click();
  await expect(page.getByText("カートに資料は入っていません。")).toBeVisible();
  await page.goto("/cart");
  await reader.awake();
  await expect(page.getByText("カートに資料は入っていません。")).toBeVisible();
});

test.describe("with three titles", () => {
  test.beforeEach(async ({ reader }) => {
    await reader.open("/");
    for (const { reading, title } of [BOTCHAN, KOKORO, KUSAMAKURA]) await reader.addToCart(reading, title);
    await reader.goTo("予約カート");
    // Also the last one, which the server may hear of while the page is opened.
    await reader.expectCart([botchan, none], [kokoro, none], [kusamakura, none]);
  });

  test("a new order is shown before the server has heard of it", async ({ reader }) => {
    let letThrough: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letThrough = resolve));
    await reader.page.route("**/api/cart-change", async (route) => {
      await held;
      await route.continue();
    });
    await reader.page.getByRole("button", { name: "順番を指定する" }).click();
    await reader.order(kusamakura).selectOption("1");
    await reader.expectCart([kusamakura, "1"], [botchan, "2"], [kokoro, "3"]);
    letThrough();
    await reader.expectCartKept([kusamakura, "1"], [botchan, "2"], [kokoro, "3"]);
  });

  test("a title that the page was left with unsent is in the cart of the next page", async ({ reader }) => {
    const { page } = reader;
    await reader.search("めいあん");
    // Never answered the first time: loading the next page gives it up.
    await page.route("**/api/cart-change", () => new Promise<never>(() => undefined), { times: 1 });
    await reader.result("明暗").getByRole("button", { name: "カートに入れる" }).click();
    await expect(reader.result("明暗").getByText("カートに入っています")).toBeVisible();
    await page.goto("/cart");
    await reader.expectCart([botchan, none], [kokoro, none], [kusamakura, none], ["明暗", none]);
  });

  test("a page made before the server heard of a title shows it all the same", async ({ reader }) => {
    const { page } = reader;
    let letThrough: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letThrough = resolve));
    await reader.search("めいあん");
    await page.route("**/api/cart-change", async (route) => {
      await held;
      await route.continue();
    });
    await page.route(/\/cart$/, async (route) => {
      if (!route.request().isNavigationRequest()) return route.fallback();
      const response = await route.fetch();
      const heard = page.waitForResponse("**/api/cart-change");
      letThrough();
      await heard;
      // Time for the page that is left to take the answer in.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return route.fulfill({ response });
    });
    await reader.result("明暗").getByRole("button", { name: "カートに入れる" }).click();
    await expect(reader.result("明暗").getByText("カートに入っています")).toBeVisible();
    await page.goto("/cart");
    await reader.expectCart([botchan, none], [kokoro, none], [kusamakura, none], ["明暗", none]);
  });

  test("changes made without a network are sent when it is back", async ({ reader, watch }) => {
    watch.forgive(/ERR_INTERNET_DISCONNECTED/);
    const { page } = reader;
    await reader.expectCartKept([botchan, none], [kokoro, none], [kusamakura, none]);
    await page.context().setOffline(true);
    await reader.order(kokoro).selectOption("1");
    await reader.expectCart([kokoro, "1"], [botchan, none], [kusamakura, none]);
    await expect(page.getByText("インターネットにつながっていません。")).toBeVisible();
    await page.getByRole("button", { name: `「${botchan}」をカートから出す` }).click();
    await reader.expectCart([kokoro, "1"], [kusamakura, none]);
    await page.context().setOffline(false);
    await expect(page.getByText("インターネットにつながっていません。")).toBeHidden();
    await reader.expectCartKept([kokoro, "1"], [kusamakura, none]);
  });

  test("the list follows the pointer, and the number chosen is the number shown", async ({ reader }) => {
    const pointer = mouse(reader.page);
    await dragOver(pointer, reader.handle(kusamakura), reader.cartLine(kokoro));
    await reader.expectCart([botchan, none], [kusamakura, none], [kokoro, none]);
    await pointer.release();
    await reader.order(botchan).selectOption("3");
    await reader.expectCart([kusamakura, "1"], [kokoro, "2"], [botchan, "3"]);
    await reader.order(kusamakura).selectOption(none);
    await reader.expectCart([kokoro, "1"], [botchan, "2"], [kusamakura, none]);
    await reader.page.getByRole("button", { name: "順番の指定をやめる" }).click();
    await reader.expectCart([kokoro, none], [botchan, none], [kusamakura, none]);
  });

  test("it is kept across visits and can be emptied", async ({ reader }) => {
    const { page } = reader;
    const later = await page.context().newPage();
    await page.close();
    await later.goto("/cart");
    await expect(later.getByRole("heading", { level: 2 })).toHaveText([botchan, kokoro, kusamakura]);
    await later.waitForFunction(() => "awake" in window);
    await later.getByRole("button", { name: "カートを空にする" }).click();
    await expect(later.getByText("カートに資料は入っていません。")).toBeVisible();
    await expect(async () => {
      await later.goto("/cart");
      await expect(later.getByText("カートに資料は入っていません。")).toBeVisible({ timeout: 500 });
    }).toPass();
  });
});

test("while its program is still on the way, the page works as forms", async ({ page }) => {
  // Never answered: the slowest network there is.
  await page.route("**/*.wasm", () => new Promise<never>(() => undefined));
  const slow = new Reader(page, false);
  await slow.open("/");
  await slow.addToCart(BOTCHAN.reading, botchan);
  await slow.addToCart(KOKORO.reading, kokoro);
  await slow.goTo("予約カート");
  await page.getByRole("button", { name: `「${kokoro}」を上へ` }).click();
  await slow.expectCart([kokoro, none], [botchan, none]);
  await slow.reserveButton.click();
  await slow.arrived("利用者ログイン");
});

test("signing in joins the cart at hand with the one left behind", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.addToCart(BOTCHAN.reading, botchan);
  await reader.goTo("予約カート");
  await reader.expectCartKept([botchan, none]);
  await page.getByRole("button", { name: "ログアウト" }).click();
  await reader.arrived("図書館の資料を探す");
  await reader.addToCart(KOKORO.reading, kokoro);
  await reader.open("/login?next=%2Fcart");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約カート");
  await expect
    .poll(async () => (await reader.cart()).map(([title]) => title).toSorted())
    .toEqual([kokoro, botchan].toSorted());
});
