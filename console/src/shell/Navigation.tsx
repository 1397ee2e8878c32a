import { Link, useRouterState } from "@tanstack/react-router";
import { strings } from "@/strings";
import { IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { PAGES } from "./pages";
import { usePendingCount } from "./pending";

/** Left of the page from 768 px up: icons and words when wide, icons alone when narrow or folded. */
export function SideNavigation({ folded, onFold }: { folded: boolean; onFold: (folded: boolean) => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const pending = usePendingCount();
  const word = folded ? "sr-only" : "max-xl:sr-only";
  return (
    <nav
      aria-label={strings.nav.label}
      className={`hidden shrink-0 flex-col border-r border-line py-3 md:flex ${folded ? "w-14" : "w-14 xl:w-52"}`}
    >
      <Link to="/tower" className="mx-2 mb-4 flex h-9 items-center gap-2.5 rounded-md px-2.5 font-semibold">
        <Emblem />
        <span className={word}>{strings.product}</span>
      </Link>
      <ul className="flex flex-col gap-0.5 px-2">
        {PAGES.map((page) => {
          const here = page.match(path);
          const lit = page.key === "t" && pending > 0;
          return (
            <li key={page.to}>
              <Link
                to={page.to}
                aria-current={here ? "page" : undefined}
                title={page.label}
                className={`relative flex h-9 items-center gap-2.5 rounded-md px-2.5 ${
                  here ? "bg-hover font-medium text-text" : "text-muted hover:bg-hover hover:text-text"
                }`}
              >
                <Icon name={page.icon} className={lit ? "text-accent" : ""} />
                <span className={word}>{page.label}</span>
                {lit ? <Waiting count={pending} folded={folded} /> : null}
              </Link>
            </li>
          );
        })}
      </ul>
      <div className="mt-auto hidden px-3 xl:block">
        <IconButton
          name="panel"
          label={folded ? strings.nav.expand : strings.nav.collapse}
          aria-expanded={!folded}
          onClick={() => onFold(!folded)}
        />
      </div>
    </nav>
  );
}

/** How many wait: the one light of the navigation. */
function Waiting({ count, folded }: { count: number; folded: boolean }) {
  return (
    <span
      className={`text-xs font-semibold text-accent ${
        folded
          ? "absolute -top-0.5 right-0 leading-4"
          : "max-xl:absolute max-xl:-top-0.5 max-xl:right-0 max-xl:leading-4 xl:ml-auto"
      }`}
    >
      <span aria-hidden="true">{count}</span>
      <span className="sr-only">{strings.nav.waiting(count)}</span>
    </span>
  );
}

/** At the bottom of a phone, within reach of the thumb. */
export function BottomNavigation() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const pending = usePendingCount();
  // A ticket has its own bar down there, for the answer.
  if (path.startsWith("/tower/tickets/")) return null;
  return (
    <nav
      aria-label={strings.nav.label}
      className="flex shrink-0 border-t border-line bg-bg pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PAGES.map((page) => {
        const here = page.match(path);
        const lit = page.key === "t" && pending > 0;
        return (
          <Link
            key={page.to}
            to={page.to}
            aria-current={here ? "page" : undefined}
            className={`flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs ${here ? "text-text" : "text-muted"}`}
          >
            <Icon name={page.icon} size={18} className={lit ? "text-accent" : ""} />
            <span>
              {page.short ?? page.label}
              {lit ? <span className="font-semibold text-accent"> {pending}</span> : null}
            </span>
          </Link>
        );
      })}
    </nav>
  );
}

function Emblem() {
  return (
    <svg aria-hidden="true" viewBox="0 0 18 18" width={18} height={18} className="-ml-px shrink-0">
      <path
        d="M4 2.5v13M14 2.5v13M4 9h10"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
