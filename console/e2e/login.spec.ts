import { EMAIL, PASSWORD } from "./server";
import { expect, signIn, test } from "./test";

test.describe("signing in", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("leads back to the page that was wanted, filters included", async ({ page }) => {
    await page.goto("/tower?risk=high");
    await expect(page).toHaveURL(/\/login\?next=/);
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/tower\?risk=high$/);
    await expect(page.getByRole("navigation", { name: "Pages" }).first()).toBeVisible();
  });

  test("never leads to another site", async ({ page, server }) => {
    await page.goto("/login?next=//evil.test/x");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(`${server.url}/`);
  });

  test("says the same for a wrong password and for an unknown person", async ({ page }) => {
    await page.goto("/login");
    for (const email of [EMAIL, "nobody@example.com"]) {
      await page.getByLabel("E-mail").fill(email);
      await page.getByLabel("Password", { exact: true }).fill("not the password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert")).toHaveText("E-mail and password do not match.");
    }
  });

  test("counts down when there were too many tries", async ({ page }) => {
    await page.route("**/api/auth/login", (route) =>
      route.fulfill({ status: 429, json: { detail: "Too many attempts", retry_after: 30 } }),
    );
    await page.goto("/login");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password", { exact: true }).fill("x");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toHaveText(/Wait (2\d|30) seconds/);
    await expect(page.getByRole("button", { name: "Sign in" })).toBeDisabled();
  });

  test("keeps nothing that a script could read", async ({ page }) => {
    await signIn(page);
    expect(await page.evaluate(() => document.cookie)).toBe("");
  });
});

test("a session that ends asks in place, then finishes what was begun", async ({ page, server }) => {
  const [ticket] = await server.waiting("medium");
  if (!ticket) throw new Error("no ticket");
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Reject" }).click();
  await page.getByLabel("Reason").fill("the session ends now");
  await page.context().clearCookies();
  await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await server.ticket(ticket.id)).status).toBe("rejected");
});
