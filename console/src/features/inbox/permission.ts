import { useOutage } from "@/api/outage";
import { mayAct, useSession } from "@/api/session";
import type { Risk, Ticket } from "@/api/types";
import { strings } from "@/strings";

/** Why this person cannot decide now, or null. The server decides anyway. */
export function useWhyNot(): (subject: Risk | Ticket, now?: number) => string | null {
  const session = useSession();
  const outage = useOutage();
  return (subject, now = Date.now()) => {
    const risk = typeof subject === "string" ? subject : subject.risk_level;
    if (outage) return strings.role.outage;
    const needed = risk === "high" ? "admin" : "operator";
    if (!mayAct(session?.role, needed)) return strings.role.needs(needed);
    if (typeof subject !== "string" && Date.parse(subject.expires_at) <= now) return strings.decide.expired;
    return null;
  };
}
