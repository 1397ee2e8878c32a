import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { api, data } from "@/api/client";
import { asApiError } from "@/api/errors";
import type { Run } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Chips, Field, TextArea, TextInput } from "@/ui/fields";
import { say } from "@/ui/toast";
import { readInput } from "./startInput";
import { words } from "./strings";

/** Starts a run from a task in words or from JSON; given a run, one with the same input, which may be edited first. */
export function StartDialog({ like, onClose }: { like?: Run; onClose: () => void }) {
  const [mode, setMode] = useState<"task" | "json">(like ? "json" : "task");
  const [task, setTask] = useState("");
  const [json, setJson] = useState(
    JSON.stringify(like?.input_state ?? { messages: [{ type: "human", content: "" }] }, null, 2),
  );
  const [name, setName] = useState(like?.run_name ?? "");
  const [workflow, setWorkflow] = useState(like?.workflow_id ?? "");
  const [priority, setPriority] = useState(String(like?.priority ?? 5));
  const [problem, setProblem] = useState<string | null>(null);
  // The same key for every try of this dialog: pressing twice, or again after a lost answer, starts one run.
  const key = useRef(crypto.randomUUID());
  const client = useQueryClient();
  const navigate = useNavigate();

  const start = useMutation({
    mutationFn: (input: Record<string, unknown>) =>
      data(
        api.POST("/api/tower/runs/start", {
          params: { header: { "Idempotency-Key": key.current } },
          body: {
            input_state: input as never,
            priority: Number(priority),
            ...(name.trim()
              ? { run_name: name.trim() }
              : task.trim()
                ? { run_name: task.trim().slice(0, 80) }
                : {}),
            ...(workflow.trim() ? { workflow_id: workflow.trim() } : {}),
            ...(like?.serial_key ? { serial_key: like.serial_key } : {}),
            created_by: "console",
          },
        }),
      ),
    onSuccess: (started) => {
      onClose();
      void client.invalidateQueries({ queryKey: ["runs"] });
      say(words.start.started(name.trim() || task.trim().slice(0, 60) || started.run_id));
      void navigate({ to: "/tower/runs/$runId", params: { runId: started.run_id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readInput(mode, task, json);
    setProblem(read.problem);
    if (read.input) start.mutate(read.input);
  };
  const refused = start.isError ? asApiError(start.error) : null;
  const detail = refused?.details.map((one) => `${one.field}: ${one.message}`).join("; ");
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={like ? words.start.again : words.start.title}
      description={words.start.hint}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Chips
          label={words.start.mode}
          value={mode}
          options={[
            { value: "task", label: words.start.task },
            { value: "json", label: words.start.json },
          ]}
          onChange={(wanted) => {
            setMode(wanted);
            setProblem(null);
          }}
        />
        {mode === "task" ? (
          <Field label={words.start.taskLabel} help={words.start.taskHelp} error={problem}>
            {(wiring) => (
              <TextArea
                {...wiring}
                autoFocus
                rows={3}
                maxLength={20_000}
                value={task}
                onChange={(event) => setTask(event.target.value)}
              />
            )}
          </Field>
        ) : (
          <Field label={words.start.jsonLabel} help={words.start.jsonHelp} error={problem}>
            {(wiring) => (
              <TextArea
                {...wiring}
                rows={10}
                spellCheck={false}
                className="font-mono text-xs"
                value={json}
                onChange={(event) => setJson(event.target.value)}
              />
            )}
          </Field>
        )}
        <div className="grid grid-cols-[2fr_1fr_5rem] gap-3 max-md:grid-cols-1">
          <Field label={words.start.name} help={words.start.nameHelp}>
            {(wiring) => (
              <TextInput
                {...wiring}
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label={words.start.workflow} help={words.start.workflowHelp}>
            {(wiring) => (
              <TextInput {...wiring} value={workflow} onChange={(event) => setWorkflow(event.target.value)} />
            )}
          </Field>
          <Field label={words.start.priority}>
            {(wiring) => (
              <TextInput
                {...wiring}
                type="number"
                min={0}
                max={10}
                value={priority}
                title={words.start.priorityHelp}
                onChange={(event) => setPriority(event.target.value)}
              />
            )}
          </Field>
        </div>
        {start.isError ? (
          <p role="alert" className="text-sm text-bad">
            {words.start.failed}: {detail || refused?.message || strings.error.unexpected}
          </p>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>{strings.common.cancel}</Button>
          <Button type="submit" icon="play" busy={start.isPending}>
            {words.start.submit}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
