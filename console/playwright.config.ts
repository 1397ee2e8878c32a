import { defineConfig } from "@playwright/test";

/**
 * The pages in a real browser against the real binary. `HOLLY_BIN` names the binary (a debug build reads the pages
 * from console/dist, so `npm run build` comes first), `HOLLY_CHROMIUM` the browser.
 */
export default defineConfig({
  testDir: "e2e",
  workers: 1,
  // On a busy machine a page may answer late; a test that needs its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    launchOptions: {
      executablePath: process.env.HOLLY_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    },
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    trace: "off",
  },
});
