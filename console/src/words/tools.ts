import type { Tool } from "@/api/types";
import { list, plural, record, sentenceCase, text } from "./reading";
import { labelOf } from "./tool";

const NAMES: Record<string, string> = {
  printful: "Printful",
  shopify: "Shopify",
  stripe: "Stripe",
  instagram: "Instagram",
};

export const categoryName = (category: string): string =>
  NAMES[category] ?? sentenceCase(category.replaceAll("_", " "));

/** "17 tools: 11 only look, 6 change something outside. 2 are high risk." */
export function toolsSentence(tools: readonly Tool[]): string {
  if (tools.length === 0) return "No tool is there.";
  const change = tools.filter((tool) => tool.mutating).length;
  const look = tools.length - change;
  const high = tools.filter((tool) => tool.risk_level === "high").length;
  const parts = [
    ...(look > 0 ? [`${look} only ${look === 1 ? "looks" : "look"}`] : []),
    ...(change > 0 ? [`${change} ${change === 1 ? "changes" : "change"} something outside`] : []),
  ];
  const risk = high > 0 ? ` ${high} of high risk.` : "";
  return `${plural(tools.length, "tool")}: ${parts.join(", ")}.${risk}`;
}

/** The tools by category, categories and tools in the order in which they came. */
export function byCategory(tools: readonly Tool[]): [string, Tool[]][] {
  const groups = new Map<string, Tool[]>();
  for (const tool of tools) groups.set(tool.category, [...(groups.get(tool.category) ?? []), tool]);
  return [...groups];
}

/** One thing that a tool is given. */
export interface Input {
  name: string;
  label: string;
  kind: string;
  needed: boolean;
  note: string | null;
}

/** What a schema asks for, one line per member. What it says beyond that is in its raw form. */
export function inputsOf(schema: unknown): Input[] {
  const needed = list(schema, "required");
  return Object.entries(record(schema, "properties")).map(([name, member]) => ({
    name,
    label: labelOf(name),
    kind: kindOf(member),
    needed: needed.includes(name),
    note: text(member, "description"),
  }));
}

function kindOf(member: unknown): string {
  const choices = list(member, "enum");
  if (choices.length > 0) return `one of ${choices.map(String).join(", ")}`;
  const kind = text(member, "type");
  const range = rangeOf(record(member));
  switch (kind) {
    case "string":
      return `text${range}`;
    case "integer":
      return `whole number${range}`;
    case "number":
      return `number${range}`;
    case "boolean":
      return "yes or no";
    case "array":
      return "list";
    case "object":
      return "group";
    default:
      return "anything";
  }
}

function rangeOf(member: Record<string, unknown>): string {
  const { minimum, maximum, maxLength } = member;
  if (typeof minimum === "number" && typeof maximum === "number") return `, ${minimum} to ${maximum}`;
  if (typeof minimum === "number") return `, at least ${minimum}`;
  if (typeof maximum === "number") return `, at most ${maximum}`;
  return typeof maxLength === "number" ? `, at most ${maxLength} characters` : "";
}
