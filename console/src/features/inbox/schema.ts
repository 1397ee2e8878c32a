import { isRecord, list, number, text } from "@/words/reading";
import { labelOf } from "@/words/tool";

/** One field of a form made from the schema of what a tool takes. */
export interface FieldSpec {
  name: string;
  label: string;
  help: string | null;
  kind: "text" | "long" | "number" | "integer" | "boolean" | "choice" | "json";
  required: boolean;
  choices: string[];
  pattern: string | null;
  minimum: number | null;
  maximum: number | null;
  maxLength: number | null;
}

/** The fields of a JSON schema of an object; null when it is not one, then only raw JSON can be edited. */
export function fieldsOf(schema: unknown): FieldSpec[] | null {
  if (!isRecord(schema) || !isRecord(schema.properties)) return null;
  const required = new Set(list(schema, "required"));
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    label: labelOf(name),
    help: text(property, "description"),
    kind: kindOf(property),
    required: required.has(name),
    choices: list(property, "enum").filter((choice): choice is string => typeof choice === "string"),
    pattern: text(property, "pattern"),
    minimum: number(property, "minimum"),
    maximum: number(property, "maximum"),
    maxLength: number(property, "maxLength"),
  }));
}

function kindOf(property: unknown): FieldSpec["kind"] {
  const declared = isRecord(property) ? property.type : undefined;
  const type = Array.isArray(declared) ? declared.find((name) => name !== "null") : declared;
  if (list(property, "enum").some((choice) => typeof choice === "string")) return "choice";
  if (type === "boolean" || type === "integer" || type === "number") return type;
  if (type === "string") return (number(property, "maxLength") ?? 0) > 200 ? "long" : "text";
  return "json";
}

/** A value as it stands in its field. */
export function toInput(field: FieldSpec, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  return String(value);
}

export type Parsed = { ok: true; value: unknown } | { ok: false; problem: string };

/** What was typed, as the value that is sent; `undefined` leaves the member out. */
export function fromInput(field: FieldSpec, input: string): Parsed {
  const problem = (words: string): Parsed => ({ ok: false, problem: words });
  if (field.kind === "boolean") return { ok: true, value: input === "true" };
  if (input.trim() === "")
    return field.required ? problem("This is needed.") : { ok: true, value: undefined };
  switch (field.kind) {
    case "integer":
    case "number": {
      const value = Number(input);
      if (!Number.isFinite(value)) return problem("This has to be a number.");
      if (field.kind === "integer" && !Number.isInteger(value))
        return problem("This has to be a whole number.");
      if (field.minimum !== null && value < field.minimum) return problem(`At least ${field.minimum}.`);
      if (field.maximum !== null && value > field.maximum) return problem(`At most ${field.maximum}.`);
      return { ok: true, value };
    }
    case "json":
      return parseJson(input);
    case "choice":
      return field.choices.includes(input) ? { ok: true, value: input } : problem("Choose one of the list.");
    default:
      if (field.maxLength !== null && input.length > field.maxLength) {
        return problem(`At most ${field.maxLength} characters.`);
      }
      if (field.pattern !== null && !matches(field.pattern, input))
        return problem(`This has to look like ${field.pattern}`);
      return { ok: true, value: input };
  }
}

/** A pattern the browser cannot read is left to the server. */
function matches(pattern: string, input: string): boolean {
  try {
    return new RegExp(pattern, "u").test(input);
  } catch {
    return true;
  }
}

function parseJson(input: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(input) };
  } catch (error) {
    return {
      ok: false,
      problem: `Not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`,
    };
  }
}

/** A whole body typed as JSON: it has to be an object. */
export function parseObject(
  input: string,
): { ok: true; value: Record<string, unknown> } | { ok: false; problem: string } {
  const parsed = parseJson(input);
  if (!parsed.ok) return parsed;
  if (!isRecord(parsed.value)) return { ok: false, problem: "It has to be an object: { … }" };
  return { ok: true, value: parsed.value };
}
