// How long the desk waits from Enter to the instruction on the screen. Made on request only, and nothing is asserted of
// it: `LATENCY=1 npm test -- latency`.

import { expect, test } from "../support/test.ts";

const SCANS = 500;

test.skip(process.env.LATENCY === undefined, "latency is measured with LATENCY=1");

test("from Enter to the instruction", async ({ desk }) => {
  test.setTimeout(300_000);
  await desk.begin("中央図書館");
  const field = desk.page.getByRole("textbox", { name: "バーコード" });
  const times: number[] = [];
  for (let n = 0; n < SCANS; n += 1) {
    // The demo's first titles, over and over.
    const barcode = `910${String((n % 60) + 1).padStart(3, "0")}01`;
    await field.fill(barcode);
    times.push(
      await desk.page.evaluate(async (barcode) => {
        // Before it stands the list of what was played in.
        const list = [...document.querySelectorAll(".scans ol")].at(-1) ?? null;
        const input = document.querySelector<HTMLInputElement>("#barcode");
        if (list === null || input === null) throw new Error("not the page 返却");
        const before = list.firstElementChild;
        const begun = performance.now();
        input.form?.requestSubmit();
        while (list.firstElementChild === before || !(list.firstElementChild?.textContent ?? "").includes(barcode)) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return performance.now() - begun;
      }, barcode),
    );
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  console.info(`Enter to instruction, ${SCANS} scans: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  expect(times).toHaveLength(SCANS);
});
