import type { Risk, Ticket } from "@/api/types";
import { minorToAmount } from "./money";
import { list, number, record, sentenceCase, text } from "./reading";
import { actOf, type Call, detailOf } from "./tool";

/** A ticket in words. `machine` is the small grey second line, for those who debug. */
export interface TicketWords {
  title: string;
  detail: string | null;
  machine: string;
  whyStopped: string;
  afterYes: string;
  afterNo: string;
  /** What is unusual, each in a few words; the risk and the tool themselves are not repeated. */
  flags: string[];
}

/** What a ticket does to money. Amounts in major units; null where it is not known. */
export interface TicketMoney {
  currency: string;
  cost: number | null;
  revenue: number | null;
  margin: number | null;
}

export function callOf(ticket: Ticket): Call {
  const action = ticket.proposed_action;
  return {
    tool: text(action, "tool") ?? text(ticket, "ticket_type") ?? "unknown_action",
    params: record(action, "params"),
    call: record(action, "call"),
    orderName: text(ticket.context_pack, "subject", "order_name"),
  };
}

export function ticketWords(ticket: Ticket): TicketWords {
  const call = callOf(ticket);
  const pack = ticket.context_pack;
  const act = actOf(call);
  const said = text(pack, "tldr");
  const known = act !== sentenceCase(call.tool.replaceAll("_", " "));
  const reconcile = ticket.ticket_type === "effect_reconcile";
  return {
    title: reconcile ? `Did this happen? ${act}` : known ? act : (said ?? act),
    detail: detailOf(call) ?? (known ? null : text(pack, "impact")),
    machine: call.tool,
    whyStopped: whyStopped(ticket),
    afterYes: reconcile
      ? "The call is sent again."
      : (afterYes(call) ?? "The call runs exactly as shown, once. The run goes on with its result."),
    afterNo: reconcile
      ? "It is treated as done; nothing is sent again."
      : "Nothing is sent. The run goes on without it and is told why.",
    flags: list(pack, "risk_flags").flatMap((flag) =>
      typeof flag === "string" ? (flagWords(flag) ?? []) : [],
    ),
  };
}

function whyStopped(ticket: Ticket): string {
  const said = text(ticket.context_pack, "why_stopped");
  const level = /^Goal level (\d) is closed/.exec(said ?? "")?.[1];
  if (level) return `${said}.`;
  if (said && !/ is a (low|medium|high)-risk action$/.test(said))
    return said.endsWith(".") ? said : `${said}.`;
  if (ticket.ticket_type === "effect_reconcile") {
    return "The answer to this call was lost and cannot be read back, so a person has to say what happened.";
  }
  return {
    low: "Small things like this wait for a yes until a standing rule covers them.",
    medium: "It spends money or changes the shop, so it waits for a yes.",
    high: "It could cost more than it earns or cannot be taken back, so an admin has to say yes.",
  }[ticket.risk_level];
}

function afterYes({ tool, params }: Call): string | null {
  switch (tool) {
    case "printful_submit_order":
      return params.confirm === true
        ? "The order and its price are checked once more, then Printful gets it and starts to print. After a short while it cannot be stopped."
        : "Printful gets a draft. Nothing is printed and nothing is charged yet.";
    case "printful_cancel_order":
      return "Printful stops the print and gives the money back.";
    case "stripe_refund":
      return "The customer gets the money back. That cannot be undone.";
    case "sage_send_email":
      return "The message is sent once. It cannot be called back.";
    default:
      return null;
  }
}

const FLAGS: Record<string, string> = {
  "gate:closed": "a goal level is closed",
  "policy:changed": "the rules changed since the approval",
  "margin:negative": "costs more than it earns",
  "margin:unknown": "what it earns is not known",
  "cost:unknown": "what it costs is not known",
  "address:incomplete": "the address is not complete",
  "currency:differs": "cost and income are in two currencies",
};

function flagWords(flag: string): string | null {
  if (/^(risk|tool):/.test(flag)) return null;
  return FLAGS[flag] ?? flag.replaceAll("_", " ").replace(":", ": ");
}

export function ticketMoney(ticket: Ticket): TicketMoney {
  const money = record(ticket.context_pack, "money");
  const currency = text(money, "currency") ?? "USD";
  const amount = (member: string) => {
    const minor = number(money, member);
    return minor === null ? null : minorToAmount(minor, currency);
  };
  return {
    currency,
    cost: amount("cost_minor"),
    revenue: amount("revenue_minor"),
    margin: amount("margin_minor"),
  };
}

export function isWithdrawn(ticket: Ticket): boolean {
  return ticket.decision_payload?.withdrawn === true;
}

const WITHDRAWN: Record<string, string> = {
  order_cancelled: "the order was cancelled",
  order_refunded: "the order was refunded",
  order_changed: "the order changed",
};

/** How a ticket that no longer waits ended: "Approved by jo@example.com", "Withdrawn: the order was cancelled". */
export function outcomeOf(ticket: Ticket): string | null {
  const by = ticket.decided_by ? ` by ${ticket.decided_by}` : "";
  const reason = text(ticket.decision_payload, "reason");
  if (ticket.status === "pending") return null;
  if (ticket.status === "expired") return "Expired: nobody answered in 24 hours, so the run ended";
  if (isWithdrawn(ticket)) return `Withdrawn: ${WITHDRAWN[reason ?? ""] ?? reason ?? "it became void"}`;
  if (ticket.status === "approved") {
    return ticket.decision_payload?.params ? `Approved with changes${by}` : `Approved${by}`;
  }
  return `Rejected${by}${reason ? `: ${reason}` : ""}`;
}

const RANK: Record<Risk, number> = { high: 0, medium: 1, low: 2 };

export type TicketOrder = "risk" | "expiry" | "newest";

/** The order in which tickets are read: the riskiest first, and of those the one that has waited longest. */
export function byOrder(order: TicketOrder): (a: Ticket, b: Ticket) => number {
  return (a, b) => {
    if (order === "expiry") return Date.parse(a.expires_at) - Date.parse(b.expires_at) || a.id - b.id;
    if (order === "newest") return Date.parse(b.created_at) - Date.parse(a.created_at) || b.id - a.id;
    return (
      RANK[a.risk_level] - RANK[b.risk_level] ||
      Date.parse(a.created_at) - Date.parse(b.created_at) ||
      a.id - b.id
    );
  };
}
