// Adds up what the tests say they have looked at, and prints it after the last of them; of those that failed, the reason,
// so that the last lines of a long log say what was wrong.

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

interface Seen {
  states: number;
  times: number;
  violations: number;
}

export default class Tally implements Reporter {
  private readonly seen: Seen = { states: 0, times: 0, violations: 0 };
  private readonly failures: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const { message } of result.status === test.expectedStatus ? [] : result.errors) {
      this.failures.push(`failed: ${test.titlePath().slice(2).join(" › ")}\n${shortened(message ?? "")}`);
    }
    for (const { type, description } of result.annotations) {
      if (type !== "axe" || description === undefined) continue;
      const { states, times, violations } = JSON.parse(description) as Seen;
      this.seen.states += states;
      this.seen.times += times;
      this.seen.violations += violations;
    }
  }

  onEnd(): void {
    for (const failure of this.failures) console.log(failure);
    const { states, times, violations } = this.seen;
    if (states === 0) return;
    console.log(`axe: ${states} states of pages, looked at ${times} times, ${violations} violations`);
  }

  printsToStdio(): boolean {
    return false;
  }
}

/** The first lines of what went wrong, without the colours of a terminal. */
function shortened(message: string): string {
  // eslint-disable-next-line no-control-regex -- Colours begin with a control character.
  const plain = message.replaceAll(/\u001b\[[0-9;]*m/g, "");
  return plain
    .split("\n")
    .slice(0, 12)
    .map((line) => `    ${line.slice(0, 240)}`)
    .join("\n");
}
