import { type BrowserContext, type Locator, type Page, expect } from "@playwright/test";

/** The password of every demo reader. */
export const PASSWORD = "Hon2dana";

/** A title of the cart as its list shows it: the title, and what its pull-down 順番 stands at. */
export type CartLine = [title: string, order: string];

/**
 * Lets {@link Reader.awake} see when a page has come to life. The page's program keeps the cart in the browser as soon
 * as it runs and knows it; from that moment on its buttons are its own.
 */
export async function noticeAwakening(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const setItem = Object.getOwnPropertyDescriptor(Storage.prototype, "setItem")?.value as Storage["setItem"];
    Storage.prototype.setItem = function (this: Storage, key: string, value: string) {
      setItem.call(this, key, value);
      if (key === "hondana.cart" && !("awake" in window)) Object.assign(window, { awake: performance.now() });
    };
  });
}

/** A reader before a page of the library, finding things by what stands there. */
export class Reader {
  constructor(
    readonly page: Page,
    /** Whether the browser runs scripts. */
    readonly scripts = true,
  ) {}

  /** Opens an address and waits until the page has come to life. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.awake();
  }

  /** Waits until the page has come to life: before that its forms work, but no dragging and no pull-down. */
  async awake(): Promise<void> {
    if (this.scripts) await this.page.waitForFunction(() => "awake" in window);
  }

  /** The page's only first heading. */
  heading(name: string): Locator {
    return this.page.getByRole("heading", { level: 1, name, exact: true });
  }

  /** Waits until the page with this heading is there and alive. */
  async arrived(heading: string): Promise<void> {
    await expect(this.heading(heading)).toBeVisible();
    await this.awake();
  }

  /** Goes on by a link of the header. */
  async goTo(link: "予約カート" | "予約状況"): Promise<void> {
    await this.page
      .getByRole("banner")
      .getByRole("link", { name: new RegExp(`^${link}`) })
      .click();
    await this.arrived(link);
  }

  /** Signs in on the sign-in page. */
  async signIn(card: string, password = PASSWORD): Promise<void> {
    await this.page.getByRole("textbox", { name: "利用者番号" }).fill(card);
    await this.page.getByRole("textbox", { name: "パスワード" }).fill(password);
    await this.page.getByRole("main").getByRole("button", { name: "ログイン", exact: true }).click();
  }

  get searchBox(): Locator {
    return this.page.getByRole("searchbox", { name: "資料を探す" });
  }

  /** Searches as everybody does: types and presses Enter; goes to the home page first where there is no search box. */
  async search(words: string): Promise<void> {
    if ((await this.searchBox.count()) === 0) {
      await this.page.getByRole("banner").getByRole("link", { name: "資料を探す" }).click();
      await this.arrived("図書館の資料を探す");
    }
    await this.searchBox.fill(words);
    await this.searchBox.press("Enter");
    await this.arrived(`「${words}」の検索結果`);
  }

  /** All titles of the result list. */
  get results(): Locator {
    const titled = this.page.getByRole("heading", { level: 2 }).getByRole("link");
    return this.page.getByRole("main").getByRole("listitem").filter({ has: titled });
  }

  /** One title of the result list. */
  result(title: string): Locator {
    const heading = this.page.getByRole("heading", { level: 2, name: title, exact: true });
    return this.page.getByRole("main").getByRole("listitem").filter({ has: heading });
  }

  /** Searches a title and puts it into the cart. */
  async addToCart(words: string, title: string): Promise<void> {
    await this.search(words);
    const result = this.result(title);
    await result.getByRole("button", { name: "カートに入れる" }).click();
    await expect(result.getByText("カートに入っています")).toBeVisible();
    await expect(result.getByRole("button", { name: "カートに入れる" })).toHaveCount(0);
  }

  /** The titles of the cart, each with its pull-down. */
  get cartLines(): Locator {
    const order = this.page.getByRole("combobox", { name: "順番" });
    return this.page.getByRole("main").getByRole("listitem").filter({ has: order });
  }

  cartLine(title: string): Locator {
    return this.cartLines.filter({ has: this.page.getByRole("heading", { name: title, exact: true }) });
  }

  /** What one drags a title of the cart by. */
  handle(title: string): Locator {
    return this.page.getByRole("button", { name: `「${title}」をつまんで動かす` });
  }

  /** The pull-down of a title of the cart. */
  order(title: string): Locator {
    return this.page.getByRole("combobox", { name: `「${title}」の順番` });
  }

  /** The list and all its pull-downs at one and the same moment. */
  async cart(): Promise<CartLine[]> {
    return this.cartLines.evaluateAll((lines) =>
      lines.map((line) => [
        line.querySelector("h2")?.textContent.trim() ?? "",
        line.querySelector("select")?.selectedOptions[0]?.textContent.trim() ?? "",
      ]),
    );
  }

  /** Waits until the list and all pull-downs show the same order. */
  async expectCart(...lines: CartLine[]): Promise<void> {
    await expect.poll(() => this.cart()).toEqual(lines);
  }

  /** Waits until the server has the cart as it is shown: a page loaded anew shows the same. */
  async expectCartKept(...lines: CartLine[]): Promise<void> {
    await expect(async () => {
      await this.open("/cart");
      expect(await this.cart()).toEqual(lines);
    }).toPass();
  }

  /** Chooses on the page 受取場所と連絡方法 and goes on. */
  async choosePlace(place: string, contact: "メール" | "電話"): Promise<void> {
    await this.page.getByRole("radiogroup", { name: "受取場所" }).getByRole("radio", { name: place }).check();
    await this.page.getByRole("radiogroup", { name: "連絡方法" }).getByRole("radio", { name: contact }).check();
    await this.page.getByRole("button", { name: "次へ進む" }).click();
    await this.arrived("予約確認");
  }

  /** The button 予約する of the page that is open. */
  get reserveButton(): Locator {
    return this.page.getByRole("main").getByRole("button", { name: "予約する", exact: true });
  }

  /** The titles of 予約確認 and 予約完了, in their order. */
  get titles(): Locator {
    return this.page.getByRole("main").getByRole("list").first().getByRole("listitem");
  }

  /** From the cart to 予約完了 without looking left or right. */
  async reserveCart(place: string, contact: "メール" | "電話"): Promise<void> {
    await this.open("/cart");
    await this.reserveButton.click();
    await this.arrived("受取場所と連絡方法");
    await this.choosePlace(place, contact);
    await this.reserveButton.click();
    await this.arrived("予約完了");
  }

  /** The same as far as the button 予約する on 予約確認, with whatever comes of it. */
  async reserveCartButNoAnswer(place: string, contact: "メール" | "電話"): Promise<void> {
    await this.open("/cart");
    await this.reserveButton.click();
    await this.arrived("受取場所と連絡方法");
    await this.choosePlace(place, contact);
    await this.reserveButton.click();
    await expect(this.heading("予約確認")).toHaveCount(0);
  }

  /** The row of 予約状況 about a title. */
  reservation(title: string): Locator {
    const link = this.page.getByRole("link", { name: title, exact: true });
    return this.page.getByRole("row").filter({ has: link });
  }
}
