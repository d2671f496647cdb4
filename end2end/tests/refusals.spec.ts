// What can't be had says why; what was pressed twice is done once.

import { randomUUID } from "node:crypto";

import type { Page } from "@playwright/test";

import { PASSWORD, type Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { AOKI, BOTCHAN, NAKAZATO } from "../support/titles.ts";

test.describe("R18: the reason stands in place of the button", () => {
  for (const { words, title, reason } of [
    { words: "ローマの休日", title: "ローマの休日", reason: "DVDは予約できません。" },
    { words: "広辞苑", title: "広辞苑 第七版", reason: "館内でご覧いただく資料のため、予約できません。" },
  ]) {
    test(reason, async ({ reader }) => {
      await reader.open("/");
      await reader.search(words);
      const result = reader.result(title);
      await expect(result).toContainText(reason);
      await expect(result.getByRole("button"), "a list may hold it, the cart may not").toHaveText([
        "読みたい本に入れる",
        "お気に入りに入れる",
      ]);
      await result.getByRole("link", { name: title }).click();
      await reader.arrived(title);
      await expect(reader.page.getByRole("main")).toContainText(reason);
      await expect(reader.page.getByRole("button", { name: "カートに入れる" })).toHaveCount(0);
    });
  }

  test("雑誌の最新号は予約できません。", async ({ reader }) => {
    const { page } = reader;
    await reader.open("/");
    await reader.search("文藝春秋");
    await reader.result("文藝春秋").getByRole("link", { name: "巻号を選ぶ" }).click();
    await reader.arrived("文藝春秋");
    const issue = (label: string) =>
      page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 3, name: label, exact: true }) });
    await expect(issue("2026年12月号")).toContainText("雑誌の最新号は予約できません。");
    await expect(issue("2026年12月号").getByRole("button"), "not the cart").toHaveText([
      "場所メモを印刷する",
      "読みたい本に入れる",
      "お気に入りに入れる",
    ]);
    await issue("2026年11月号").getByRole("button", { name: "カートに入れる" }).click();
    await expect(issue("2026年11月号")).toContainText("カートに入っています");
    await reader.goTo("予約カート");
    await expect(reader.cartLine("文藝春秋 2026年11月号")).toBeVisible();
  });
});

test("R17: at the limit the page refuses before the click and the server after it", async ({ reader }) => {
  const { page } = reader;
  const reason = "本・雑誌の予約は10冊までです。";
  await reader.open("/login");
  await reader.signIn(AOKI.card);
  await reader.arrived("予約状況");
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.goTo("予約カート");
  await expect(reader.cartLine(BOTCHAN.title)).toContainText(reason);
  const part = (await reader.order(BOTCHAN.title).inputValue()).split(":")[0] ?? "";

  await reader.reserveButton.click();
  await reader.arrived("受取場所と連絡方法");
  await reader.choosePlace("中央図書館", "メール");
  await expect(page.getByText("予約できる資料がありません。")).toBeVisible();
  await expect(page.getByRole("main")).toContainText(reason);
  await expect(reader.reserveButton).toHaveCount(0);

  const form = { op: randomUUID(), place: "central", contact: "mail", in_set: "0", "parts[]": part };
  const answer = await page.request.post("/api/reserve", { form, headers: { origin: new URL(page.url()).origin } });
  expect(answer.url()).toContain(`/cart/done?op=${form.op}`);
  await reader.open(answer.url());
  await reader.arrived("予約できませんでした");
  await expect(page.getByRole("main")).toContainText(reason);
});

test("R7: a wrong password is met with help, and is never shown again", async ({ reader }) => {
  const { page } = reader;
  const wrong = "Wr0ngPwd";
  await reader.open("/login?next=%2Fcart");
  await reader.signIn(NAKAZATO.card, wrong);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("利用者番号またはパスワードが違います。");
  for (const help of [
    "パスワードは登録されていますか。",
    "入力に間違いはありませんか。",
    "パスワードは半角で入力していますか。",
    "パスワードの大文字と小文字は合っていますか。",
  ]) {
    await expect(alert).toContainText(help);
  }
  await reader.awake();
  await expect(page.getByRole("textbox", { name: "利用者番号" })).toHaveValue(NAKAZATO.card);
  await expect(page.getByRole("textbox", { name: "パスワード" })).toHaveValue("");
  expect(page.url()).not.toContain(wrong);
  expect(await page.content()).not.toContain(wrong);

  await test.step("the same words for a card that does not exist", async () => {
    const said = await alert.innerText();
    await reader.signIn("9999999", wrong);
    await expect(page.getByRole("textbox", { name: "利用者番号" })).toHaveValue("9999999");
    expect(await alert.innerText()).toBe(said);
  });
  await test.step("and then it is right, typed in full width", async () => {
    await reader.awake();
    await reader.signIn("１００００ ０４");
    await reader.arrived("予約カート");
  });
});

test.describe("twice is once", () => {
  test.beforeEach(async ({ reader }) => {
    await reader.open("/login");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
    await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
    await reader.goTo("予約カート");
    await reader.reserveButton.click();
    await reader.arrived("受取場所と連絡方法");
    await reader.choosePlace("中央図書館", "電話");
  });

  test("a double click makes one reservation", async ({ reader }) => {
    await reader.reserveButton.dblclick();
    await reader.arrived("予約完了");
    await expect(reader.titles).toHaveText([/坊っちゃん.*予約しました。予約待ちの1番目です。/]);
    await expectOneReservation(reader);
  });

  test("going back and pressing again makes no second", async ({ reader }) => {
    const { page } = reader;
    const sent = page.waitForRequest(
      (request) => request.method() === "POST" && request.url().endsWith("/api/reserve"),
    );
    await reader.reserveButton.click();
    await reader.arrived("予約完了");
    const done = page.url();
    const body = (await sent).postData() ?? "";
    await expectSameAnswer(page, body, done);

    await page.goBack();
    await expect(page.getByText("カートに資料は入っていません。")).toBeVisible();
    await expect(reader.reserveButton).toHaveCount(0);
    await page.goForward();
    await reader.arrived("予約完了");
    await expect(reader.titles).toHaveText([/坊っちゃん.*予約しました。予約待ちの1番目です。/]);
    await expectOneReservation(reader);
  });
});

/** The same request sent again, as by a browser that never saw the answer, leads to the same answer. */
async function expectSameAnswer(page: Page, body: string, done: string): Promise<void> {
  const again = await page.request.post("/api/reserve", {
    data: body,
    headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(done).origin },
  });
  expect(again.url()).toBe(done);
}

async function expectOneReservation(reader: Reader): Promise<void> {
  await reader.goTo("予約状況");
  await expect(reader.page.getByRole("row")).toHaveCount(2);
  await expect(reader.reservation(BOTCHAN.title)).toContainText("予約中（1番目）");
}

test("a card without a password can't sign in", async ({ reader }) => {
  await reader.open("/login");
  await reader.signIn("1000001", PASSWORD);
  await expect(reader.page.getByRole("alert")).toContainText("利用者番号またはパスワードが違います。");
});
