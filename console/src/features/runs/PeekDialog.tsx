import { useNavigate } from "@tanstack/react-router";
import type { Run } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { RunMark } from "@/ui/marks";
import { SkeletonRows } from "@/ui/states";
import { runTitle } from "@/words/run";
import { runSentence, splitWords } from "@/words/runs";
import { Story } from "./Story";
import { words } from "./strings";
import { useRun } from "./useRun";

/** A look at a run without leaving the list. */
export function PeekDialog({ run: listed, onClose }: { run: Run; onClose: () => void }) {
  const data = useRun(listed.run_id);
  const navigate = useNavigate();
  const run = data.run.data ?? listed;
  const open = () => void navigate({ to: "/tower/runs/$runId", params: { runId: run.run_id } });
  return (
    <Dialog
      open
      wide
      onOpenChange={(wanted) => wanted || onClose()}
      title={runTitle(run)}
      description={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <RunMark status={run.status} paused={run.paused} />
          {data.model.lanes.length > 0 ? <span>{splitWords(data.model)}</span> : null}
        </span>
      }
    >
      <p className="text-sm">{runSentence(run, data.rows.events, data.model, data.now)}</p>
      <div className="-mx-6 min-h-40">
        {data.events.data ? <Story data={data} selected={null} onSelect={open} /> : <SkeletonRows rows={4} />}
      </div>
      <DialogActions>
        <Button onClick={onClose}>{strings.common.close}</Button>
        <Button icon="arrow" onClick={open} autoFocus>
          {words.list.keys.open}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
