import { Icon } from "@/ui/Icon";
import { isRecord } from "@/words/reading";
import { words } from "./strings";

/** Nested values as a tree that opens where it is pressed. Texts are shown as text, whatever stands in them. */
export function ValueTree({ value, depth = 0 }: { value: unknown; depth?: number }) {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [String(index), item])
    : isRecord(value)
      ? Object.entries(value)
      : [];
  if (entries.length === 0) return <span className="font-mono text-xs">{JSON.stringify(value)}</span>;
  return (
    <ul className={depth > 0 ? "-ml-2.5 border-l border-line pl-6" : "pl-4"}>
      {entries.map(([name, child]) => (
        <li key={name} className="py-0.5 text-sm">
          {isRecord(child) || Array.isArray(child) ? (
            <details open={depth < 1 && size(child) <= 4} className="[&[open]>summary>svg]:rotate-90">
              <summary className="-ml-4 inline-flex min-h-6 list-none items-center gap-1 font-mono text-xs pointer-coarse:min-h-11">
                <Icon name="chevron" size={12} className="text-muted" />
                {name}
                <span className="ml-1 text-muted">
                  {Array.isArray(child) ? words.state.items(child.length) : words.state.members(size(child))}
                </span>
              </summary>
              {size(child) > 0 ? <ValueTree value={child} depth={depth + 1} /> : null}
            </details>
          ) : (
            <p className="font-mono text-xs break-words">
              <span className="text-muted">{name}: </span>
              {JSON.stringify(child)}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function size(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}
