import { strings } from "@/strings";
import { CopyButton } from "./values";

/** Raw JSON, one click away from every readable form. Plain text: nothing in it is ever run or followed. */
export function RawJson({
  value,
  label = strings.common.rawJson,
  open,
}: {
  value: unknown;
  label?: string;
  open?: boolean;
}) {
  const text = JSON.stringify(value, null, 2);
  return (
    <details open={open} className="group">
      <summary className="inline-flex h-7 items-center gap-1 rounded-sm text-xs text-muted hover:text-text pointer-coarse:h-11">
        <span className="transition-transform group-open:rotate-90">›</span> {label}
      </summary>
      <div className="relative mt-1 rounded-md border border-line bg-bg">
        <div className="absolute top-1 right-1">
          <CopyButton text={text} label={strings.common.copyJson} />
        </div>
        <pre
          tabIndex={0}
          className="max-h-96 overflow-auto p-3 pr-9 font-mono text-xs leading-5 whitespace-pre-wrap break-all"
        >
          {text}
        </pre>
      </div>
    </details>
  );
}
