import { type Locator, type Page, expect } from "@playwright/test";

/** Who works at the demo's desk. */
export const CLERK = { login: "desk", password: "Desk-2-dana" };
/** Who keeps the library. */
export const MANAGER = { login: "manager", password: "Manage-2-dana" };

/** A member of staff before the desk's computer. */
export class Desk {
  constructor(
    readonly page: Page,
    private readonly scripts = true,
  ) {}

  /** Signs in and says where the work is today. */
  async begin(place: string): Promise<void> {
    await this.page.goto("/desk");
    await this.page.getByRole("textbox", { name: "職員ID" }).fill(CLERK.login);
    await this.page.getByRole("textbox", { name: "パスワード" }).fill(CLERK.password);
    await this.page.getByRole("main").getByRole("button", { name: "ログイン" }).click();
    await this.workAt(place);
  }

  /** Changes to another place. */
  async moveTo(place: string): Promise<void> {
    await this.page.getByRole("button", { name: "場所を変える" }).click();
    await this.workAt(place);
  }

  private async workAt(place: string): Promise<void> {
    await expect(this.page.getByRole("heading", { level: 1, name: "今日の勤務場所" })).toBeVisible();
    await this.page.getByRole("button", { name: place }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
    if (this.scripts) await this.page.waitForFunction(() => "awake" in window);
  }

  /** Scans a copy as a scanner does: types the number and presses Enter. */
  async scan(barcode: string): Promise<void> {
    const field = this.page.getByRole("textbox", { name: "バーコード" });
    await field.fill(barcode);
    await field.press("Enter");
    const latest = this.page.getByRole("heading", { name: "このページで読み取った資料" }).locator("..");
    await expect(latest.getByRole("listitem").first()).toContainText(barcode);
  }

  /** Opens the page 貸出. */
  async openCounter(): Promise<void> {
    await this.page.goto("/desk/check-out");
    await expect(this.page.getByRole("heading", { level: 1, name: "貸出" })).toBeVisible();
    if (this.scripts) await this.page.waitForFunction(() => "awake" in window);
  }

  /** Types what a scanner reads, wherever the focus is: the page has to have it in the right field. */
  async read(number: string): Promise<void> {
    if (this.scripts) {
      await this.page.keyboard.type(number);
      await this.page.keyboard.press("Enter");
      return;
    }
    const field = this.page.getByRole("textbox", { name: /利用者番号|バーコード/ });
    await field.fill(number);
    await field.press("Enter");
  }

  /** Begins a patron's turn on the page 貸出. */
  async begins(card: string): Promise<void> {
    await this.read(card);
    await expect(this.patron).toContainText(card);
  }

  /** Scans a copy on the page 貸出, and waits until something is said of it. */
  async give(barcode: string): Promise<void> {
    await this.read(barcode);
    await expect(this.page.locator("[role=status], [role=alert]").filter({ hasText: barcode })).toBeVisible();
  }

  /** Lends a copy to the holder of a card. */
  async lend(card: string, barcode: string): Promise<void> {
    await this.openCounter();
    await this.begins(card);
    await this.give(barcode);
  }

  /** Whose turn it is on the page 貸出. */
  get patron(): Locator {
    return this.page.getByRole("region", { name: "利用者" });
  }

  /** What is said when something was not done, or of the line. */
  alert(text: string | RegExp): Locator {
    return this.page.getByRole("alert").filter({ hasText: text });
  }

  /** Notes that a copy is lost. */
  async lose(barcode: string): Promise<void> {
    await this.page.goto("/desk/copies");
    await this.page.getByRole("textbox", { name: "バーコード" }).fill(barcode);
    await this.page.getByRole("radio", { name: "紛失" }).check();
    await this.page.getByRole("button", { name: "記録する" }).click();
    await expect(this.instruction).toContainText("紛失として記録しました");
  }

  /** Scans a copy on the page 返却 and is told what to do. */
  async takeBack(barcode: string): Promise<void> {
    await this.page.goto("/desk");
    await expect(this.page.getByRole("heading", { level: 1, name: "返却" })).toBeVisible();
    if (this.scripts) await this.page.waitForFunction(() => "awake" in window);
    await this.scan(barcode);
  }

  /** What to do with the copy. */
  get instruction(): Locator {
    return this.page.getByRole("status");
  }

  /** Mails to an address, newest first. They are written in the background, a moment after what they tell of. */
  async mailsTo(address: string): Promise<Locator> {
    const mails = this.page.getByRole("article").filter({ hasText: `宛先 ${address}` });
    await expect(async () => {
      await this.page.goto("/desk/mail");
      await expect(mails.first()).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    return mails;
  }

  /** The path of the link in the newest mail to an address; signs in first where nobody is. */
  async newestLink(to: string): Promise<string> {
    await this.atTheDesk();
    const mails = await this.mailsTo(to);
    const body = await mails.filter({ hasText: "/link?key=" }).first().innerText();
    const link = /\/link\?key=[0-9a-f]{32}/.exec(body)?.[0];
    if (link === undefined) throw new Error("no link in the mail");
    return link;
  }

  /** Goes to the desk, and signs in where nobody is. */
  async atTheDesk(): Promise<void> {
    await this.page.goto("/desk");
    if (await this.page.getByRole("textbox", { name: "職員ID" }).isVisible()) await this.begin("中央図書館");
  }
}
