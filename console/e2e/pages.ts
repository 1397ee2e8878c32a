import type { Server } from "./server";

/** The pages that exist, with an address of each. A new page is added here and is then looked at by axe and screens. */
export async function addresses(server: Server): Promise<{ name: string; path: string }[]> {
  const [ticket] = await server.waiting("medium");
  return [
    { name: "login", path: "/login" },
    { name: "inbox", path: "/tower" },
    { name: "ticket", path: `/tower/tickets/${ticket?.id}` },
    { name: "decided", path: "/tower?show=decided" },
    { name: "runs", path: "/tower/runs" },
    { name: "run", path: `/tower/runs/${ticket?.run_id}` },
    { name: "orders", path: "/orders" },
    { name: "not-found", path: "/no/such/page" },
  ];
}
