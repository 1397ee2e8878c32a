import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { RawJson } from "@/ui/Json";
import { Id } from "@/ui/values";
import { callOf } from "@/words/ticket";
import { labelOf, memberValue } from "@/words/tool";
import { Part } from "./Part";

/** Members that a person skips; shown last and small, because they are sent as well. */
const TECHNICAL = new Set(["recipient_hash", "order_version", "store_id"]);

/** The exact thing that will be sent: as a form to read, the raw JSON one click away. */
export function Payload({ ticket }: { ticket: Ticket }) {
  const { call, params } = callOf(ticket);
  const resolved = Object.keys(call).length > 0;
  const body: Record<string, unknown> = resolved ? { ...extras(params, call), ...call } : params;
  const names = Object.keys(body).sort((a, b) => Number(TECHNICAL.has(a)) - Number(TECHNICAL.has(b)));
  return (
    <Part title={resolved ? strings.detail.sends : strings.detail.asked}>
      <dl className="border-t border-line text-sm">
        {names.map((name) => (
          <div key={name} className="flex gap-4 border-b border-line py-1.5 max-md:flex-col max-md:gap-0">
            <dt className="w-48 shrink-0 text-muted">{labelOf(name)}</dt>
            <dd
              className={`min-w-0 flex-1 break-words ${TECHNICAL.has(name) ? "font-mono text-xs leading-5 text-muted" : ""}`}
            >
              {isHash(body[name]) ? (
                <Id id={body[name]} short />
              ) : (
                (memberValue(name, body[name], body) ?? (
                  <pre className="font-mono text-xs whitespace-pre-wrap">
                    {JSON.stringify(body[name], null, 2)}
                  </pre>
                ))
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-1">
        <RawJson value={ticket.proposed_action} />
      </div>
    </Part>
  );
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32,}$/.test(value);
}

/** What was asked for and is not already said by the call itself. */
function extras(params: Record<string, unknown>, call: Record<string, unknown>): Record<string, unknown> {
  const said = new Set(Object.values(call).filter((value) => typeof value === "string"));
  return Object.fromEntries(
    Object.entries(params).filter(
      ([name, value]) => !(name in call) && !(typeof value === "string" && said.has(value)),
    ),
  );
}
