import { type ComponentProps, type ReactNode, useId } from "react";

const BOX =
  "w-full rounded-md border border-line-strong bg-bg px-3 text-base text-text pointer-coarse:min-h-11 max-md:text-letter aria-invalid:border-bad disabled:opacity-60";

/** A labelled field: the label above, help and error below, all three tied together for who cannot see them. */
export function Field({
  label,
  help,
  error,
  children,
}: {
  label: string;
  help?: ReactNode;
  error?: string | null;
  children: (wiring: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        "aria-describedby": error || help ? note : undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {error || help ? (
        <p id={note} className={`text-xs ${error ? "text-bad" : "text-muted"}`}>
          {error ?? help}
        </p>
      ) : null}
    </div>
  );
}

export function TextInput({ className, ...rest }: ComponentProps<"input">) {
  return <input {...rest} className={`h-9 ${BOX} ${className ?? ""}`} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...rest} className={`min-h-20 py-2 ${BOX} ${className ?? ""}`} />;
}

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select {...rest} className={`h-9 ${BOX} ${className ?? ""}`} />;
}

export function Checkbox({ label, ...rest }: ComponentProps<"input"> & { label: ReactNode }) {
  return (
    <label className="flex items-start gap-2 text-sm pointer-coarse:min-h-11">
      <input {...rest} type="checkbox" className="mt-0.5 size-4 shrink-0 accent-[var(--line-strong)]" />
      <span>{label}</span>
    </label>
  );
}

/** A few choices side by side; the chosen one is raised. */
export function Chips<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string; count?: number }[];
  onChange: (value: T) => void;
}) {
  return (
    <div role="group" aria-label={label} className="flex shrink-0 gap-1">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={`h-7 shrink-0 whitespace-nowrap rounded-md px-2 text-sm pointer-coarse:h-11 pointer-coarse:px-3 ${
            option.value === value ? "bg-hover font-medium text-text" : "text-muted hover:text-text"
          }`}
        >
          {option.label}
          {option.count !== undefined ? (
            <span className="ml-1.5 text-xs text-muted">{option.count}</span>
          ) : null}
        </button>
      ))}
    </div>
  );
}
