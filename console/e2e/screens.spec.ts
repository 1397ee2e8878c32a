import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { addresses } from "./pages";
import { type Page, setTheme, test } from "./test";

/**
 * Pictures to look at: every page at three widths in both themes, seeded, empty, busy and broken. Written into the
 * folder that HOLLY_SCREENS names; without it there is nothing to do.
 */
const folder = process.env.HOLLY_SCREENS;
test.skip(!folder, "HOLLY_SCREENS names no folder");

const WIDTHS = [1440, 1024, 390];
const THEMES = ["dark", "light"] as const;
type State = "seeded" | "empty" | "busy" | "broken";

for (const state of ["seeded", "busy", "broken", "empty"] as const) {
  test(`screens: ${state}`, async ({ browser, server, cookies }) => {
    test.setTimeout(300_000);
    await server.waiting("medium", 4);
    const pages = await addresses(server);
    if (state === "empty") await server.empty();
    for (const theme of THEMES) {
      for (const width of WIDTHS) {
        const context = await browser.newContext({
          baseURL: server.url,
          storageState: cookies,
          viewport: { width, height: width < 500 ? 844 : 900 },
          deviceScaleFactor: width < 500 ? 2 : 1,
          isMobile: width < 500,
          hasTouch: width < 500,
        });
        const page = await context.newPage();
        await setTheme(page, theme);
        await disturb(page, state);
        for (const { name, path } of pages) {
          await page.goto(path);
          await page.waitForTimeout(1_200);
          const file = join(folder ?? "", state);
          mkdirSync(file, { recursive: true });
          await page.screenshot({ path: join(file, `${name}-${width}-${theme}.png`) });
        }
        await context.close();
      }
    }
  });
}

async function disturb(page: Page, state: State): Promise<void> {
  if (state === "broken") {
    await page.route("**/api/tower/**", (route) =>
      route.fulfill({
        status: 503,
        json: { error: "Cannot reach Holly Grace agents server", trace_id: "0f3a" },
      }),
    );
    await page.route("**/api/orders**", (route) =>
      route.fulfill({
        status: 500,
        json: { error: "Internal error", code: "internal", trace_id: "7c21d0e94b" },
      }),
    );
  }
  if (state === "busy") {
    await page.route("**/api/tower/inbox?*", async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.tickets = Array.from({ length: 120 }, (_, at) => {
        const like = body.tickets[at % body.tickets.length];
        const risk_level = at % 17 === 0 ? "high" : at % 3 === 0 ? "low" : "medium";
        const created_at = new Date(Date.now() - at * 97_000).toISOString();
        return { ...like, id: 100_000 + at, risk_level, created_at };
      });
      body.count = body.tickets.length;
      await route.fulfill({ response, json: body });
    });
  }
}
