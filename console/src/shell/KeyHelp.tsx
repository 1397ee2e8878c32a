import { keysEnabled, listShortcuts } from "@/keys/keys";
import { strings } from "@/strings";
import { Kbd } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** What the keys do on the page that is open. */
export default function KeyHelp({ onClose }: { onClose: () => void }) {
  const shortcuts = listShortcuts();
  const groups = [...new Set(shortcuts.map((shortcut) => shortcut.group))];
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={strings.keys.title}
      description={keysEnabled() ? strings.keys.hint : strings.keys.off}
    >
      <div className="columns-2 gap-8 max-md:columns-1">
        {groups.map((group) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs text-muted">{group}</h3>
            <dl>
              {shortcuts
                .filter((shortcut) => shortcut.group === group)
                .map((shortcut) => (
                  <div key={shortcut.keys} className="flex h-8 items-center justify-between gap-4 text-sm">
                    <dt>{shortcut.label}</dt>
                    <dd className="flex gap-1">
                      {spell(shortcut.keys).map((key) => (
                        <Kbd key={key}>{key}</Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function spell(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => ({ mod: "Ctrl", shift: "Shift", Escape: "Esc" })[key] ?? key);
}
