import { toast } from "sonner";

/** The result of every write is said: what happened, and where possible what can be done about it now. */
export interface ToastAction {
  label: string;
  onClick: () => void;
}

export function say(message: string, action?: ToastAction): void {
  toast(message, { action });
}

export function sayFailure(message: string, detail?: string, action?: ToastAction): void {
  toast.error(message, { description: detail, action, duration: 10_000 });
}

/** A toast that counts down to something that can still be undone. Returns how to take it away. */
export function sayUndo(message: string, ms: number, undo: () => void, label: string): () => void {
  const id = toast(message, { duration: ms, action: { label, onClick: undo } });
  return () => {
    toast.dismiss(id);
  };
}
