import { useEffect } from "react";
import { extendSession, useSession } from "@/api/session";
import { strings } from "@/strings";
import { say } from "@/ui/toast";

const WARN_MS = 5 * 60_000;

/** Warns five minutes before the session ends, with a way to stay. */
export function SessionWatch() {
  const expires = useSession()?.expires_at;
  useEffect(() => {
    if (!expires) return;
    const wait = Date.parse(expires) - Date.now() - WARN_MS;
    // A timer cannot be set further ahead than this; a session lives shorter anyway.
    if (!Number.isFinite(wait) || wait > 0x7fffffff) return;
    const timer = setTimeout(
      () => {
        say(strings.shell.sessionEnds, {
          label: strings.shell.staySignedIn,
          onClick: () => void extendSession().catch(() => say(strings.shell.stayFailed)),
        });
      },
      Math.max(0, wait),
    );
    return () => clearTimeout(timer);
  }, [expires]);
  return null;
}
