import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { inboxQuery } from "@/api/queries";
import { useRefetchInterval } from "@/live/live";
import { strings } from "@/strings";

/** How many tickets wait. The same question as the inbox asks, so the two never disagree. */
export function usePendingCount(): number {
  const inbox = useQuery({ ...inboxQuery({ status: "pending" }), refetchInterval: useRefetchInterval() });
  return inbox.data?.tickets.length ?? 0;
}

/** `(3) Inbox · Holly Grace` */
export function useDocumentTitle(page: string): void {
  const pending = usePendingCount();
  useEffect(() => {
    document.title = `${pending > 0 ? `(${pending}) ` : ""}${page} · ${strings.product}`;
  }, [page, pending]);
}
