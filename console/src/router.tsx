import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { asApiError } from "@/api/errors";
import { currentSession, fetchSession } from "@/api/session";
import { inboxSearch } from "@/features/inbox/search";
import { ordersSearch } from "@/features/orders/search";
import { runSearch, runsSearch } from "@/features/runs/search";
import { toolsSearch } from "@/features/tools/search";
import { NotFound, RouteProblem } from "@/shell/problems";
import Shell from "@/shell/Shell";

/** The map of the console: every address, what it accepts, and the file that answers it. */
const root = createRootRouteWithContext<{ client: QueryClient }>()({});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" ? { next: search.next } : {},
  component: lazyRouteComponent(() => import("@/features/login/LoginPage")),
});

/** Everything behind the door. An outage lets the page in: it shows that, where a sign-in page could not. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    if (currentSession()) return;
    try {
      await fetchSession();
    } catch (error) {
      if (asApiError(error)?.status === 401) {
        throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
      }
    }
  },
});

/** One component for the list and for a ticket of it, so that opening a ticket moves nothing. */
const inbox = createRoute({
  getParentRoute: () => shell,
  id: "inbox",
  validateSearch: inboxSearch,
  component: lazyRouteComponent(() => import("@/features/inbox/InboxPage")),
});
const home = createRoute({ getParentRoute: () => inbox, path: "/" });
const tower = createRoute({ getParentRoute: () => inbox, path: "/tower" });
const ticket = createRoute({ getParentRoute: () => inbox, path: "/tower/tickets/$ticketId" });

const runs = createRoute({
  getParentRoute: () => shell,
  path: "/tower/runs",
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import("@/features/runs/RunsPage")),
});
const run = createRoute({
  getParentRoute: () => shell,
  path: "/tower/runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("@/features/runs/RunPage")),
});
const orders = createRoute({
  getParentRoute: () => shell,
  path: "/orders",
  validateSearch: ordersSearch,
  component: lazyRouteComponent(() => import("@/features/orders/OrdersPage")),
});

const order = createRoute({
  getParentRoute: () => shell,
  path: "/orders/$orderId",
  component: lazyRouteComponent(() => import("@/features/orders/OrderPage")),
});

const tools = createRoute({
  getParentRoute: () => shell,
  path: "/tools",
  validateSearch: toolsSearch,
  component: lazyRouteComponent(() => import("@/features/tools/ToolsPage")),
});

/** Whatever else: a page of the console that says so, with the search at hand. */
const nowhere = createRoute({ getParentRoute: () => shell, path: "$", component: NotFound });

const tree = root.addChildren([
  login,
  shell.addChildren([inbox.addChildren([home, tower, ticket]), runs, run, orders, order, tools, nowhere]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: RouteProblem,
    notFoundMode: "root",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
