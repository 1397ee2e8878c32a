import { Link } from "@tanstack/react-router";
import type { DeadLetter } from "@/api/types";
import { Button } from "@/ui/Button";
import { RawJson } from "@/ui/Json";
import { Mark } from "@/ui/marks";
import { useNow } from "@/ui/now";
import { When } from "@/ui/values";
import { dueWords, jobTitle, letterState } from "@/words/jobs";
import { text } from "@/words/reading";
import { words } from "./strings";

/** The places of the columns, for the head and for every row. */
export const LETTER_GRID =
  "grid grid-cols-[minmax(0,1fr)_14rem_6rem_6rem_8rem] items-start gap-x-5 max-lg:gap-x-3";

const STATE = {
  resolved: { icon: "check", tone: "ok" },
  trying: { icon: "play", tone: "run" },
  later: { icon: "clock", tone: "muted" },
  byHand: { icon: "hand", tone: "accent" },
} as const;

/** One piece of failed work: what failed and why, how often it was tried, and what comes next. */
export function LetterRow({
  letter,
  busy,
  whyNot,
  onRetry,
}: {
  letter: DeadLetter;
  busy: boolean;
  whyNot: string | null;
  onRetry: () => void;
}) {
  const now = useNow();
  const state = letterState(letter);
  const title = jobTitle(letter.job_id);
  const run = letter.retry_run_id ?? text(letter.payload, "run_id");
  const standing =
    state === "later"
      ? `${words.letters.states.later} ${dueWords(letter.next_retry_at, now)}`
      : words.letters.states[state];
  return (
    <li
      className={`${LETTER_GRID} border-b border-line px-6 py-2.5 text-sm max-md:flex max-md:flex-wrap max-md:gap-y-1 max-md:px-4 max-md:py-3`}
    >
      <div className="min-w-0 max-md:w-full">
        <p className="font-medium">{title}</p>
        <p className={`break-words text-pretty ${state === "resolved" ? "text-muted" : "text-bad"}`}>
          {letter.error}
        </p>
        <p className="flex flex-wrap items-center gap-x-3 font-mono text-xs text-muted">
          {letter.job_id}, {words.letters.letter(letter.id)}
        </p>
        <RawJson value={letter.payload} label={words.letters.work} />
      </div>
      <div className="flex flex-wrap items-center gap-x-3 max-md:w-full">
        <Mark {...STATE[state]}>{standing}</Mark>
        {run ? (
          <Link
            to="/tower/runs/$runId"
            params={{ runId: run }}
            className="underline decoration-line-strong underline-offset-2 pointer-coarse:-my-3 pointer-coarse:py-3"
            aria-label={`${words.jobs.run} ${title}, ${words.letters.letter(letter.id)}`}
          >
            {words.jobs.run}
          </Link>
        ) : null}
      </div>
      <p className="text-muted">{words.letters.tries(letter.attempts, letter.max_attempts)}</p>
      <p className="text-muted">
        <When at={letter.created_at} />
      </p>
      {state === "resolved" ? (
        <span />
      ) : (
        <div className="flex justify-end max-md:mt-1 max-md:w-full max-md:justify-start">
          <Button
            size="small"
            icon="retry"
            aria-label={words.letters.retryOf(title, letter.id)}
            title={busy ? words.letters.tryingHint : undefined}
            busy={busy}
            reason={busy ? null : (whyNot ?? (state === "trying" ? words.letters.isTrying : null))}
            onClick={onRetry}
          >
            {busy ? words.letters.trying : words.letters.retry}
          </Button>
        </div>
      )}
    </li>
  );
}
