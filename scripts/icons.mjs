// Draws public/icons from the library's mark (public/favicon.svg), and, where a server of the demo is named, the two
// pictures app stores show: `make icons ADDRESS=http://127.0.0.1:3000`. The pictures are committed.
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";

import { chromium } from "../end2end/node_modules/@playwright/test/index.mjs";

const root = path.join(import.meta.dirname, "..");
const icons = path.join(root, "public/icons");
const mark = await readFile(path.join(root, "public/favicon.svg"), "utf8");

/** A phone cuts the icon into its own shape: all of the ground, and the mark within the circle that is always seen. */
const maskable = mark
  .replace('viewBox="0 0 32 32"', 'viewBox="-4 -4 40 40"')
  .replace(/<rect width="32" height="32" rx="6"/, '<rect x="-4" y="-4" width="40" height="40"');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
await mkdir(icons, { recursive: true });
for (const [purpose, svg] of Object.entries({ any: mark, maskable })) {
  for (const size of [192, 512]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
    await page.setContent(`<style>*{margin:0}img{width:100vw;height:100vh;display:block}</style><img src="${source}">`);
    await page.screenshot({ path: path.join(icons, `${purpose}-${size}.png`), omitBackground: true });
    await page.close();
  }
}
const address = process.argv[2];
if (address) {
  const screens = {
    narrow: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
    wide: { viewport: { width: 1280, height: 800 } },
  };
  for (const [form, options] of Object.entries(screens)) {
    const page = await browser.newPage({ ...options, locale: "ja-JP", serviceWorkers: "block" });
    await page.goto(address);
    await page.screenshot({ path: path.join(icons, `${form}.png`) });
    await page.close();
  }
}
await browser.close();
