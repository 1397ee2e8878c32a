import { type FormEvent, useState } from "react";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Checkbox, Field, TextArea } from "@/ui/fields";

const LONGEST = 500;

/** A no needs a reason: the agent is told, and the next one learns from it. For one ticket or for several. */
export function RejectDialog({
  title,
  about,
  onClose,
  onReject,
  one,
}: {
  title: string;
  about: string;
  onClose: () => void;
  onReject: (reason: string, harm: boolean) => void;
  /** Whether it is about a single ticket; harm is said of one call, never of many at once. */
  one: boolean;
}) {
  const [reason, setReason] = useState("");
  const [harm, setHarm] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (reason.trim() === "") {
      setProblem(strings.decide.reasonNeeded);
      return;
    }
    onReject(reason.trim(), harm);
  };
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title={title} description={about}>
      <form onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <Field label={strings.decide.reason} help={strings.decide.rejectHint} error={problem}>
          {(wiring) => (
            <TextArea
              {...wiring}
              autoFocus
              required
              maxLength={LONGEST}
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
                setProblem(null);
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) submit();
              }}
            />
          )}
        </Field>
        <div className="flex flex-wrap gap-1.5">
          {strings.decide.reasons.map((words) => (
            <Button key={words} size="small" onClick={() => setReason(words)}>
              {words}
            </Button>
          ))}
        </div>
        {one ? (
          <Checkbox
            checked={harm}
            onChange={(event) => setHarm(event.target.checked)}
            label={
              <>
                {strings.decide.harm}
                <span className="block text-xs text-muted">{strings.decide.harmHint}</span>
              </>
            }
          />
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>{strings.common.cancel}</Button>
          <Button type="submit" look="bad">
            {strings.decide.reject}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
