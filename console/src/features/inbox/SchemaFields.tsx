import { Checkbox, Field, Select, TextArea, TextInput } from "@/ui/fields";
import { type FieldSpec, toInput } from "./schema";

/** The fields of a schema, one below the other. */
export function SchemaFields({
  fields,
  params,
  inputs,
  problems,
  onChange,
}: {
  fields: readonly FieldSpec[];
  params: Record<string, unknown>;
  inputs: Record<string, string>;
  problems: Record<string, string>;
  onChange: (name: string, text: string) => void;
}) {
  return (
    <div className="flex flex-col gap-4">
      {fields.map((field) => {
        const text = inputs[field.name] ?? toInput(field, params[field.name]);
        const change = (next: string) => onChange(field.name, next);
        if (field.kind === "boolean") {
          return (
            <Checkbox
              key={field.name}
              checked={text === "true"}
              onChange={(event) => change(String(event.target.checked))}
              label={
                <>
                  {field.label}
                  {field.help ? <span className="block text-xs text-muted">{field.help}</span> : null}
                </>
              }
            />
          );
        }
        return (
          <Field key={field.name} label={field.label} help={field.help} error={problems[field.name] ?? null}>
            {(wiring) => <Input wiring={wiring} field={field} text={text} change={change} />}
          </Field>
        );
      })}
    </div>
  );
}

function Input({
  wiring,
  field,
  text,
  change,
}: {
  wiring: { id: string };
  field: FieldSpec;
  text: string;
  change: (text: string) => void;
}) {
  switch (field.kind) {
    case "choice":
      return (
        <Select {...wiring} value={text} onChange={(event) => change(event.target.value)}>
          {field.required ? null : <option value="">–</option>}
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice.replaceAll("_", " ")}
            </option>
          ))}
        </Select>
      );
    case "long":
    case "json":
      return (
        <TextArea
          {...wiring}
          value={text}
          spellCheck={field.kind === "long"}
          onChange={(event) => change(event.target.value)}
          className={field.kind === "json" ? "font-mono text-xs leading-5" : ""}
        />
      );
    default:
      return (
        <TextInput
          {...wiring}
          value={text}
          inputMode={field.kind === "text" ? undefined : "decimal"}
          onChange={(event) => change(event.target.value)}
        />
      );
  }
}
