import type { Server } from "./server";

/** The pages that exist, with an address of each. A new page is added here and is then looked at by axe and screens. */
export async function addresses(server: Server): Promise<{ name: string; path: string }[]> {
  const [ticket] = await server.waiting("medium");
  const run = `/tower/runs/${ticket?.run_id}`;
  const { orders } = await server.ask<{ orders: { order_key: string }[] }>("GET", "/orders?limit=1");
  const order = orders[0]?.order_key.replace("shopify:", "");
  return [
    { name: "login", path: "/login" },
    { name: "inbox", path: "/tower" },
    { name: "ticket", path: `/tower/tickets/${ticket?.id}` },
    { name: "decided", path: "/tower?show=decided" },
    { name: "runs", path: "/tower/runs" },
    { name: "run", path: run },
    { name: "run-events", path: `${run}?tab=events` },
    { name: "run-state", path: `${run}?tab=state` },
    { name: "run-effects", path: `${run}?tab=effects` },
    { name: "run-messages", path: `${run}?tab=messages` },
    { name: "run-trace", path: `${run}?tab=trace` },
    { name: "orders", path: "/orders" },
    { name: "order", path: `/orders/${order}` },
    { name: "tools-jobs", path: "/tools" },
    { name: "tools-dlq", path: "/tools?tab=dlq" },
    { name: "tools-tools", path: "/tools?tab=tools" },
    { name: "not-found", path: "/no/such/page" },
  ];
}
