// A library with something on every page of the desk.

import { expect } from "@playwright/test";

import { type Desk, MANAGER } from "./desk.ts";
import type { Hondana } from "./hondana.ts";
import { Keyboard } from "./keyboard.ts";
import { Stock } from "./stock.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "./titles.ts";

/** Puts something on every page of the desk. Answers their addresses. */
export async function furnish(desk: Desk, hondana: Hondana): Promise<string[]> {
  const { page } = desk;
  const send = (endpoint: string, form: Record<string, string>) =>
    page.request.post(`/api/${endpoint}`, { form, headers: { origin: hondana.address } });
  await (await Keyboard.of(page)).signIn(MANAGER.login, MANAGER.password, "1");
  await page.goto(`/desk/cards?q=${NAKAZATO.card}`);
  const card = new URL(page.url()).pathname;
  for (const [barcode, place, contact] of [
    [KUSAMAKURA.barcode, "central", "telephone"],
    [BOTCHAN.barcode, "north", "mail"],
  ] as const) {
    await page.goto(`${card}/reserve?q=${barcode}`);
    await page.locator(`input[name=place][value=${place}]`).check();
    await page.locator(`input[name=contact][value=${contact}]`).check();
    await page.getByRole("main").getByRole("button", { name: "予約する" }).click();
    await expect(page.getByRole("status")).toContainText("予約しました");
    if (place === "central") await send("check-in-form", { barcode });
  }
  await send("gather-pulls", {});
  const missing = (await Stock.of(hondana)).single("central");
  await send("note-fate", { barcode: missing, fate: "missing" });
  await page.goto(`/desk/requests/new?card=${card.split("/").at(-1) ?? ""}`);
  await page.waitForFunction(() => "awake" in window);
  await page.keyboard.type("遠い町の郷土史");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "未所蔵資料", exact: true })).toBeVisible();
  const request = (await page.getByRole("link", { name: /郷土史/ }).getAttribute("href")) ?? "";
  const addressOf = async (barcode: string) => {
    await page.goto(`/desk/catalogue?q=${barcode}`);
    return new URL(page.url()).pathname;
  };
  const [bib, other] = [await addressOf(missing), await addressOf(BOTCHAN.barcode)];
  const lists = ["today", "pulls", "holds", "transit", "telephone", "decisions", "letters"];
  const library = ["policy", "closures?place=central&from=2099-01-05", "staff", "figures?span=month"];
  return [
    ...lists.map((list) => `/desk/${list}`),
    "/desk/cards?q=%E3%83%8A%E3%82%AB%E3%82%B6%E3%83%88",
    "/desk/cards/new",
    ...["", "/edit", "/replace", `/reserve?q=${KOKORO.barcode}`].map((deed) => `${card}${deed}`),
    "/desk/requests",
    "/desk/requests/new",
    request,
    "/desk/catalogue?q=%E6%BC%B1%E7%9F%B3",
    "/desk/catalogue/new",
    ...["", "/edit", "/copies", `/copy?barcode=${missing}`, `/${other.split("/").at(-1) ?? ""}`].map(
      (deed) => `${bib}${deed}`,
    ),
    "/desk/library",
    ...library.map((page) => `/desk/library/${page}`),
    "/desk/copies",
    "/desk/journal",
    "/desk/mail",
  ];
}
