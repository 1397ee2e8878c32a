import { nameOf, wait } from "./server";
import { expect, test } from "./test";

test("what happens at another desk shows here at once, without asking", async ({ page, server }) => {
  const [ticket] = await server.waiting("medium");
  if (!ticket) throw new Error("no ticket");
  await page.goto(`/tower/tickets/${ticket.id}`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve" })).toBeVisible();
  let asked = 0;
  await page.route("**/api/tower/inbox?*", (route) => {
    asked += 1;
    return route.continue();
  });
  // Longer than the page would wait between questions without a link. While runs of the same order still move, each of
  // their events is a reason to ask; then there is none.
  await expect(async () => {
    asked = 0;
    await wait(7_000);
    expect(asked).toBe(0);
  }).toPass({ timeout: 45_000 });
  await server.ask("POST", `/tower/tickets/${ticket.id}/decide`, {
    decision: "reject",
    decision_payload: { reason: "seen at the other desk" },
  });
  await expect(page.getByText(/Rejected by other@example.com: seen at the other desk/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve" })).toBeHidden();
  await expect(
    page.getByRole("heading", { name: `Print order ${nameOf(ticket)} at Printful` }),
  ).toBeVisible();
});

test("a link that cannot be opened is told, and the page asks by itself", async ({ page, server }) => {
  const [ticket] = await server.waiting("medium");
  await page.routeWebSocket(/\/ws\/execution/, (socket) => socket.close());
  await page.goto(`/tower/tickets/${ticket?.id}`);
  await expect(page.getByText("Not live")).toBeVisible();
  await server.ask("POST", `/tower/tickets/${ticket?.id}/decide`, {
    decision: "reject",
    decision_payload: { reason: "without a link" },
  });
  await expect(page.getByText(/Rejected by other@example.com: without a link/).first()).toBeVisible();
});
