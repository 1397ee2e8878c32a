import { strings } from "@/strings";
import type { IconName } from "@/ui/Icon";

/** The pages that exist. Navigation, palette and shortcuts are made from this list: what is not here is nowhere. */
export interface PageInfo {
  to: string;
  /** Paths that count as this page. */
  match: (path: string) => boolean;
  label: string;
  /** What there is room for at the bottom of a phone, when the label is too long. */
  short?: string;
  icon: IconName;
  group: string;
  /** Second key after `g`. */
  key: string;
}

export const PAGES: readonly PageInfo[] = [
  {
    to: "/tower",
    match: (path) => path === "/" || path === "/tower" || path.startsWith("/tower/tickets"),
    label: strings.nav.inbox,
    icon: "inbox",
    group: strings.nav.operate,
    key: "t",
  },
  {
    to: "/tower/runs",
    match: (path) => path.startsWith("/tower/runs"),
    label: strings.nav.runs,
    icon: "runs",
    group: strings.nav.operate,
    key: "r",
  },
  {
    to: "/orders",
    match: (path) => path.startsWith("/orders"),
    label: strings.nav.orders,
    icon: "orders",
    group: strings.nav.operate,
    key: "o",
  },
  {
    to: "/tools",
    match: (path) => path.startsWith("/tools"),
    label: strings.nav.tools,
    short: strings.nav.toolsShort,
    icon: "clock",
    group: strings.nav.operate,
    key: "s",
  },
];
