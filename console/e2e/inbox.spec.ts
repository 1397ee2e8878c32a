import { nameOf, type TicketRow } from "./server";
import { expect, type Page, test } from "./test";

const title = (ticket: TicketRow) => `Print order ${nameOf(ticket)} at Printful`;
const row = (page: Page, ticket: TicketRow) => page.locator(`[data-ticket="${ticket.id}"]`);

async function one(tickets: Promise<TicketRow[]>): Promise<TicketRow> {
  const [ticket] = await tickets;
  if (!ticket) throw new Error("no ticket");
  return ticket;
}

test("an approval is sent after its undo window, and the run goes on", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await expect(page.getByRole("heading", { name: title(ticket) })).toBeVisible();
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(page.getByText(`Approving: ${title(ticket)}`)).toBeVisible();
  expect((await server.ticket(ticket.id)).status).toBe("pending");
  await expect
    .poll(async () => (await server.ticket(ticket.id)).status, { timeout: 15_000 })
    .toBe("approved");
  await expect(page.getByText(`Approved: ${title(ticket)}`)).toBeVisible();
  await expect(row(page, ticket)).toHaveCount(0);
  const run = await server.ask<{ status: string }>("GET", `/tower/runs/${ticket.run_id}`);
  expect(run.status).not.toBe("waiting_approval");
});

test("an undo leaves the ticket as it was", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Approve" }).click();
  await page
    .getByRole("region", { name: /notifications/i })
    .getByRole("button", { name: "Undo" })
    .click();
  await expect(page.getByText("Taken back. The ticket still waits.")).toBeVisible();
  await page.waitForTimeout(6_000);
  expect((await server.ticket(ticket.id)).status).toBe("pending");
});

test("leaving the page within the undo window sends nothing", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("link", { name: "Orders" }).first().click();
  await expect(page.getByText(/Not sent/)).toBeVisible();
  await page.waitForTimeout(6_000);
  expect((await server.ticket(ticket.id)).status).toBe("pending");
});

test("a rejection needs a reason and can say that it would have done harm", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Reject" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Reject" }).click();
  await expect(dialog.getByText("Say why, in a few words.")).toBeVisible();
  await dialog.getByLabel("Reason").fill("the motif is not ours");
  await dialog.getByLabel("This would have done harm").check();
  await dialog.getByRole("button", { name: "Reject" }).click();
  await expect
    .poll(async () => (await server.ticket(ticket.id)).status, { timeout: 15_000 })
    .toBe("rejected");
  expect((await server.ticket(ticket.id)).decision_payload).toMatchObject({
    reason: "the motif is not ours",
    harm: true,
  });
});

test("approving with changes sends the changed call and shows what the server refuses", async ({
  page,
  server,
}) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Approve with changes" });
  // A server that lists its tools offers a form first.
  const raw = dialog.getByRole("button", { name: "Raw JSON" });
  const box = dialog.getByRole("textbox", { name: "What the tool is given" });
  await expect(raw.or(box)).toBeVisible();
  if (await raw.isVisible()) await raw.click();
  const before = await box.inputValue();
  await box.fill("{");
  await dialog.getByRole("button", { name: "Approve with changes" }).click();
  await expect(dialog.getByText(/Not JSON/)).toBeVisible();
  await box.fill('{"shopify_order_id": 5}');
  await dialog.getByRole("button", { name: "Approve with changes" }).click();
  await expect(dialog.getByRole("alert")).toContainText("do not fit the tool");
  expect((await server.ticket(ticket.id)).status).toBe("pending");
  await box.fill(before.replace("true", "false"));
  await expect(dialog.getByText("(was yes)")).toBeVisible();
  await dialog.getByRole("button", { name: "Approve with changes" }).click();
  await expect(dialog).toBeHidden();
  const decided = await server.ticket(ticket.id);
  expect(decided.status).toBe("approved");
  expect(decided.decision_payload).toMatchObject({ params: { confirm: false } });
});

test("a tool whose schema is known is edited in a form", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Approve with changes" });
  const send = dialog.getByRole("button", { name: "Approve with changes" });
  await expect(send).toHaveAttribute("aria-disabled", "true");
  const order = dialog.getByLabel("Order number at Shopify");
  const number = await order.inputValue();
  await order.fill("not a number");
  await send.click();
  await expect(dialog.getByText(/This has to look like/)).toBeVisible();
  await order.fill(number);
  await dialog.getByLabel("Print at once").uncheck();
  await send.click();
  await expect(dialog).toBeHidden();
  expect((await server.ticket(ticket.id)).decision_payload).toMatchObject({ params: { confirm: false } });
});

test("what somebody else decided meanwhile is shown, and nothing is sent twice", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Approve" }).click();
  await server.ask("POST", `/tower/tickets/${ticket.id}/decide`, {
    decision: "reject",
    decision_payload: { reason: "I was faster" },
  });
  await expect(page.getByText(`Not decided: ${title(ticket)}`)).toBeVisible();
  await page.getByRole("button", { name: "Show" }).click();
  const notice = page.getByRole("alert").filter({ hasText: "This changed while you looked at it" });
  await expect(notice).toContainText("I was faster");
  expect((await server.ticket(ticket.id)).decided_by).toBe("other@example.com");
});

test("high risk is asked about once more and sent at once", async ({ page, server }) => {
  const ticket = await one(server.waiting("high"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await expect(page.getByRole("heading", { name: title(ticket) })).toBeVisible();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog", { name: "Approve a high-risk action?" });
  await expect(dialog).toContainText(title(ticket));
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect((await server.ticket(ticket.id)).status).toBe("pending");
  await page.keyboard.press("a");
  await dialog.getByRole("button", { name: "Yes, approve" }).click();
  await expect.poll(async () => (await server.ticket(ticket.id)).status, { timeout: 4_000 }).toBe("approved");
});

test("everything can be done from the keyboard alone", async ({ page, server }) => {
  const tickets = await server.waiting("medium", 3);
  await page.goto("/tower");
  await expect(page.getByRole("row")).not.toHaveCount(0);
  await page.keyboard.press("j");
  await expect(page).toHaveURL(/\/tower\/tickets\/\d+/);
  const first = Number(/(\d+)$/.exec(page.url())?.[1]);
  await expect(page.locator(`[data-ticket="${first}"]`)).toBeFocused();
  await page.keyboard.press("Control+a");
  await expect(page.getByText(/\d+ selected/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText(/\d+ selected/)).toBeHidden();
  await page.keyboard.press("x");
  await expect(page.getByText("1 selected")).toBeVisible();
  await page.keyboard.press("Escape");

  const reject = tickets.find(({ id }) => id !== first) ?? tickets[0];
  if (!reject) throw new Error("no ticket");
  await page.goto(`/tower/tickets/${reject.id}`);
  await expect(page.getByRole("heading", { name: title(reject) })).toBeVisible();
  await page.keyboard.press("r");
  await page.keyboard.type("not today");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(`Rejecting: ${title(reject)}`)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(page.getByText("Taken back. The ticket still waits.")).toBeVisible();
  expect((await server.ticket(reject.id)).status).toBe("pending");

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Orders");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/orders/);
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/\/tower$/);
});

test("keys of the browser, held keys and typing decide nothing", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  let decisions = 0;
  await page.route("**/decide", (route) => {
    decisions += 1;
    return route.continue();
  });
  await page.goto(`/tower/tickets/${ticket.id}`);
  await expect(page.getByRole("button", { name: "Approve" })).toBeVisible();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+a");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("area");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(6_000);
  expect(decisions).toBe(0);
  await page.keyboard.down("a");
  for (let repeats = 0; repeats < 5; repeats += 1) await page.keyboard.down("a");
  await page.keyboard.up("a");
  await page.waitForTimeout(6_500);
  expect(decisions).toBe(1);
});

test("what arrives while the list is in use waits behind a chip", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  const rows = page.getByRole("row");
  await expect(row(page, ticket)).toBeVisible();
  const before = await rows.count();
  const chip = page.getByRole("button", { name: /^\d+ new$/ });
  // Not every order of the rehearsed shop is one to print.
  await expect(async () => {
    server.order();
    await expect(chip).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 50_000 });
  await expect(rows).toHaveCount(before);
  await chip.click();
  await expect(chip).toBeHidden();
  expect(await rows.count()).toBeGreaterThan(before);
});

test("several low-risk tickets are reviewed together and each answered for itself", async ({
  page,
  server,
}) => {
  await server.waiting("medium", 2);
  await page.route("**/api/tower/inbox?*", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    for (const ticket of body.tickets) if (ticket.status === "pending") ticket.risk_level = "low";
    await route.fulfill({ response, json: body });
  });
  await page.goto("/tower");
  await page.getByRole("button", { name: /^Select low risk/ }).click();
  await page.getByRole("button", { name: /^Approve \d+$/ }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet).toContainText("Together");
  await sheet.getByRole("button", { name: /^Approve \d+$/ }).click();
  // The page was made to believe that they are low risk; the server knows better and refuses each.
  await expect(sheet.getByText("Only low-risk tickets can be approved in bulk").first()).toBeVisible();
  await expect(sheet.getByText(/0 decided, \d+ not/)).toBeVisible();
});

test("several tickets are rejected with one reason", async ({ page, server }) => {
  const tickets = await server.waiting("medium", 2);
  await page.goto("/tower");
  await expect(row(page, tickets[0] as TicketRow)).toBeVisible();
  await page.getByRole("row").first().focus();
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: /^Reject \d+$/ }).click();
  await page.getByLabel("Reason").fill("closing the shop");
  await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
  await expect(page.getByText(/\d+ decided/)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing waits for you.");
  await expect(page.getByText(/The last decision was/)).toBeVisible();
});

test("a role that may not decide sees why", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.route("**/api/auth/me", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), role: "viewer" } });
  });
  await page.goto(`/tower/tickets/${ticket.id}`);
  const approve = page.getByRole("button", { name: "Approve" });
  await expect(approve).toHaveAttribute("aria-disabled", "true");
  await expect(approve).toHaveAccessibleDescription("Needs the role operator");
});

test("an outage is said once, and what is there stays", async ({ page, server }) => {
  const ticket = await one(server.waiting("medium"));
  await page.goto(`/tower/tickets/${ticket.id}`);
  await expect(row(page, ticket)).toBeVisible();
  await page.route("**/api/**", (route) =>
    route.fulfill({
      status: 503,
      json: { error: "Cannot reach Holly Grace agents server", tickets: [], count: 0 },
    }),
  );
  // With the socket up the pages ask again when something happens.
  server.order();
  await expect(page.getByText("Cannot reach Holly Grace.")).toBeVisible({ timeout: 20_000 });
  await expect(row(page, ticket)).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve" })).toHaveAttribute("aria-disabled", "true");
  await page.unroute("**/api/**");
  await expect(page.getByText("Cannot reach Holly Grace.")).toBeHidden({ timeout: 20_000 });
});

test("text from outside stays text", async ({ page, server }) => {
  await server.waiting("medium");
  await page.route("**/api/tower/inbox?*", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    for (const ticket of body.tickets) {
      ticket.proposed_action.call.ship_to = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
    }
    await route.fulfill({ response, json: body });
  });
  await page.goto("/tower");
  await expect(page.getByText("<img src=x").first()).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
});
