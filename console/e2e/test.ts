import { test as base, expect, type Page } from "@playwright/test";
import { EMAIL, PASSWORD, Server } from "./server";

export type { Page };
export { expect };

interface Shared {
  server: Server;
  cookies: Awaited<ReturnType<import("@playwright/test").BrowserContext["storageState"]>>;
}

/** Every test shares one server and one sign-in; each has a browser context of its own. */
export const test = base.extend<{ baseURL: string; errors: string[] }, Shared>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: the test runner reads the names of fixtures from this pattern
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  cookies: [
    async ({ browser, server }, use) => {
      const context = await browser.newContext({ baseURL: server.url });
      const page = await context.newPage();
      await signIn(page);
      await use(await context.storageState());
      await context.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  storageState: async ({ cookies }, use) => use(cookies),
  /** Anything the page complained about; checked after each test. */
  errors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !/Failed to load resource|WebSocket/.test(message.text())) {
          errors.push(message.text());
        }
      });
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export async function signIn(page: Page): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

export async function setTheme(page: Page, theme: "dark" | "light"): Promise<void> {
  await page.addInitScript((wish) => localStorage.setItem("holly-theme", wish), theme);
}
