import type { RunStatus } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Chips, Select } from "@/ui/fields";
import { SearchField } from "@/ui/SearchField";
import { useWhyNotAct } from "./permission";
import { RANGES, type Range, type RunsSearch } from "./search";
import { words } from "./strings";

const STATUSES: readonly RunStatus[] = [
  "running",
  "waiting_approval",
  "queued",
  "completed",
  "failed",
  "cancelled",
];

/** What the list is narrowed by. All of it stands in the address. */
export function RunsToolbar({
  search,
  onSearch,
  counts,
  capped,
  workflows,
  onStart,
}: {
  search: RunsSearch;
  onSearch: (change: Partial<RunsSearch>) => void;
  counts: ReadonlyMap<string, number>;
  capped: boolean;
  workflows: readonly string[];
  onStart: () => void;
}) {
  const whyNot = useWhyNotAct();
  const names = [...new Set([...workflows, ...(search.workflow ? [search.workflow] : [])])].toSorted();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-6 pb-3 max-md:px-4">
      <div className="max-md:-mx-4 max-md:w-[calc(100%+2rem)] max-md:overflow-x-auto max-md:px-4 max-md:[scrollbar-width:none] max-md:[&>div]:flex-nowrap">
        <Chips
          label={words.list.filter}
          value={search.status ?? "all"}
          options={[
            { value: "all", label: words.list.all },
            ...STATUSES.map((status) => ({
              value: status,
              label: strings.run.status[status],
              ...(counts.has(status) && !(capped && (status === "completed" || status === "cancelled"))
                ? { count: counts.get(status) }
                : {}),
            })),
          ]}
          onChange={(status) => onSearch({ status: status === "all" ? undefined : (status as RunStatus) })}
        />
      </div>
      <div className="ml-auto flex items-center gap-2 max-md:ml-0 max-md:w-full max-md:flex-wrap">
        {names.length > 1 ? (
          <Select
            aria-label={words.list.workflow}
            value={search.workflow ?? ""}
            onChange={(event) => onSearch({ workflow: event.target.value || undefined })}
            className="!h-8 !w-auto text-sm"
          >
            <option value="">{words.list.anyWorkflow}</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        ) : null}
        <Select
          aria-label={words.list.range}
          value={search.range ?? ""}
          onChange={(event) => onSearch({ range: (event.target.value || undefined) as Range | undefined })}
          className="!h-8 !w-auto text-sm"
        >
          <option value="">{words.list.anyTime}</option>
          {RANGES.map((range) => (
            <option key={range} value={range}>
              {words.list.ranges[range]}
            </option>
          ))}
        </Select>
        <SearchField
          value={search.q ?? ""}
          label={words.list.search}
          onSearch={(q) => onSearch({ q: q || undefined })}
        />
        <Button icon="play" reason={whyNot} onClick={onStart}>
          <span className="max-md:sr-only">{words.list.start}</span>
        </Button>
      </div>
    </div>
  );
}
