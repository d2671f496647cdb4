import { type Locator, expect } from "@playwright/test";

import { dayAfter } from "./dates.ts";
import type { Keyboard } from "./keyboard.ts";

/** The desk as it is seen on this day, and what was scanned there. */
export class Day {
  /** Scans of 貸出 and 返却. */
  scans = 0;
  /** What was lent in spite of a refusal. */
  readonly overruled: string[] = [];
  readonly lentToday: string[] = [];
  returned = 0;

  constructor(
    readonly hands: Keyboard,
    /** When it is. */
    private readonly today: Date,
  ) {}

  get main(): Locator {
    return this.hands.page.getByRole("main");
  }

  /** What is said after a scan. */
  get said(): Locator {
    return this.main.locator(".instruction");
  }

  get alert(): Locator {
    return this.main.getByRole("alert");
  }

  get patron(): Locator {
    return this.main.getByRole("region", { name: "利用者" });
  }

  button(name: string | RegExp): Locator {
    return this.main.getByRole("button", { name, exact: true });
  }

  link(name: string | RegExp): Locator {
    return this.main.getByRole("link", { name, exact: true });
  }

  /** A row of a table by what its head says. */
  row(name: string): Locator {
    return this.main.getByRole("row").filter({ has: this.hands.page.getByRole("rowheader", { name }) });
  }

  /** Opens a list from 今日の仕事. */
  async openList(name: string): Promise<void> {
    await this.hands.alt("s");
    await this.hands.arrived("今日の仕事");
    await this.hands.press(this.main.locator(".overview").getByRole("link", { name }));
    await this.hands.arrived(name);
  }

  async openCounter(): Promise<void> {
    await this.hands.alt("k");
    await this.hands.arrived("貸出");
    await expect(this.hands.page.locator("#scan")).toBeFocused();
  }

  /** Begins a turn: the page says whose. */
  async begin(card: string, name: string): Promise<void> {
    this.scans += 1;
    await this.hands.scan(card);
    await expect(this.patron).toContainText(name);
  }

  /** Lends a copy: the page says until when. */
  async lend(barcode: string): Promise<void> {
    this.scans += 1;
    await this.hands.scan(barcode);
    await expect(this.said).toContainText("貸し出しました");
    await expect(this.said).toContainText(barcode);
    await expect(this.said).toContainText(`返却期限 ${dayAfter(this.today, 14)}`);
    this.lentToday.push(barcode);
  }

  /** Takes a copy back, wherever in the desk one is: the page says what to do with it. */
  async takeBack(barcode: string, wanted: string): Promise<void> {
    if (!new URL(this.hands.page.url()).pathname.endsWith("/desk")) {
      await this.hands.alt("h");
      await this.hands.arrived("返却");
      await expect(this.hands.page.locator("#barcode")).toBeFocused();
    }
    this.scans += 1;
    await this.hands.scan(barcode);
    await expect(this.said).toContainText(barcode);
    await expect(this.said).toContainText(wanted);
    if (this.lentToday.includes(barcode) && (await this.said.getByText("返却しました").isVisible())) this.returned += 1;
  }

  async leave(): Promise<void> {
    await this.hands.alt("x");
    await this.hands.arrived("図書館の資料を探す");
  }
}
