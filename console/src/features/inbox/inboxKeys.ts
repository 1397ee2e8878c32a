import type { Ticket } from "@/api/types";
import { useShortcuts } from "@/keys/keys";
import { strings } from "@/strings";

export interface InboxKeys {
  rows: readonly Ticket[];
  ticket: Ticket | null;
  wide: boolean;
  selecting: boolean;
  step: (by: 1 | -1) => void;
  open: () => void;
  close: () => void;
  select: (range: boolean) => void;
  selectAll: () => void;
  approve: () => void;
  reject: () => void;
  edit: () => void;
  undo: () => void;
}

/** What the keys do in the inbox. */
export function useInboxKeys(keys: InboxKeys): void {
  const list = strings.keys.groups.list;
  const ticket = strings.keys.groups.ticket;
  const words = strings.inboxKeys;
  useShortcuts([
    { keys: "j", label: words.next, group: list, run: () => keys.step(1) },
    { keys: "k", label: words.previous, group: list, run: () => keys.step(-1) },
    { keys: "ArrowDown", label: words.next, group: list, run: () => keys.step(1) },
    { keys: "ArrowUp", label: words.previous, group: list, run: () => keys.step(-1) },
    { keys: "]", label: words.next, group: ticket, run: () => keys.step(1) },
    { keys: "[", label: words.previous, group: ticket, run: () => keys.step(-1) },
    { keys: "Enter", label: words.open, group: list, run: keys.open },
    { keys: "Space", label: words.open, group: list, run: keys.open },
    { keys: "Escape", label: words.close, group: list, run: keys.close },
    { keys: "x", label: words.select, group: list, run: () => keys.select(false) },
    { keys: "shift+x", label: words.selectRange, group: list, run: () => keys.select(true) },
    { keys: "mod+a", label: words.selectAll, group: list, run: keys.selectAll },
    { keys: "a", label: strings.decide.approve, group: ticket, run: keys.approve },
    { keys: "r", label: strings.decide.reject, group: ticket, run: keys.reject },
    { keys: "mod+z", label: words.undo, group: ticket, run: keys.undo },
    { keys: "e", label: words.edit, group: ticket, run: keys.edit },
    {
      keys: "y",
      label: words.copy,
      group: ticket,
      run: () => void (keys.ticket && navigator.clipboard?.writeText(String(keys.ticket.id))),
    },
  ]);
}
