import { useQuery } from "@tanstack/react-query";
import { effectQuery, overviewQuery } from "@/api/queries";
import type { Ticket } from "@/api/types";
import { levelSentence } from "@/words/level";

/** Which goal the call serves, and whether the way there is open. Nothing while that is not known. */
export function Level({ ticket }: { ticket: Ticket }) {
  const effect = useQuery({ ...effectQuery(ticket.effect_id ?? ""), enabled: ticket.effect_id !== null });
  const overview = useQuery(overviewQuery());
  const level = effect.data?.goal_level;
  if (typeof level !== "number") return null;
  const closed = ticket.status === "pending" ? (overview.data?.gate?.closed_levels ?? null) : null;
  return <p className="text-sm text-muted">{levelSentence(level, closed)}</p>;
}
