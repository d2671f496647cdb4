import { type Locator, type Page, expect } from "@playwright/test";

const MANAGER = { login: "manager", password: "Manage-2-dana" };

/** Makes a kiosk of this browser. */
export async function register(page: Page, name: string): Promise<void> {
  await signInAsManager(page);
  await page.goto("/desk/library/kiosks");
  await page.getByRole("textbox", { name: "端末の名前" }).fill(name);
  await page.getByRole("button", { name: "この端末を登録する" }).click();
  await expect(page.getByText("この端末は館内OPACです。")).toBeVisible();
}

/** Signs in as a manager at the central library, unless that is so. */
export async function signInAsManager(page: Page): Promise<void> {
  await page.goto("/desk");
  const login = page.getByRole("textbox", { name: "職員ID" });
  const place = page.getByRole("button", { name: "中央図書館" });
  const desk = page.getByRole("heading", { level: 1, name: "返却" });
  await expect(login.or(desk).first()).toBeVisible();
  if (await desk.isVisible()) return;
  await login.fill(MANAGER.login);
  await page.getByRole("textbox", { name: "パスワード" }).fill(MANAGER.password);
  await page.getByRole("main").getByRole("button", { name: "ログイン" }).click();
  await place.click();
  await expect(desk).toBeVisible();
}

/** The keyboard on the screen of a kiosk. */
export class ScreenKeyboard {
  constructor(private readonly page: Page) {}

  get itself(): Locator {
    return this.page.getByRole("region", { name: "画面のキーボード" });
  }

  key(name: string): Locator {
    return this.itself.getByRole("button", { name, exact: true });
  }

  /** Presses keys with a finger, each by its name: `か 濁点 く`. */
  async press(keys: string): Promise<void> {
    for (const key of keys.split(" ")) await this.key(key).tap();
  }
}

/** What the bar of a kiosk says and offers. */
export function bar(page: Page): Locator {
  return page.getByRole("region", { name: "館内OPAC" });
}

/** Ends the visit, and waits for the first page. */
export async function end(page: Page): Promise<void> {
  await bar(page).getByRole("button", { name: "終わる" }).click();
  await expect(page.getByText("この端末は館内OPACです。")).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
}
