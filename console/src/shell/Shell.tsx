import { Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Toaster } from "sonner";
import { useKeyboardLayer, useKeysHeld, useShortcuts } from "@/keys/keys";
import { useLiveLink } from "@/live/live";
import { strings } from "@/strings";
import { OutageBanner, WorldBand } from "./Bands";
import { BottomNavigation, SideNavigation } from "./Navigation";
import Palette from "./Palette";
import { PAGES } from "./pages";
import { SessionWatch } from "./SessionWatch";
import { SignInDialog } from "./SignInDialog";
import { TopBar } from "./TopBar";
import { toggleTheme } from "./theme";

const KeyHelp = lazy(() => import("./KeyHelp"));
const FOLDED = "holly-nav-folded";

/** Everything around a page. It survives whatever happens inside. */
export default function Shell() {
  const [open, setOpen] = useState<"palette" | "help" | null>(null);
  const [folded, setFolded] = useState(localStorage.getItem(FOLDED) === "yes");
  const navigate = useNavigate();
  const close = () => setOpen(null);
  useLiveLink();
  useKeyboardLayer();
  useKeysHeld(open !== null);
  useShortcuts([
    {
      keys: "mod+k",
      label: strings.palette.title,
      group: strings.keys.groups.everywhere,
      always: true,
      run: () => setOpen(open === "palette" ? null : "palette"),
    },
    {
      keys: "?",
      label: strings.shell.shortcuts,
      group: strings.keys.groups.everywhere,
      run: () => setOpen("help"),
    },
    { keys: "t", label: strings.shell.theme.label, group: strings.keys.groups.everywhere, run: toggleTheme },
    ...PAGES.map((page) => ({
      keys: `g ${page.key}`,
      label: page.label,
      group: strings.keys.groups.go,
      run: () => void navigate({ to: page.to as never }),
    })),
  ]);
  const fold = (value: boolean) => {
    localStorage.setItem(FOLDED, value ? "yes" : "no");
    setFolded(value);
  };
  return (
    <div className="flex h-full flex-col short:h-auto short:min-h-full">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-raised px-3 py-2 text-sm focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        {strings.nav.skip}
      </a>
      <WorldBand />
      <div className="flex min-h-0 flex-1">
        <SideNavigation folded={folded} onFold={fold} />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar onPalette={() => setOpen("palette")} onHelp={() => setOpen("help")} />
          <OutageBanner />
          <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
            <Outlet />
          </main>
        </div>
      </div>
      <BottomNavigation />
      <SignInDialog />
      <SessionWatch />
      <Suspense>
        {open === "palette" ? <Palette onClose={close} onHelp={() => setOpen("help")} /> : null}
        {open === "help" ? <KeyHelp onClose={close} /> : null}
      </Suspense>
      <Toaster
        position="bottom-right"
        // Above the bar with the answer, which must never be covered.
        offset={{ bottom: 84, right: 24 }}
        mobileOffset={{ bottom: 136 }}
        gap={8}
        theme="system"
        toastOptions={{
          unstyled: true,
          classNames: {
            toast:
              "flex w-[420px] max-w-[calc(100vw-24px)] items-center gap-3 rounded-md border border-line bg-raised px-4 py-3 text-sm text-text shadow-float",
            icon: "text-bad",
            content: "min-w-0 flex-1",
            description: "text-muted",
            actionButton:
              "shrink-0 rounded-md border border-line-strong px-2.5 h-8 pointer-coarse:h-11 text-sm hover:bg-hover",
          },
        }}
      />
    </div>
  );
}
