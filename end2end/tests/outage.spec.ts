// The line to the server is down: the desk goes on, what it kept is played in once, and nobody leaves it behind unseen.
//
// The server is dead for seconds; with OUTAGE_MINUTES=10 for that long, and the scans are spread over it.

import type { BrowserContext } from "@playwright/test";

import type { Row } from "../support/csv.ts";
import { CLERK, Desk, MANAGER } from "../support/desk.ts";
import type { Hondana } from "../support/hondana.ts";
import { Keyboard } from "../support/keyboard.ts";
import { Stock } from "../support/stock.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, NAKAZATO, YUMIKO } from "../support/titles.ts";

const MINUTES = Number(process.env.OUTAGE_MINUTES ?? 0);
const SCANS = 30;

/** What a browser says about requests that come to nothing, which here they are meant to. */
const NO_LINE = [/net::ERR_/, /request failed/, /Failed to load resource/];
/** A card nobody has, which looks like the others. */
const NO_CARD = "7777777";

test("the server is killed while a desk scans thirty copies: all are in, conflicts listed, none lost", async ({
  desk,
  deskContext,
  deskWatch,
  hondana,
}) => {
  test.setTimeout(180_000 + MINUTES * 60_000);
  deskWatch.forgive(...NO_LINE);
  await desk.begin("中央図書館");
  const shelf = (await Stock.of(hondana)).free("central", 20);
  const [kept, back, wrong, out] = [shelf.slice(0, 6), shelf.slice(6, 9), shelf.slice(9, 11), shelf.slice(11, 20)];
  const before = new Set((await hondana.exported("loans")).map((loan) => loan.barcode));
  await desk.openCounter();
  await desk.begins(YUMIKO.card);
  for (const copy of out) await desk.give(copy);
  await desk.lend(NAKAZATO.card, kept[0] ?? "");

  await hondana.kill();
  const killed = Date.now();
  const pause = () => new Promise((resolve) => setTimeout(resolve, (MINUTES * 60_000) / SCANS));
  let scans = 0;
  await test.step("lending: five to the patron before the desk, three that come back, two to a card nobody has", async () => {
    for (const copy of [...kept.slice(1), ...back]) {
      await desk.give(copy);
      await expect(desk.instruction).toContainText("貸出を控えました");
      scans += 1;
      await pause();
    }
    await desk.read(NO_CARD);
    await expect(desk.instruction).toContainText(`利用者番号 ${NO_CARD}`);
    for (const copy of wrong) {
      await desk.give(copy);
      scans += 1;
      await pause();
    }
  });
  await test.step("taking back: the three, nine that somebody else had, and what nobody knows", async () => {
    await desk.page.getByRole("link", { name: "返却", exact: true }).click();
    const unknown = Array.from({ length: SCANS - scans - back.length - out.length }, (_, n) => `no-such-${n}`);
    for (const copy of [...back, ...out, ...unknown]) {
      await desk.scan(copy);
      await expect(desk.instruction).toContainText("返却を控えました");
      scans += 1;
      await pause();
    }
    expect(scans).toBe(SCANS);
    await expect(desk.alert(`記録は${SCANS}件`)).toBeVisible();
  });
  await test.step("the page is closed, and can't be opened again while there is no server", async () => {
    await desk.page.close();
    const page = await deskContext.newPage();
    await expect(page.goto("/desk")).rejects.toThrow("ERR_CONNECTION_REFUSED");
    await page.close();
  });
  const dead = Date.now() - killed;
  const revived = Date.now();
  const line = await Line.through(deskContext, hondana);
  const last =
    await test.step("while it is played in the server dies twice, once with its answer on the way", async () => {
      line.dieAt(8, "after");
      await hondana.revive();
      const second = new Desk(await deskContext.newPage());
      await second.page.goto("/desk");
      await expect(second.page.getByRole("alert").filter({ hasText: "回線が切れています" })).toBeVisible();
      await second.page.close();
      line.dieAt(16, "before");
      await hondana.revive();
      const third = new Desk(await deskContext.newPage());
      await third.page.goto("/desk");
      await expect(third.page.getByRole("alert").filter({ hasText: "回線が切れています" })).toBeVisible();
      await hondana.revive();
      await expect(third.page.getByRole("alert").filter({ hasText: "記録" })).toHaveCount(0, { timeout: 60_000 });
      return third;
    });
  expect(line.deaths, "the server died while it was played in").toBe(2);
  expect(line.done.size, "scans the server has done").toBe(SCANS);

  await test.step("all of them are in: with the moment of the scan, and each once", async () => {
    const loans = (await hondana.exported("loans")).filter((loan) => !before.has(loan.barcode));
    expect(new Set(loans.map((loan) => loan.barcode))).toEqual(new Set(kept));
    for (const loan of loans) {
      expect(loan.card).toBe(NAKAZATO.card);
      expect(Date.parse(loan.lent_at ?? ""), "lent while the server was dead").toBeLessThan(revived);
    }
    expect(
      await last.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("desk.scan"))),
    ).toEqual([]);
    expect(await hondana.command("check")).toContain("Everything is as it must be.");
  });
  await test.step("conflicts are listed, and nothing else", async () => {
    await last.page.goto("/desk/journal");
    const listed = last.page.getByRole("article");
    await expect(listed).toHaveCount(wrong.length + SCANS - 8 - wrong.length - back.length - out.length);
    await expect(listed.filter({ hasText: "この利用者番号のカードはありません。" })).toHaveCount(wrong.length);
    await expect(listed.filter({ hasText: "no-such-" })).toHaveCount(SCANS - 22);
  });
  if (MINUTES > 0)
    console.info(`the server was dead for ${(dead / 60_000).toFixed(1)} minutes; ${SCANS} scans, all in`);
});

test("nobody leaves unsent records behind unseen, and whoever logs in next sends them", async ({
  desk,
  deskContext,
  deskWatch,
  hondana,
}) => {
  deskWatch.forgive(...NO_LINE);
  const hands = await Keyboard.of(desk.page);
  await hands.signIn(CLERK.login, CLERK.password, "1");
  await desk.lend(YUMIKO.card, KOKORO.barcode);
  await test.step("any page of the desk says that the line is down, and leads to those that go on", async () => {
    await hands.alt("s");
    await hands.arrived("今日の仕事");
    await deskContext.setOffline(true);
    await expect(desk.alert("「返却」と「貸出」は、このまま開いて使えます。")).toBeVisible();
    await hands.alt("k");
    await hands.arrived("貸出");
    await expect(desk.page.locator("#scan")).toBeFocused();
    await desk.read(YUMIKO.card);
    await expect(desk.instruction).toContainText(`利用者番号 ${YUMIKO.card}`);
  });
  await test.step("without a line nobody can log out, and the page stays", async () => {
    await hands.alt("x");
    await expect(desk.alert("サーバーにつながらないため、ログアウトできません。")).toBeVisible();
    await hands.arrived("貸出");
  });
  // The line is back, but these do not get through.
  await deskContext.route("**/api/play-in", (route) => route.abort());
  await desk.page.locator("#scan").focus();
  await desk.give(BOTCHAN.barcode);
  await expect(desk.instruction).toContainText("貸出を控えました");
  await deskContext.setOffline(false);

  const stays = desk.alert("まだ送っていない記録が1件、この端末にあります。");
  await test.step("who logs out is told, and stays", async () => {
    await hands.alt("x");
    await expect(stays).toBeVisible();
    const wait = desk.page.getByRole("button", { name: "ログアウトせずに待つ" });
    await expect(wait).toBeFocused();
    await hands.enter();
    await expect(stays).toHaveCount(0);
    await hands.arrived("貸出");
  });
  await test.step("or leaves them, and they are not lost", async () => {
    await hands.alt("x");
    await hands.press(desk.page.getByRole("button", { name: "記録を残してログアウトする" }));
    await hands.arrived("図書館の資料を探す");
    await desk.page.goto("/desk");
    await expect(desk.page.getByRole("status")).toContainText("まだ送っていない記録が1件、この端末にあります。");
    expect(await lent(hondana, BOTCHAN.barcode)).toBeUndefined();
  });
  await test.step("another member of staff logs in elsewhere, and they are sent", async () => {
    await deskContext.unroute("**/api/play-in");
    await hands.signIn(MANAGER.login, MANAGER.password, "2");
    await expect(desk.page.getByRole("heading", { name: "送った記録" })).toBeVisible();
    await expect(desk.page.getByRole("alert").filter({ hasText: "記録" })).toHaveCount(0);
    const loan = await lent(hondana, BOTCHAN.barcode);
    expect(loan?.card).toBe(YUMIKO.card);
    expect(loan?.place, "where it was scanned").toBe("central");
    await hands.alt("x");
    await hands.arrived("図書館の資料を探す");
  });
});

async function lent(hondana: Hondana, barcode: string): Promise<Row | undefined> {
  return (await hondana.exported("loans")).find((loan) => loan.barcode === barcode);
}

/** The way of the scans that are played in, on which the server can die at a certain one. */
class Line {
  deaths = 0;
  /** What the server has done, by the ids of the scans. */
  readonly done = new Set<string>();
  private sent = 0;
  private death: { at: number; when: "before" | "after" } | undefined;

  private constructor(private readonly hondana: Hondana) {}

  static async through(context: BrowserContext, hondana: Hondana): Promise<Line> {
    const line = new Line(hondana);
    await context.route("**/api/play-in", async (route) => {
      line.sent += 1;
      const dies = line.sent === line.death?.at;
      if (!dies || line.death?.when === "after") {
        try {
          const response = await route.fetch();
          const { scan } = route.request().postDataJSON() as { scan: { op: string } };
          if (response.ok()) line.done.add(scan.op);
          if (!dies) {
            await route.fulfill({ response });
            return;
          }
        } catch {
          // There is no server.
          await route.abort();
          return;
        }
      }
      line.deaths += 1;
      await line.hondana.kill();
      await route.abort();
    });
    return line;
  }

  /** The server dies at so manieth scan from the first on, before it gets it or after it has done it. */
  dieAt(at: number, when: "before" | "after"): void {
    this.death = { at, when };
  }
}
