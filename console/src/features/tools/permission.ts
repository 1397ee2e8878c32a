import { useOutage } from "@/api/outage";
import { mayAct, useSession } from "@/api/session";
import { strings } from "@/strings";

/** Why this person cannot steer jobs now, or null. The server decides anyway. */
export function useWhyNotSteer(): string | null {
  const session = useSession();
  const outage = useOutage();
  if (outage) return strings.role.outage;
  return mayAct(session?.role, "operator") ? null : strings.role.needs("operator");
}
