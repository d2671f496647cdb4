// The main job at a kiosk, by finger and scanner alone; what is left of it afterwards; and a line that is lost.

import type { Page } from "@playwright/test";

import { ScreenKeyboard, bar, end, register } from "../support/kiosk.ts";
import { PASSWORD, type Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO } from "../support/titles.ts";

/** What a browser says of a line that is down. */
const NO_LINE = [/ERR_INTERNET_DISCONNECTED/, /Failed to load resource/, /Failed to fetch/];

test.use({ hasTouch: true, viewport: { width: 1280, height: 800 } });

for (const [held, viewport] of [
  ["upright", { width: 800, height: 1280 }],
  ["lying", { width: 1280, height: 800 }],
] as const) {
  test.describe(`a tablet ${held}`, () => {
    test.use({ viewport });

    test("search, cart, sign-in, reservation and slip, by finger and scanner", async ({ reader }) => {
      const { page } = reader;
      const keys = new ScreenKeyboard(page);
      await register(page, "入口");
      await test.step("a title is typed on the screen and chosen from what is suggested", async () => {
        await reader.open("/");
        await expect(keys.itself, "the keyboard is there as the search box is").toBeVisible();
        await keys.press("ほ 濁点 つ 小さい文字 ち");
        await expect(reader.searchBox).toHaveValue("ぼっち");
        await page.getByRole("option", { name: /坊っちゃん/ }).tap();
        await reader.arrived("「坊っちゃん」の検索結果");
      });
      await test.step("it goes into the cart", async () => {
        const result = reader.result(BOTCHAN.title);
        await result.getByRole("button", { name: "カートに入れる" }).tap();
        await expect(result.getByText("カートに入っています")).toBeVisible();
        await reader.goTo("予約カート");
        await reader.reserveButton.tap();
        await reader.arrived("利用者ログイン");
      });
      await test.step("the card is scanned, the password typed on the screen", async () => {
        await expect(page.getByRole("textbox", { name: "利用者番号" })).toBeFocused();
        await page.keyboard.type(NAKAZATO.card);
        await page.keyboard.press("Enter");
        const password = page.getByLabel("パスワード", { exact: true });
        await expect(password).toBeFocused();
        await expect(keys.itself, "who scans has no keyboard in front of them").toBeHidden();
        await password.tap();
        await keys.press("大文字 H 大文字 o n 2 d a n a");
        await expect(password).toHaveValue(PASSWORD);
        await keys.press("決定");
        await reader.arrived("受取場所と連絡方法");
      });
      await test.step("it is reserved", async () => {
        await reader.choosePlace("北分館", "メール");
        await reader.reserveButton.tap();
        await reader.arrived("予約完了");
      });
      await test.step("the slip says what, where and as which, and nobody's name", async () => {
        expect(await printed(page)).toEqual(["予約の控え", BOTCHAN.title, "予約待ち 1番目", "北分館"]);
        expect(await paperWidth(page), "80 mm, in points").toBe(227);
      });
      await end(page);
    });
  });
}

test("the keyboard on the screen writes where the caret is, and goes when somebody types", async ({ reader }) => {
  const { page } = reader;
  const keys = new ScreenKeyboard(page);
  await register(page, "入口");
  await reader.open("/");
  const box = reader.searchBox;
  await keys.press("な つ め ABC a 大文字 B 数字 7");
  await expect(box).toHaveValue("なつめaB7");
  await keys.press("あいう 1字消す 1字消す 1字消す 空白 そ う");
  await expect(box).toHaveValue("なつめ そう");
  await box.evaluate((field: HTMLInputElement) => {
    field.setSelectionRange(1, 2);
  });
  await keys.press("か 濁点");
  await expect(box, "what was marked gives way, and the rest stays").toHaveValue("ながめ そう");
  await keys.press("全部消す");
  await expect(box).toHaveValue("");
  await test.step("with a mouse, and with the keys of a keyboard", async () => {
    await keys.key("こ").click();
    await keys.key("こ").focus();
    await page.keyboard.press("Enter");
    await keys.key("ろ").focus();
    await page.keyboard.press("Space");
    await expect(box).toHaveValue("こころ");
  });
  await test.step("it goes when somebody types, and comes when the field is touched", async () => {
    await box.focus();
    await page.keyboard.type("a");
    await expect(keys.itself).toBeHidden();
    await box.tap();
    await expect(keys.itself).toBeVisible();
    await keys.press("閉じる");
    await expect(keys.itself).toBeHidden();
    await box.tap();
    await keys.press("1字消す 検索する");
    await reader.arrived("「こころ」の検索結果");
    await expect(keys.itself, "there is nothing to type into any more").toBeHidden();
  });
});

test("a record says where its copies stand, and a slip takes it along", async ({ reader }) => {
  const { page } = reader;
  await register(page, "入口");
  await reader.search(BOTCHAN.reading);
  await reader.results.getByRole("link", { name: BOTCHAN.title, exact: true }).click();
  await reader.arrived(BOTCHAN.title);
  const stands = page.getByText("中央図書館 2階 12番 913.6");
  await expect(stands).toBeVisible();
  await stubPrinting(page);
  await page.getByRole("button", { name: `「${BOTCHAN.title}」の場所メモを印刷する` }).click();
  await expect.poll(() => page.evaluate(() => Reflect.get(window, "printed") as unknown)).toBe("receipt");
  const slip = await printed(page);
  expect(slip.slice(0, 3)).toEqual(["場所メモ", BOTCHAN.title, "中央図書館 2階 12番"]);
  expect(slip[3]).toMatch(/^請求記号 913\.6 /);
});

test("a visit leaves nothing behind", async ({ reader }) => {
  const { page } = reader;
  await register(page, "入口");
  await end(page);
  await test.step("somebody searches, signs in, looks at what they have, and ends it", async () => {
    await reader.addToCart(KOKORO.reading, KOKORO.title);
    await reader.open("/login");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
    await reader.open("/account/loans");
    await reader.arrived("貸出状況");
    await page.evaluate(() => {
      sessionStorage.setItem("of the reader", "x");
    });
    await end(page);
    await reader.awake();
  });
  await test.step("who chose another language leaves the next reader their own", async () => {
    await reader.open("/?lang=en");
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await page.getByRole("button", { name: "Finish", exact: true }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "ja");
    await reader.arrived("図書館の資料を探す");
  });
  await test.step("the browser has kept nothing of theirs", async () => {
    const kept = await page.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    );
    expect(kept).not.toContain("of the reader");
    // Nobody's, without a title (app/src/cart/state.rs).
    expect(kept).toContain('["hondana.cart","1;0;0;0;0;"]');
    const banner = page.getByRole("banner");
    await expect(banner.getByRole("link", { name: "予約カート" })).toHaveAccessibleName("予約カート");
    await expect(banner).not.toContainText("中里");
  });
  await test.step("and who goes back sees no page of theirs", async () => {
    for (let step = 0; step < 6; step += 1) {
      await page.evaluate(() => {
        history.back();
      });
      await page.waitForLoadState();
      await expect(page.getByRole("main")).not.toContainText(/こころ|中里|貸出状況/);
    }
    await page.goto("/account/reservations");
    await reader.arrived("利用者ログイン");
    await expect(page.getByRole("textbox", { name: "利用者番号" })).toHaveValue("");
  });
});

test("a lost line shows a calm page, and what was pressed goes on its way when it is back", async ({
  reader,
  watch,
}) => {
  const { page } = reader;
  watch.forgive(...NO_LINE, /readyz net::ERR_FAILED/);
  await atConfirmation(reader);
  const waits = page.getByRole("alert").filter({ hasText: "つながるのを待っています" });
  await page.context().setOffline(true);
  await expect(waits).toBeVisible();
  await page.context().setOffline(false);
  await expect(waits, "it goes by itself").toBeHidden();
  await expect(reader.heading("予約確認"), "and all is as it was").toBeVisible();
  await test.step("a form that is sent while the line is down", async () => {
    await page.route("**/readyz", (route) => route.abort());
    // Not by the mouse: the kiosk may have noticed already, and covered it.
    await reader.reserveButton.dispatchEvent("click");
    await expect(waits).toBeVisible();
    await expect(reader.heading("予約確認"), "the browser has not left for a page of its own").toBeAttached();
    await page.unroute("**/readyz");
    await reader.arrived("予約完了");
    await expect(reader.titles).toHaveCount(1);
  });
  await end(page);
});

test("a visit ends although the line is down", async ({ reader, watch }) => {
  const { page } = reader;
  watch.forgive(...NO_LINE);
  await atConfirmation(reader);
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "待たずに終わる" }).click();
  await expect(page.getByRole("alert")).toContainText("終わります");
  await expect(page.getByRole("main"), "nothing is left to be read").toBeHidden();
  await expect(page.getByRole("banner")).toBeHidden();
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  await page.context().setOffline(false);
  await reader.arrived("図書館の資料を探す");
  await page.goto("/account/reservations");
  await reader.arrived("利用者ログイン");
});

test("what a kiosk shows is large, and offers no files", async ({ reader }) => {
  const { page } = reader;
  await register(page, "入口");
  await reader.open("/");
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  for (const address of ["/", "/search?q=こころ", "/cart", "/login", "/register", "/account/reservations"]) {
    if (address === "/account/reservations") {
      await reader.open("/login");
      await reader.signIn(NAKAZATO.card);
      await reader.arrived("予約状況");
    } else await reader.open(address);
    const search = page.getByRole("searchbox");
    if ((await search.count()) > 0) await search.first().tap();
    const small = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          "button, main input:not([type=checkbox]), main .choice, select, nav a, .button, h2 a, .facets a, .chips a, summary",
        ),
      ]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height > 0)
        .map((one) => [one.textContent.trim() || one.id, Math.round(one.getBoundingClientRect().height)] as const)
        .filter(([, height]) => height < 56),
    );
    expect.soft(small, address).toEqual([]);
    await expect(page.getByRole("contentinfo")).toHaveCount(0);
  }
  await reader.open("/account/data");
  await expect(page.locator("a[download]")).toHaveCount(0);
  await expect(page.getByText("この端末ではファイルを保存できません。")).toBeVisible();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the fields are what they are elsewhere, and the visit ends by a button", async ({ reader }) => {
    const { page } = reader;
    await register(page, "入口");
    await reader.open("/");
    await expect(new ScreenKeyboard(page).itself).toHaveCount(0);
    await reader.addToCart(KOKORO.reading, KOKORO.title);
    await end(page);
    await page.goto("/cart");
    await expect(page.getByText("カートに資料は入っていません。")).toBeVisible();
  });
});

/** On the page 予約確認, signed in, with a title in the cart. */
async function atConfirmation(reader: Reader): Promise<void> {
  await register(reader.page, "入口");
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.addToCart(KOKORO.reading, KOKORO.title);
  await reader.open("/cart");
  await reader.reserveButton.click();
  await reader.arrived("受取場所と連絡方法");
  await reader.choosePlace("北分館", "メール");
  await expect(bar(reader.page)).toBeVisible();
}

/** The lines of the page as it is printed, without the day, the library and what is the same on every slip. */
async function printed(page: Page): Promise<string[]> {
  await page.emulateMedia({ media: "print" });
  const text = await page.locator("body").innerText();
  await page.emulateMedia({ media: null });
  const same = /^\d{4}年|本棚町立図書館|^受取場所$|お取り置きします/;
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !same.test(line));
}

/** How wide the paper is that the page asks for, in points. */
async function paperWidth(page: Page): Promise<number> {
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const box = /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)/.exec(pdf);
  return Math.round(Number(box?.[1]));
}

/** Remembers which part of the page was asked to be printed. */
async function stubPrinting(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.print = () => {
      Object.assign(window, { printed: document.body.dataset.print });
    };
  });
}
