// What a page needs beside its program, and when its program can't be had: the worker that keeps pages, the words that
// say how the line is (app/src/phone.rs), and one new try when a file of the page's build is gone.

const root = document.documentElement;
const worksOffline = document.currentScript.dataset.worksOffline !== undefined && "serviceWorker" in navigator;

// A page that was open while the server got another build asks for files that are gone: loaded anew, it asks for others.
const TRIED = "hondana.tried";
/** Files that were asked for before anybody needs them: nobody misses one that is gone. */
const ahead = new Set();
new PerformanceObserver((list) => {
  const gone = list
    .getEntries()
    .some(({ responseStatus, name }) => responseStatus === 404 && name.includes("/pkg/") && !ahead.delete(name));
  if (gone) anew();
}).observe({ type: "resource", buffered: true });
// The program found that an answer is of another version than itself (app/src/browser.rs).
addEventListener("hondana-old", anew);
function anew() {
  if (sessionStorage.getItem(TRIED) !== null) return;
  sessionStorage.setItem(TRIED, "once");
  if (Date.now() - followed.at < SOON) location.assign(followed.address);
  else location.reload();
}
// A page that has stood for a while has all it needs.
setTimeout(() => sessionStorage.removeItem(TRIED), 10_000);

// A program that failed, as when a piece of it could not be had, leaves the page to the browser, to which it was made
// whole: links load, forms are sent. Who had just followed a link gets there.
const SOON = 30_000;
let followed = { at: 0, address: "" };
let failed = false;
function fail(cause) {
  if (failed || !(cause instanceof WebAssembly.RuntimeError)) return;
  failed = true;
  if (Date.now() - followed.at < SOON) location.assign(followed.address);
}
addEventListener("error", ({ error }) => fail(error));
addEventListener("unhandledrejection", ({ reason }) => fail(reason));
for (const kind of ["click", "submit"]) {
  addEventListener(
    kind,
    (event) => {
      if (failed) event.stopImmediatePropagation();
      const link = kind === "click" && event.target.closest?.("a[href]");
      if (link && link.origin === location.origin) followed = { at: Date.now(), address: link.href };
    },
    { capture: true },
  );
}

// The page of a kiosk whose program never came has no clock of its own; by then the server has ended the visit.
const leave = Number(document.currentScript.dataset.leave ?? 0);
if (leave > 0) {
  setTimeout(() => {
    if (document.body.dataset.visit === undefined) location.replace("/");
  }, leave * 1000);
}

// What leads from the cart to a reservation is fetched when the page is first touched: before a title is in the cart it is there.
let { soon = "" } = document.currentScript.dataset;
for (const sign of ["pointerover", "pointerdown", "focusin"]) addEventListener(sign, fetchSoon, { passive: true });

function fetchSoon() {
  for (const file of soon.split(" ").filter(Boolean)) fetchAhead(new URL(file, location.href).href);
  soon = "";
}

async function fetchAhead(file) {
  ahead.add(file);
  // Where there is no line, whoever needs it hears so.
  const response = await fetch(file, { priority: "low" }).catch(() => undefined);
  if (response?.ok) ahead.delete(file);
}

if (worksOffline) {
  const known = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!known) navigator.serviceWorker.controller?.postMessage("begin");
  });
  navigator.serviceWorker.addEventListener("message", look);
  // A page that was on its way when the worker began belongs to none: it was asked for too early, and claimed too late.
  navigator.serviceWorker.ready.then(({ active }) => {
    if (navigator.serviceWorker.controller === null) active.postMessage("claim");
  });
  // Not before the page is there, which has more use for the line.
  const register = () => navigator.serviceWorker.register("/sw.js").catch(() => undefined);
  // A newer worker takes over when nobody looks: Chromium loses a page that is asked for while one worker follows another,
  // and shows for ever that it is loading. A page that is being left is hidden too, but never gets to its second.
  document.addEventListener("visibilitychange", () => setTimeout(takeOver, 1000));
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
  begin();
}

async function takeOver() {
  if (!document.hidden) return;
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.waiting?.postMessage("take-over");
}

async function begin() {
  document.querySelector('[data-do="again"]')?.addEventListener("click", goOn);
  document.querySelector('[data-do="drop"]')?.addEventListener("click", drop);
  for (const element of document.querySelectorAll("[data-offline]")) {
    element.hidden = element.dataset.offline !== reason();
  }
  await showStored();
  await look();
  addEventListener("online", listen);
  if (!isMakeshift()) sessionStorage.removeItem(AGAIN);
  // A page that was loaded anew and is makeshift again waits longer each time: it is not the line that is down then.
  const again = Number(sessionStorage.getItem(AGAIN) ?? 0);
  if (again === 0) await listen();
  else listening = setTimeout(listen, Math.min(5_000 * 2 ** (again - 1), 120_000));
}

/** What could not be done, on the page that says that there is no line. */
function reason() {
  return location.pathname === "/offline" ? new URLSearchParams(location.search).get("of") : null;
}

/** Whether the page stands for one that could not be had, or is an older one. */
function isMakeshift() {
  return root.dataset.kept !== undefined || document.querySelector("[data-stored]") !== null;
}

/** How often a makeshift page was loaded anew. */
const AGAIN = "hondana.again";

let waiting = [];
/** Whether something was taken back on this page. It may have arrived all the same: its sending may have begun. */
let dropped = false;
let listening;

/** Looks what waits, and says it. */
async function look() {
  waiting = await readWaiting();
  const answered = waiting.find(({ answer }) => answer);
  if (answered && location.pathname === "/cart/waiting") {
    location.replace(answered.answer);
    return;
  }
  const lost = await (await caches.open("hondana-notes")).match("/lost");
  const shown = {
    kept: root.dataset.kept !== undefined,
    lost: lost !== undefined,
    answered: answered !== undefined,
    waiting: waiting.some(({ answer }) => !answer) && location.pathname !== "/cart/waiting",
  };
  for (const element of document.querySelectorAll("[data-note]")) {
    const kind = element.dataset.note;
    element.hidden = shown[kind] !== true;
    if (kind === "kept" && shown.kept)
      element.textContent = element.dataset.text.replace("{time}", clock(Number(root.dataset.kept)));
    if (kind === "answered" && answered) element.querySelector("a").href = answered.answer;
    if (kind === "lost") element.querySelector("a").addEventListener("click", forgetLost);
  }
  const notes = document.querySelector(".line-notes");
  if (notes) notes.hidden = !Object.values(shown).includes(true);
  showWaiting();
}

async function readWaiting() {
  const cache = await caches.open("hondana-waiting");
  const all = (await cache.keys()).map(async (key) => ({
    key,
    ...(await (await cache.match(key))?.json()),
  }));
  return Promise.all(all);
}

/** What is said was read. */
async function forgetLost() {
  await (await caches.open("hondana-notes")).delete("/lost");
}

/** The moment a page is of, as clocks show it; with the day when that is another one. */
function clock(at) {
  const [then, now] = [new Date(at), new Date()];
  const day = then.toDateString() === now.toDateString() ? {} : { month: "long", day: "numeric" };
  const text = then.toLocaleString(root.lang, {
    ...day,
    hour: "numeric",
    minute: "2-digit",
  });
  return root.lang.startsWith("ja") ? text.replace(/(\d+):(\d+)/, "$1時$2分") : text;
}

/** The page of what waits: the titles, as far as the cart still knows their names. */
function showWaiting() {
  const list = document.querySelector("[data-titles]");
  if (list === null) return;
  const unsent = waiting.filter(({ answer }) => !answer);
  const state = unsent.length > 0 ? "some" : dropped ? "dropped" : "none";
  for (const element of document.querySelectorAll("[data-waiting]")) element.hidden = element.dataset.waiting !== state;
  const lines = JSON.parse(localStorage.getItem("hondana.cart.lines") ?? "[]");
  const named = unsent.flatMap(({ form }) => {
    const parts = [...new URLSearchParams(form)].filter(([name]) => name.startsWith("parts")).map(([, part]) => part);
    const titles = parts.map((part) => lines.find((line) => line.part === part)?.title);
    return titles.includes(undefined) ? [list.dataset.text.replace("{n}", String(parts.length))] : titles;
  });
  list.replaceChildren(
    ...named.map((title) => {
      const item = document.createElement("li");
      item.textContent = title;
      return item;
    }),
  );
}

/** Takes back what waits. */
async function drop() {
  const cache = await caches.open("hondana-waiting");
  for (const { key, answer } of waiting) if (!answer) await cache.delete(key);
  dropped = true;
  await look();
}

/** On the page that says there is no line: which others can be seen. */
async function showStored() {
  const nav = document.querySelector("[data-stored]");
  if (nav === null) return;
  const pages = await caches.open("hondana-pages");
  for (const link of nav.querySelectorAll("a")) {
    link.closest("li").hidden = (await pages.match(new URL(link.href).pathname)) === undefined;
    if (!link.closest("li").hidden) nav.hidden = false;
  }
}

/** While something waits for the line, asks now and then whether it is back. */
async function listen() {
  clearTimeout(listening);
  if (!isMakeshift() && !waiting.some(({ answer }) => !answer)) return;
  if (await isReached()) {
    navigator.serviceWorker.controller?.postMessage("send");
    // Who was sending a form has to read first that it was not sent.
    if (isMakeshift() && !isTyping() && reason() !== "form") {
      goOn();
      return;
    }
  }
  listening = setTimeout(listen, 5000);
}

async function isReached() {
  // What nobody looks at need not ask.
  if (document.hidden) return false;
  return fetch("/readyz", { cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function isTyping() {
  return document.activeElement?.matches("input, select, textarea") ?? false;
}

/** Loads the page that could not be had; a form that was not sent is gone with its page, so it leads back there. */
function goOn() {
  sessionStorage.setItem(AGAIN, String(Number(sessionStorage.getItem(AGAIN) ?? 0) + 1));
  if (location.pathname !== "/offline") location.reload();
  else if (reason() === "form") history.back();
  else location.replace("/");
}
