import { formatMinor } from "./money";
import { list, number, plural, sentenceCase, text } from "./reading";

/** One call of a tool: what was asked for, and the exact outgoing call where it is known. */
export interface Call {
  tool: string;
  params: Record<string, unknown>;
  call: Record<string, unknown>;
  /** The order it is about, as the shop calls it: "#1042". */
  orderName?: string | null;
}

/** What a call does, in words of the shop: "Print order #1042 at Printful". No amounts, they stand beside it. */
export function actOf({ tool, params, call, orderName }: Call): string {
  const order = orderName ? `order ${orderName}` : orderOf(params, call);
  switch (tool) {
    case "printful_submit_order":
      return params.confirm === true || text(call, "action") === "confirm"
        ? `Print ${order} at Printful`
        : `Draft the print of ${order} at Printful`;
    case "printful_cancel_order":
      return `Cancel the print of ${order} at Printful`;
    case "stripe_refund": {
      const cents = number(call, "amount_cents") ?? number(params, "amount_cents");
      const currency = text(call, "currency")?.toUpperCase();
      return cents === null ? "Refund a payment" : `Refund ${formatMinor(cents, currency ?? "USD")}`;
    }
    case "stripe_create_product":
      return quoted("Set up the price of", text(params, "name"), "a product");
    case "stripe_create_payment_link":
      return "Create a payment link";
    case "shopify_create_product":
      return quoted("List", text(params, "title"), "a new product", " in the shop");
    case "shopify_update_description":
      return "Publish new copy for a product";
    case "instagram_publish_post":
      return "Publish a post on Instagram";
    case "sage_send_email":
      return text(params, "to") ? `Send an e-mail to ${text(params, "to")}` : "Send an e-mail";
    case "sage_send_sms":
      return "Send a text message to the owner";
    case "shopify_query_orders":
      return orderName || text(params, "order_id")
        ? `Look at ${order} in the shop`
        : "Look at the newest orders";
    case "shopify_query_products":
      return "Look at the products of the shop";
    case "stripe_revenue_query":
      return "Add up the payments";
    case "stripe_list_products":
      return "Look at the products at Stripe";
    case "printful_order_status":
      return `Ask Printful how the print of ${order} stands`;
    case "printful_list_catalog":
    case "printful_list_products":
    case "printful_get_store_products":
      return "Look at what Printful can print";
    default:
      return sentenceCase(tool.replaceAll("_", " "));
  }
}

/** What stands next to the act: pieces and place, the first words of a message. */
export function detailOf({ tool, params, call }: Call): string | null {
  if (tool === "printful_submit_order") {
    const pieces = list(call, "items").reduce<number>(
      (sum, item) => sum + (number(item, "quantity") ?? 0),
      0,
    );
    const where = text(call, "ship_to");
    const what = pieces > 0 ? plural(pieces, "piece") : null;
    return [what, where ? `to ${where}` : null].filter(Boolean).join(" ") || null;
  }
  if (tool === "sage_send_email") return text(params, "subject");
  if (tool === "instagram_publish_post") return text(params, "caption");
  if (tool === "stripe_refund") return text(params, "reason")?.replaceAll("_", " ") ?? null;
  return null;
}

function orderOf(params: Record<string, unknown>, call: Record<string, unknown>): string {
  const id =
    text(call, "external_id") ??
    text(params, "shopify_order_id") ??
    text(params, "order_id")?.replace(/^@/, "") ??
    null;
  return id ? `order ${id.replace(/^gid:.*\//, "")}` : "an order";
}

function quoted(before: string, name: string | null, otherwise: string, after = ""): string {
  return name ? `${before} “${name}”${after}` : `${before} ${otherwise}${after}`;
}

/** Names of members as a person would label them. Anything else: the name with spaces. */
const LABELS: Record<string, string> = {
  shopify_order_id: "Order number at Shopify",
  external_id: "Order number at Shopify",
  order_id: "Order number",
  confirm: "Print at once",
  amount_cents: "Amount",
  price_cents: "Price",
  charge_id: "Payment",
  ship_to: "Ships to",
  store_id: "Printful store",
  items: "Pieces, by variant",
  sync_variant_id: "Variant",
  order_version: "Order as of version",
  recipient_hash: "Address fingerprint",
  total_minor: "Total",
  to: "To",
  description_html: "Description",
  printful_order_id: "Order number at Printful",
};

const ACTIONS: Record<string, string> = {
  create_and_confirm: "create the print order and start it",
  create: "create a draft",
  confirm: "start the print of the draft that is there",
  cancel: "cancel",
};

export function labelOf(member: string): string {
  return LABELS[member] ?? sentenceCase(member.replaceAll("_", " "));
}

/** The value of a member on one line, or null when it needs more than a line. */
export function memberValue(
  member: string,
  value: unknown,
  around: Record<string, unknown> = {},
): string | null {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (member === "action" && typeof value === "string") return ACTIONS[value] ?? value;
  if (typeof value === "number" && /(_cents|_minor)$/.test(member)) {
    return formatMinor(value, text(around, "currency")?.toUpperCase() ?? "USD");
  }
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (member === "cost" && number(value, "total_minor") !== null) {
    return formatMinor(number(value, "total_minor") ?? 0, text(value, "currency"));
  }
  if (member === "items" && Array.isArray(value)) {
    return value
      .map((item) => `${number(item, "quantity") ?? 1} × ${number(item, "sync_variant_id") ?? "?"}`)
      .join(", ");
  }
  if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number")) {
    return value.join(", ") || "–";
  }
  return null;
}
