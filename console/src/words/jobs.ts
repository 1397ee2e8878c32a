import type { DeadLetter, Job } from "@/api/types";
import { plural, sentenceCase } from "./reading";
import { formatRelative } from "./time";

/** What a job is called. Anything else: its id with spaces. */
const TITLES: Record<string, string> = {
  instagram_post_9: "Instagram post, morning",
  instagram_post_15: "Instagram post, afternoon",
  aps_evaluation: "Judging the channels",
  efficacy_aggregation: "Agents summed up",
  financial_health: "Phase of the shop",
  morphogenetic_evaluation: "Goals and cascades",
  hierarchy_observation: "Observing the goals",
  solana_mining_check: "Validator check",
  signal_generator: "Better descriptions",
  sage_morning_greeting: "Morning greeting",
  dlq_retry: "Retry of failed work",
  approval_expiry: "Expiry of approvals",
  tower_ticket_expiry: "Expiry of tickets",
};

export function jobTitle(id: string): string {
  return TITLES[id] ?? sentenceCase(id.replaceAll("_", " "));
}

/** The title inside a sentence. */
const inSentence = (id: string) => {
  const title = jobTitle(id);
  return title.startsWith("Instagram") ? title : (title[0]?.toLowerCase() ?? "") + title.slice(1);
};

const DAYS: Record<string, string> = {
  mon: "Mondays",
  tue: "Tuesdays",
  wed: "Wednesdays",
  thu: "Thursdays",
  fri: "Fridays",
  sat: "Saturdays",
  sun: "Sundays",
};

/** Minutes between two fires of an even interval; null for a fixed hour or an unknown form. */
export function intervalOf(trigger: string): number | null {
  const found = /^interval\[(\d+):(\d{2}):(\d{2})\]$/.exec(trigger);
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2]) + Number(found[3]) / 60;
  return minutes > 0 ? minutes : null;
}

/** "every 30 min", "daily 09:00", "Mondays 09:00". A form that is not known is shown as it is. */
export function triggerWords(trigger: string): string {
  const minutes = intervalOf(trigger);
  if (minutes !== null) return `every ${minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`}`;
  const hour = /hour='(\d{1,2})'/.exec(trigger)?.[1];
  if (!trigger.startsWith("cron[") || hour === undefined) return trigger;
  const minute = /minute='(\d{1,2})'/.exec(trigger)?.[1] ?? "0";
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  const day = /day_of_week='([^']+)'/.exec(trigger)?.[1];
  if (day === undefined) return `daily ${time}`;
  return DAYS[day] ? `${DAYS[day]} ${time}` : trigger;
}

export type Group = "works" | "held" | "absent";

const byGate = (job: Job) => job.last_status === "skipped" && (job.skip_reason?.startsWith("gate:") ?? false);

/** Whether a job does its work, is held back by a person or a gate, or is not part of what runs here. */
export function groupOf(job: Job): Group {
  if (job.unavailable || !job.enabled) return "absent";
  return job.paused || byGate(job) ? "held" : "works";
}

/** Why a job is not doing its work, in words; null when it is. */
export function reasonOf(job: Job): string | null {
  if (groupOf(job) === "absent") return sentenceCase(job.unavailable ?? "switched off in the settings");
  if (job.paused) return "Paused by a person; its fires are skipped until it is resumed";
  const skip = job.last_status === "skipped" ? job.skip_reason : null;
  return skip ? sentenceCase(skipWords(skip)) : null;
}

export function skipWords(reason: string): string {
  if (reason === "still_running") return "the fire before had not ended";
  return reason.replace(/^(gate|not available): /, "");
}

/** The first line: how many work, what is next, what failed. */
export function jobsSentence(jobs: readonly Job[], now: number): string {
  const there = jobs.filter((job) => groupOf(job) !== "absent");
  const held = there.filter((job) => groupOf(job) === "held").length;
  const next = nextOf(there.filter((job) => groupOf(job) === "works"));
  const failed = there.filter((job) => job.last_status === "failed");
  const parts = [`${there.length} ${there.length === 1 ? "works" : "work"} in this release`];
  if (held > 0) parts.push(`${held} of them held back`);
  const upcoming = next ? `Next is ${inSentence(next.id)} ${dueWords(next.next_run, now)}; ` : "";
  return `${plural(jobs.length, "job")}: ${parts.join(", ")}. ${sentenceCase(upcoming + ended(there, failed))}.`;
}

function ended(there: readonly Job[], failed: readonly Job[]): string {
  if (failed.length === 1 && failed[0]) return `the last fire of ${inSentence(failed[0].id)} failed`;
  if (failed.length > 1) return `the last fires of ${failed.length} jobs failed`;
  return there.some((job) => job.last_run !== null) ? "no job failed at its last fire" : "none has fired yet";
}

function nextOf(jobs: readonly Job[]): Job | null {
  const due = jobs.filter((job) => job.next_run !== null);
  // Of several that are due together the first in the list of the server is the one that matters most.
  return due.reduce<Job | null>(
    (first, job) =>
      first === null || Date.parse(job.next_run ?? "") < Date.parse(first.next_run ?? "") ? job : first,
    null,
  );
}

/** "in 4 min"; "now" once the moment has come. */
export function dueWords(at: string | null, now: number): string {
  if (at === null) return "–";
  return Date.parse(at) - now < 5_000 ? "now" : formatRelative(Date.parse(at), now);
}

/** The moments (epoch ms) at which a job fires in a stretch of time, as far as its next fire and interval tell. */
export function firesOf(job: Job, until: number): number[] {
  if (job.next_run === null || job.paused) return [];
  const first = Date.parse(job.next_run);
  if (!Number.isFinite(first) || first > until) return [];
  const minutes = intervalOf(job.trigger);
  if (minutes === null) return [first];
  return Array.from(
    { length: Math.floor((until - first) / (minutes * 60_000)) + 1 },
    (_, n) => first + n * minutes * 60_000,
  );
}

/** What the plan of the next day shows: who has a fixed hour, who comes at even intervals. */
export function planSentence(jobs: readonly Job[], until: number): string {
  const coming = jobs.filter((job) => firesOf(job, until).length > 0);
  const fixed = coming.filter((job) => intervalOf(job.trigger) === null);
  const even = coming.length - fixed.length;
  if (coming.length === 0) return "Nothing fires in the next 24 h";
  const names = fixed.map((job) => `${inSentence(job.id)} at ${hourOf(job.trigger)}`).join(", ");
  if (!names) return `Next 24 h: ${plural(even, "job")} at even intervals`;
  return `Next 24 h: ${names}${even > 0 ? `; ${even} more at even intervals` : ""}`;
}

/** The time of day in a trigger with a fixed hour. */
const hourOf = (trigger: string) => /\d{2}:\d{2}$/.exec(triggerWords(trigger))?.[0] ?? "its hour";

export type LetterState = "resolved" | "trying" | "later" | "byHand";

/** Where failed work stands: done, being tried, to be tried by itself, or left to a person. */
export function letterState(letter: DeadLetter): LetterState {
  if (letter.resolved_at !== null) return "resolved";
  if (letter.retry_run_id !== null) return "trying";
  return letter.next_retry_at !== null ? "later" : "byHand";
}

export function lettersSentence(letters: readonly DeadLetter[], now: number): string {
  const of = (state: LetterState) => letters.filter((letter) => letterState(letter) === state);
  const open = letters.length - of("resolved").length;
  if (letters.length === 0) return "No scheduled work is left undone.";
  if (open === 0) return `No scheduled work is left undone; ${letters.length} failed before and came right.`;
  const later = of("later").sort(
    (a, b) => Date.parse(a.next_retry_at ?? "") - Date.parse(b.next_retry_at ?? ""),
  );
  const parts: string[] = [];
  const hand = of("byHand").length;
  if (hand > 0) parts.push(`${hand} ${hand === 1 ? "needs" : "need"} you`);
  if (of("trying").length > 0) parts.push(`${of("trying").length} being tried now`);
  if (later[0]) {
    const self = later.length === 1 ? "itself" : "themselves";
    const due = dueWords(later[0].next_retry_at, now);
    parts.push(`${later.length} tried again by ${self}${later.length === 1 ? ` ${due}` : `, next ${due}`}`);
  }
  return `${plural(open, "piece", "pieces")} of scheduled work left undone: ${parts.join(", ")}.`;
}
