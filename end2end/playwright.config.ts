import { defineConfig } from "@playwright/test";

/** Chromium as Debian ships it; another one by the environment. */
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Chromium refuses its sandbox to root.
const args = process.getuid?.() === 0 ? ["--no-sandbox", ...quiet] : quiet;

export default defineConfig({
  testDir: "tests",
  snapshotPathTemplate: "{testDir}/names/{arg}{ext}",
  globalSetup: "./support/template.ts",
  outputDir: "test-results",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // A test that fails now and then is wrong, or the program is.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["./support/tally.ts"]],
  use: {
    actionTimeout: 10_000,
    locale: "ja-JP",
    timezoneId: "Asia/Tokyo",
    // What a worker has in its store, a test of something else would take for the server's; offline.spec.ts has it.
    serviceWorkers: "block",
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: { executablePath, args },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } } },
    {
      name: "phone",
      testMatch: "path.spec.ts",
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
  ],
});
