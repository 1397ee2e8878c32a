import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Empty, ErrorPanel } from "@/ui/states";

/** A path that leads nowhere. */
export function NotFound() {
  useEffect(() => {
    document.title = `${strings.error.notFound} · ${strings.product}`;
  }, []);
  return (
    <div className="m-auto">
      <h1 className="sr-only">{strings.error.notFound}</h1>
      <Empty
        icon="search"
        title={strings.error.notFound}
        action={
          <Link to="/tower" className="text-sm underline underline-offset-2">
            {strings.error.goHome}
          </Link>
        }
      >
        {strings.error.notFoundHint}
      </Empty>
    </div>
  );
}

/** A page that failed; the shell around it goes on. */
export function RouteProblem({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className="m-auto w-full max-w-[560px] p-6">
      <h1 className="sr-only">{strings.error.unexpected}</h1>
      <ErrorPanel
        error={error}
        what={strings.error.panelCrashed("This page")}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
      <Button look="quiet" className="mt-2" onClick={() => location.reload()}>
        {strings.common.reload}
      </Button>
    </div>
  );
}
