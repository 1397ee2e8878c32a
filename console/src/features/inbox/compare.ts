import type { Ticket } from "@/api/types";
import { isRecord, record } from "@/words/reading";
import { callOf } from "@/words/ticket";
import { labelOf, memberValue } from "@/words/tool";

/** One member that differs, in words; null: it was not there. */
export interface Difference {
  member: string;
  label: string;
  before: string | null;
  after: string | null;
}

/** Members that always differ and say nothing to a person. */
const NOISE = new Set([
  "recipient_hash",
  "order_version",
  "external_id",
  "shopify_order_id",
  "printful_order_id",
]);

/** What differs between two bodies, member by member. Pure. */
export function differences(
  before: unknown,
  after: unknown,
  skip: ReadonlySet<string> = new Set(),
): Difference[] {
  const old = record(before);
  const fresh = record(after);
  const members = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return members
    .filter((member) => !skip.has(member) && !same(old[member], fresh[member]))
    .map((member) => ({
      member,
      label: labelOf(member),
      before: member in old ? show(member, old[member], old) : null,
      after: member in fresh ? show(member, fresh[member], fresh) : null,
    }));
}

function show(member: string, value: unknown, around: Record<string, unknown>): string {
  return memberValue(member, value, around) ?? JSON.stringify(value);
}

/** Equal as JSON, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => same(item, b[at]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
}

/** The newest approved ticket of the same kind before this one: "last time". */
export function lastTime(ticket: Ticket, earlier: readonly Ticket[]): Ticket | null {
  const { tool, params } = callOf(ticket);
  const alike = earlier
    .filter(
      (other) =>
        other.id !== ticket.id &&
        other.status === "approved" &&
        Date.parse(other.created_at) < Date.parse(ticket.created_at),
    )
    .filter((other) => callOf(other).tool === tool && callOf(other).params.confirm === params.confirm);
  return (
    alike.toSorted(
      (a, b) => Date.parse(b.decided_at ?? b.created_at) - Date.parse(a.decided_at ?? a.created_at),
    )[0] ?? null
  );
}

export function differencesToLast(ticket: Ticket, last: Ticket): Difference[] {
  const [now, then] = [callOf(ticket), callOf(last)];
  const body = (call: typeof now) => (Object.keys(call.call).length > 0 ? call.call : call.params);
  return differences(body(then), body(now), NOISE);
}

/** What changed about a ticket while somebody was deciding it. */
export function differencesInTicket(before: Ticket, after: Ticket): Difference[] {
  const [then, now] = [callOf(before), callOf(after)];
  return [
    ...differences(
      { status: before.status, risk: before.risk_level },
      { status: after.status, risk: after.risk_level },
    ),
    ...differences({ ...then.params, ...then.call }, { ...now.params, ...now.call }),
  ];
}
