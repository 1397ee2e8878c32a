import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { strings } from "@/strings";
import { IconButton } from "./Button";

/** A dialog that traps and gives back the focus. On a phone it is a sheet at the bottom. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  wide,
  fixed,
}: {
  open: boolean;
  onOpenChange?: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
  /** Cannot be dismissed: only what stands in it leads out. */
  fixed?: boolean;
}) {
  const keep = fixed ? (event: Event) => event.preventDefault() : undefined;
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Primitive.Content
          onEscapeKeyDown={keep}
          onPointerDownOutside={keep}
          onInteractOutside={keep}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={`fixed z-50 flex max-h-[88dvh] flex-col rounded-md border border-line bg-raised shadow-float max-md:inset-x-0 max-md:bottom-0 max-md:rounded-b-none md:top-[12vh] md:left-1/2 md:max-h-[76vh] md:-translate-x-1/2 ${wide ? "md:w-[720px]" : "md:w-[480px]"} md:max-w-[calc(100vw-48px)]`}
        >
          <header className="flex items-start gap-4 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Primitive.Title className="text-base font-semibold text-pretty">{title}</Primitive.Title>
              {description ? (
                <Primitive.Description asChild>
                  <div className="mt-1 text-sm text-muted text-pretty">{description}</div>
                </Primitive.Description>
              ) : null}
            </div>
            {fixed ? null : (
              <Primitive.Close asChild>
                <IconButton name="cross" label={strings.common.close} className="-mt-1 -mr-2" />
              </Primitive.Close>
            )}
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-2 pb-5">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** The row of buttons that closes a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2 max-md:flex-col-reverse">{children}</div>;
}
