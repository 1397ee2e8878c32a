import AxeBuilder from "@axe-core/playwright";
import type { Server } from "./server";
import { nameOf, wait } from "./server";
import { expect, type Page, test } from "./test";

interface RunRow {
  run_id: string;
  status: string;
  run_name: string;
  last_ticket_id: number | null;
}

const run = (server: Server, id: string) => server.ask<RunRow>("GET", `/tower/runs/${id}`);

async function waitingRun(server: Server) {
  const [ticket] = await server.waiting("medium", 2);
  if (!ticket) throw new Error("no ticket");
  return { ticket, path: `/tower/runs/${ticket.run_id}` };
}

/** A run that went all the way: a person said yes and the print was sent. */
async function printedRun(server: Server) {
  const { ticket, path } = await waitingRun(server);
  await server.ask("POST", `/tower/tickets/${ticket.id}/decide`, { decision: "approve" });
  await expect
    .poll(async () => (await run(server, ticket.run_id)).status, { timeout: 30_000 })
    .toBe("completed");
  return { ticket, path };
}

const bars = (page: Page) => page.locator("svg [data-bar]");

test("the list says first what runs, waits and failed, and narrows in the address", async ({
  page,
  server,
}) => {
  await server.waiting("medium");
  await page.goto("/tower/runs");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/wait(s)? for you/);
  await page.getByRole("button", { name: /^waits for you/ }).click();
  await expect(page).toHaveURL(/status=waiting_approval/);
  await expect(page.getByRole("grid", { name: "Runs" }).getByText("done", { exact: true })).toHaveCount(0);
  await page.getByRole("searchbox").fill("no run is called like this");
  await expect(page.getByText("No run matches")).toBeVisible();
  await expect(page).toHaveURL(/q=no/);
  await page.getByRole("button", { name: "Clear filter" }).click();
  await expect(page).not.toHaveURL(/q=/);
  await page.goBack();
});

test("keys walk along the list, peek and open", async ({ page, server }) => {
  await server.waiting("medium", 2);
  await page.goto("/tower/runs");
  await expect(page.locator('[data-row="1"]')).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.locator('[data-row="0"]')).toBeFocused();
  await page.keyboard.press("j");
  await expect(page.locator('[data-row="1"]')).toBeFocused();
  const name = (await page.locator('[data-row="1"]').getByRole("link").textContent()) ?? "";
  await page.keyboard.press("Space");
  await expect(page.getByRole("dialog", { name })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.locator('[data-row="1"]').focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/tower\/runs\/run_[0-9a-f]{16}/);
});

test("rows are links that can be opened beside", async ({ page, server }) => {
  await server.waiting("medium");
  await page.goto("/tower/runs");
  const href = await page.locator('[data-row="0"]').getByRole("link").getAttribute("href");
  expect(href).toMatch(/^\/tower\/runs\/run_[0-9a-f]{16}$/);
});

test("what arrives waits outside while the list is in use", async ({ page, server }) => {
  await server.waiting("medium");
  await page.goto("/tower/runs");
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.keyboard.press("j");
  const first = await page.locator('[data-row="0"]').getByRole("link").textContent();
  server.order();
  await expect(page.getByRole("button", { name: /\d+ new/ })).toBeVisible({ timeout: 30_000 });
  expect(await page.locator('[data-row="0"]').getByRole("link").textContent()).toBe(first);
  await page.getByRole("button", { name: /\d+ new/ }).click();
  await expect(page.getByRole("button", { name: /\d+ new/ })).toBeHidden();
});

test("a run is started from a task, once, and its page opens", async ({ page, server }) => {
  await server.waiting("medium");
  await page.goto("/tower/runs");
  await page.getByRole("button", { name: "Start a run" }).click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Say what is to be done.")).toBeVisible();
  await page.getByLabel("Task", { exact: true }).fill("Look at the newest orders");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page).toHaveURL(/\/tower\/runs\/run_/);
  await expect(page.getByText("Look at the newest orders").first()).toBeVisible();
});

test("the plot tells work and waiting apart, leads to details and back to events", async ({
  page,
  server,
}) => {
  const { ticket, path } = await printedRun(server);
  await page.goto(path);
  await expect(bars(page).first()).toBeVisible();
  await page.getByRole("button", { name: /^Waiting for a person/ }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/bar=/);
  const details = page.getByRole("complementary", { name: "Details" });
  await expect(details.getByText(/approved by/)).toBeVisible();
  await expect(details.getByRole("link", { name: String(ticket.id), exact: true })).toBeVisible();
  await expect(page.getByText(`Printed order ${nameOf(ticket)} at Printful`).first()).toBeVisible();
  await details.getByRole("definition").last().getByRole("link").first().click();
  await expect(page).toHaveURL(/tab=events/);
  await page
    .getByRole("link", { name: /^Show in the timeline/ })
    .nth(4)
    .click();
  await expect(page).toHaveURL(/event=\d+/);
  await expect(bars(page).first()).toBeVisible();
});

test("the plot is walked, zoomed and reset with the keys, and has a table as its twin", async ({
  page,
  server,
}) => {
  const { path } = await printedRun(server);
  await page.goto(path);
  await expect(bars(page).first()).toBeVisible();
  await bars(page).first().focus();
  await page.keyboard.press("ArrowRight");
  await expect(bars(page).nth(1))
    .not.toBeFocused({ timeout: 100 })
    .catch(() => undefined);
  await page.keyboard.press("+");
  await expect(page.getByRole("button", { name: "Show all" })).toBeEnabled();
  await page.keyboard.press("0");
  await expect(page.getByRole("button", { name: "Show all" })).toBeDisabled();
  await page.getByRole("button", { name: "As a table" }).click();
  const table = page.getByRole("region", { name: "As a table" });
  await expect(table.getByRole("row").nth(3)).toBeVisible();
  await expect(table.getByText("Waiting for a person")).toBeVisible();
});

test("dragging across the plot looks closer, a double click shows all", async ({ page, server }) => {
  const { path } = await printedRun(server);
  await page.goto(path);
  await expect(bars(page).first()).toBeVisible();
  const box = await page.locator("svg:has([data-bar])").boundingBox();
  if (!box) throw new Error("no plot");
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await expect(page.getByRole("button", { name: "Show all" })).toBeEnabled();
  await page.mouse.dblclick(box.x + box.width * 0.5, box.y + 8);
  await expect(page.getByRole("button", { name: "Show all" })).toBeDisabled();
});

test("an open run goes on by itself: the answer given elsewhere ends the waiting", async ({
  page,
  server,
}) => {
  const { ticket, path } = await waitingRun(server);
  await page.goto(path);
  await expect(page.getByRole("link", { name: `Answer ticket ${ticket.id}` })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Waiting for a person.*under way/ })).toBeAttached();
  await server.ask("POST", `/tower/tickets/${ticket.id}/decide`, { decision: "approve" });
  await expect(page.getByRole("heading", { level: 1 })).toContainText("sent to print", { timeout: 30_000 });
  await expect(page.getByRole("link", { name: `Answer ticket ${ticket.id}` })).toBeHidden();
});

test("state, effects, messages: each view opens by its address", async ({ page, server }) => {
  const { path } = await printedRun(server);
  await page.goto(`${path}?tab=state`);
  await expect(page.getByRole("slider", { name: "Checkpoint" })).toBeVisible();
  await page.getByRole("slider", { name: "Checkpoint" }).press("ArrowLeft");
  await expect(page).toHaveURL(/cp=cp_/);
  await expect(page.getByText("operations_result", { exact: false }).first()).toBeVisible();
  await page.goto(`${path}?tab=effects`);
  for (const step of ["Prepared", "A person said yes", "Sent, once", "Confirmed"]) {
    await expect(page.getByText(step, { exact: true })).toBeVisible();
  }
  await page.goto(`${path}?tab=messages`);
  await expect(page.getByText("Answer", { exact: true })).toBeVisible();
  await page.getByText(/^Printed order/).click();
  await expect(page.getByText("printful_submit_order").first()).toBeVisible();
});

test("a run is cancelled after a question, with the reason", async ({ page, server }) => {
  const { ticket, path } = await waitingRun(server);
  await page.goto(path);
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Cancel the run" }).click();
  await page.getByLabel("Reason").fill("asked for by mistake");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the run" }).click();
  await expect.poll(async () => (await run(server, ticket.run_id)).status).toBe("cancelled");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("cancelled");
  await expect(page.getByText(/Cancelled.*asked for by mistake/)).toBeVisible();
});

test("a run that is not there says so; one that cannot be read says what failed", async ({
  page,
  server,
}) => {
  await server.waiting("medium");
  await page.goto("/tower/runs/run_00000000000000ff");
  await expect(page.getByText("There is no such run")).toBeVisible();
  await page.route("**/api/tower/runs/run_*", (route) =>
    route.fulfill({ status: 500, json: { error: "Internal error", code: "internal", trace_id: "7c21" } }),
  );
  await page.goto("/tower/runs/run_00000000000000fe");
  await expect(page.getByRole("alert").filter({ hasText: "This run cannot be shown" })).toBeVisible({
    timeout: 20_000,
  });
  await expect(page.getByText("7c21")).toBeVisible();
});

test("words from outside stay words", async ({ page, server }) => {
  const { path } = await waitingRun(server);
  const hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  await page.route("**/api/tower/runs/*/events*", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.events.push({
      id: 9e8,
      run_id: body.run_id,
      seq: 9e8,
      event_type: "run.failed",
      payload: { error: hostile, reason: "error" },
      created_at: new Date().toISOString(),
    });
    await route.fulfill({ response, json: body });
  });
  await page.goto(path);
  await expect(page.getByText(hostile, { exact: false }).first()).toBeVisible();
  expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
});

test("two hundred runs are drawn only where they are looked at, and older ones come when asked for", async ({
  page,
  server,
}) => {
  await server.waiting("medium");
  let asked = 0;
  await page.route("**/api/tower/runs?*", async (route) => {
    const url = new URL(route.request().url());
    const real = new URL(url);
    real.searchParams.delete("cursor");
    const response = await route.fetch({ url: real.href });
    const body = await response.json();
    const like = body.runs[0];
    if (url.searchParams.get("limit") === "50" && like) {
      const page = url.searchParams.get("cursor") ? 1 : 0;
      asked = Math.max(asked, page);
      body.runs = Array.from({ length: 150 }, (_, at) => ({
        ...like,
        run_id: `run_${String(page * 150 + at).padStart(16, "0")}`,
        run_name: `Run ${page * 150 + at}`,
      }));
      body.next_cursor = page === 0 ? "2026-01-01T00:00:00Z~run_0000000000000149" : null;
    }
    await route.fulfill({ response, json: body });
  });
  await page.goto("/tower/runs");
  await expect(page.getByRole("grid", { name: "Runs" })).toHaveAttribute("aria-rowcount", "151");
  expect(await page.locator("[data-row]").count()).toBeLessThan(80);
  await page.getByRole("button", { name: "Show older runs" }).click();
  await expect(page.getByRole("grid", { name: "Runs" })).toHaveAttribute("aria-rowcount", "301");
  expect(asked).toBe(1);
  await expect(page.getByText("300 runs, that is all of them.")).toBeAttached();
});

test("orders: the sentence, the track, the way to one and its story", async ({ page, server }) => {
  const { ticket } = await printedRun(server);
  await server.waiting("medium");
  await page.goto("/orders");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/orders? this week/);
  await expect(page.getByText("Paid, its print waits for your yes").first()).toBeVisible();
  await page.getByRole("searchbox").fill(nameOf(ticket));
  await expect(page).toHaveURL(/q=/);
  await page.getByRole("link", { name: nameOf(ticket), exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Order ${nameOf(ticket)} is`);
  await expect(page.getByText("You earn", { exact: true })).toBeVisible();
  await expect(page.getByText(/^Printed order/)).toBeVisible();
  await page.getByText(/^Printed order/).click();
  await expect(page).toHaveURL(/tab=effects/);
});

test("an order nobody knows says so", async ({ page, server }) => {
  await server.waiting("medium");
  await page.goto("/orders/1");
  await expect(page.getByText("There is no such order")).toBeVisible();
});

test("axe finds nothing in what opens over the runs", async ({ page, server }) => {
  const { path } = await printedRun(server);
  const clean = async (what: string) => {
    await wait(300);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(
      found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`),
      what,
    ).toEqual([]);
  };
  await page.goto(path);
  await expect(bars(page).first()).toBeVisible();
  await bars(page).nth(3).focus();
  await page.keyboard.press("Enter");
  await clean("details");
  await page.getByRole("button", { name: "As a table" }).click();
  await clean("table");
  await page.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Start it again" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await clean("start");
});
