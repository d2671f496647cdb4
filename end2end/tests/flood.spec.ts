// What a flood of sign-ins costs those who search. Made on request only, and nothing is asserted of it:
// `make flood`.

import http from "node:http";
import path from "node:path";

import { Hondana } from "../support/hondana.ts";
import { expect, test } from "../support/test.ts";

/** How long each part lasts, in milliseconds. */
const PART = 15_000;
const SEARCHERS = 4;
const FLOODERS = 32;
const WORDS = ["こころ", "坊っちゃん", "いぬ", "歴史", "料理", "宇宙", "ねこ", "東京"];

test.skip(process.env.FLOOD === undefined, "the flood is measured with FLOOD=1");

for (const [name, settings] of [
  ["guesses slowed down, as delivered", undefined],
  ["every guess looked at", path.join(import.meta.dirname, "../support/unslowed.toml")],
] as const) {
  test(`search in a flood of sign-ins: ${name}`, async () => {
    test.setTimeout(120_000);
    const server = await Hondana.start({ settings });
    const alone = await part(server.address, 0);
    const flooded = await part(server.address, FLOODERS);
    const after = await part(server.address, 0);
    await server.stop();
    console.info(`${name}; ${SEARCHERS} clients search, ${FLOODERS} sign in`);
    for (const [when, { searches, signIns }] of [
      ["before", alone],
      ["in the flood", flooded],
      ["after", after],
    ] as const) {
      searches.sort((a, b) => a - b);
      const at = (share: number) => (searches[Math.floor(searches.length * share)] ?? 0).toFixed(1);
      const rate = (searches.length / (PART / 1000)).toFixed(0);
      const flood = (signIns / (PART / 1000)).toFixed(0);
      console.info(
        `  ${when}: ${rate} searches/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${flood} sign-ins/s answered`,
      );
    }
    expect(flooded.searches.length).toBeGreaterThan(0);
  });
}

/** Lets people search for a while, and others sign in with what they guess. */
async function part(address: string, flooders: number): Promise<{ searches: number[]; signIns: number }> {
  const until = Date.now() + PART;
  const searches: number[] = [];
  let signIns = 0;
  const searching = async (n: number) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = n; Date.now() < until; turn += 1) {
      const word = WORDS[turn % WORDS.length] ?? "";
      const begun = performance.now();
      await ask(agent, `${address}/search?q=${encodeURIComponent(word)}`);
      searches.push(performance.now() - begun);
    }
    agent.destroy();
  };
  const signing = async (n: number) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 0; Date.now() < until; turn += 1) {
      await ask(
        agent,
        `${address}/api/sign-in`,
        `card=${String(5_000_000 + n * 10_000 + turn)}&password=Guess123&next=`,
      );
      signIns += 1;
    }
    agent.destroy();
  };
  await Promise.all([
    ...Array.from({ length: SEARCHERS }, (_, n) => searching(n)),
    ...Array.from({ length: flooders }, (_, n) => signing(n)),
  ]);
  return { searches, signIns };
}

/** Sends a request and waits for the whole answer. */
function ask(agent: http.Agent, url: string, form?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: "text/html",
      "sec-fetch-site": "same-origin",
      ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    };
    const request = http.request(url, { agent, headers, method: form === undefined ? "GET" : "POST" }, (response) => {
      response.resume();
      response.on("end", resolve).on("error", reject);
    });
    request.on("error", reject);
    request.end(form);
  });
}
