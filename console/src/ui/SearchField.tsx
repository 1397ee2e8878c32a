import { useEffect, useRef, useState } from "react";
import { useShortcuts } from "@/keys/keys";
import { strings } from "@/strings";
import { TextInput } from "./fields";

/** A field whose text stands in the address: asked for once typing rests, and followed when the address changes. */
export function SearchField({
  value,
  label,
  onSearch,
}: {
  value: string;
  label: string;
  onSearch: (text: string) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const ask = useRef(onSearch);
  ask.current = onSearch;
  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = wanted;
      ask.current(wanted);
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcuts([{ keys: "/", label, group: strings.keys.groups.list, run: () => field.current?.focus() }]);
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label={label}
      placeholder={label}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      className="!h-8 !w-52 text-sm max-md:!w-auto max-md:min-w-0 max-md:flex-1 pointer-coarse:!h-11"
    />
  );
}
