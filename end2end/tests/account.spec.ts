// 予約状況, 予約取消一覧, 貸出状況: what a reader can do there, what is said before and after, and why something can't
// be done.

import { randomUUID } from "node:crypto";

import type { Locator } from "@playwright/test";

import type { Desk } from "../support/desk.ts";
import { Looking } from "../support/looks.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { AOKI, BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

/** A reader with overdue loans. */
const SASAKI = { card: "1000002" };
/** A reader whose loans others wait for, with an ordered set whose first title is on its way. */
const TAKAGI = { card: "1000016", first: "蒼穹の昴 1", second: "白夜行", barcode: "91021701" };

const [botchan, kokoro, kusamakura] = [BOTCHAN.title, KOKORO.title, KUSAMAKURA.title];

test("取消 says before what will happen and after what happened", async ({ reader }) => {
  const { page } = reader;
  await signIn(reader, NAKAZATO.card);
  await reserve(reader, BOTCHAN);
  await reader.goTo("予約状況");
  await page.getByRole("link", { name: `「${botchan}」の取消` }).click();
  await reader.arrived("予約の取消");
  await expect(page.getByRole("main")).toContainText(botchan);
  await expect(page.getByRole("main")).toContainText("もう一度予約すると、順番は最後になります。");
  await page.getByRole("link", { name: "もとのページへ戻る" }).click();
  await reader.arrived("予約状況");
  await expect(reader.reservation(botchan), "nothing happens on the way").toBeVisible();
  await page.getByRole("link", { name: `「${botchan}」の取消` }).click();
  await page.getByRole("button", { name: "予約を取り消す" }).click();
  await reader.arrived("予約状況");
  await expect(page.getByRole("status")).toContainText(`「${botchan}」の予約を取り消しました。`);
  await expect(page.getByText("予約している資料はありません。")).toBeVisible();

  await goTo(reader, "予約取消一覧");
  await expect(page.getByRole("status"), "what happened is said once").toHaveCount(0);
  await expect(reader.reservation(botchan)).toContainText("ご本人の取り消し");
  await reader.reservation(botchan).getByRole("button", { name: "カートに入れる" }).click();
  await expect(reader.reservation(botchan)).toContainText("カートに入っています");
  await reader.goTo("予約カート");
  await expect(reader.cartLine(botchan)).toBeVisible();
});

test("a button pressed twice, or on a page left open, cancels once and says so", async ({ reader }) => {
  const { page } = reader;
  await signIn(reader, NAKAZATO.card);
  await reserve(reader, BOTCHAN);
  await reader.goTo("予約状況");
  await page.getByRole("link", { name: `「${botchan}」の取消` }).click();
  await reader.arrived("予約の取消");
  const reservation = await page.locator("input[name=reservation]").inputValue();
  const form = { op: await page.locator("input[name=op]").inputValue(), reservation };
  const headers = { origin: new URL(page.url()).origin };
  await page.getByRole("button", { name: "予約を取り消す" }).click();
  await reader.arrived("予約状況");
  const again = await page.request.post("/api/cancel", { form, headers, maxRedirects: 0 });
  expect(again.status()).toBe(303);
  await reader.open("/account/reservations");
  await expect(page.getByRole("status"), "the same answer").toContainText(`「${botchan}」の予約を取り消しました。`);
  await page.request.post("/api/cancel", { form: { ...form, op: randomUUID() }, headers, maxRedirects: 0 });
  await reader.open("/account/reservations");
  await expect(page.getByRole("alert"), "another press").toContainText("この予約はすでに終わっています。");
  await reader.open(`/account/reservations/${reservation}/cancel`);
  await expect(page.getByRole("alert")).toContainText("この予約は見つかりません。");
});

test("変更, and the reason in its place once a copy is on its way", async ({ reader, desk }) => {
  const { page } = reader;
  const row = reader.reservation(botchan);
  const change = page.getByRole("link", { name: `「${botchan}」の変更` });
  await signIn(reader, NAKAZATO.card);
  await reserve(reader, BOTCHAN);
  await test.step("while it waits", async () => {
    await reader.goTo("予約状況");
    await expect(row).toContainText("中央図書館");
    await expect(row).toContainText("およそ1週間以内");
    await expect(page.getByText("返却期限と貸出期間から計算した目安です。")).toBeVisible();
    await change.click();
    await reader.arrived("予約の変更");
    await expect(page.getByText("予約の順番は変わりません。")).toBeVisible();
    await expect(page.getByRole("radio", { name: "中央図書館" })).toBeChecked();
    await page.getByRole("radiogroup", { name: "受取場所" }).getByRole("radio", { name: "北分館" }).check();
    await page.getByRole("radiogroup", { name: "連絡方法" }).getByRole("radio", { name: "電話" }).check();
    await page.getByRole("button", { name: "変更する" }).click();
    await reader.arrived("予約状況");
    await expect(page.getByRole("status")).toContainText(`「${botchan}」の受取場所と連絡方法を変更しました。`);
    await expect(row).toContainText("北分館");
    await expect(row).toContainText("電話");
  });
  const reservation = (await change.getAttribute("href"))?.split("/")[3] ?? "";
  await desk.begin("中央図書館");
  await desk.scan(BOTCHAN.barcode);
  await test.step("in transit: the page refuses, and the server too", async () => {
    await page.reload();
    await expect(row).toContainText("受取場所へ運んでいるため、変更できません。");
    await expect(change).toHaveCount(0);
    const form = { op: randomUUID(), reservation, place: "central", contact: "mail" };
    const headers = { origin: new URL(page.url()).origin };
    await page.request.post("/api/change", { form, headers, maxRedirects: 0 });
    await page.reload();
    await expect(page.getByRole("alert")).toContainText("受取場所へ運んでいるため、変更できません。");
    await expect(row).toContainText("北分館");
  });
  await desk.moveTo("北分館");
  await desk.scan(BOTCHAN.barcode);
  await test.step("ready: it can still be cancelled, and the copy goes to the next", async () => {
    await page.reload();
    await expect(row).toContainText("用意ができているため、変更できません。");
    await page.getByRole("link", { name: `「${botchan}」の取消` }).click();
    await expect(page.getByText("用意した資料は、次に待っている方へお渡しします。")).toBeVisible();
    await page.getByRole("button", { name: "予約を取り消す" }).click();
    await expect(page.getByRole("status")).toContainText("取り消しました。");
  });
});

test("貸出延長: the new date is said before it is granted, and granted once", async ({ reader }) => {
  await signIn(reader, AOKI.card);
  await renewOne(reader);
});

test("貸出延長 is refused with the reason in place of the button", async ({ reader, desk }) => {
  const { page } = reader;
  await test.step("overdue", async () => {
    await signIn(reader, SASAKI.card);
    await goTo(reader, "貸出状況");
    await expect(page.getByText("返却期限を過ぎた資料が3点あります。お早めにお返しください。")).toBeVisible();
    const row = page.getByRole("row").nth(1);
    await expect(row.getByText("延滞", { exact: true })).toBeVisible();
    await expect(row).toContainText("返却期限を過ぎているため、延長できません。");
    await expect(page.getByRole("button", { name: "貸出延長" })).toHaveCount(0);
    await page.getByRole("button", { name: "ログアウト" }).click();
  });
  await test.step("somebody waits", async () => {
    await signIn(reader, TAKAGI.card);
    await goTo(reader, "貸出状況");
    const row = page.getByRole("row").nth(1);
    await expect(row.getByText("予約", { exact: true })).toBeVisible();
    await expect(row).toContainText("予約して待っている方がいるため、延長できません。");
    await expect(page.getByRole("button", { name: "貸出延長" })).toHaveCount(0);
    await page.getByRole("button", { name: "ログアウト" }).click();
  });
  await test.step("the new date would be no later", async () => {
    await desk.begin("中央図書館");
    await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
    await expect(desk.instruction).toContainText("貸し出しました");
    await expect(desk.instruction).toContainText(botchan);
    const due = /返却期限 (\S+)/.exec(await desk.instruction.innerText())?.[1] ?? "nothing";
    await signIn(reader, NAKAZATO.card);
    await goTo(reader, "貸出状況");
    await expect(reader.reservation(botchan)).toContainText(due);
    await expect(reader.reservation(botchan)).toContainText("今日延長しても、返却期限は今より遅くなりません。");
  });
});

test("返却申出 tells how to reach the library, and is said once", async ({ reader }) => {
  const { page } = reader;
  await signIn(reader, SASAKI.card);
  await goTo(reader, "貸出状況");
  const row = page.getByRole("row").nth(1);
  const title = await row.getByRole("rowheader").getByRole("link").innerText();
  await row.getByRole("link", { name: "返却申出" }).click();
  await reader.arrived("返却申出");
  await expect(page.getByRole("main")).toContainText(title);
  await expect(page.getByRole("main")).toContainText("電話 048-000-0000");
  await page.getByRole("button", { name: "返却したことを知らせる" }).click();
  await reader.arrived("貸出状況");
  await expect(page.getByRole("status")).toContainText(`「${title}」の返却申出を受け付けました。`);
  await expect(reader.reservation(title)).toContainText("返却申出済み");
  await expect(reader.reservation(title).getByRole("link", { name: "返却申出" })).toHaveCount(0);
});

test("順番予約 is made of reservations, extended, reordered and given up", async ({ reader }) => {
  await signIn(reader, NAKAZATO.card);
  for (const title of [BOTCHAN, KOKORO, KUSAMAKURA]) await reserve(reader, title);
  await arrange(reader);
});

test.describe("sixteen days later", () => {
  const now = new Date();
  test.use({ moment: now });

  test("a set that was paused goes on when the reader says so", async ({ reader, desk, hondana }) => {
    const { page } = reader;
    await desk.begin("中央図書館");
    await desk.scan(TAKAGI.barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await hondana.goTo(new Date(now.getTime() + 16 * 24 * 60 * 60 * 1000));
    await signIn(reader, TAKAGI.card);
    await expect(page.getByRole("heading", { name: "確認待ち" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(
      "前の資料の取置期限が切れたため、順番予約の続きを止めています。",
    );
    await expect(reader.reservation(TAKAGI.second)).toContainText("確認待ち（1番目）");
    await expect(reader.reservation(TAKAGI.second)).toContainText("回答期限");
    await expect(page.getByRole("button", { name: "順番を変更する" })).toHaveCount(0);
    await page.getByRole("button", { name: "続ける" }).click();
    await expect(page.getByRole("status")).toContainText("順番予約を続けます。");
    await expect(reader.reservation(TAKAGI.second)).toContainText("予約中（1番目）");
    await goTo(reader, "予約取消一覧");
    await expect(reader.reservation(TAKAGI.first)).toContainText("取置期限切れ");
  });
});

test("the desk lends with a reason where it may, and notes what became of a copy", async ({ desk }) => {
  const { page } = desk;
  await desk.begin("中央図書館");
  await desk.openCounter();
  await desk.read("7777777");
  await expect(page.getByRole("alert")).toContainText("この利用者番号のカードはありません。");
  await desk.lend(AOKI.card, BOTCHAN.barcode);
  await expect(page.getByRole("alert")).toContainText("本・雑誌の貸出は10冊までです。");
  await page.getByRole("textbox", { name: "理由" }).fill("授業で使うため");
  await page.getByRole("button", { name: "理由を記録して貸し出す" }).click();
  await expect(desk.instruction).toContainText("貸し出しました");
  await expect(desk.patron, "the next copy of the same").toContainText(AOKI.card);
  await page.getByRole("link", { name: "資料の状態" }).click();
  // The counter has a field バーコード too.
  await expect(page.getByRole("heading", { level: 1, name: "資料の状態" })).toBeVisible();
  for (const [barcode, said] of [
    [BOTCHAN.barcode, "貸出中の資料です。"],
    ["0", "このバーコードの資料はありません。"],
  ] as const) {
    await note(desk, barcode, "不明");
    await expect(page.getByRole("alert")).toContainText(said);
  }
  await note(desk, KOKORO.barcode, "除籍");
  await expect(desk.instruction).toContainText("除籍として記録しました");
  await note(desk, KOKORO.barcode, "紛失");
  await expect(page.getByRole("alert")).toContainText("除籍された資料です。");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("everything can be done", async ({ reader }) => {
    const { page } = reader;
    await signIn(reader, NAKAZATO.card);
    for (const title of [BOTCHAN, KOKORO, KUSAMAKURA]) await reserve(reader, title);
    await arrange(reader);
    await page.getByRole("link", { name: `「${botchan}」の取消` }).click();
    await page.getByRole("button", { name: "予約を取り消す" }).click();
    await expect(page.getByRole("status")).toContainText(`「${botchan}」の予約を取り消しました。`);
    await page.getByRole("button", { name: "ログアウト" }).click();
    await signIn(reader, AOKI.card);
    await renewOne(reader);
  });
});

test("axe: what is reserved and lent", async ({ reader }, info) => {
  test.setTimeout(300_000);
  const { page } = reader;
  const looking = new Looking(info);
  await signIn(reader, TAKAGI.card);
  await looking.at(page, "予約状況");
  for (const [deed, heading] of [
    [`「${TAKAGI.second}」の変更`, "予約の変更"],
    [`「${TAKAGI.second}」の取消`, "予約の取消"],
    ["順番をやめる", "順番をやめる"],
  ] as const) {
    await reader.open("/account/reservations");
    await page.getByRole("link", { name: deed }).click();
    await reader.arrived(heading);
    await looking.at(page, heading);
  }
  await page.getByRole("button", { name: "順番をやめる" }).click();
  await reader.arrived("予約状況");
  await looking.at(page, "予約状況 with a message");
  await page.getByRole("link", { name: `「${TAKAGI.second}」の取消` }).click();
  await page.getByRole("button", { name: "予約を取り消す" }).click();
  await goTo(reader, "予約取消一覧");
  await looking.at(page, "予約取消一覧");
  await goTo(reader, "貸出状況");
  await looking.at(page, "貸出状況");
  await page.getByRole("link", { name: "返却申出" }).first().click();
  await reader.arrived("返却申出");
  await looking.at(page, "返却申出");
  looking.done();
});

test("what is nobody's business leads to the sign-in and back", async ({ reader }) => {
  for (const page of ["loans", "cancelled", "reservations/1/cancel", "sets/1/dissolve", "loans/1/return"]) {
    await reader.open(`/account/${page}`);
    await expect(reader.heading("利用者ログイン"), page).toBeVisible();
    expect(decodeURIComponent(reader.page.url()), page).toContain(`next=/account/${page}`);
  }
});

async function signIn(reader: Reader, card: string): Promise<void> {
  await reader.open("/login");
  await reader.signIn(card);
  await reader.arrived("予約状況");
}

/** Reserves a title by itself. */
async function reserve(reader: Reader, title: { reading: string; title: string }): Promise<void> {
  await reader.addToCart(title.reading, title.title);
  await reader.expectCartKept([title.title, "指定しない"]);
  await reader.reserveCart("中央図書館", "メール");
}

/** Goes on by a link of the header. */
async function goTo(reader: Reader, link: "予約取消一覧" | "貸出状況"): Promise<void> {
  await reader.page.getByRole("banner").getByRole("link", { name: link }).click();
  await reader.arrived(link);
}

/** Renews the first loan that can be renewed. */
async function renewOne(reader: Reader): Promise<void> {
  const { page } = reader;
  await goTo(reader, "貸出状況");
  const row = page
    .getByRole("row")
    .filter({ has: page.getByRole("button", { name: "貸出延長" }) })
    .first();
  const title = await row.getByRole("rowheader").getByRole("link").innerText();
  const promised = /(\S+)まで延長/.exec(await row.innerText())?.[1] ?? "nothing";
  await row.getByRole("button", { name: `「${title}」の貸出延長` }).click();
  await expect(page.getByRole("status")).toHaveText(`「${title}」を${promised}まで延長しました。`);
  await expect(reader.reservation(title).getByRole("cell").first()).toHaveText(promised);
  await expect(reader.reservation(title)).toContainText("すでに延長している");
  await expect(reader.reservation(title).getByRole("button")).toHaveText(["読みたい本に入れる", "お気に入りに入れる"]);
}

/** With 坊っちゃん, こころ and 草枕 reserved: makes a set, extends it, puts it into another order, gives it up. */
async function arrange(reader: Reader): Promise<void> {
  const { page } = reader;
  const said = page.getByRole("status");
  const sections = page.getByRole("main").locator("section");
  const inSet = sections.filter({ has: page.getByRole("heading", { name: "順番予約" }) });
  const titles = (where: Locator) => where.getByRole("rowheader").getByRole("link");
  await reader.goTo("予約状況");
  await test.step("made", async () => {
    const make = page.getByRole("button", { name: "順番を指定する" });
    await make.click();
    await expect(page.getByRole("alert")).toContainText("順番を選んでから、ボタンを押してください。");
    await reader.order(kokoro).selectOption("1");
    await make.click();
    await expect(page.getByRole("alert")).toContainText("資料を2点以上選んでください。");
    await reader.order(kokoro).selectOption("1");
    await reader.order(botchan).selectOption("2");
    await expect(page.getByRole("main")).toContainText("前の資料が用意できるまで、次の資料をお取り置きしません。");
    await make.click();
    await expect(said).toContainText("順番を指定しました。");
    await expect(titles(inSet)).toHaveText([kokoro, botchan]);
    await expect(reader.reservation(kokoro)).toContainText("予約中（1番目）");
    await expect(reader.reservation(botchan)).toContainText("前の資料待ち（1番目）");
    await expect(reader.reservation(botchan)).toContainText("順番 2／2");
  });
  await test.step("extended", async () => {
    await reader.order(kusamakura).selectOption("1");
    await page.getByRole("button", { name: "順番予約に加える" }).click();
    await expect(titles(inSet)).toHaveText([kokoro, botchan, kusamakura]);
  });
  await test.step("reordered: the one that is moved takes the place", async () => {
    await reader.order(kusamakura).selectOption("1");
    await page.getByRole("button", { name: "順番を変更する" }).click();
    await expect(said).toContainText("順番を指定しました。");
    await expect(titles(inSet)).toHaveText([kusamakura, kokoro, botchan]);
    await expect(reader.reservation(kokoro)).toContainText("前の資料待ち（1番目）");
  });
  await test.step("given up", async () => {
    await page.getByRole("link", { name: "順番をやめる" }).click();
    await reader.arrived("順番をやめる");
    await expect(page.getByRole("main")).toContainText("予約は取り消しません。");
    await page.getByRole("button", { name: "順番をやめる" }).click();
    await reader.arrived("予約状況");
    await expect(said).toContainText("順番をやめました。");
    await expect(inSet).toHaveCount(0);
    for (const title of [botchan, kokoro, kusamakura]) {
      await expect(reader.reservation(title)).toContainText("予約中（1番目）");
    }
  });
}

/** Notes on the page 資料の状態 what became of a copy. */
async function note(desk: Desk, barcode: string, fate: string): Promise<void> {
  await desk.page.getByRole("textbox", { name: "バーコード" }).fill(barcode);
  await desk.page.getByRole("radio", { name: fate }).check();
  await desk.page.getByRole("button", { name: "記録する" }).click();
}
