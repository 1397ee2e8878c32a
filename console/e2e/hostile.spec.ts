import { addresses } from "./pages";
import { expect, test } from "./test";

/** What a server or a network can do to a page: it has to stay a page. */
const ANSWERS = {
  "not JSON": { status: 200, contentType: "application/json", body: "<html>" },
  "another shape": {
    status: 200,
    json: { tickets: null, runs: {}, orders: 7, events: "x", jobs: 1, entries: {} },
  },
  "rows without members": {
    status: 200,
    json: {
      tickets: [{ id: 1 }],
      runs: [{}],
      orders: [{}],
      events: [{}],
      jobs: [{}],
      entries: [{}],
      tools: [{}],
    },
  },
  forbidden: { status: 403, json: { error: "Not allowed", code: "forbidden", trace_id: "t" } },
  outage: { status: 503, json: { error: "Cannot reach Holly Grace agents server", tickets: [], count: 0 } },
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  test(`every page survives answers that are: ${what}`, async ({ page, server }) => {
    const pages = await addresses(server);
    await page.route(/\/api\/(tower|orders|overview|scheduler|tools)/, (route) => route.fulfill(answer));
    for (const { name, path } of pages) {
      await page.goto(path);
      await expect(page.locator("h1, [role=alert]").first(), name).toBeAttached();
      await expect(page.getByRole("main"), name).toBeVisible();
    }
  });
}

test("at four times the size everything can still be reached", async ({ page, server }) => {
  const [ticket] = await server.waiting("medium");
  await page.setViewportSize({ width: 360, height: 225 });
  await page.goto(`/tower/tickets/${ticket?.id}`);
  const approve = page.getByRole("button", { name: "Approve" });
  await approve.scrollIntoViewIfNeeded();
  await expect(approve).toBeInViewport({ ratio: 1 });
});
