import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { data as answer, api } from "@/api/client";
import { asApiError } from "@/api/errors";
import type { Run } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/fields";
import { Icon, type IconName } from "@/ui/Icon";
import { say, sayFailure } from "@/ui/toast";
import { useWhyNotAct } from "./permission";
import { StartDialog } from "./StartDialog";
import { words } from "./strings";
import type { RunData } from "./useRun";

const ITEM =
  "flex h-8 items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50 pointer-coarse:h-11";

/** What a person can do with a run. Only a waiting ticket is lit; the rest stays in one menu. */
export function RunActions({ run, data }: { run: Run; data: RunData }) {
  const [asking, setAsking] = useState<"cancel" | "again" | null>(null);
  const client = useQueryClient();
  const whyNot = useWhyNotAct();
  const over = run.finished_at !== null;
  const act = useMutation({
    mutationFn: async (wish: { what: "cancel" | "pause" | "continue"; reason?: string }) => {
      const options = {
        params: { path: { run_id: run.run_id } },
        body: wish.reason ? { reason: wish.reason } : {},
      };
      if (wish.what === "cancel")
        return answer(api.POST("/api/tower/runs/{run_id}/cancel", options as never));
      if (wish.what === "pause") return answer(api.POST("/api/tower/runs/{run_id}/pause", options as never));
      return answer(api.POST("/api/tower/runs/{run_id}/continue", options as never));
    },
    onSuccess: (_, wish) => {
      setAsking(null);
      say({ cancel: words.run.cancelled, pause: words.run.paused, continue: words.run.resumed }[wish.what]);
    },
    onError: (error) => sayFailure(words.run.actionFailed, asApiError(error)?.message),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["run", run.run_id] });
      void client.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const download = () => {
    const text = JSON.stringify({ run, events: data.rows.events, effects: data.rows.effects }, null, 2);
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${run.run_id}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  };
  const item = (icon: IconName, label: string, run: () => void, off = false) => (
    <DropdownMenu.Item
      className={ITEM}
      disabled={off || act.isPending}
      title={off ? (whyNot ?? words.run.over) : undefined}
      onSelect={run}
    >
      <Icon name={icon} className="text-muted" />
      {label}
    </DropdownMenu.Item>
  );
  return (
    <div className="flex shrink-0 items-center gap-2 max-md:w-full">
      {run.status === "waiting_approval" && run.last_ticket_id !== null ? (
        <Link
          to="/tower/tickets/$ticketId"
          params={{ ticketId: String(run.last_ticket_id) }}
          className="inline-flex h-8 items-center justify-center gap-2 rounded-md bg-accent-fill px-3 text-sm font-medium whitespace-nowrap text-on-accent max-md:flex-1 pointer-coarse:h-11 hover:bg-accent-fill-hover"
        >
          <Icon name="hand" />
          {words.run.answer} {run.last_ticket_id}
        </Link>
      ) : null}
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong px-3 text-sm pointer-coarse:h-11 hover:bg-hover">
          {words.run.actions}
          <Icon name="down" size={12} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={6}
            className="z-50 w-56 rounded-md border border-line bg-raised p-1.5 shadow-float"
          >
            {item("retry", words.run.again, () => setAsking("again"), Boolean(whyNot))}
            {run.paused
              ? item(
                  "play",
                  words.run.resume,
                  () => act.mutate({ what: "continue" }),
                  over || Boolean(whyNot),
                )
              : item("pause", words.run.pause, () => act.mutate({ what: "pause" }), over || Boolean(whyNot))}
            {item("copy", words.run.download, download)}
            <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
            {item("stop", words.run.cancel, () => setAsking("cancel"), over || Boolean(whyNot))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {asking === "cancel" ? (
        <CancelDialog
          busy={act.isPending}
          onClose={() => setAsking(null)}
          onCancel={(reason) => act.mutate({ what: "cancel", reason })}
        />
      ) : null}
      {asking === "again" ? <StartDialog like={run} onClose={() => setAsking(null)} /> : null}
    </div>
  );
}

function CancelDialog({
  busy,
  onClose,
  onCancel,
}: {
  busy: boolean;
  onClose: () => void;
  onCancel: (reason: string) => void;
}) {
  const [reason, setReason] = useState("");
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={words.run.cancelTitle}
      description={words.run.cancelHint}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onCancel(reason.trim());
        }}
      >
        <Field label={words.run.cancelReason}>
          {(wiring) => (
            <TextInput
              {...wiring}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <DialogActions>
          <Button onClick={onClose}>{strings.common.back}</Button>
          <Button look="bad" type="submit" busy={busy}>
            {words.run.cancel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
