import { nameOf } from "./server";
import { expect, test } from "./test";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

test("on a phone a ticket is a card, and the answer is within reach of the thumb", async ({
  page,
  server,
}) => {
  const [ticket] = await server.waiting("medium", 2);
  if (!ticket) throw new Error("no ticket");
  await page.goto("/tower");
  await page.getByRole("link", { name: `Print order ${nameOf(ticket)} at Printful` }).tap();
  const approve = page.getByRole("button", { name: "Approve" });
  const box = await approve.boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(44);
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeGreaterThan(760);
  await approve.tap();
  await expect
    .poll(async () => (await server.ticket(ticket.id)).status, { timeout: 15_000 })
    .toBe("approved");
});

test("on a phone high risk has to be held", async ({ page, server }) => {
  const [ticket] = await server.waiting("high");
  if (!ticket) throw new Error("no ticket");
  await page.goto(`/tower/tickets/${ticket.id}`);
  await page.getByRole("button", { name: "Approve" }).tap();
  const hold = page.getByRole("dialog").getByRole("button", { name: "Hold to approve" });
  await hold.tap();
  await page.waitForTimeout(1_500);
  expect((await server.ticket(ticket.id)).status).toBe("pending");
  const box = await hold.boundingBox();
  if (!box) throw new Error("no button");
  const session = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await page.waitForTimeout(1_400);
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await expect.poll(async () => (await server.ticket(ticket.id)).status).toBe("approved");
});

for (const width of [360, 390, 900])
  test(`nothing is wider than a screen of ${width} px`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 844 });
    const [ticket] = await server.waiting("medium");
    for (const path of [
      "/tower",
      `/tower/tickets/${ticket?.id}`,
      "/tower/runs",
      "/orders",
      "/tools",
      "/tools?tab=tools",
    ]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, path).toBeLessThanOrEqual(0);
    }
  });
