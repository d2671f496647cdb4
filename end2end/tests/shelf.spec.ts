// My本棚, what is beside the plain way: a long list as a file, a forgotten password, the history in a marathon, every state
// of the pages for those who need them large, dark or in colours of their own.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";

import type { Page } from "@playwright/test";

import type { Desk } from "../support/desk.ts";
import { Looking } from "../support/looks.ts";
import { PASSWORD, type Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

/** What the card of {@link NAKAZATO} says. */
const FACTS = { kana: "ナカザト ダイスケ", birth: "1982-05-30", telephone: "0480-00-0004" };

test("a full list with long notes goes out and comes in again, and a file too large says so", async ({
  reader,
}, info) => {
  test.slow();
  const { page } = reader;
  await signIn(reader);
  const list = await openList(reader, "お気に入り");
  const note = "長いメモ".repeat(125);
  const lines = Array.from({ length: 1000 }, (_, n) => `どこにもない本${String(n)},${note}`);
  const file = info.outputPath("list.csv");
  const header = "書名,メモ\n";
  await writeFile(file, header + lines.join("\n"));
  await takeIn(reader, list, file);
  await expect(page.getByRole("status")).toContainText("新しく入れた資料 1000点、前からあった資料 0点。");
  const id = list.split("/").pop() ?? "";
  const exported = await (await page.request.get(`/account/bookshelf.csv?list=${id}`)).text();
  expect(exported.split(note)).toHaveLength(1001);
  await writeFile(file, exported);
  await takeIn(reader, list, file);
  await expect(page.getByRole("status"), "nothing is doubled").toContainText(
    "新しく入れた資料 0点、前からあった資料 1000点。",
  );
  await writeFile(file, header + lines.join("\n").repeat(4));
  await takeIn(reader, list, file);
  await expect(page.getByRole("alert")).toContainText("ファイルが5MBより大きいため、何も取り込んでいません。");
});

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("a forgotten password closes the history: the recovery code opens it, else it is lost", async ({
      reader,
      desk,
    }) => {
      test.slow();
      const { page } = reader;
      const main = page.getByRole("main");
      await signIn(reader);
      const code = await test.step("told beforehand, chosen, and something is borrowed", async () => {
        await reader.open("/account/history/start");
        await expect(main).toContainText("どちらもないときは、図書館でも開けません。");
        return chosen(reader);
      });
      await desk.begin("中央図書館");
      await desk.lend(NAKAZATO.card, BOTCHAN.barcode);

      const link = await test.step("told again where the password is set anew", async () => {
        return reissued(reader, desk, "Neko34");
      });
      await test.step("the history is closed; the new password does not open it", async () => {
        await signIn(reader, "Neko34");
        await page.goto("/account/history");
        await expect(main).not.toContainText(BOTCHAN.title);
        await fillPassword(page, "Neko34");
        await page.getByRole("button", { name: "開く" }).click();
        await expect(main).toContainText("パスワードが新しくなったため、貸出履歴は閉じています。");
      });
      await test.step("the recovery code opens it, and from now on the new password", async () => {
        await reopen(page, "Neko34", "abcde-abcde-abcde-abcde-abcde");
        await expect(page.getByRole("alert")).toContainText("回復コードまたは前のパスワードが違います。");
        await reopen(page, "Neko34", code.toUpperCase());
        await expect(row(page, BOTCHAN.title)).toBeVisible();
        await page.getByRole("button", { name: "ログアウト" }).click();
        await signIn(reader, "Neko34");
        await page.goto("/account/history");
        await expect(row(page, BOTCHAN.title)).toBeVisible();
      });

      await test.step("without the code, what was kept is lost, and one begins anew", async () => {
        await page.getByRole("button", { name: "ログアウト" }).click();
        await reissued(reader, desk, "Inu567", link);
        await signIn(reader, "Inu567");
        await page.goto("/account/history");
        await fillPassword(page, "Inu567");
        await page.getByRole("button", { name: "開く" }).click();
        await expect(main).toContainText("どちらもわからないときは、記録を開けません。");
        await expect(main).not.toContainText(BOTCHAN.title);
        await page.getByRole("button", { name: "やめて、すべて消す" }).click();
        await expect(main).toContainText("「利用しない」になっています");
        await page.goto("/account/history/start");
        const second = await chosen(reader, "Inu567");
        expect(second).not.toBe(code);
        await page.goto("/account/history");
        await expect(main).toContainText("まだ記録はありません");
      });
    });

    test("the history counts in a marathon where its reader wants it", async ({ reader, desk }) => {
      test.slow();
      const { page } = reader;
      const main = page.getByRole("main");
      await signIn(reader);
      await page.goto("/account/marathon/new");
      await expect(main, "without a history there is no switch").toContainText("貸出履歴を利用すると、借りた本も");
      await expect(page.getByRole("checkbox")).toHaveCount(0);
      await page.goto("/account/history/start");
      await chosen(reader);
      await desk.begin("中央図書館");
      await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
      await desk.lend(NAKAZATO.card, KOKORO.barcode);
      await test.step("the switch is off, and says what follows", async () => {
        await reader.open("/account/marathon/new");
        const box = page.getByRole("checkbox", { name: "貸出履歴の本も数える" });
        await expect(box).not.toBeChecked();
        await expect(main).toContainText("書名も冊数も、図書館には残りません。");
        await page.getByLabel("目標の冊数").fill("x");
        await box.check();
        await page.getByRole("button", { name: "マラソンを始める" }).click();
        await expect(page.getByRole("alert")).toBeVisible();
        await expect(box, "what was ticked is ticked").toBeChecked();
        await page.getByLabel("目標の冊数").fill("2");
        await page.getByRole("button", { name: "マラソンを始める" }).click();
      });
      await test.step("what was borrowed counts, and one of it is taken out", async () => {
        await expect(page.getByRole("img", { name: /2冊のうち2冊/ })).toBeVisible();
        await expect(page.getByText("に目標を達成しました。")).toBeVisible();
        await reader.awake();
        await page.getByRole("button", { name: `「${KOKORO.title}」は読んでいない` }).click();
        await expect(page.getByRole("status")).toContainText("数から外しました。");
        await expect(page.getByRole("img", { name: /2冊のうち1冊/ })).toBeVisible();
      });
      await test.step("noted by hand as well, it counts once", async () => {
        await page.getByLabel("本の名前").fill(BOTCHAN.title);
        await page.getByRole("button", { name: "記録する" }).click();
        await expect(main).toContainText("上の記録で数えています");
        await expect(page.getByRole("img", { name: /2冊のうち1冊/ })).toBeVisible();
        await page.getByRole("button", { name: `「${KOKORO.title}」は、やはり読んだ` }).click();
        await expect(page.getByRole("img", { name: /2冊のうち2冊/ })).toBeVisible();
      });
      await test.step("closed, it says so, and its password opens it here", async () => {
        await page.context().clearCookies({ name: "history" });
        await page.reload();
        await expect(page.getByRole("img", { name: /2冊のうち1冊/ })).toBeVisible();
        await expect(main).toContainText("貸出履歴が閉じているので、");
        await expect(page.getByRole("button", { name: `「${KOKORO.title}」は読んでいない` })).toHaveCount(0);
        await fillPassword(page, "Wrong111");
        await page.getByRole("button", { name: "貸出履歴を開いて数える" }).click();
        await expect(page.getByRole("alert")).toBeVisible();
        await fillPassword(page, PASSWORD);
        await page.getByRole("button", { name: "貸出履歴を開いて数える" }).click();
        await expect(page.getByRole("img", { name: /2冊のうち2冊/ })).toBeVisible();
      });
    });
  });
}

test("axe: lists and history", async ({ reader, desk, watch }, info) => {
  watch.forgive(/404.*\/shared\?key=0/, /answer 404: .*\/shared\?key=0/);
  test.setTimeout(600_000);
  const { page } = reader;
  const looking = new Looking(info);
  await signIn(reader);
  const seen = async (name: string, address: string) => {
    await reader.open(address);
    await looking.at(page, name);
  };
  await seen("history-off", "/account/history");
  await seen("history-start", "/account/history/start");
  await chosen(reader);
  await looking.at(page, "the recovery code");
  await seen("history-empty", "/account/history");
  await desk.begin("中央図書館");
  for (const { barcode } of [BOTCHAN, KOKORO, KUSAMAKURA]) await desk.lend(NAKAZATO.card, barcode);
  await seen("history", "/account/history");
  await seen("history-manage", "/account/history/manage");
  await seen("history-reopen", "/account/history/reopen");
  const marathon = await begun(reader);
  await seen("marathon-history", marathon);
  await page.context().clearCookies({ name: "history" });
  await seen("history-closed", "/account/history");
  await seen("marathon-closed", marathon);
  await seen("marathon-edit", `${marathon}/edit`);

  await seen("shelf", "/account/bookshelf");
  const empty = await openList(reader, "お気に入り");
  await seen("list-empty", empty);
  await filled(reader);
  const list = await openList(reader, "読みたい本");
  await seen("list", list);
  await seen("list-searched", `${list}?sort=title&q=${encodeURIComponent("夏目")}&page=1`);
  await seen("list-nothing-found", `${list}?sort=hand&q=xyz&page=1`);
  await reader.open(list);
  await page.locator("details.entry > summary").first().click();
  await looking.at(page, "an entry that is open");
  await seen("list-settings", `${list}/settings`);
  await page.getByRole("button", { name: "共有する" }).click();
  await seen("list-shared", `${list}/settings`);
  await seen("list-cart", `${list}/cart`);
  const shared = (await openedLink(reader, list)) ?? "";
  await seen("shared", shared);
  await seen("shared-gone", "/shared?key=0");
  looking.done();
});

/** How long the page of a long history takes, printed and not asserted: `HISTORY=5000 npm test -- shelf`. */
test("the page of a long history", async ({ reader, desk, hondana }) => {
  const count = Number(process.env.HISTORY ?? "0");
  test.skip(count === 0, "a measurement, made with HISTORY=5000");
  test.setTimeout(300_000);
  const { page } = reader;
  await signIn(reader);
  await reader.open("/account/history/start");
  await chosen(reader);
  await desk.begin("中央図書館");
  await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
  const sql = `pragma busy_timeout = 5000;
    with recursive n(n) as (select 1 union all select n + 1 from n where n < ${String(count)})
    insert into history_entry (id, patron_id, sealed) select randomblob(16), patron_id, sealed from history_today, n`;
  await promisify(execFile)("sqlite3", [hondana.file, sql]);
  for (const [device, viewport, slower] of [
    ["computer", { width: 1280, height: 800 }, 1],
    ["phone, four times slower", { width: 390, height: 844 }, 4],
  ] as const) {
    await page.setViewportSize(viewport);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
    for (let visit = 1; visit <= 8; visit += 1) {
      await page.goto("/account/history");
      await expect(row(page, BOTCHAN.title).first()).toBeVisible();
      const [server, painted, rows] = await page.evaluate(() => {
        const [load] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        const lines = document.querySelectorAll("tbody tr").length;
        return [load === undefined ? 0 : load.responseStart - load.requestStart, paint?.startTime ?? 0, lines];
      });
      const asleep = Date.now();
      await reader.awake();
      console.log(
        `${device}, visit ${String(visit)}: server ${server.toFixed(0)} ms, painted after ${painted.toFixed(0)} ms, ` +
          `${String(rows)} rows, alive ${String(Date.now() - asleep)} ms later`,
      );
    }
  }
});

async function signIn(reader: Reader, password = PASSWORD): Promise<void> {
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card, password);
  await reader.arrived("予約状況");
}

/** Chooses the history on its page, and answers the recovery code. */
async function chosen(reader: Reader, password = PASSWORD): Promise<string> {
  const { page } = reader;
  if (!page.url().endsWith("/start")) await reader.open("/account/history/start");
  await fillPassword(page, password);
  await page.getByRole("button", { name: "利用する", exact: true }).click();
  await reader.arrived("回復コード");
  return (await page.locator(".recovery-code").innerText()).trim();
}

async function fillPassword(page: Page, password: string): Promise<void> {
  await page.getByRole("main").getByLabel("パスワード", { exact: true }).fill(password);
}

/** A new password by a mailed link, which it answers and which is not the one before; the old password is not asked for. */
async function reissued(reader: Reader, desk: Desk, password: string, before = ""): Promise<string> {
  const { page } = reader;
  const note = "貸出履歴を利用している方へ：";
  await page.goto("/register");
  await expect(page.getByRole("main")).toContainText(note);
  for (const [label, value] of [
    ["利用者番号", NAKAZATO.card],
    ["氏名カナ", FACTS.kana],
    ["生年月日", FACTS.birth],
    ["電話番号", FACTS.telephone],
  ] as const) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await page.getByRole("button", { name: "メールを受け取る" }).click();
  await reader.arrived("メールをご確認ください");
  let link = "";
  await expect(async () => {
    link = await desk.newestLink(NAKAZATO.mail);
    expect(link, "of this time").not.toBe(before);
  }).toPass({ timeout: 20_000 });
  await page.goto(link);
  await reader.arrived("パスワードを決める");
  await expect(page.getByRole("main")).toContainText(note);
  await page.getByLabel("新しいパスワード", { exact: true }).fill(password);
  await page.getByLabel("新しいパスワード（もう一度）", { exact: true }).fill(password);
  await page.getByRole("button", { name: "このパスワードにする" }).click();
  await reader.arrived("利用者ログイン");
  return link;
}

async function reopen(page: Page, password: string, earlier: string): Promise<void> {
  await page.getByLabel("今のパスワード").fill(password);
  await page.getByLabel("回復コードまたは前のパスワード").fill(earlier);
  await page.getByRole("button", { name: "開く" }).click();
}

/** The address of a list of the patron. */
async function openList(reader: Reader, name: string): Promise<string> {
  await reader.open("/account/bookshelf");
  await reader.page.getByRole("link", { name, exact: true }).click();
  await reader.arrived(name);
  return new URL(reader.page.url()).pathname;
}

async function takeIn(reader: Reader, list: string, file: string): Promise<void> {
  const { page } = reader;
  await reader.open(`${list}/settings`);
  await page.getByLabel("CSVファイル").setInputFiles(file);
  await page.getByRole("button", { name: "取り込む" }).click();
  await page.waitForURL((address) => address.pathname === list);
}

/** Thirty titles in 読みたい本. */
async function filled(reader: Reader): Promise<void> {
  const { page } = reader;
  for (const words of ["夏目漱石", "芥川竜之介", "宮沢賢治"]) {
    await reader.search(words);
    const buttons = page.getByRole("button", { name: /を読みたい本に入れる$/ });
    const names = await buttons.evaluateAll((all) => all.slice(0, 10).map((one) => one.getAttribute("aria-label")));
    for (const name of names) {
      await page
        .getByRole("button", { name: name ?? "", exact: true })
        .first()
        .click();
      await expect(page.getByRole("status")).toBeVisible();
      await reader.awake();
    }
  }
}

/** A marathon in which the history counts; answers its address. */
async function begun(reader: Reader): Promise<string> {
  const { page } = reader;
  await reader.open("/account/marathon/new");
  await page.getByRole("checkbox", { name: "貸出履歴の本も数える" }).check();
  await page.getByRole("button", { name: "マラソンを始める" }).click();
  await reader.arrived("わたしの読書マラソン");
  return new URL(page.url()).pathname;
}

async function openedLink(reader: Reader, list: string): Promise<string | null> {
  await reader.open(`${list}/settings`);
  return reader.page.locator("a.address").getAttribute("href");
}

/** The row of a list about a title. */
function row(page: Page, title: string) {
  return page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: title }) });
}
