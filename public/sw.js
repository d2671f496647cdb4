// Keeps a few pages, with all files they are made of, for when there is no line to the server; keeps a reservation that
// was pressed then, and sends it later; shows notices of the library. It holds no texts: pages say what has to be said
// (public/shell.js).
//
// What is kept belongs to somebody, whom the server names with every page (`hondana-keep`, app/src/ssr/keep.rs). As soon
// as it names somebody else, nobody, or a kiosk, all of it is dropped. Pages of staff are never looked at.

importScripts("/sw-store.js", "/sw-waiting.js", "/sw-notices.js");

const OFFLINE = "/offline";
const SENT_LATER = "/cart/waiting";
const RESERVE = "/api/reserve";
const SIGN_OUT = "/api/sign-out";

self.addEventListener("install", (event) => {
  event.waitUntil(keepPlain("ja"));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // A page is asked for while this program is still waking up.
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || isOfStaff(url.pathname)) return;
  if (request.mode === "navigate") {
    if (request.method === "GET") event.respondWith(open(event, url));
    else if (!isOfStaff(new URL(request.referrer || url.origin).pathname)) event.respondWith(submit(event, url));
  } else if (request.method === "GET" && isFile(url.pathname)) {
    event.respondWith(file(request, url.pathname));
  }
});

self.addEventListener("message", (event) => {
  // Pages of the former build have their files in the store, so nothing has to wait until the last of them is closed.
  if (event.data === "take-over") event.waitUntil(self.skipWaiting());
  if (event.data === "claim") event.waitUntil(self.clients.claim());
  if (event.data === "send") event.waitUntil(sendWaiting());
  if (event.data === "begin") event.waitUntil(begin());
  if (event.data === "cart") event.waitUntil(keepCart());
});

// Where the browser can, it wakes this program when the line is back, also with no page open.
self.addEventListener("sync", (event) => {
  if (event.tag === "reserve") event.waitUntil(sendWaiting());
});

function isOfStaff(path) {
  return path === "/desk" || path.startsWith("/desk/");
}

function isFile(path) {
  return isHashed(path) || path === "/shell.js" || path === "/favicon.svg";
}

/** Opens a page: from the server, or else as it was. */
async function open(event, url) {
  // A store that fails must not stand between a reader and the library.
  const kept = await find(url).catch(() => undefined);
  const early = Promise.resolve(event.preloadResponse);
  // Where nobody waits for it, nobody has to hear that it failed.
  early.catch(() => undefined);
  try {
    const owed = await isOwed();
    if (owed) await signOutNow();
    const before = forgettings;
    const asked = owed ? fetch(event.request) : early.then((response) => response ?? fetch(event.request));
    const response = reached(await (kept ? within(PATIENCE, asked) : asked));
    if (response.type !== "opaqueredirect" && before === forgettings) event.waitUntil(learn(response.clone(), url));
    return response;
  } catch {
    return kept ? shown(kept, url) : plain(url.pathname === SENT_LATER ? SENT_LATER : OFFLINE);
  }
}

/** Sends a form. A reservation that does not arrive is kept; whoever leaves leaves nothing behind, with or without a line. */
async function submit(event, url) {
  const request = event.request;
  const isReservation = url.pathname === RESERVE;
  const isLeaving = url.pathname === SIGN_OUT;
  const form = isReservation ? await request.clone().text() : "";
  if (isLeaving) {
    await forget().catch(() => undefined);
    // Before it is sent, since somebody who leaves may close the browser while the line says nothing.
    await owe().catch(() => undefined);
  }
  try {
    // What is sent after somebody left is not theirs.
    if (!isLeaving && (await isOwed())) await signOutNow();
    const sent = fetch(request);
    const response = reached(await (isReservation || isLeaving ? within(PATIENCE, sent) : sent));
    // What it did may stand on any of the pages.
    if (!isLeaving) event.waitUntil(note(CHANGED));
    else if (response.status < 500) await settle().catch(() => undefined);
    return response;
  } catch {
    if (isReservation && (await keepReservation(form).catch(() => false))) return Response.redirect(SENT_LATER, 303);
    if (isLeaving) return Response.redirect(`${OFFLINE}?of=sign-out`, 303);
    return Response.redirect(`${OFFLINE}?of=form`, 303);
  }
}

/** A file of a page: a name with a hash stands for one content, so that a page always gets the files it was made with. */
async function file(request, path) {
  // Looked up without opening the store, which would make one where nothing is to be kept.
  const kept = await caches.match(path, { cacheName: FILES, ignoreVary: true }).catch(() => undefined);
  if (isHashed(path)) return kept ?? fetch(request);
  try {
    return reached(await fetch(request));
  } catch (failure) {
    if (kept) return kept;
    throw failure;
  }
}

/** The answer, if it is the server's own: what stands before it says so when it can't be reached. */
function reached(response) {
  if ([502, 503, 504].includes(response.status)) throw new TypeError("not reached");
  return response;
}

function within(milliseconds, work) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new TypeError("too late")), milliseconds));
  return Promise.race([work, late]);
}
