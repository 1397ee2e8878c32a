import { useSyncExternalStore } from "react";

/** Whether a media query holds, followed live. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (watcher) => {
      const media = matchMedia(query);
      media.addEventListener("change", watcher);
      return () => media.removeEventListener("change", watcher);
    },
    () => matchMedia(query).matches,
  );
}

/** List and detail fit side by side. */
export const useWide = (): boolean => useMedia("(min-width: 64rem)");
/** A finger rather than a mouse. */
export const useCoarse = (): boolean => useMedia("(pointer: coarse)");
