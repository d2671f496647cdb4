// Adds up what the tests say they have looked at, and prints it after the last of them.

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

interface Seen {
  states: number;
  times: number;
  violations: number;
}

export default class Tally implements Reporter {
  private readonly seen: Seen = { states: 0, times: 0, violations: 0 };

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { type, description } of result.annotations) {
      if (type !== "axe" || description === undefined) continue;
      const { states, times, violations } = JSON.parse(description) as Seen;
      this.seen.states += states;
      this.seen.times += times;
      this.seen.violations += violations;
    }
  }

  onEnd(): void {
    const { states, times, violations } = this.seen;
    if (states === 0) return;
    console.log(`axe: ${states} states of pages, looked at ${times} times, ${violations} violations`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
