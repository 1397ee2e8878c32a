import { strings } from "@/strings";
import type { IconName } from "@/ui/Icon";

export interface Target {
  to: string;
  label: string;
  icon: IconName;
}

/** What a text may be the name of: a ticket number, a run id, an order number. Pure. */
export function targetsOf(text: string): Target[] {
  const wanted = text.trim();
  if (wanted === "") return [];
  const found: Target[] = [];
  const run = /^(?:run_)?([0-9a-f]{16})$/i.exec(wanted);
  if (run) {
    const id = `run_${run[1]?.toLowerCase()}`;
    found.push({ to: `/tower/runs/${id}`, label: strings.palette.run(id), icon: "runs" });
  }
  if (/^#?\d{3,20}$/.test(wanted)) {
    found.push({
      to: `/orders?q=${encodeURIComponent(wanted)}`,
      label: strings.palette.order(wanted),
      icon: "orders",
    });
  }
  if (/^\d{1,9}$/.test(wanted)) {
    found.push({ to: `/tower/tickets/${wanted}`, label: strings.palette.ticket(wanted), icon: "inbox" });
  }
  return found;
}
