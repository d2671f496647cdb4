// 読書マラソン (R29, R36): a goal, what is noted towards it, the chart and the route, the certificate; the library's season.

import type { Locator, Page } from "@playwright/test";

import { Looking } from "../support/looks.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { NAKAZATO, YUMIKO } from "../support/titles.ts";

const MANAGER = { login: "manager", password: "Manage-2-dana" };

for (const { name, scripts, viewport } of [
  { name: "on a computer", scripts: true, viewport: { width: 1280, height: 800 } },
  { name: "on a phone", scripts: true, viewport: { width: 390, height: 844 } },
  { name: "without scripts", scripts: false, viewport: { width: 390, height: 844 } },
]) {
  test.describe(name, () => {
    test.use({ javaScriptEnabled: scripts, viewport });

    test("a reader sets a goal, notes books, and prints a certificate", async ({ reader }) => {
      const { page } = reader;
      await signIn(reader, NAKAZATO.card);
      await test.step("a goal that can't be reached is refused, and what was typed is still there", async () => {
        await page.getByRole("link", { name: "読書マラソン", exact: true }).click();
        await reader.arrived("読書マラソン");
        await page.getByRole("link", { name: "新しいマラソンを始める" }).click();
        await reader.arrived("新しいマラソンを始める");
        await page.getByLabel("マラソンの名前").fill("冬の読書");
        await page.getByLabel("はじまりの日").fill(day(-9));
        await page.getByLabel("おわりの日").fill(day(-10));
        await page.getByLabel("目標の冊数").fill("０");
        await page.getByRole("button", { name: "マラソンを始める" }).click();
        await expect(page.getByRole("alert")).toContainText("おわりの日は、はじまりの日より後にしてください。");
        await expect(page.getByRole("alert")).toContainText("目標の冊数は、1から9999までの数字で入力してください。");
        await expect(page.getByLabel("マラソンの名前")).toHaveValue("冬の読書");
        await expect(page.getByLabel("おわりの日")).toHaveAttribute("aria-invalid", "true");
      });
      await test.step("one that can be", async () => {
        await page.getByLabel("おわりの日").fill(day(10));
        await page.getByLabel("目標の冊数").fill("３");
        await page.getByRole("button", { name: "マラソンを始める" }).click();
        await reader.arrived("冬の読書");
        await expect(page.getByRole("status")).toContainText("マラソンを始めました。");
        await expect(fact(page, "のこりの日数")).toHaveText("きょうをふくめて11日");
        await expect(fact(page, "これから必要な速さ")).toHaveText("1日に0.3冊（7日で2冊）");
        await expect(page.getByRole("img", { name: /3冊のうち0冊/ })).toBeVisible();
      });
      await test.step("books, of which one is still to come", async () => {
        await note(page, "こころ", day(1));
        await expect(page.getByRole("alert")).toContainText("読みおわった日が、まだ来ていません。");
        await expect(page.getByLabel("本の名前")).toHaveValue("こころ");
        await note(page, "こころ", day(-4));
        await expect(page.getByRole("status")).toContainText("記録しました。");
        await note(page, "", day(0));
        await expect(entries(page)).toHaveCount(2);
        await expect(page.getByRole("img", { name: /3冊のうち2冊/ })).toBeVisible();
        await expect(fact(page, "いまの速さで達成する日")).not.toBeEmpty();
      });
      await test.step("the chart is a table too", async () => {
        await page.getByText("数字の表で見る").click();
        const rows = page.getByRole("table").getByRole("row");
        await expect(rows).toHaveCount(3);
        await expect(rows.last().getByRole("cell")).toHaveText(["2", "1"]);
      });
      await test.step("no certificate before the goal", async () => {
        await expect(page.getByRole("link", { name: "完走証を印刷する" })).toHaveCount(0);
        const here = page.url();
        await reader.open(`${here}/certificate`);
        await expect(page.getByText("完走証は、目標を達成すると印刷できます。")).toBeVisible();
        await page.getByRole("link", { name: "マラソンに戻る" }).click();
        await reader.arrived("冬の読書");
      });
      await test.step("the goal is reached, and the name stays in the browser", async () => {
        await note(page, "草枕", day(0));
        await expect(page.getByText("に目標を達成しました。")).toBeVisible();
        await page.getByRole("link", { name: "完走証を印刷する" }).click();
        await reader.arrived("完走証");
        await page.getByLabel("お名前").fill("中里");
        await expect(page.getByText("目標の3冊を達成しました。")).toBeVisible();
        expect(await page.locator("form input#holder").count(), "it belongs to no form").toBe(0);
        await expect(page.getByRole("main")).not.toContainText(NAKAZATO.name);
        await page.getByRole("link", { name: "マラソンに戻る" }).click();
        await reader.arrived("冬の読書");
      });
      await test.step("another goal, as a route with stations", async () => {
        await page.getByRole("link", { name: "目標を変える" }).click();
        await reader.arrived("目標を変える");
        await page.getByLabel("目標の冊数").fill("8");
        await page.getByRole("radio", { name: "駅のある道のり" }).check();
        await page.getByRole("button", { name: "変える", exact: true }).click();
        await reader.arrived("冬の読書");
        await expect(page.getByRole("img", { name: "8の駅のある道のり。いま3冊、ゴールは8冊。" })).toBeVisible();
        await expect(page.getByText("つぎの駅まで、あと1冊です。")).toBeVisible();
      });
      await test.step("a note and the marathon are deleted", async () => {
        await page.getByRole("button", { name: "「草枕」の記録を消す" }).click();
        await expect(page.getByRole("status")).toContainText("記録を消しました。");
        await expect(entries(page)).toHaveCount(2);
        await page.getByRole("link", { name: "目標を変える" }).click();
        await reader.arrived("目標を変える");
        await page.getByRole("button", { name: "記録ごと消す" }).click();
        await reader.arrived("読書マラソン");
        await expect(page.getByText("まだマラソンを始めていません。")).toBeVisible();
      });
    });
  });
}

test("a reader joins the library's season, and the library learns of numbers alone", async ({ reader, desk }) => {
  await desk.page.goto("/desk");
  await desk.page.getByRole("textbox", { name: "職員ID" }).fill(MANAGER.login);
  await desk.page.getByRole("textbox", { name: "パスワード" }).fill(MANAGER.password);
  await desk.page.getByRole("main").getByRole("button", { name: "ログイン" }).click();
  await desk.page.getByRole("button", { name: "中央図書館" }).click();
  await expect(desk.page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
  await desk.page.goto("/desk/library/seasons");
  await desk.page.getByLabel("名前", { exact: true }).fill("夏休み読書マラソン");
  await desk.page.getByLabel("初日").fill(day(-3));
  await desk.page.getByLabel("最終日").fill(day(-4));
  await desk.page.getByRole("button", { name: "追加する" }).click();
  await expect(desk.page.getByRole("alert")).toContainText("おわりの日は、はじまりの日より後にしてください。");
  await expect(desk.page.getByLabel("名前", { exact: true })).toHaveValue("夏休み読書マラソン");
  await desk.page.getByLabel("最終日").fill(day(20));
  await desk.page.getByRole("button", { name: "追加する" }).click();
  await expect(desk.page.getByRole("status")).toContainText("読書マラソンを追加しました。");

  const { page } = reader;
  await signIn(reader, YUMIKO.card);
  await reader.open("/account/marathon");
  await page.getByRole("link", { name: "「夏休み読書マラソン」に参加する" }).click();
  await reader.arrived("夏休み読書マラソン");
  await page.getByLabel("目標の冊数").fill("2");
  await page.getByRole("button", { name: "参加する" }).click();
  await expect(page.getByRole("status")).toContainText("マラソンを始めました。");
  await reader.open("/account/marathon");
  await expect(page.getByRole("link", { name: "「夏休み読書マラソン」に参加する" })).toHaveCount(0);

  await desk.page.reload();
  const row = desk.page.getByRole("row", { name: /夏休み読書マラソン/ });
  await expect(row.getByRole("cell", { name: "5未満など" })).toHaveCount(1);
  await expect(desk.page.getByRole("main")).not.toContainText(YUMIKO.name);
  await desk.page.getByRole("button", { name: "「夏休み読書マラソン」を取りやめる" }).click();
  await expect(desk.page.getByRole("status")).toContainText("取りやめました");
  await page.reload();
  await expect(page.getByRole("link", { name: "夏休み読書マラソン" })).toBeVisible();
});

test("axe: the pages of a marathon", async ({ reader }, info) => {
  test.setTimeout(300_000);
  const { page } = reader;
  const looking = new Looking(info);
  await signIn(reader, NAKAZATO.card);
  await looking.atAddress(page, "/account/marathon", "no marathons");
  await looking.atAddress(page, "/account/marathon/new");
  for (const drawn of ["グラフ", "駅のある道のり"]) {
    const address = await exampleOf(reader, drawn);
    await looking.atAddress(page, address, `a marathon, ${drawn}`);
    if (drawn === "グラフ") continue;
    for (const deed of ["edit", "certificate"]) await looking.atAddress(page, `${address}/${deed}`, deed);
  }
  await looking.atAddress(page, "/account/marathon", "marathons");
  looking.done();
});

/** A marathon whose goal of four books was reached; answers its address. */
async function exampleOf(reader: Reader, drawn: string): Promise<string> {
  const { page } = reader;
  await reader.open("/account/marathon/new");
  await page.getByLabel("はじまりの日").fill(day(-14));
  await page.getByLabel("目標の冊数").fill("4");
  await page.getByLabel("目標のページ数").fill("500");
  await page.getByRole("radio", { name: drawn }).check();
  await page.getByRole("button", { name: "マラソンを始める" }).click();
  await reader.arrived("わたしの読書マラソン");
  for (const ago of [-12, -9, -9, -2]) {
    await page.getByRole("textbox", { name: /^ページ数/ }).fill("150");
    await note(page, "坊っちゃん", day(ago));
    await expect(page.getByRole("status")).toContainText("記録しました。");
    await reader.awake();
  }
  return new URL(page.url()).pathname;
}

async function signIn(reader: Reader, card: string): Promise<void> {
  await reader.open("/login");
  await reader.signIn(card);
  await reader.arrived("予約状況");
}

async function note(page: Page, title: string, on: string): Promise<void> {
  await page.getByLabel("本の名前").fill(title);
  await page.getByLabel("読みおわった日").fill(on);
  await page.getByRole("button", { name: "記録する" }).click();
}

function entries(page: Page): Locator {
  return page.getByRole("main").getByRole("button", { name: /の記録を消す$/ });
}

/** What stands beside a name in the list of facts. */
function fact(page: Page, name: string): Locator {
  return page.locator(".facts-list > div").filter({ hasText: name }).getByRole("definition");
}

/** A day in Japan, so many days from today, as a field for a day wants it. */
function day(from: number): string {
  const japan = new Date(Date.now() + (9 + 24 * from) * 60 * 60 * 1000);
  return japan.toISOString().slice(0, 10);
}
