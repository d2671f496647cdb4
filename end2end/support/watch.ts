import type { BrowserContext } from "@playwright/test";

/**
 * Watches everything a browser context says and loads, and remembers what must not be: any error or warning in the
 * console, scripts that fail, answers of 4xx and 5xx, requests that come to nothing.
 */
export class Watch {
  private readonly seen: string[] = [];
  // Where the worker has no part in a test.
  private readonly forgiven: RegExp[] = [/Service Worker registration blocked by Playwright/];

  constructor(context: BrowserContext) {
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.seen.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (failure) => this.seen.push(`script error: ${failure.error().message}`));
    context.on("response", (response) => {
      if (response.status() >= 400) this.seen.push(`answer ${response.status()}: ${response.url()}`);
    });
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "for no known reason";
      // The reader went on before it was answered.
      if (why !== "net::ERR_ABORTED") this.seen.push(`request failed: ${request.url()} ${why}`);
    });
  }

  /** What the test brings about on purpose. */
  forgive(...troubles: RegExp[]): void {
    this.forgiven.push(...troubles);
  }

  /** What was seen and not forgiven. */
  troubles(): string[] {
    return this.seen.filter((trouble) => !this.forgiven.some((forgiven) => forgiven.test(trouble)));
  }
}
