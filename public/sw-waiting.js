// Reservations that were pressed without a line, and a sign-out that is still owed. A part of sw.js.

/** How long a line that gives no answer is waited for, where there is something else to show. */
const PATIENCE = 8000;

/** Keeps a reservation until it can be sent. Its `op` makes one of however many times it is sent. */
async function keepReservation(form) {
  const fields = new URLSearchParams(form);
  const [op, patron] = [fields.get("op"), fields.get("patron")];
  if (!op || !patron) return false;
  await inTurn(() => remember(`/${op}`, { form, patron }));
  // Where the browser can't wake us, the next page that is opened does.
  await self.registration.sync?.register("reserve").catch(() => undefined);
  await tellPages();
  return true;
}

async function remember(key, waiting) {
  await (await caches.open(WAITING)).put(key, new Response(JSON.stringify(waiting)));
}

/** Sends what waits, one after the other, and keeps the address of the answer until it is read. */
async function sendWaiting() {
  await self.navigator.locks.request("hondana-waiting", async () => {
    const cache = await caches.open(WAITING);
    const holder = await holderNow();
    for (const key of await cache.keys()) {
      const waiting = await (await cache.match(key))?.json();
      if (!waiting || waiting.answer) continue;
      if (waiting.patron !== holder) {
        await cache.delete(key);
        continue;
      }
      const answer = await answerTo(waiting.form);
      if (answer === undefined) break;
      await inTurn(async () => {
        // It may have been taken back or forgotten meanwhile.
        if (await (await caches.open(WAITING)).match(key)) await remember(key, { ...waiting, answer });
      });
    }
  });
  await tellPages();
}

/** Sends a reservation: the address of its answer; nothing when it did not arrive, or its patron's session is over. */
async function answerTo(form) {
  try {
    const headers = { ...FOR_THE_STORE, accept: "text/html", "content-type": "application/x-www-form-urlencoded" };
    const response = reached(await within(PATIENCE, fetch(RESERVE, { method: "POST", headers, body: form })));
    const { pathname, search } = new URL(response.url);
    if (pathname === "/cart/done") {
      await note(CHANGED);
      return pathname + search;
    }
    if (pathname === "/login") await belongTo("nobody");
    return pathname === "/cart/place" ? pathname : undefined;
  } catch {
    return undefined;
  }
}

/** The answer of a reservation was read. */
async function read(url) {
  const cache = await caches.open(WAITING);
  for (const key of await cache.keys()) {
    const { answer } = await (await cache.match(key)).json();
    if (answer === url.pathname || answer === url.pathname + url.search) await cache.delete(key);
  }
}

/** Ends the session of whoever left while there was no line. */
async function signOutNow() {
  await fetch(SIGN_OUT, { method: "POST", body: new URLSearchParams(), redirect: "manual", headers: FOR_THE_STORE });
  await (await caches.open(NOTES)).delete(OWED);
}
