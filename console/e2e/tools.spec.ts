import AxeBuilder from "@axe-core/playwright";
import type { DeadLetter, Job } from "../src/api/types";
import type { Server } from "./server";
import { expect, type Page, test } from "./test";

const job = async (server: Server, id: string): Promise<Job | undefined> =>
  (await server.ask<{ jobs: Job[] }>("GET", "/scheduler/jobs")).jobs.find((row) => row.id === id);

/** No scheduled run fails in a rehearsal without a fault, so failed work is put into the answer on its way. */
async function withLetters(page: Page, letters: Partial<DeadLetter>[]): Promise<void> {
  const entries = letters.map((fields, at) => ({
    id: at + 1,
    job_id: "order_check",
    error: "the shop did not answer",
    attempts: 1,
    max_attempts: 5,
    created_at: new Date(Date.now() - 3_600_000).toISOString(),
    next_retry_at: null,
    payload: { task_description: "Check new orders." },
    resolved_at: null,
    retry_run_id: null,
    ...fields,
  }));
  await page.route(/\/api\/scheduler\/dlq(\?.*)?$/, (route) => {
    const only = route.request().url().includes("unresolved=true");
    const listed = entries.filter((entry) => !only || entry.resolved_at === null);
    return route.fulfill({ json: { count: listed.length, entries: listed } });
  });
}

test("the page is reached by key, says first how the jobs stand, and groups them", async ({ page }) => {
  await page.goto("/orders");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/tools$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/18 jobs: \d+ work in this release/);
  const works = page.getByRole("region", { name: /^Works/ });
  await expect(works.getByText("every 30 min", { exact: true })).toBeVisible();
  const absent = page.getByRole("region", { name: /^Not available/ });
  await expect(absent.getByText("Instagram is not part of this release").first()).toBeVisible();
  await expect(absent.getByRole("button")).toHaveCount(0);
});

test("a job is fired by hand, and its run is one click away", async ({ page, server }) => {
  const before = await job(server, "order_check");
  await page.goto("/tools");
  await page.getByRole("button", { name: "Run now: Order check" }).click();
  await expect(page.getByText("Fired: Order check")).toBeVisible();
  await expect
    .poll(async () => (await job(server, "order_check"))?.last_run_id ?? null, { timeout: 20_000 })
    .not.toBe(before?.last_run_id ?? null);
  await page.getByRole("link", { name: "run Order check" }).click();
  await expect(page).toHaveURL(/\/tower\/runs\/run_[0-9a-f]{16}/);
});

test("a job that fires already says so and is not fired again", async ({ page }) => {
  await page.route("**/api/scheduler/trigger/health_check", (route) =>
    route.fulfill({ status: 409, json: { error: "The job is already running", code: "job_running" } }),
  );
  await page.goto("/tools");
  await page.getByRole("button", { name: "Run now: Health check" }).click();
  await expect(page.getByText("Not fired: Health check")).toBeVisible();
  await expect(page.getByText(/Its last fire has not ended/)).toBeVisible();
});

test("a pause holds a job back, and can be taken back from the toast", async ({ page, server }) => {
  await page.goto("/tools");
  await page.getByRole("button", { name: "Pause: Daily revenue" }).click();
  await expect.poll(async () => (await job(server, "daily_revenue"))?.paused).toBe(true);
  const held = page.getByRole("region", { name: /^Held back/ });
  await expect(held.getByText("Daily revenue")).toBeVisible();
  await expect(held.getByText(/Paused by a person/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Resume: Daily revenue" })).toBeFocused();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => (await job(server, "daily_revenue"))?.paused).toBe(false);
  await expect(page.getByRole("button", { name: "Pause: Daily revenue" })).toBeVisible();
});

test("who only looks is told why the buttons are off", async ({ page }) => {
  await page.route("**/api/auth/me", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), role: "viewer" } });
  });
  await page.goto("/tools");
  const run = page.getByRole("button", { name: "Run now: Order check" });
  await expect(run).toHaveAttribute("aria-disabled", "true");
  await expect(run).toHaveAccessibleDescription("Needs the role operator");
});

test("the plan of the day is walked with the arrows, leads to a job, and has a table as its twin", async ({
  page,
}) => {
  await page.goto("/tools");
  const lanes = page.locator("[data-lane]");
  await lanes.first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(lanes.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page.locator("#job-order_check")).toBeFocused();
  await page.getByRole("button", { name: "As a table" }).click();
  await expect(page.getByRole("rowheader", { name: "Order check" })).toBeVisible();
});

test("failed work: the filter stands in the address, a retry tells how it went", async ({ page }) => {
  await withLetters(page, [
    { id: 7 },
    { id: 8, job_id: "daily_revenue", next_retry_at: new Date(Date.now() + 600_000).toISOString() },
    { id: 9, resolved_at: new Date().toISOString() },
  ]);
  await page.goto("/tools?tab=dlq");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(
    "2 pieces of scheduled work left undone: 1 needs you",
  );
  await expect(page.getByText("came right", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Unresolved" }).click();
  await expect(page).toHaveURL(/unresolved=true/);
  await expect(page.getByText("came right", { exact: true })).toBeHidden();

  const answers = [
    { status: 409, json: { error: "A retry is running", code: "retry_running" } },
    { status: 500, json: { error: "Retry failed", code: "retry_failed", status: "failed" } },
    { status: 202, json: { status: "retrying", dlq_id: 7, run_id: "run_0123456789abcdef" } },
  ];
  await page.route("**/api/scheduler/dlq/7/retry", (route) => route.fulfill(answers.shift() ?? {}));
  const retry = page.getByRole("button", { name: "Try again: Order check, dead letter 7" });
  await retry.click();
  await expect(page.getByText("Another try of it is under way")).toBeVisible();
  await retry.click();
  await expect(page.getByText("Failed again: Order check")).toBeVisible();
  await retry.click();
  await page.getByRole("button", { name: "Open run" }).click();
  await expect(page).toHaveURL(/\/tower\/runs\/run_0123456789abcdef/);
});

test("a retry without such an entry is refused in words", async ({ page }) => {
  await withLetters(page, [{ id: 4_040 }]);
  await page.goto("/tools?tab=dlq");
  await page.getByRole("button", { name: /^Try again/ }).click();
  await expect(page.getByText(/It is resolved or gone/)).toBeVisible();
});

test("the tools tell looking from changing, and what each is given", async ({ page }) => {
  await page.goto("/tools?tab=tools");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/tools: \d+ only look, \d+ change/);
  const stripe = page.getByRole("region", { name: /^Stripe/ });
  await stripe.getByText("What it is given: Refund a charge").click();
  await expect(stripe.getByText("stripe_refund", { exact: true })).toBeVisible();
  await expect(stripe.getByText("Payment", { exact: true })).toBeVisible();
});

test("what cannot be read is told with another try, and an outage turns writing off", async ({ page }) => {
  let answer: { status: number; json: object } | null = {
    status: 500,
    json: { error: "Internal error", code: "internal", trace_id: "7c21d0e94b" },
  };
  await page.route("**/api/scheduler/jobs", (route) => (answer ? route.fulfill(answer) : route.continue()));
  await page.goto("/tools");
  const panel = page.getByRole("alert").filter({ hasText: "The jobs cannot be shown" });
  await expect(panel).toContainText("7c21d0e94b");
  answer = null;
  await panel.getByRole("button", { name: "Try again" }).click();
  const pause = page.getByRole("button", { name: "Pause: Order check" });
  await expect(pause).toBeVisible();

  answer = { status: 503, json: { error: "Cannot reach Holly Grace agents server", jobs: [], count: 0 } };
  await page.getByRole("button", { name: "Run now: Health check" }).click();
  await expect(pause).toHaveAccessibleDescription("The server cannot be reached", { timeout: 20_000 });
  await expect(page.getByText("every 30 min", { exact: true })).toBeVisible();
});

for (const width of [1440, 390])
  test(`axe finds nothing in failed work, open inputs and the table of the plan (${width} px)`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 844 });
    await withLetters(page, [{ id: 7 }, { id: 8, retry_run_id: "run_0123456789abcdef" }]);
    const findings = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id);
    await page.goto("/tools?tab=dlq");
    await page.getByText("What was to be done").first().click();
    expect(await findings()).toEqual([]);
    await page.goto("/tools?tab=tools");
    await page.getByText("What it is given: Refund a charge").click();
    expect(await findings()).toEqual([]);
    await page.goto("/tools");
    await page.getByRole("button", { name: "As a table" }).click();
    expect(await findings()).toEqual([]);
  });
