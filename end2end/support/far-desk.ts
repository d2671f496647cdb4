import { randomUUID } from "node:crypto";

import { CLERK } from "./desk.ts";

/** What is asked of the page 貸出; see `domain::circulation::CounterAnswer`. */
interface CounterAnswer {
  patron: { turn: unknown } | null;
  said: unknown;
}

/** A desk somewhere else, as the server sees it: a session of its own, and what its pages send. */
export class FarDesk {
  private turn: unknown = null;

  private constructor(
    private readonly address: string,
    private readonly cookie: string,
  ) {}

  static async begin(address: string, place: string): Promise<FarDesk> {
    const signedIn = await form(address, "staff-sign-in", { ...CLERK });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; ");
    await form(address, "desk-place", { place }, cookie);
    return new FarDesk(address, cookie);
  }

  /** A card or a copy on the page 貸出. Answers what is said, as the server writes it. */
  async counter(text: string): Promise<string> {
    const scan = { text, read_as: null, reason: null };
    const answer = (await this.ask("counter", { op: randomUUID(), turn: this.turn, scan })) as CounterAnswer;
    this.turn = answer.patron?.turn ?? null;
    return JSON.stringify(answer.said);
  }

  /** A copy on the page 返却. Answers what is to be done, as the server writes it. */
  async takeBack(barcode: string): Promise<string> {
    return JSON.stringify(await this.ask("check-in", { op: randomUUID(), barcode }));
  }

  private async ask(endpoint: string, body: unknown): Promise<unknown> {
    const answer = await fetch(`${this.address}/api/${endpoint}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        cookie: this.cookie,
        origin: this.address,
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${endpoint} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}

function form(address: string, endpoint: string, fields: Record<string, string>, cookie = ""): Promise<Response> {
  return fetch(`${address}/api/${endpoint}`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie, origin: address },
    body: new URLSearchParams(fields),
  });
}
