// A librarian's whole day, by keyboard and scanner alone: no mouse, and no field that the page has not given the focus
// to or that Tab or Alt and a key do not reach. Readers are at home and use what they like.

import { dayAfter } from "../support/dates.ts";
import { Day } from "../support/day.ts";
import { CLERK, MANAGER } from "../support/desk.ts";
import type { Hondana } from "../support/hondana.ts";
import { Keyboard } from "../support/keyboard.ts";
import type { Reader } from "../support/reader.ts";
import { Stock } from "../support/stock.ts";
import { expect, test } from "../support/test.ts";
import { AOKI, BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO, YUMIKO } from "../support/titles.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Later than the demo's past. Noon in Japan, so that a day more is a day more. */
const START = start();
/** The day after the last one a copy that became ready at the start is kept. */
const TODAY = new Date(START.getTime() + 15 * DAY);

/**
 * The first day from tomorrow on that is a Thursday: then the branch is closed on a Friday, and open on the Saturday after
 * it, whatever holidays there are, but for the New Year.
 */
function start(): Date {
  for (let days = 1; ; days += 1) {
    const moment = new Date(`${new Date(Date.now() + days * DAY).toISOString().slice(0, 10)}T03:00:00Z`);
    const closed = new Date(moment.getTime() + (15 + 14) * DAY);
    const newYear = /-(12-(2[89]|3.)|01-0[1-3])$/.test(closed.toISOString().slice(0, 10));
    if (moment.getUTCDay() === 4 && !newYear) return moment;
  }
}

const CENTRAL = "1";
const NORTH = "2";
const HINA = { card: "1000006", name: "中里 陽菜", newCard: "2000006" };
const AOI = { card: "1000007", name: "中里 蒼" };
const NOT_OWNED = { title: "遠い町の郷土史", barcode: "B-0001", lender: "となり町図書館" };

test.use({ moment: START });

test("a librarian's day", async ({ hondana, reader, desk }) => {
  test.setTimeout(180_000);
  const hands = await Keyboard.of(desk.page);
  const day = new Day(hands, TODAY);
  await theEveningsBefore(hondana, reader, day);
  const before = await Stock.of(hondana);

  await test.step("opening", async () => {
    await hands.signIn(CLERK.login, CLERK.password, CENTRAL);
    await hands.alt("s");
    await hands.arrived("今日の仕事");
    await expect(day.main).toContainText("中央図書館で今あること");
  });

  const fetched = await test.step("the pull list, in the order of the shelves", () => pullList(day));
  const family = await test.step("a family with three cards", () => lendToFamily(day, before));
  await test.step("at every limit, and lent all the same: Alt and 1 to 3", () => overrule(day, before));
  await test.step("a lost card", () => replaceCard(day));
  const lost = await test.step("a lost copy that somebody waits for", () => loseCopy(day, before));
  await test.step("a title the library does not own", () => takeInBorrowed(day));
  await test.step("what nobody came for is cleared from the hold shelf", () => clearHoldShelf(day));

  await test.step("the other branch", async () => {
    await hands.moveTo(NORTH);
    await test.step("what comes back here goes home", async () => {
      for (const copy of family) await day.takeBack(copy, "回送：中央図書館へ");
    });
    await test.step("the first of an ordered set arrives, and is ready", async () => {
      await day.takeBack(KUSAMAKURA.barcode, "取置棚へ");
      await expect(day.said).toContainText(NAKAZATO.label);
    });
    await test.step("its reader is telephoned", () => telephone(day));
  });
  const out = await test.step("lent at the other branch, half of it brought back", () => lendAtNorth(day, before));
  await test.step("in the afternoon the van brings home what was returned elsewhere", async () => {
    await hands.moveTo(CENTRAL);
    for (const copy of family) await day.takeBack(copy, "書架へ");
  });
  expect(day.scans, "scans of the day").toBeGreaterThanOrEqual(60);
  await test.step("the reader sees the first ready and the next being fetched", async () => {
    await reader.open("/account/reservations");
    await expect(reader.reservation(KUSAMAKURA.title)).toContainText("用意できました");
    await expect(reader.reservation(KOKORO.title)).toContainText("予約中（1番目）");
  });
  await test.step("the clerk leaves, the manager comes", async () => {
    await day.leave();
    await hands.signIn(MANAGER.login, MANAGER.password, NORTH);
  });
  await test.step("an emergency closure moves the dates", () => closeNorth(day, out.length));
  await test.step("closing: the day's figures", () => readFigures(day));
  await day.leave();

  await test.step("the database holds what the day says", async () => {
    expect(await hondana.command("check")).toContain("Everything is as it must be.");
    const after = await Stock.of(hondana);
    expect(new Set(after.lent()), "on loan").toEqual(new Set([...before.lent(), ...out, ...day.overruled]));
    expect(after.loansOf(AOKI.card)).toHaveLength(before.loansOf(AOKI.card).length + day.overruled.length);
    expect(after.dueOn(out), "moved by the closure").toEqual(out.map(() => isoDay(15)));
    expect(after.state(lost)).toBe("lost");
    for (const copy of family) expect(after.state(copy)).toBe("on-shelf");
    expect(after.state(BOTCHAN.barcode)).toBe("on-shelf");
    expect(after.card(HINA.name)).toBe(HINA.newCard);
    for (const copy of fetched) expect(after.reservationOf(copy)?.state, copy).toBe("ready");
    expect(after.reservationOf(KUSAMAKURA.barcode)).toMatchObject({ state: "ready", pickup_place: "north" });
    expect(after.reservationOf(NOT_OWNED.barcode)).toMatchObject({ state: "ready", card: YUMIKO.card });
    expect(after.reservationsOf(AOI.card).map((one) => one.state)).toEqual(["waiting"]);
    expect(after.reservationsOf(YUMIKO.card), "the expired one is no more").toHaveLength(1);
  });
});

/** Two weeks before, something becomes ready that nobody comes for. This morning an ordered set is made. */
async function theEveningsBefore(hondana: Hondana, reader: Reader, day: Day): Promise<void> {
  const signIn = async (card: string) => {
    await reader.open("/login");
    await reader.signIn(card);
    await reader.arrived("予約状況");
  };
  await signIn(YUMIKO.card);
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.reserveCart("中央図書館", "メール");
  await day.hands.signIn(CLERK.login, CLERK.password, CENTRAL);
  await day.takeBack(BOTCHAN.barcode, "取置棚へ");
  await day.leave();
  await reader.page.getByRole("button", { name: "ログアウト" }).click();
  await hondana.goTo(TODAY);
  await signIn(NAKAZATO.card);
  for (const { reading, title } of [KUSAMAKURA, KOKORO]) await reader.addToCart(reading, title);
  await reader.goTo("予約カート");
  await reader.page.getByRole("button", { name: "順番を指定する" }).click();
  await reader.expectCartKept([KUSAMAKURA.title, "1"], [KOKORO.title, "2"]);
  await reader.reserveCart("北分館", "電話");
  day.scans = 0;
}

/** Fetches what the list says; one copy is not on its shelf. Answers what is ready here now. */
async function pullList(day: Day): Promise<string[]> {
  const { hands } = day;
  await day.openList("集める資料");
  await hands.press(day.button("予約の分を一覧に加える"));
  await expect(day.said).toContainText("一覧に加えました");
  const marks = await day.main.locator(".shelf-mark").allTextContents();
  expect(marks.length).toBeGreaterThan(5);
  expect(marks, "in the order of the shelves").toEqual(marks.toSorted());
  const lines = day.main.getByRole("row").filter({ hasText: "この館" });
  const copies = await lines.locator(".facts").allTextContents();
  const [missing = "", ...found] = copies.slice(0, 4).map((copy) => copy.trim());

  await hands.press(day.button(new RegExp(`（${missing}）は見あたらない$`)), 40);
  await expect(day.said).toContainText("不明にしました。");
  await expect(lines.filter({ hasText: missing })).toHaveCount(0);
  for (const barcode of found) {
    await expect(hands.page.locator("#barcode")).toBeFocused();
    await hands.scan(barcode);
    await expect(day.said).toContainText("取置棚へ");
    await expect(day.said).toContainText(barcode);
    await expect(lines.filter({ hasText: barcode })).toHaveCount(0);
  }
  await test.step("the first of the ordered set is fetched for the other branch", async () => {
    await expect(day.row(KUSAMAKURA.title)).toContainText("北分館");
    await hands.scan(KUSAMAKURA.barcode);
    await expect(day.said).toContainText("移送：北分館へ");
    await expect(day.said, "no full name stands on a slip").not.toContainText("中里");
  });
  return found;
}

/** Five books for each of three. Answers them. */
async function lendToFamily(day: Day, before: Stock): Promise<string[]> {
  const copies = before.free("central", 15);
  await day.openCounter();
  for (const [n, { card, name }] of [NAKAZATO, YUMIKO, HINA].entries()) {
    await day.begin(card, name);
    for (const copy of copies.slice(n * 5, n * 5 + 5)) await day.lend(copy);
    await expect(day.patron).toContainText("今回の貸出（5）");
  }
  await test.step("a slip is undone", async () => {
    await day.hands.alt("z");
    await expect(day.said).toContainText("貸出を取り消しました");
    await expect(day.patron).toContainText("今回の貸出（4）");
    await day.lend(day.lentToday.pop() ?? "");
  });
  await day.hands.enter();
  await expect(day.patron, "the turn is over").toHaveCount(0);
  return copies;
}

async function overrule(day: Day, before: Stock): Promise<void> {
  await day.begin(AOKI.card, "青木");
  for (const [n, barcode] of before.free("central", 18).slice(0, 3).entries()) {
    await day.hands.scan(barcode);
    day.scans += 1;
    await expect(day.alert).toContainText("本・雑誌の貸出は10冊までです。");
    await day.hands.alt(String(n + 1));
    await expect(day.said).toContainText("貸し出しました");
    await expect(day.said).toContainText(barcode);
    await expect(day.hands.page.locator("#scan"), "ready for the next").toBeFocused();
    day.overruled.push(barcode);
  }
  await day.hands.enter();
}

/** A card is lost: the old number is refused, everything follows the new one. */
async function replaceCard(day: Day): Promise<void> {
  const { hands } = day;
  await hands.alt("c");
  await hands.arrived("利用カード");
  await hands.scan(HINA.card);
  await hands.arrived(HINA.name);
  await hands.press(day.link("カードを再発行する"));
  await hands.arrived("カードの再発行");
  await hands.scan(HINA.newCard);
  await hands.arrived(HINA.name);
  await expect(day.main.getByRole("status")).toContainText("カードを再発行しました。");
  await day.openCounter();
  await hands.scan(HINA.card);
  await expect(day.alert).toContainText("このカードは再発行されています。");
  await day.begin(HINA.newCard, HINA.name);
  await expect(day.patron).toContainText("貸出中 5点");
  await hands.enter();
}

/** Somebody reserves the only copy, which turns out to be lost. Answers the copy. */
async function loseCopy(day: Day, before: Stock): Promise<string> {
  const { hands } = day;
  const copy = before.single("central");
  await hands.alt("c");
  await hands.arrived("利用カード");
  await hands.scan(AOI.card);
  await hands.arrived(AOI.name);
  await hands.press(day.link("予約を受ける"));
  await hands.arrived("予約を受ける");
  await hands.scan(copy);
  await expect(day.main.getByRole("heading", { name: "予約する資料" })).toBeVisible();
  await hands.press(day.button("予約する"));
  await hands.arrived(AOI.name);
  await expect(day.main.getByRole("status")).toContainText("予約しました。1番目です。");

  await hands.alt("j");
  await hands.arrived("資料の状態");
  await hands.alt("2");
  await expect(day.main.getByRole("radio", { name: "紛失" })).toBeChecked();
  await hands.tabTo(day.main.getByRole("textbox", { name: "バーコード" }));
  await hands.scan(copy);
  await expect(day.said).toContainText("紛失として記録しました");
  await expect(day.said).toContainText(copy);
  await day.openList("確かめること");
  const doubtful = day.main
    .locator("section")
    .filter({ has: hands.page.getByRole("heading", { name: "貸出できる資料がなくなった予約" }) });
  await expect(doubtful).toContainText("待っている方 1人");
  return copy;
}

/** Another library lends what this one does not own. */
async function takeInBorrowed(day: Day): Promise<void> {
  const { hands } = day;
  await hands.alt("m");
  await hands.arrived("未所蔵資料");
  await hands.press(day.link("未所蔵資料を受け付ける"));
  await hands.arrived("未所蔵資料を受け付ける");
  await hands.scan(YUMIKO.card);
  await expect(day.main).toContainText(YUMIKO.name);
  await hands.scan(NOT_OWNED.title);
  await hands.arrived("未所蔵資料");
  await expect(day.main.getByRole("status")).toContainText("受け付けました。");
  await hands.press(day.link(`「${NOT_OWNED.title}」の手続き`));
  await hands.arrived("未所蔵資料の手続き");
  await hands.type(NOT_OWNED.barcode);
  await hands.page.keyboard.press("Tab");
  await hands.type(NOT_OWNED.lender);
  await hands.page.keyboard.press("Tab");
  await hands.scan(isoDay(30));
  await hands.arrived("未所蔵資料");
  await expect(day.main.getByRole("status")).toContainText(`${NOT_OWNED.barcode} を受け入れました。`);
  await day.takeBack(NOT_OWNED.barcode, "取置棚へ");
}

async function clearHoldShelf(day: Day): Promise<void> {
  await day.openList("取置棚");
  const toClear = day.main
    .locator("section")
    .filter({ has: day.hands.page.getByRole("heading", { name: "棚から下ろす資料" }) });
  await expect(toClear).toContainText(BOTCHAN.title);
  await expect(toClear, "no full name on the shelf").not.toContainText("中里");
  await day.hands.scan(BOTCHAN.barcode);
  await expect(day.said).toContainText("書架へ");
  await expect(toClear).not.toContainText(BOTCHAN.title);
}

/** Nobody answers, then word is left, then the reader calls back and is told. */
async function telephone(day: Day): Promise<void> {
  const { hands } = day;
  const call = day.main.getByRole("article").filter({ hasText: "ナカザト ダイスケ" });
  await day.openList("電話連絡");
  await expect(call).toContainText(KUSAMAKURA.title);
  for (const [result, said] of [
    ["出なかった", "一覧に残ります"],
    ["伝言した", "下の一覧に移しました"],
    ["本人に伝えた", "本人に伝えたことを記録しました"],
  ] as const) {
    await hands.press(call.getByRole("button", { name: result, exact: true }));
    await expect(day.said).toContainText(said);
    await hands.arrived("電話連絡");
  }
  await expect(call).toHaveCount(0);
}

/** Ten lent, five of them brought back. Answers what is out. */
async function lendAtNorth(day: Day, before: Stock): Promise<string[]> {
  const copies = before.free("north", 10);
  await day.openCounter();
  await day.begin(AOI.card, AOI.name);
  for (const copy of copies) await day.lend(copy);
  for (const copy of copies.slice(0, 5)) await day.takeBack(copy, "書架へ");
  return copies.slice(5);
}

/** The branch is closed on the day everything lent there today is due, and the copy that is ready there is kept to. */
async function closeNorth(day: Day, loans: number): Promise<void> {
  const { hands } = day;
  await hands.alt("l");
  await hands.arrived("図書館の管理");
  await hands.press(day.link("臨時休館"));
  await hands.arrived("臨時休館");
  await hands.scan(isoDay(14));
  const facts = day.main.locator("section").filter({ hasText: "この期間に返却期限が来る貸出" });
  await expect(facts.getByRole("definition")).toHaveText([String(loans), "1"]);
  await expect(facts).toContainText(dayAfter(TODAY, 15));
  await hands.press(day.button("休館にして、期限を動かす"));
  await expect(day.main.getByRole("status")).toContainText(`休館を登録し、期限を${loans + 1}件動かしました。`);
}

async function readFigures(day: Day): Promise<void> {
  const { hands } = day;
  await hands.alt("l");
  await hands.arrived("図書館の管理");
  await hands.press(day.link("統計"));
  await hands.press(day.link("日"));
  await hands.arrived(`${dayAfter(TODAY, 0)}の統計`);
  const total = day.row("合計").first().getByRole("cell");
  await expect(total.nth(0), "loans").toHaveText(String(day.lentToday.length + day.overruled.length));
  await expect(total.nth(1), "returns").toHaveText(String(day.returned));
}

/** A day so many after today, as a form takes it. */
function isoDay(days: number): string {
  return new Date(TODAY.getTime() + days * DAY).toISOString().slice(0, 10);
}
