import type { CDPSession, Locator, Page } from "@playwright/test";

/** Steps of a movement. People don't jump. */
const STEPS = 8;

interface Point {
  x: number;
  y: number;
}

/** How somebody takes something and puts it elsewhere, slowly enough to be stopped on the way. */
export interface Pointer {
  press(at: Point): Promise<void>;
  move(to: Point): Promise<void>;
  release(): Promise<void>;
}

/** The mouse. */
export function mouse(page: Page): Pointer {
  return {
    press: async ({ x, y }) => {
      await page.mouse.move(x, y);
      await page.mouse.down();
    },
    move: ({ x, y }) => page.mouse.move(x, y),
    release: () => page.mouse.up(),
  };
}

/** A finger, as the touch screen reports it: the browser itself decides whether it scrolls or drags. */
export async function finger(page: Page): Promise<Pointer> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const send = async (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: Point[]) => {
    await session.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  return {
    press: (at) => send("touchStart", [at]),
    move: (to) => send("touchMove", [to]),
    release: () => send("touchEnd", []),
  };
}

/** Drags something by its handle over something else, past its middle, and does not let go yet. */
export async function dragOver(pointer: Pointer, handle: Locator, target: Locator): Promise<void> {
  await handle.scrollIntoViewIfNeeded();
  const from = await box(handle);
  const over = await box(target);
  const start = { x: from.x + from.width / 2, y: from.y + from.height / 2 };
  const end = { x: start.x, y: over.y < from.y ? over.y + over.height / 4 : over.y + (over.height * 3) / 4 };
  await pointer.press(start);
  for (let step = 1; step <= STEPS; step += 1) {
    await pointer.move({ x: end.x, y: start.y + ((end.y - start.y) * step) / STEPS });
  }
}

/** Drags something by its handle over something else and lets go. */
export async function drag(pointer: Pointer, handle: Locator, target: Locator): Promise<void> {
  await dragOver(pointer, handle, target);
  await pointer.release();
}

async function box(locator: Locator): Promise<Point & { width: number; height: number }> {
  const found = await locator.boundingBox();
  if (found === null) throw new Error("nothing to be seen");
  return found;
}
