import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { strings } from "@/strings";
import { Icon, type IconName } from "@/ui/Icon";
import { PAGES } from "./pages";
import { targetsOf } from "./paletteTargets";
import { toggleTheme } from "./theme";

export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const go = (to: string) => {
    onClose();
    void navigate({ to: to as never });
  };
  const act = (action: () => void) => {
    onClose();
    action();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[560px] max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden rounded-md border border-line bg-raised shadow-float"
        >
          <Dialog.Title className="sr-only">{strings.palette.title}</Dialog.Title>
          <Command label={strings.palette.title} loop>
            <div className="flex items-center gap-2 border-b border-line px-4">
              <Icon name="search" className="text-muted" />
              <Command.Input
                autoFocus
                value={text}
                onValueChange={setText}
                placeholder={strings.palette.placeholder}
                className="h-12 w-full bg-transparent text-base outline-none max-md:text-letter"
              />
            </div>
            <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-sm text-muted">
                {strings.palette.nothing}
              </Command.Empty>
              <Group heading={strings.palette.ids}>
                {targetsOf(text).map((target) => (
                  <Item
                    key={target.to}
                    icon={target.icon}
                    value={`${text} ${target.to}`}
                    onSelect={() => go(target.to)}
                  >
                    {target.label}
                  </Item>
                ))}
              </Group>
              <Group heading={strings.palette.pages}>
                {PAGES.map((page) => (
                  <Item
                    key={page.to}
                    icon={page.icon}
                    value={page.label}
                    onSelect={() => go(page.to)}
                    keys={`g ${page.key}`}
                  >
                    {page.label}
                  </Item>
                ))}
              </Group>
              <Group heading={strings.palette.actions}>
                <Item icon="sun" value={strings.shell.theme.label} onSelect={() => act(toggleTheme)} keys="t">
                  {strings.shell.theme.label}: {strings.shell.theme.dark} / {strings.shell.theme.light}
                </Item>
                <Item icon="keyboard" value={strings.shell.shortcuts} onSelect={() => act(onHelp)} keys="?">
                  {strings.shell.shortcuts}
                </Item>
              </Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Group({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

function Item({
  icon,
  value,
  keys,
  onSelect,
  children,
}: {
  icon: IconName;
  value: string;
  keys?: string;
  onSelect: () => void;
  children: React.ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-sm px-2.5 text-sm data-[selected=true]:bg-hover pointer-coarse:h-11"
    >
      <Icon name={icon} className="text-muted" />
      <span className="truncate">{children}</span>
      {keys ? <span className="ml-auto text-xs text-muted">{keys}</span> : null}
    </Command.Item>
  );
}
