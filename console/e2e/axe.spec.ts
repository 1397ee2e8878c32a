import AxeBuilder from "@axe-core/playwright";
import { addresses } from "./pages";
import { expect, type Page, setTheme, test } from "./test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical" || impact === "moderate")
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`,
    );
}

for (const theme of ["dark", "light"] as const) {
  for (const width of [1440, 390]) {
    test(`axe finds nothing on any page (${theme}, ${width} px)`, async ({ page, server }) => {
      test.setTimeout(300_000);
      await page.setViewportSize({ width, height: 844 });
      await setTheme(page, theme);
      for (const { name, path } of await addresses(server)) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
        await page.waitForTimeout(500);
        expect(await findings(page), name).toEqual([]);
      }
    });
  }

  test(`axe finds nothing in the dialogs (${theme})`, async ({ page, server }) => {
    await setTheme(page, theme);
    const [ticket] = await server.waiting("medium");
    await page.goto(`/tower/tickets/${ticket?.id}`);
    await expect(page.getByRole("button", { name: "Approve" })).toBeVisible();
    for (const key of ["r", "e", "?", "Control+k"]) {
      await page.keyboard.press(key);
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await findings(page), key).toEqual([]);
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toBeHidden();
    }
  });
}
