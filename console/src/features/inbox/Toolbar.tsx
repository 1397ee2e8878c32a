import type { Risk, Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Chips } from "@/ui/fields";
import { approvable } from "./bulk";
import { useWhyNot } from "./permission";
import type { InboxSearch } from "./search";

export interface ToolbarProps {
  search: InboxSearch;
  onSearch: (change: Partial<InboxSearch>) => void;
  waiting: readonly Ticket[];
  chosen: readonly Ticket[];
  now: number;
  onSelectLow: (ids: number[]) => void;
  onClear: () => void;
  onApprove: () => void;
  onReject: () => void;
}

const RISKS: readonly (Risk | "all")[] = ["all", "high", "medium", "low"];

/** What is shown, in which order, and what can be done with several at once. */
export function Toolbar({ search, onSearch, waiting, chosen, now, ...act }: ToolbarProps) {
  const whyNot = useWhyNot();
  const decided = search.show === "decided";
  const low = approvable(waiting, now);
  const chosenLow = approvable(chosen, now);
  const count = (risk: Risk | "all") =>
    risk === "all" ? waiting.length : waiting.filter((ticket) => ticket.risk_level === risk).length;
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-6 gap-y-1 px-6 pb-3 max-md:flex-nowrap max-md:gap-x-3 max-md:overflow-x-auto max-md:px-2.5">
      <Chips
        label={strings.inbox.waitingTab}
        value={decided ? "decided" : "waiting"}
        options={[
          { value: "waiting", label: strings.inbox.waitingTab },
          { value: "decided", label: strings.inbox.decidedTab },
        ]}
        onChange={(value) => onSearch({ show: value === "decided" ? "decided" : undefined })}
      />
      {decided || waiting.length > 1 || search.risk ? (
        <Chips
          label={strings.inbox.filter}
          value={search.risk ?? "all"}
          options={RISKS.map((risk) => ({
            value: risk,
            label: strings.inbox[risk],
            count: decided || count(risk) === 0 ? undefined : count(risk),
          }))}
          onChange={(risk) => onSearch({ risk: risk === "all" ? undefined : risk })}
        />
      ) : null}
      <div className="ml-auto flex items-center gap-2 max-md:hidden">
        {chosen.length > 0 ? (
          <>
            <span className="text-sm text-muted" role="status">
              {strings.inbox.selected(chosen.length)}
            </span>
            <Button
              look="needed"
              onClick={act.onApprove}
              reason={whyNot("low") ?? (chosenLow.length < chosen.length ? strings.bulk.onlyLow : null)}
            >
              {strings.inbox.approveMany(chosen.length)}
            </Button>
            <Button
              onClick={act.onReject}
              reason={chosen.map((ticket) => whyNot(ticket, now)).find(Boolean) ?? null}
            >
              {strings.inbox.rejectMany(chosen.length)}
            </Button>
            <Button look="quiet" onClick={act.onClear}>
              {strings.inbox.clearSelection}
            </Button>
          </>
        ) : decided ? null : (
          <>
            {low.length > 1 ? (
              <Button look="quiet" onClick={() => act.onSelectLow(low.map((ticket) => ticket.id))}>
                {strings.inbox.selectLow(low.length)}
              </Button>
            ) : null}
            {waiting.length > 1 ? (
              <label className="flex items-center gap-2 text-sm text-muted">
                <span className="sr-only">{strings.inbox.sort}</span>
                <select
                  value={search.sort ?? "risk"}
                  onChange={(event) =>
                    onSearch({
                      sort: event.target.value === "risk" ? undefined : (event.target.value as "expiry"),
                    })
                  }
                  className="h-8 rounded-md bg-transparent px-1 text-sm hover:text-text"
                >
                  {(["risk", "expiry", "newest"] as const).map((sort) => (
                    <option key={sort} value={sort} className="bg-raised text-text">
                      {strings.inbox.sorts[sort]}
                    </option>
                  ))}
                </select>
              </label>
            ) : null}
          </>
        )}
      </div>
    </div>
  );
}
