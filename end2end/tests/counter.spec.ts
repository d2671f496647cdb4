// Lending and taking back: by keyboard and scanner alone, undone, and without a line.

import { Keyboard } from "../support/keyboard.ts";
import { expect, test } from "../support/test.ts";
import { AOKI, BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO, YUMIKO } from "../support/titles.ts";

const HINA = { card: "1000006", name: "中里 陽菜" };

/** What a browser says about requests that come to nothing, which here they are meant to. */
const NO_LINE = [/net::ERR_/, /request failed/, /Failed to load resource/];

test("a family with three cards, without a mouse", async ({ desk }) => {
  await desk.begin("中央図書館");
  await desk.openCounter();
  for (const [patron, copy] of [
    [NAKAZATO, BOTCHAN],
    [YUMIKO, KOKORO],
    [HINA, KUSAMAKURA],
  ] as const) {
    await desk.begins(patron.card);
    await expect(desk.patron).toContainText(patron.name);
    await desk.give(copy.barcode);
    await expect(desk.instruction).toContainText("貸し出しました");
    await expect(desk.patron).toContainText(copy.title);
    await expect(desk.patron).toContainText("今回の貸出（1）");
  }
  await desk.page.keyboard.press("Enter");
  await expect(desk.patron).toHaveCount(0);
  await expect(desk.page.getByRole("textbox", { name: "利用者番号" })).toBeFocused();
  await desk.read(KUSAMAKURA.second);
  await expect(desk.alert("先に利用カードを読み取ってください。")).toBeVisible();
});

test("a refusal is explained, and overruled by one key with its reason", async ({ desk }) => {
  await desk.begin("中央図書館");
  await desk.openCounter();
  await desk.begins(AOKI.card);
  await desk.give(BOTCHAN.barcode);
  await expect(desk.alert("本・雑誌の貸出は10冊までです。")).toBeVisible();
  await (await Keyboard.of(desk.page)).alt("1");
  await expect(desk.instruction).toContainText("貸し出しました");
  await expect(desk.patron).toContainText(BOTCHAN.title);
  await expect(desk.page.getByRole("textbox", { name: "バーコード" }), "ready for the next").toBeFocused();
});

test("the last scan is undone, on both pages", async ({ desk }) => {
  await desk.begin("中央図書館");
  await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
  await (await Keyboard.of(desk.page)).alt("z");
  await expect(desk.instruction).toContainText("貸出を取り消しました");
  await expect(desk.patron).not.toContainText("今回の貸出");
  await desk.give(BOTCHAN.barcode);
  await expect(desk.instruction).toContainText("貸し出しました");
  await desk.takeBack(BOTCHAN.barcode);
  await expect(desk.instruction).toContainText("返却しました");
  await desk.page.getByRole("button", { name: /直前の読み取りを取り消す/ }).click();
  await expect(desk.instruction).toContainText("返却を取り消しました");
  await desk.openCounter();
  await desk.begins(NAKAZATO.card);
  await expect(desk.patron, "the loan goes on").toContainText(BOTCHAN.title);
});

test("each instruction has a sound of its own, until it is muted", async ({ desk, deskContext }) => {
  await deskContext.addInitScript(() => {
    const heard: number[] = [];
    Object.assign(window, { heard });
    const start = Object.getOwnPropertyDescriptor(AudioScheduledSourceNode.prototype, "start")
      ?.value as OscillatorNode["start"];
    AudioScheduledSourceNode.prototype.start = function (this: OscillatorNode, when?: number) {
      heard.push(Math.round(this.frequency.value));
      start.call(this, when);
    };
  });
  const heard = () => desk.page.evaluate(() => (window as unknown as { heard: number[] }).heard.splice(0));
  await desk.begin("中央図書館");
  await desk.scan(BOTCHAN.barcode);
  expect(await heard(), "to its shelf").toEqual([880]);
  await desk.scan("no-such");
  expect(await heard(), "not done").toEqual([165]);
  await desk.page.getByRole("button", { name: "音を消す" }).click();
  await desk.scan(BOTCHAN.barcode);
  await expect(desk.instruction, "never without the text").toContainText("書架へ");
  expect(await heard()).toEqual([]);
});

test("the line is down: lending and taking back go on, and are played in once", async ({
  desk,
  deskContext,
  deskWatch,
}) => {
  deskWatch.forgive(...NO_LINE);
  await desk.begin("中央図書館");
  // Once with the line, so that the desk knows what cards and copies look like here.
  await desk.lend(YUMIKO.card, KOKORO.barcode);
  await desk.begins(NAKAZATO.card);
  await deskContext.setOffline(true);
  await desk.give(BOTCHAN.barcode);
  await expect(desk.instruction).toContainText("貸出を控えました");
  await expect(desk.alert("回線が切れています。記録は1件")).toBeVisible();
  await desk.read(HINA.card);
  await expect(desk.instruction).toContainText(`利用者番号 ${HINA.card}`);
  await desk.give(KUSAMAKURA.barcode);
  await desk.read("7777777");
  await desk.give(KUSAMAKURA.second);
  await expect(desk.alert("記録は3件")).toBeVisible();
  await test.step("without loading, the other page takes back", async () => {
    await desk.page.getByRole("link", { name: "返却", exact: true }).click();
    await desk.scan(KOKORO.barcode);
    await expect(desk.instruction).toContainText("返却を控えました");
    await expect(desk.alert("記録は4件")).toBeVisible();
  });
  await deskContext.setOffline(false);
  await expect(desk.page.getByRole("heading", { name: "送った記録" })).toBeVisible();
  await expect(desk.page.getByRole("alert").filter({ hasText: "回線" })).toHaveCount(0);
  await test.step("what happened is recorded", async () => {
    await desk.openCounter();
    await desk.begins(NAKAZATO.card);
    await expect(desk.patron).toContainText(BOTCHAN.title);
    await desk.begins(HINA.card);
    await expect(desk.patron).toContainText(KUSAMAKURA.title);
    await desk.begins(YUMIKO.card);
    await expect(desk.patron).not.toContainText(KOKORO.title);
  });
  await test.step("a card nobody has waits for staff, who type the right one", async () => {
    await desk.page.getByRole("link", { name: "控えた記録" }).click();
    const one = desk.page.getByRole("article").filter({ hasText: KUSAMAKURA.second });
    await expect(one).toContainText("この利用者番号のカードはありません。");
    await one.getByRole("textbox", { name: "利用者番号" }).fill(YUMIKO.card);
    await one.getByRole("textbox", { name: "理由" }).fill("番号の読み間違い");
    await one.getByRole("button", { name: "この内容で貸出を記録する" }).click();
    await expect(desk.page.getByRole("status")).toContainText("処理しました");
    await expect(one).toHaveCount(0);
  });
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a card, two copies, a refusal overruled, a slip undone", async ({ desk }) => {
    await desk.begin("中央図書館");
    await desk.lend(NAKAZATO.card, BOTCHAN.barcode);
    await expect(desk.instruction).toContainText("貸し出しました");
    await desk.give(KOKORO.barcode);
    await expect(desk.patron).toContainText("今回の貸出（2）");
    await desk.page.getByRole("button", { name: /直前の読み取りを取り消す/ }).click();
    await expect(desk.instruction).toContainText("貸出を取り消しました");
    await expect(desk.patron).toContainText("今回の貸出（1）");
    await desk.begins(AOKI.card);
    await desk.give(KOKORO.barcode);
    await expect(desk.page.getByRole("alert")).toContainText("本・雑誌の貸出は10冊までです。");
    await desk.page.getByRole("button", { name: /館長の承認/ }).click();
    await expect(desk.instruction).toContainText("貸し出しました");
    await desk.page.getByRole("link", { name: "終了" }).click();
    await expect(desk.patron).toHaveCount(0);
  });
});
