// What a browser is told not to do, and what another site can't make it do.

import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, test } from "../support/test.ts";
import { BOTCHAN, NAKAZATO } from "../support/titles.ts";

test("every page says what its scripts may do", async ({ request }) => {
  const nonces = new Set<string>();
  for (const address of ["/", "/search?q=a", "/cart", "/login", "/desk", "/"]) {
    const answer = await request.get(address);
    const policy = new Map(
      (answer.headers()["content-security-policy"] ?? "").split(";").map((directive) => {
        const [name = "", ...sources] = directive.trim().split(/\s+/);
        return [name, sources];
      }),
    );
    expect(policy.get("default-src"), address).toEqual(["'none'"]);
    expect(policy.get("frame-ancestors"), address).toEqual(["'none'"]);
    expect(policy.get("form-action"), address).toEqual(["'self'"]);
    expect(policy.get("base-uri"), address).toEqual(["'none'"]);
    expect(policy.get("style-src"), address).toEqual(["'self'"]);
    const scripts = policy.get("script-src") ?? [];
    expect(scripts).not.toContain("'unsafe-inline'");
    expect(scripts).not.toContain("'unsafe-eval'");
    const nonce = scripts.find((source) => source.startsWith("'nonce-"));
    expect(nonce, address).toBeDefined();
    nonces.add(nonce ?? "");
    expect(answer.headers()["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers()["cache-control"]).toBe("no-store");
  }
  expect(nonces.size, "a nonce is used once").toBe(6);
});

test("a script that got into the page does not run", async ({ reader, watch }) => {
  watch.forgive(/Content Security Policy/);
  const { page } = reader;
  await reader.open("/");
  const violated = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener(
          "securitypolicyviolation",
          (event) => {
            resolve(event.violatedDirective);
          },
          {
            once: true,
          },
        );
        const script = document.createElement("script");
        script.textContent = "window.taken = 1";
        document.body.append(script);
      }),
  );
  expect(violated).toContain("script-src");
  expect(await page.evaluate(() => "taken" in window)).toBe(false);
});

test("another site can't make a signed-in reader's browser write", async ({ reader, watch, hondana }) => {
  watch.forgive(/403/);
  const { page } = reader;
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.goTo("予約カート");
  await reader.expectCartKept([BOTCHAN.title, "指定しない"]);

  const evil = await otherSite(`${hondana.address}/api/cart-press`);
  await page.goto(evil.address);
  const answered = page.waitForResponse(/cart-press/);
  await page.getByRole("button").click();
  expect((await answered).status()).toBe(403);
  await expect(page.getByRole("heading")).toContainText("この操作は受け付けられません。");
  evil.server.close();

  await reader.open("/cart");
  await reader.expectCart([BOTCHAN.title, "指定しない"]);
});

test("the session's cookie is out of reach of scripts and other sites", async ({ reader }) => {
  await reader.open("/");
  expect(await reader.page.context().cookies(), "nothing to remember, no session").toEqual([]);
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  const session = (await reader.page.context().cookies()).find((cookie) => cookie.name.includes("hondana"));
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax" });
});

test("whoever comes next finds nothing of a reader who signed out", async ({ reader }) => {
  const { page } = reader;
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.addToCart(BOTCHAN.reading, BOTCHAN.title);
  await reader.goTo("予約カート");
  await reader.expectCartKept([BOTCHAN.title, "指定しない"]);

  await page.getByRole("button", { name: "ログアウト" }).click();
  await reader.arrived("図書館の資料を探す");
  await expect(page.getByRole("banner").getByRole("link", { name: "予約カート" })).toHaveAccessibleName("予約カート");
  const part = /[0-9a-f]{8}-[0-9a-f]{4}-/;
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toMatch(part);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(NAKAZATO.name)).toHaveCount(0);
  await expect(page.getByText(BOTCHAN.title)).toHaveCount(0);

  await test.step("and the reader finds the cart again", async () => {
    await reader.open("/login?next=%2Fcart");
    await reader.signIn(NAKAZATO.card);
    await reader.arrived("予約カート");
    await reader.expectCart([BOTCHAN.title, "指定しない"]);
  });
});

test("the desk's doors are closed to readers", async ({ reader, request, baseURL }) => {
  await reader.open("/login");
  await reader.signIn(NAKAZATO.card);
  await reader.arrived("予約状況");
  await reader.open("/desk/mail");
  await reader.arrived("職員ログイン");
  for (const asking of [request, reader.page.request]) {
    const answer = await asking.post("/api/check-in", {
      data: { barcode: BOTCHAN.barcode },
      headers: { origin: baseURL ?? "" },
    });
    expect(answer.status()).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toContain(BOTCHAN.title);
  }
});

/** A page of another site with a button that sends a form to us. `localhost` is another site than `127.0.0.1`. */
async function otherSite(target: string): Promise<{ server: Server; address: string }> {
  const html = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Win</title>
    <form method="post" action="${target}"><input type="hidden" name="press" value="empty"><button>Win</button></form>`;
  const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(html));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return { server, address: `http://localhost:${(server.address() as AddressInfo).port}/` };
}
