import type { UseQueryResult } from "@tanstack/react-query";
import type { Tool } from "@/api/types";
import { RawJson } from "@/ui/Json";
import { Mark, RiskMark } from "@/ui/marks";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { byCategory, categoryName, inputsOf } from "@/words/tools";
import { words } from "./strings";

/** The tools by category: what each does, whether it changes anything outside, and how risky that is. */
export function ToolsTab({ query }: { query: UseQueryResult<Tool[]> }) {
  const { data: tools } = query;
  if (query.isPending) return <SkeletonRows rows={8} height={56} />;
  if (!tools) {
    return (
      <div className="px-6 pt-4 max-md:px-4">
        <ErrorPanel what={words.tools.failed} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  if (tools.length === 0) {
    return (
      <Empty icon="whole" title={words.tools.empty}>
        {words.tools.emptyHint}
      </Empty>
    );
  }
  return byCategory(tools).map(([category, rows]) => (
    <section key={category} aria-labelledby={`tools-${category}`}>
      <h2
        id={`tools-${category}`}
        className="border-b border-line px-6 pt-5 pb-2 text-sm font-medium max-md:px-4"
      >
        {categoryName(category)} <span className="ml-1 font-normal text-muted">{rows.length}</span>
      </h2>
      <ul>
        {rows.map((tool) => (
          <ToolRow key={tool.tool_id} tool={tool} />
        ))}
      </ul>
    </section>
  ));
}

function ToolRow({ tool }: { tool: Tool }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_11rem_6rem] items-start gap-x-5 border-b border-line px-6 py-2.5 text-sm max-md:flex max-md:flex-wrap max-md:gap-y-1 max-md:px-4 max-md:py-3">
      <div className="min-w-0 max-md:w-full">
        <p className="flex flex-wrap items-baseline gap-x-2.5">
          <span className="font-medium">{tool.display_name}</span>
          <span className="font-mono text-xs text-muted">{tool.tool_id}</span>
        </p>
        <p className="text-muted text-pretty">{tool.description}</p>
        <details className="group/inputs">
          <summary className="inline-flex h-7 items-center gap-1 rounded-sm text-xs text-muted hover:text-text pointer-coarse:h-11">
            <span className="transition-transform group-open/inputs:rotate-90">›</span> {words.tools.inputs}
            <span className="sr-only">: {tool.display_name}</span>
          </summary>
          <Inputs tool={tool} />
        </details>
      </div>
      {tool.mutating ? (
        <Mark icon="edit" tone="muted" className="text-text!">
          {words.tools.changes}
        </Mark>
      ) : (
        <Mark icon="search" tone="muted">
          {words.tools.looks}
        </Mark>
      )}
      <RiskMark risk={tool.risk_level} />
    </li>
  );
}

function Inputs({ tool }: { tool: Tool }) {
  const inputs = inputsOf(tool.input_schema);
  return (
    <div className="max-w-3xl pt-1 pb-2">
      {inputs.length === 0 ? (
        <p className="text-muted">{words.tools.noInputs}</p>
      ) : (
        <ul className="mb-1">
          {inputs.map((input) => (
            <li key={input.name} className="flex flex-wrap gap-x-3 border-t border-line py-1.5">
              <span className="w-48 max-md:w-full">{input.label}</span>
              <span className="min-w-0 flex-1 break-words text-muted">
                {input.kind}
                {input.note ? `. ${input.note}` : ""}
              </span>
              <span className="text-muted">{input.needed ? words.tools.needed : words.tools.optional}</span>
            </li>
          ))}
        </ul>
      )}
      <RawJson value={tool.input_schema} label={words.tools.schema} />
    </div>
  );
}
