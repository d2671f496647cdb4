// How a page looks to those who see it otherwise: in other colours, on other screens, enlarged. What axe says of it.

import { AxeBuilder } from "@axe-core/playwright";
import { type Page, type TestInfo, expect } from "@playwright/test";

type Media = NonNullable<Parameters<Page["emulateMedia"]>[0]>;

/** In which colours a page is seen. */
const LOOKS = {
  light: { colorScheme: "light", contrast: "no-preference", forcedColors: "none" },
  dark: { colorScheme: "dark", contrast: "no-preference", forcedColors: "none" },
  "high contrast": { colorScheme: "light", contrast: "more", forcedColors: "none" },
  "forced colours": { colorScheme: "dark", contrast: "more", forcedColors: "active" },
} as const satisfies Record<string, Media>;

/** On which screens. */
const SCREENS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  computer: { width: 1280, height: 800 },
} as const;

/** What is left of 1280 pixels at 200 % and at 400 %. */
const ENLARGED = { "200 %": 640, "400 %": 320 } as const;

type Look = keyof typeof LOOKS;
type Screen = keyof typeof SCREENS;

const looks = Object.keys(LOOKS) as Look[];
const screens = Object.keys(SCREENS) as Screen[];

/** Whether every state is looked at in every colour on every screen: `AXE=all`. */
const ALL = process.env.AXE === "all";

/** What axe objects to, rule by rule. */
export async function objections(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
}

/** Fails when something sticks out to the right, so that one would have to scroll for every line. */
export async function expectFits(page: Page, where: string): Promise<void> {
  const [content, shown] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth] as const;
  });
  expect.soft(content, `${where}: width of the page`).toBeLessThanOrEqual(shown);
}

/** Looks at one state of a page after another. */
export class Looking {
  private states = 0;
  private times = 0;
  private violations = 0;

  constructor(
    private readonly info: TestInfo,
    /** Whether the pages are patrons', who enlarge them as they need it. */
    private readonly enlarged = true,
  ) {}

  /**
   * Looks at a state: with `AXE=all` in every colour on every screen; else so that every state is seen in every colour and on
   * every screen, and every colour on every screen.
   */
  async at(page: Page, state: string): Promise<void> {
    for (const [look, screen] of ALL ? all() : pairs(this.states)) {
      await page.setViewportSize(SCREENS[screen]);
      // In the midst of changing its colour a button has neither.
      await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
      const where = `${state}, ${look}, ${screen}`;
      await expectFits(page, where);
      const told = await objections(page);
      this.violations += told.length;
      this.times += 1;
      expect.soft(told, where).toEqual([]);
      await this.picture(page, where);
    }
    if (this.enlarged) {
      for (const [enlarged, width] of Object.entries(ENLARGED)) {
        await page.setViewportSize({ width, height: 800 });
        await expectFits(page, `${state}, ${enlarged}`);
        await this.picture(page, `${state}, ${enlarged.replace(" %", "")}`);
      }
    }
    await page.setViewportSize(SCREENS.computer);
    await page.emulateMedia({ ...LOOKS.light, reducedMotion: "no-preference" });
    this.states += 1;
  }

  /** Opens an address and looks at what is there. */
  async atAddress(page: Page, address: string, state = address): Promise<void> {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 }), state).toBeVisible();
    await this.at(page, state);
  }

  /** Says what was looked at, for the sum of all. */
  done(): void {
    const { states, times, violations } = this;
    this.info.annotations.push({ type: "axe", description: JSON.stringify({ states, times, violations }) });
  }

  /** `LOOK_PICTURES=folder` keeps what was seen. */
  private async picture(page: Page, where: string): Promise<void> {
    const folder = process.env.LOOK_PICTURES;
    if (folder === undefined) return;
    const name = where.replaceAll(/[0-9a-f-]{36}/g, "id").replaceAll(/[^\p{L}\p{N}]+/gu, "-");
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, animations: "disabled" });
  }
}

function all(): [Look, Screen][] {
  return looks.flatMap((look) => screens.map((screen): [Look, Screen] => [look, screen]));
}

function pairs(turn: number): [Look, Screen][] {
  return looks.map((look, n) => [look, screens[(n + turn) % screens.length] ?? "phone"]);
}
