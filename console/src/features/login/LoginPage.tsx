import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { healthQuery } from "@/api/queries";
import { WorldBand } from "@/shell/Bands";
import { strings } from "@/strings";
import { Mark } from "@/ui/marks";
import { safeNext } from "./next";
import { SignInForm } from "./SignInForm";

export default function LoginPage() {
  const { next } = useSearch({ strict: false }) as { next?: string };
  const health = useQuery({ ...healthQuery(), retry: false, refetchInterval: 10_000 });
  useEffect(() => {
    document.title = `${strings.login.title} · ${strings.product}`;
  }, []);
  return (
    <div className="flex min-h-full flex-col">
      <WorldBand />
      <main className="m-auto w-full max-w-[360px] px-5 py-12">
        <p className="mb-1 text-sm text-muted">{strings.product}</p>
        <h1 className="mb-8 text-xl font-semibold tracking-[-0.02em]">{strings.login.title}</h1>
        {/* A whole load, so that nothing of an earlier session stays in memory. */}
        <SignInForm onDone={() => location.assign(safeNext(next))} />
        {health.data?.login === "not_configured" ? (
          <p className="mt-4 text-sm text-pretty">{strings.login.notConfigured}</p>
        ) : health.data?.mode === "rehearsal" ? (
          <p className="mt-4 text-sm text-muted text-pretty">{strings.login.rehearsalHint}</p>
        ) : null}
        <p className="mt-8 text-xs">
          {health.isPending ? null : health.isError || health.data.status === "disconnected" ? (
            <Mark icon="warn" tone="bad">
              {strings.login.serviceDown}
            </Mark>
          ) : health.data.status === "healthy" ? (
            <Mark icon="dot" tone="ok">
              {strings.login.serviceUp}
            </Mark>
          ) : (
            <Mark icon="half" tone="warn">
              {strings.login.serviceDegraded}
            </Mark>
          )}
        </p>
      </main>
    </div>
  );
}
