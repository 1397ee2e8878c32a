import type { Order, Run, Ticket } from "@/api/types";

/** Rows for tests, as the server sends them. */
export function aTicket(change: Partial<Ticket> = {}): Ticket {
  return {
    id: 3,
    run_id: "run_e070c64f91ef24b3",
    ticket_type: "tool_call",
    risk_level: "medium",
    status: "pending",
    proposed_action: {
      tool: "printful_submit_order",
      params: { shopify_order_id: "5500893729773", confirm: true },
      call: {
        action: "create_and_confirm",
        external_id: "5500893729773",
        items: [
          { sync_variant_id: 4100000002, quantity: 2 },
          { sync_variant_id: 4100000111, quantity: 1 },
        ],
        ship_to: "Hamburg, DE",
        cost: { currency: "USD", total_minor: 6444 },
      },
    },
    context_pack: {
      tldr: "Print order #1002: 3 pieces to Hamburg, DE, 64.44 USD",
      why_stopped: "Submit print order is a medium-risk action",
      impact: "Sends a paid order of the shop to print.",
      risk_flags: ["risk:medium", "tool:printful_submit_order"],
      money: { currency: "USD", cost_minor: 6444, revenue_minor: 8659, margin_minor: 2215 },
      subject: { order_key: "shopify:5500893729773", order_name: "#1002" },
    },
    decision_payload: null,
    checkpoint_id: "cp_aaf791d4401a",
    interrupt_id: "int_46d9fd1fb9c2",
    created_at: "2026-11-25T08:00:00Z",
    decided_at: null,
    decided_by: null,
    expires_at: "2026-11-26T08:00:00Z",
    payload_hash: "06",
    effect_id: "5c142a749a587c41311cf204fc03f6bb",
    gate_epoch: 0,
    policy_version: "4a",
    ...change,
  };
}

export function aRun(change: Partial<Run> = {}): Run {
  return {
    run_id: "run_e070c64f91ef24b3",
    workflow_id: "default",
    workflow_version: 1,
    status: "completed",
    priority: 5,
    run_name: "Order #1002 paid",
    input_state: {},
    metadata: {},
    created_by: "webhook",
    created_at: "2026-11-25T08:00:00Z",
    updated_at: "2026-11-25T08:00:00Z",
    started_at: "2026-11-25T08:00:00Z",
    finished_at: null,
    last_checkpoint_id: null,
    last_ticket_id: null,
    last_error: null,
    attempt: 0,
    paused: false,
    serial_key: null,
    available_at: null,
    cost_usd: 0,
    tokens: 0,
    ...change,
  };
}

export function anOrder(change: Partial<Order> = {}): Order {
  return {
    order_key: "shopify:5500893729773",
    order_name: "#1002",
    currency: "USD",
    total_minor: 8659,
    refunded_minor: 0,
    payment: "paid",
    fulfilment: "none",
    cancelled: false,
    is_test: false,
    print_order_id: null,
    last_event_at: null,
    polled_at: null,
    version: 0,
    ordered_at: "2026-11-25T08:00:00Z",
    item_count: 3,
    refunds: {},
    print_cost_minor: null,
    print_cost_currency: null,
    payment_fee_minor: null,
    print_cancelled: false,
    tracking_url: null,
    customer_note: null,
    created_at: "2026-11-25T08:00:00Z",
    updated_at: "2026-11-25T08:00:00Z",
    ...change,
  };
}
