import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { asApiError } from "@/api/errors";
import { toolsQuery } from "@/api/queries";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Chips, Field, TextArea } from "@/ui/fields";
import { SkeletonRows } from "@/ui/states";
import { callOf, ticketWords } from "@/words/ticket";
import { DifferenceList } from "./Comparison";
import { differences } from "./compare";
import { SchemaFields } from "./SchemaFields";
import { type FieldSpec, fieldsOf, fromInput, parseObject, toInput } from "./schema";

/** Yes, but differently: the parameters as a form made from the schema of the tool, or as raw JSON. */
export default function EditDialog({
  ticket,
  onClose,
  onApprove,
}: {
  ticket: Ticket;
  onClose: () => void;
  /** Rejects with what the server refused; shown beside the field it names. */
  onApprove: (params: Record<string, unknown>) => Promise<void>;
}) {
  const { tool, params } = callOf(ticket);
  const tools = useQuery(toolsQuery());
  const fields = useMemo(
    () => fieldsOf(tools.data?.find((known) => known.tool_id === tool)?.input_schema),
    [tools.data, tool],
  );
  const [mode, setMode] = useState<"form" | "raw">("form");
  const [inputs, setInputs] = useState<Record<string, string>>({});
  const [raw, setRaw] = useState(() => JSON.stringify(params, null, 2));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = mode === "form" && fields !== null;

  const read = (): { value: Record<string, unknown> | null; problems: Record<string, string> } => {
    if (form) return readFields(fields, inputs, params);
    const parsed = parseObject(raw);
    return parsed.ok
      ? { value: parsed.value, problems: {} }
      : { value: null, problems: { "": parsed.problem } };
  };
  const { value } = read();
  const changed = value ? differences(params, value) : [];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = read();
    setProblems(result.problems);
    setRefusal(null);
    if (result.value === null || busy) return;
    setBusy(true);
    try {
      await onApprove(result.value);
    } catch (error) {
      const known = asApiError(error);
      setProblems(Object.fromEntries((known?.details ?? []).map(({ field, message }) => [field, message])));
      setRefusal(
        known?.code === "risk_raised"
          ? strings.decide.riskRaised
          : (known?.message ?? strings.error.unexpected),
      );
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={strings.decide.editTitle}
      description={ticketWords(ticket).title}
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4" noValidate>
        {fields ? (
          <Chips
            label={strings.decide.params}
            value={mode}
            options={[
              { value: "form", label: strings.decide.form },
              { value: "raw", label: strings.decide.raw },
            ]}
            onChange={(next) => {
              if (next === "raw" && value) setRaw(JSON.stringify(value, null, 2));
              setMode(next);
            }}
          />
        ) : null}
        {tools.isPending ? (
          <SkeletonRows rows={3} />
        ) : form ? (
          <SchemaFields
            fields={fields}
            params={params}
            inputs={inputs}
            problems={problems}
            onChange={(name, text) => setInputs((all) => ({ ...all, [name]: text }))}
          />
        ) : (
          <Field label={strings.decide.params} error={problems[""] ?? Object.values(problems)[0] ?? null}>
            {(wiring) => (
              <TextArea
                {...wiring}
                autoFocus
                spellCheck={false}
                value={raw}
                rows={Math.min(16, Math.max(5, raw.split("\n").length))}
                onChange={(event) => setRaw(event.target.value)}
                className="font-mono text-xs leading-5"
              />
            )}
          </Field>
        )}
        <section aria-label={strings.decide.changes}>
          <h3 className="mb-1 text-xs text-muted">{strings.decide.changes}</h3>
          <DifferenceList found={changed} none={strings.decide.noChanges} />
        </section>
        <p className="text-xs text-muted text-pretty">{strings.decide.editHint}</p>
        {refusal ? (
          <p role="alert" className="text-sm text-bad text-pretty">
            {refusal}
          </p>
        ) : null}
        <DialogActions>
          <Button size="large" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button
            type="submit"
            look="needed"
            size="large"
            busy={busy}
            reason={changed.length === 0 && value ? strings.decide.noChanges : null}
          >
            {strings.decide.approveChanged}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function readFields(
  fields: readonly FieldSpec[],
  inputs: Record<string, string>,
  params: Record<string, unknown>,
) {
  const value: Record<string, unknown> = { ...params };
  const problems: Record<string, string> = {};
  for (const field of fields) {
    if (!(field.name in inputs)) continue;
    const parsed = fromInput(field, inputs[field.name] ?? toInput(field, params[field.name]));
    if (!parsed.ok) problems[field.name] = parsed.problem;
    else if (parsed.value === undefined) delete value[field.name];
    else value[field.name] = parsed.value;
  }
  return { value: Object.keys(problems).length === 0 ? value : null, problems };
}
