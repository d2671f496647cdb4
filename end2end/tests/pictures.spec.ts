// The pictures of the README. Made on request only: `PICTURES=1 npm test -- pictures`.

import path from "node:path";

import { dragOver, mouse } from "../support/drag.ts";
import { expect, test } from "../support/test.ts";
import { BOTCHAN, KOKORO, KUSAMAKURA, NAKAZATO } from "../support/titles.ts";

const FOLDER = path.join(import.meta.dirname, "../../docs/pictures");

test.skip(process.env.PICTURES === undefined, "pictures are made with PICTURES=1");
test.use({ viewport: { width: 1120, height: 720 } });

test("pictures", async ({ reader, desk }) => {
  const { page } = reader;
  const picture = async (name: string) => {
    // Where the focus is says nothing to who looks at a picture.
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    });
    await page.screenshot({ path: path.join(FOLDER, name), animations: "disabled" });
  };
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  for (const { reading, title } of [BOTCHAN, KOKORO, KUSAMAKURA]) await reader.addToCart(reading, title);
  await reader.search("となりのトトロ");
  await picture("results.png");

  await reader.goTo("予約カート");
  await page.getByRole("button", { name: "順番を指定する" }).click();
  const pointer = mouse(page);
  await dragOver(pointer, reader.handle(KUSAMAKURA.title), reader.cartLine(KOKORO.title));
  await reader.expectCart([BOTCHAN.title, "1"], [KUSAMAKURA.title, "2"], [KOKORO.title, "3"]);
  await picture("cart.png");
  await pointer.release();
  await reader.expectCartKept([BOTCHAN.title, "1"], [KUSAMAKURA.title, "2"], [KOKORO.title, "3"]);

  await reader.reserveCart("北分館", "メール");
  await desk.begin("北分館");
  await desk.scan(BOTCHAN.barcode);
  await expect(desk.instruction).toContainText("取置棚へ");
  await reader.open("/account/reservations");
  await expect(reader.reservation(BOTCHAN.title)).toContainText("用意できました");
  await page.setViewportSize({ width: 390, height: 844 });
  await picture("reservations.png");
});
