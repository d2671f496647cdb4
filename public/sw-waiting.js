// Reservations that were pressed without a line, and a sign-out that is still owed. A part of sw.js.

/** How long a line that gives no answer is waited for, where there is something else to show. */
const PATIENCE = 8000;

/** Keeps a reservation until it can be sent. Its `op` makes one of however many times it is sent. */
async function keepReservation(form) {
  const fields = new URLSearchParams(form);
  const [op, patron] = [fields.get("op"), fields.get("patron")];
  if (!op || !patron) return false;
  await inTurn(async () => {
    // Where nobody has yet said whose the device is, the form has.
    const pages = await caches.open(PAGES);
    if (!(await pages.match(HOLDER))) await pages.put(HOLDER, new Response(patron));
    await remember(`/${op}`, { form, patron });
  });
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
    if (holder === undefined) return;
    for (const { key, ...waiting } of await allWaiting()) {
      if (waiting.answer) continue;
      if (waiting.patron !== holder) {
        await cache.delete(key);
        if (holder === "nobody") await note(LOST);
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

/** What waits, and what was answered and not yet read. */
async function allWaiting() {
  const cache = await caches.open(WAITING);
  const all = (await cache.keys()).map(async (key) => ({
    key,
    ...(await (await cache.match(key))?.json()),
  }));
  // One may have gone between the two looks.
  return (await Promise.all(all)).filter(({ form }) => form !== undefined);
}

/** Sends a reservation: the address of its answer; nothing when it did not arrive, or its patron's session is over. */
async function answerTo(form) {
  try {
    const headers = {
      ...FOR_THE_STORE,
      accept: "text/html",
      "content-type": "application/x-www-form-urlencoded",
    };
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
  for (const { key, answer } of await allWaiting()) {
    if (answer === url.pathname || answer === url.pathname + url.search) await cache.delete(key);
  }
}

/** Ends the session of whoever left while there was no line. Fails when that was not heard. */
async function signOutNow() {
  const asked = {
    method: "POST",
    body: new URLSearchParams(),
    redirect: "manual",
    headers: FOR_THE_STORE,
  };
  const response = await within(PATIENCE, fetch(SIGN_OUT, asked));
  if (response.status >= 500) throw new TypeError("not signed out");
  await settle();
}

async function owe() {
  await (await caches.open(DEBTS)).put(OWED, new Response(""));
}

async function isOwed() {
  return (await caches.match(OWED, { cacheName: DEBTS }).catch(() => undefined)) !== undefined;
}

async function settle() {
  await (await caches.open(DEBTS)).delete(OWED);
}
