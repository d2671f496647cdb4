import { type CDPSession, type Locator, type Page, expect } from "@playwright/test";

/** Alt, in the protocol of the browser. */
const ALT = 1;

/** Hands that never leave the keys: whoever works so finds everything by Tab, a scanner, or Alt and a key. */
export class Keyboard {
  private constructor(
    readonly page: Page,
    private readonly protocol: CDPSession,
  ) {}

  static async of(page: Page): Promise<Keyboard> {
    return new Keyboard(page, await page.context().newCDPSession(page));
  }

  /**
   * Presses Alt and a key as hands do. The browser looks for an access key in the character that comes of the press,
   * which the keyboard of these tests leaves out while Alt is held.
   */
  async alt(key: string): Promise<void> {
    const code = /\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`;
    const windowsVirtualKeyCode = key.toUpperCase().charCodeAt(0);
    const press = { modifiers: ALT, key, code, windowsVirtualKeyCode, unmodifiedText: key };
    await this.protocol.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...press });
    await this.protocol.send("Input.dispatchKeyEvent", { type: "char", ...press, text: key });
    await this.protocol.send("Input.dispatchKeyEvent", { type: "keyUp", ...press });
  }

  /** Types wherever the focus is. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Types and presses Enter, as a scanner does. */
  async scan(text: string): Promise<void> {
    await this.type(text);
    await this.enter();
  }

  async enter(): Promise<void> {
    await this.page.keyboard.press("Enter");
  }

  /** Goes on by Tab until something has the focus. What takes more steps than that can't be called within reach. */
  async tabTo(control: Locator, most = 15): Promise<void> {
    await expect(control).toBeVisible();
    for (let steps = 0; steps <= most; steps += 1) {
      if (await control.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`more than ${most} steps to ${control.toString()}`);
  }

  /** Goes to a button or link by Tab, and presses it. */
  async press(control: Locator, most?: number): Promise<void> {
    await this.tabTo(control, most);
    await this.enter();
  }

  /** Waits until the page with this heading is there and alive. */
  async arrived(heading: string): Promise<void> {
    await expect(this.page.getByRole("heading", { level: 1, name: heading, exact: true })).toBeVisible();
    await this.page.waitForFunction(() => "awake" in window);
  }

  /** Signs in at the desk, whose page has the focus in its first field, and says by Alt and a number where the work is. */
  async signIn(login: string, password: string, place: string): Promise<void> {
    await this.page.goto("/desk");
    await this.arrived("職員ログイン");
    await this.type(login);
    await this.page.keyboard.press("Tab");
    await this.scan(password);
    await this.chooses(place);
  }

  /** Changes to another place. */
  async moveTo(place: string): Promise<void> {
    await this.alt("b");
    await this.chooses(place);
  }

  private async chooses(place: string): Promise<void> {
    await this.arrived("今日の勤務場所");
    await this.alt(place);
    await this.arrived("返却");
  }
}
