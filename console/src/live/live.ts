import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Cell, useCell } from "@/api/cell";
import { signInAgain } from "@/api/session";
import { type LinkState, LiveLink } from "./link";
import type { LiveEvent } from "./protocol";
import { type Topic, topicsOf } from "./topics";

const state = new Cell<LinkState>("connecting");
const listeners = new Set<(event: LiveEvent) => void>();

export const useLinkState = (): LinkState => useCell(state);

/** How often a page asks by itself: rarely while events arrive, often while they do not. */
export function useRefetchInterval(whenDown = 5_000): number {
  return useLinkState() === "live" ? 60_000 : whenDown;
}

/** Calls back for every live event, for views that show the events themselves. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

/** Holds the one socket of the page. Mounted once, by the shell. */
export function useLiveLink(): void {
  const client = useQueryClient();
  useEffect(() => {
    const refresh = gatherer(client);
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/execution`;
    const link = new LiveLink(url, {
      state: state.set,
      event: (event) => {
        for (const topic of topicsOf(event)) refresh(topic);
        for (const listener of listeners) listener(event);
      },
      resync: () => void client.invalidateQueries(),
      signedOut: () => void signInAgain().then(link.retry),
    });
    link.start();
    return () => link.stop();
  }, [client]);
}

/** Gathers what a burst of events makes old and refreshes each query once, at most four times a second. */
function gatherer(client: QueryClient): (topic: Topic) => void {
  const old = new Map<string, Topic>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  return (topic) => {
    old.set(JSON.stringify(topic), topic);
    if (timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      const topics = [...old.values()];
      old.clear();
      for (const queryKey of topics) void client.invalidateQueries({ queryKey });
    }, 250);
  };
}
