// The store: which pages are kept, with all files they are made of, and whose they are. A part of sw.js.

/** Kept pages, by their paths, and whose they are. */
const PAGES = "hondana-pages";
/** The files of the kept pages. */
const FILES = "hondana-files";
/** The pages that are the same for everybody, shown in the place of others. */
const PLAIN = "hondana-plain";
/** Reservations that wait to be sent, and the answers of those that were, until they are read. */
const WAITING = "hondana-waiting";
/** What is still to be done or said. */
const NOTES = "hondana-notes";

/** What is owed whoever comes: it outlives all forgetting. */
const DEBTS = "hondana-debts";

const HOLDER = "/holder";
const OWED = "/sign-out";
const LOST = "/lost";
const CHANGED = "/changed";

/** What may be kept. The first can be seen by anybody. */
const OPEN_PAGES = ["/", "/calendar", "/cart"];
const OWN_PAGES = ["/account/reservations", "/account/loans", "/account/card"];
const KEPT = [...OPEN_PAGES, ...OWN_PAGES];

const MINUTE = 60_000;
/** After which time a kept page is asked for anew, beside the page that is opened. */
const FRESH = 15 * MINUTE;
/** After which time a kept page is shown no more: a session that nobody uses lasts no longer by default. */
const STALE = 14 * 24 * 60 * MINUTE;

/** Says to the server that nobody reads the answer yet. */
const FOR_THE_STORE = { "hondana-keep": "ask" };

/** Takes from a page that was opened what it says of its reader, keeps it if it may, and what goes with it. */
async function learn(response, url) {
  const said = response.headers.get("hondana-keep");
  if (said === null) return;
  const [holder, once] = said.split(" ");
  if (holder === "never" || holder === "kiosk") await forget();
  if (holder === "kiosk") await leave();
  if (holder === "never" || holder === "kiosk") return;
  await belongTo(holder);
  await read(url);
  if (once === undefined && response.ok) await keep(url, response, holder);
  await sendWaiting();
  await fill(holder);
  await sweep();
}

/** What is kept belongs to this reader from now on. */
async function belongTo(holder) {
  if ((await holderNow()) === holder) return;
  const lost = (await allWaiting()).some(({ answer }) => !answer);
  await forget();
  await inTurn(async () => (await caches.open(PAGES)).put(HOLDER, new Response(holder)));
  // Whoever pressed it has to know, and is told no more than that.
  if (lost && holder === "nobody") await note(LOST);
}

async function holderNow() {
  return (await (await caches.open(PAGES)).match(HOLDER))?.text();
}

/** Forgetting and keeping happen one after the other, so that what was still under way is not kept after it was forgotten. */
function inTurn(work) {
  return self.navigator.locks.request("hondana-store", work);
}

/** How often it was forgotten: an answer that was asked for before is not learned from after. */
let forgettings = 0;

/** Forgets everything that is somebody's. */
async function forget() {
  forgettings += 1;
  await inTurn(() => Promise.all([PAGES, WAITING, NOTES].map((name) => caches.delete(name))));
  await tellPages();
}

/** A device that has become a kiosk keeps nothing at all. */
async function leave() {
  await Promise.all([PLAIN, FILES, DEBTS].map((name) => caches.delete(name)));
  await self.registration.unregister();
}

/** Keeps a page with all its files, or not at all. */
async function keep(url, response, holder) {
  if (!KEPT.includes(url.pathname) || asksForMore(url) || response.redirected) return;
  const text = await response.text();
  const files = await unswept(async () => {
    const files = await keepFiles(text);
    const page = keepable(text, response, files);
    await inTurn(async () => {
      if ((await holderNow()) === holder) await (await caches.open(PAGES)).put(url.pathname, page);
    });
    return files;
  });
  const language = /<html[^>]* lang="([^"]+)"/.exec(text)?.[1] ?? "ja";
  const offline = await (await caches.open(PLAIN)).match(OFFLINE);
  const of = offline?.headers.get("hondana-of");
  if (of !== styleOf(files, language)) await keepPlain(language);
}

/** By what the plain pages differ: the language, and the style sheet of the build. */
function styleOf(files, language) {
  return `${language} ${files.find((name) => name.endsWith(".css")) ?? ""}`;
}

async function keepPlain(language) {
  for (const path of [OFFLINE, SENT_LATER]) {
    // Asked for by nobody, so that nobody's name stands on it.
    const response = await fetch(`${path}?lang=${language}`, {
      credentials: "omit",
    });
    if (!response.ok) throw new TypeError("not reached");
    const text = await response.text();
    await unswept(async () => {
      const files = await keepFiles(text);
      const page = keepable(text, response, files, styleOf(files, language));
      await (await caches.open(PLAIN)).put(path, page);
    });
  }
}

/** While this is done no file is dropped: a page that is being kept is not yet among those that need theirs. */
function unswept(work) {
  return self.navigator.locks.request("hondana-files", { mode: "shared" }, work);
}

/** A page as it is kept: with its headers, the time, and what it is made of. */
function keepable(text, response, files, of = "") {
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  headers.set("hondana-at", String(Date.now()));
  headers.set("hondana-files", files.join(" "));
  headers.set("hondana-of", of);
  return new Response(text, { headers });
}

/** Whether an address stands for one content: what is of one build, the program under its name (server/src/web/site.rs). */
function isHashed(path) {
  return /^\/([^/]+\/)?pkg\//.test(path);
}

/** Keeps the files a page names, and the part of the program that its program names. Answers their names. */
async function keepFiles(text) {
  const files = await caches.open(FILES);
  const names = new Set(
    Array.from(
      text.matchAll(/(?:src|href)="(\/(?:(?:[^"/]+\/)?pkg\/[^"]+|shell\.js|favicon\.svg))"/g),
      (found) => found[1],
    ),
  );
  for (const name of names) {
    const hashed = isHashed(name);
    let kept = hashed ? await files.match(name, { ignoreVary: true }) : undefined;
    if (!kept) {
      const response = await fetch(name);
      if (!response.ok) throw new TypeError(`no ${name}`);
      await files.put(name, response.clone());
      kept = response;
    }
    if (name.endsWith(".js") && hashed) {
      for (const [, part] of (await kept.text()).matchAll(/from ?"\.\/(__wasm_split[^"]+\.js)"/g))
        names.add(name.replace(/[^/]+$/, part));
    }
  }
  return [...names];
}

/** A kept page that can still be shown. */
async function find(url) {
  const kept = await (await caches.open(PAGES)).match(url.pathname);
  return kept && Date.now() - timeOf(kept) < STALE ? kept : undefined;
}

function timeOf(kept) {
  return Number(kept?.headers.get("hondana-at") ?? 0);
}

/** Shows a kept page, marked with its time. */
async function shown(kept, url) {
  // Another month of the calendar is another page.
  if (asksForMore(url)) return Response.redirect(url.pathname, 302);
  const text = (await kept.text()).replace("<html", `<html data-kept="${timeOf(kept)}"`);
  return new Response(text, { headers: kept.headers });
}

function asksForMore(url) {
  return [...url.searchParams.keys()].some((name) => name !== "lang");
}

async function plain(path) {
  const kept = await caches.match(path, { cacheName: PLAIN }).catch(() => undefined);
  return kept ? new Response(await kept.text(), { status: 503, headers: kept.headers }) : Response.error();
}

/** Begins on a device: the page that is open was loaded before anybody looked. */
async function begin() {
  const home = new URL("/", self.location.origin);
  const before = forgettings;
  const response = await fetch(home, { headers: FOR_THE_STORE }).catch(() => undefined);
  if (response && before === forgettings) await learn(response, home);
}

/** Asks for the pages that may be kept and are not, or were kept long ago, or before something changed. */
async function fill(holder) {
  const pages = await caches.open(PAGES);
  const changed = Number((await noted(CHANGED)) ?? 0);
  for (const path of holder === "nobody" ? OPEN_PAGES : KEPT) {
    const at = timeOf(await pages.match(path));
    if (Date.now() - at < FRESH && at > changed) continue;
    const before = forgettings;
    const response = await fetch(path, { headers: FOR_THE_STORE }).catch(() => undefined);
    if (!response?.ok || before !== forgettings) return;
    const url = new URL(path, self.location.origin);
    // Meanwhile somebody may have come or gone.
    if (response.headers.get("hondana-keep") !== holder) return learn(response, url);
    await keep(url, response, holder);
  }
}

/** Asks for the cart's page anew, once no change of the cart has come for a moment: changes need no page to be opened. */
async function keepCart() {
  const turn = (cartTurns += 1);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if (turn !== cartTurns) return;
  const url = new URL("/cart", self.location.origin);
  const response = await fetch(url, { headers: FOR_THE_STORE }).catch(() => undefined);
  const holder = response?.headers.get("hondana-keep");
  if (response?.ok && holder === (await holderNow())) await keep(url, response, holder);
}

let cartTurns = 0;

/** Drops the files no kept page is made of, once no page is open that may be of an older build and ask for them. */
async function sweep() {
  // Never in a queue, where others would stand behind it: the next page sweeps too.
  await self.navigator.locks.request("hondana-files", { ifAvailable: true }, (lock) => lock && dropFiles());
}

async function dropFiles() {
  const open = await self.clients.matchAll({
    type: "window",
    includeUncontrolled: true,
  });
  if (open.length > 1) return;
  const needed = new Set();
  for (const name of [PAGES, PLAIN]) {
    for (const kept of await (await caches.open(name)).matchAll()) {
      for (const file of (kept.headers.get("hondana-files") ?? "").split(" ")) needed.add(file);
    }
  }
  const files = await caches.open(FILES);
  for (const request of await files.keys()) {
    if (!needed.has(new URL(request.url).pathname)) await files.delete(request);
  }
}

/** Notes something, and when. */
async function note(what) {
  await (await caches.open(NOTES)).put(what, new Response(String(Date.now())));
  await tellPages();
}

async function noted(what) {
  return (await (await caches.open(NOTES)).match(what))?.text();
}

/** Lets the pages that are open look again at what has to be said. */
async function tellPages() {
  for (const page of await self.clients.matchAll({
    type: "window",
    includeUncontrolled: true,
  }))
    page.postMessage("changed");
}
