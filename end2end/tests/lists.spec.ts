// The desk's working lists, by keyboard and scanner alone: what is picked, fetched, told, cleared and looked for.

import type { Locator } from "@playwright/test";

import type { Desk } from "../support/desk.ts";
import type { Reader } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";
import { KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

test("a copy from the pull list to the patron who is told by telephone", async ({ reader, desk }) => {
  await fromShelfToTelephone(reader, desk);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the same", async ({ reader, desk }) => {
    await fromShelfToTelephone(reader, desk);
  });
});

test("an overdue letter shows nobody's name outside", async ({ desk }) => {
  await desk.begin("中央図書館");
  await desk.page.goto("/desk/letters");
  await expect(heading(desk, "督促状")).toBeVisible();
  for (const letter of await desk.page.getByRole("article").all()) {
    await expect(letter.locator(".outside")).toHaveText(/^\S \d{4} 様本棚町立図書館からのお知らせ$/);
  }
});

test("on a phone every list and its way to the others fit", async ({ desk }) => {
  await desk.begin("中央図書館");
  await desk.page.setViewportSize({ width: 390, height: 844 });
  for (const list of ["today", "pulls", "holds", "transit", "telephone", "decisions", "letters"]) {
    await desk.page.goto(`/desk/${list}`);
    await expect(desk.page.getByRole("navigation", { name: "仕事の一覧" })).toBeVisible();
    const wide = await desk.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `/desk/${list} is as wide as the phone`).toBeLessThanOrEqual(390);
  }
});

async function fromShelfToTelephone(reader: Reader, desk: Desk): Promise<void> {
  const { title, barcode } = KUSAMAKURA;
  const { page } = desk;
  await test.step("somebody who wishes to be telephoned reserves a book that stands on its shelf", async () => {
    await reader.open("/login");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約状況");
    await reader.addToCart(KUSAMAKURA.reading, title);
    await reader.goTo("予約カート");
    await reader.reserveCart("中央図書館", "電話");
  });

  await test.step("it is picked, and fetched by the scanner", async () => {
    await desk.begin("中央図書館");
    await page.goto("/desk/pulls");
    await expect(heading(desk, "集める資料")).toBeVisible();
    await expect(line(desk, title)).toHaveCount(0);
    await press(page.getByRole("button", { name: "予約の分を一覧に加える" }));
    await expect(desk.instruction).toContainText("一覧に加えました");
    await expect(line(desk, title)).toContainText(barcode);
    await expect(line(desk, title)).toContainText("この館");
    await scan(desk, barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await expect(desk.instruction).toContainText(NAKAZATO.label);
    await expect(desk.instruction, "no full name stands on a slip").not.toContainText("中里");
    await expect(line(desk, title)).toHaveCount(0);
  });

  await test.step("the patron is telephoned until they are told", async () => {
    await page.goto("/desk/telephone");
    await expect(page.getByText("書名は、ご本人のほかには言わないでください。")).toBeVisible();
    await expect(call(desk)).toContainText(title);
    await press(call(desk).getByRole("button", { name: "出なかった" }));
    await expect(desk.instruction).toContainText("一覧に残ります");
    await expect(call(desk).getByRole("list", { name: "これまでの電話" }).getByRole("listitem")).toHaveCount(1);
    await press(call(desk).getByRole("button", { name: "本人に伝えた" }));
    await expect(desk.instruction).toContainText("本人に伝えたことを記録しました。");
    await expect(call(desk)).toHaveCount(0);
  });

  await test.step("on the hold shelf it is kept longer, once, and then it is not there", async () => {
    await page.goto("/desk/holds");
    await expect(line(desk, title)).toContainText(NAKAZATO.label);
    await expect(line(desk, title)).not.toContainText("中里");
    await press(page.getByRole("button", { name: `「${title}」の取置を延長する` }));
    await expect(desk.instruction).toContainText("延長しました");
    await expect(line(desk, title)).toContainText("延長済み");
    await press(page.getByRole("button", { name: `「${title}」（${barcode}）は見あたらない` }));
    await expect(desk.instruction).toContainText("予約の順番はそのままで");
    await expect(line(desk, title)).toHaveCount(0);
  });

  await test.step("who was told by telephone is told so, and the copy is looked for", async () => {
    await page.goto("/desk/telephone");
    await expect(call(desk)).toContainText("おわび");
    await press(call(desk).getByRole("button", { name: "伝言した" }));
    await expect(page.getByRole("heading", { name: "伝言した方と、連絡をやめた方" })).toBeVisible();
    await page.goto("/desk/decisions");
    await expect(line(desk, title)).toContainText(barcode);
    await scan(desk, barcode);
    await expect(desk.instruction).toContainText("取置棚へ");
    await expect(line(desk, title)).toHaveCount(0);
  });

  await test.step("cancelled, it is scanned off the shelf", async () => {
    await reader.open("/account/reservations");
    await press(reader.reservation(title).getByRole("link", { name: `「${title}」の取消` }));
    await press(reader.page.getByRole("button", { name: "予約を取り消す" }));
    await expect(reader.page.getByRole("status")).toContainText("取り消しました");
    await page.goto("/desk/today");
    await press(page.getByRole("main").getByRole("link", { name: "取置棚" }).last());
    await expect(heading(desk, "取置棚")).toBeVisible();
    await expect(line(desk, title)).toContainText(NAKAZATO.label);
    await scan(desk, barcode);
    await expect(desk.instruction).toContainText("書架へ");
    await expect(line(desk, title)).toHaveCount(0);
  });
}

/** A line of the list that is open. */
function line(desk: Desk, title: string): Locator {
  return desk.page.getByRole("row").filter({ has: desk.page.getByRole("rowheader", { name: title }) });
}

/** The patron on the telephone list. */
function call(desk: Desk): Locator {
  return desk.page.getByRole("article").filter({ hasText: "ナカザト ダイスケ" });
}

function heading(desk: Desk, name: string): Locator {
  return desk.page.getByRole("heading", { level: 1, name });
}

/** As a keyboard does it. */
async function press(control: Locator): Promise<void> {
  await control.focus();
  await control.press("Enter");
}

/** As a scanner does it, which types into whatever has the focus. */
async function scan(desk: Desk, barcode: string): Promise<void> {
  await expect(desk.page.getByRole("textbox", { name: "バーコード" })).toBeFocused();
  await desk.page.keyboard.type(barcode);
  await desk.page.keyboard.press("Enter");
}
