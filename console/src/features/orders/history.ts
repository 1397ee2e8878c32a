import type { Effect, Order, Run, Ticket } from "@/api/types";
import { effectWords } from "@/words/effect";
import { costOf, past, referenceOf } from "@/words/events";
import { runTitle } from "@/words/run";
import { outcomeOf, ticketWords } from "@/words/ticket";
import { words } from "./strings";

/** One thing that happened to an order. */
export interface Chapter {
  key: string;
  at: string;
  kind: "came" | "run" | "ticket" | "effect";
  sentence: string;
  detail: string | null;
  run?: Run;
  ticket?: Ticket;
  effect?: Effect;
}

export interface OrderFile {
  order: Order;
  runs: readonly Run[];
  effects: readonly Effect[];
  tickets: readonly Ticket[];
}

/** The order's story, oldest first: runs, questions and what was done outside, each at the moment that counts. Pure. */
export function history({ order, runs, effects, tickets }: OrderFile): Chapter[] {
  const chapters: Chapter[] = [];
  const came = order.ordered_at ?? order.created_at;
  chapters.push({ key: "came", at: came, kind: "came", sentence: words.order.came, detail: null });
  for (const run of runs) {
    chapters.push({
      key: run.run_id,
      at: run.created_at,
      kind: "run",
      sentence: withoutOrder(runTitle(run), order),
      detail: run.last_error,
      run,
    });
  }
  for (const ticket of tickets) {
    const asked = ticketWords(ticket);
    chapters.push({
      key: `t${ticket.id}`,
      at: ticket.decided_at ?? ticket.created_at,
      kind: "ticket",
      sentence:
        ticket.status === "pending"
          ? `Waits for your yes: ${asked.title}`
          : (outcomeOf(ticket) ?? asked.title),
      detail: ticket.status === "pending" ? null : asked.title,
      ticket,
    });
  }
  for (const effect of effects) {
    const done = effectWords(effect, order.order_name);
    const happened = effect.status === "committed";
    chapters.push({
      key: effect.effect_id,
      at: effect.committed_at ?? effect.attempted_at ?? effect.created_at,
      kind: "effect",
      sentence: happened
        ? [past(done.title), referenceOf(effect), costOf(effect)].filter(Boolean).join(", ")
        : done.title,
      detail: happened ? null : done.standing,
      effect,
    });
  }
  return chapters.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** On the page of an order its name need not be said again: "Order #1042 paid" is "Paid". */
function withoutOrder(title: string, order: Order): string {
  const rest = title.replace(`Order ${order.order_name ?? "\u0000"}`, "").trim();
  if (rest === "" || rest === title) return title;
  return rest[0]?.toUpperCase() + rest.slice(1);
}
