import { useEffect, useLayoutEffect, useRef } from "react";

/**
 * The keyboard layer. A page lists what its keys do; the newest listing wins for a key that two of them name.
 * Keys rest while somebody types, while a dialog is open, on auto-repeat, and with Ctrl, Meta or Alt held (save
 * for the chords that are written with "mod").
 *
 * A key is written as the browser names it (`j`, `Enter`, `Escape`, `?`), `shift+x`, `mod+k`, or two keys with a
 * space between for a sequence: `g t`.
 */
export interface Shortcut {
  keys: string;
  /** What it does, in words: shown by `?`. */
  label: string;
  group: string;
  /** Works while typing and over dialogs as well. For chords with "mod" only. */
  always?: boolean;
  run: (event: KeyboardEvent) => void;
}

const stack: Shortcut[][] = [];
const SEQUENCE_MS = 1_200;
const STORE = "holly-keys";
let pending: { first: string; at: number } | null = null;

export function keysEnabled(): boolean {
  return localStorage.getItem(STORE) !== "off";
}

export function setKeysEnabled(on: boolean): void {
  localStorage.setItem(STORE, on ? "on" : "off");
}

/** All shortcuts of the page, each key once, for the help. */
export function listShortcuts(): Shortcut[] {
  const seen = new Map<string, Shortcut>();
  for (const shortcut of stack.toReversed().flat()) {
    if (!seen.has(shortcut.keys)) seen.set(shortcut.keys, shortcut);
  }
  return [...seen.values()];
}

export function useShortcuts(shortcuts: Shortcut[], active = true): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const names = shortcuts.map((shortcut) => shortcut.keys).join("\n");
  useEffect(() => {
    if (!active) return;
    // The listing is fixed while its keys stay the same; what each does is read when it is pressed.
    const layer = names.split("\n").map((keys, index) => ({
      ...(latest.current[index] as Shortcut),
      keys,
      run: (event: KeyboardEvent) => latest.current[index]?.run(event),
    }));
    stack.push(layer);
    return () => {
      stack.splice(stack.indexOf(layer), 1);
    };
  }, [names, active]);
}

let held = 0;

/** While something is about to open that keys belong to, single keys do nothing behind it. */
export function useKeysHeld(active: boolean): void {
  useLayoutEffect(() => {
    if (!active) return;
    held += 1;
    return () => {
      held -= 1;
    };
  }, [active]);
}

/** How a key press is written, or null for a press that never is a shortcut. */
export function nameOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): string | null {
  if (event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const letter = /^[a-z]$/.test(key);
  const shift = event.shiftKey && (letter || event.key.length > 1) ? "shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "mod+" : ""}${shift}${key === " " ? "Space" : key}`;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "button";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Enter and Space belong to a focused button or link, not to the list behind it. */
function owns(target: EventTarget | null, name: string): boolean {
  if (name !== "Enter" && name !== "Space") return false;
  return target instanceof HTMLElement && target.closest("button, a[href], summary, input") !== null;
}

function find(name: string, alwaysOnly: boolean): Shortcut | undefined {
  for (const layer of stack.toReversed()) {
    const found = layer.find((shortcut) => shortcut.keys === name && (!alwaysOnly || shortcut.always));
    if (found) return found;
  }
  return undefined;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.repeat || event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  if (name === null) return;
  const quiet =
    held > 0 ||
    typing(event.target) ||
    document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
  if (!quiet && !keysEnabled() && !name.startsWith("mod+") && name !== "?") return;

  const sequence = pending && event.timeStamp - pending.at < SEQUENCE_MS ? `${pending.first} ${name}` : null;
  pending = null;
  const shortcut = (sequence && !quiet ? find(sequence, false) : undefined) ?? find(name, quiet);
  if (shortcut && !owns(event.target, name)) {
    event.preventDefault();
    shortcut.run(event);
    return;
  }
  const startsSequence = stack.some((layer) => layer.some(({ keys }) => keys.startsWith(`${name} `)));
  if (!quiet && startsSequence) pending = { first: name, at: event.timeStamp };
}

/** Mounted once, by the shell. */
export function useKeyboardLayer(): void {
  useEffect(() => {
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
