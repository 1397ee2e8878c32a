import { useRouterState } from "@tanstack/react-router";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { signOut, useSession } from "@/api/session";
import { keysEnabled, setKeysEnabled } from "@/keys/keys";
import { strings } from "@/strings";
import { Kbd } from "@/ui/Button";
import { Icon, type IconName } from "@/ui/Icon";
import { setTimeShown, type TimeShown, useTimeShown } from "@/ui/now";
import { PAGES } from "./pages";
import { StatusStrip } from "./StatusStrip";
import { setThemeWish, type ThemeWish, useThemeWish } from "./theme";

/** One line above every page: where you are, how the shop is, how to get elsewhere. */
export function TopBar({ onPalette, onHelp }: { onPalette: () => void; onHelp: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const page = PAGES.find((candidate) => candidate.match(path));
  return (
    <header className="flex h-12 shrink-0 items-center gap-4 border-b border-line px-4 max-md:pr-2">
      <p className="text-sm text-muted">
        <span className="max-md:hidden">{strings.nav.tower} / </span>
        <span className="text-text">{page?.label ?? strings.product}</span>
      </p>
      <div className="ml-auto flex items-center gap-4 max-md:gap-1">
        <StatusStrip />
        <button
          type="button"
          onClick={onPalette}
          aria-keyshortcuts="Control+K Meta+K"
          aria-label={strings.shell.search}
          className="flex h-8 items-center gap-2 rounded-md px-2 text-sm text-muted pointer-coarse:h-11 hover:bg-hover hover:text-text md:border md:border-line"
        >
          <Icon name="search" />
          <span className="max-xl:hidden">{strings.shell.search}</span>
          <Kbd className="max-md:hidden">Ctrl K</Kbd>
        </button>
        <AccountMenu onHelp={onHelp} />
      </div>
    </header>
  );
}

const ITEM =
  "flex h-8 items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-hover pointer-coarse:h-11";

const THEMES: readonly { value: ThemeWish; icon: IconName }[] = [
  { value: "system", icon: "screen" },
  { value: "dark", icon: "moon" },
  { value: "light", icon: "sun" },
];
const TIMES: readonly TimeShown[] = ["relative", "local", "utc"];

function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const session = useSession();
  const theme = useThemeWish();
  const time = useTimeShown();
  const leave = async () => {
    await signOut().catch(() => undefined);
    location.assign("/login");
  };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={strings.shell.account}
        className="flex size-8 items-center justify-center rounded-full text-xs font-medium text-muted pointer-coarse:size-11 hover:text-text"
      >
        <span className="flex size-8 items-center justify-center rounded-full border border-line">
          {session ? session.email.slice(0, 1).toUpperCase() : <Icon name="user" />}
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 w-60 rounded-md border border-line bg-raised p-1.5 shadow-float"
        >
          {session ? (
            <DropdownMenu.Label className="px-2 pt-1 pb-2 text-sm">
              <span className="block truncate">{session.email}</span>
              <span className="text-xs text-muted">{session.role}</span>
            </DropdownMenu.Label>
          ) : null}
          <Choices
            label={strings.shell.theme.label}
            value={theme}
            onChange={(value) => setThemeWish(value as ThemeWish)}
          >
            {THEMES.map(({ value, icon }) => (
              <Choice key={value} value={value}>
                <Icon name={icon} className="text-muted" />
                {strings.shell.theme[value]}
              </Choice>
            ))}
          </Choices>
          <Choices
            label={strings.shell.time.label}
            value={time}
            onChange={(value) => setTimeShown(value as TimeShown)}
          >
            {TIMES.map((value) => (
              <Choice key={value} value={value}>
                {strings.shell.time[value]}
              </Choice>
            ))}
          </Choices>
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.CheckboxItem
            defaultChecked={keysEnabled()}
            checked={keysEnabled()}
            onCheckedChange={setKeysEnabled}
            className={ITEM}
          >
            {strings.shell.keysOn}
            <DropdownMenu.ItemIndicator className="ml-auto">
              <Icon name="check" />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.CheckboxItem>
          <DropdownMenu.Item onSelect={onHelp} className={ITEM}>
            <Icon name="keyboard" className="text-muted" />
            {strings.shell.shortcuts}
            <Kbd className="ml-auto">?</Kbd>
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => void leave()} className={ITEM}>
            <Icon name="out" className="text-muted" />
            {strings.shell.signOut}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Choices({
  label,
  value,
  onChange,
  children,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}) {
  return (
    <>
      <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
      <DropdownMenu.RadioGroup value={value} onValueChange={onChange} aria-label={label}>
        <DropdownMenu.Label className="px-2 pb-1 text-xs text-muted">{label}</DropdownMenu.Label>
        {children}
      </DropdownMenu.RadioGroup>
    </>
  );
}

function Choice({ value, children }: { value: string; children: ReactNode }) {
  return (
    <DropdownMenu.RadioItem value={value} onSelect={(event) => event.preventDefault()} className={ITEM}>
      {children}
      <DropdownMenu.ItemIndicator className="ml-auto">
        <Icon name="check" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}
