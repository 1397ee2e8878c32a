//! Deliveries of the shop.

use serde_json::{Map, Value, json};

use super::read::{clean, digits, id, moment, put, text, time, truth};
use super::{
    Action, DeliveryHeaders, OtherShop, ParseContext, ParsedDelivery, Priority, Provider, RunSeed, VERIFY, body_id,
    ignored,
};
use crate::ids::OrderKey;
use crate::money::parse_decimal;
use crate::order::{Fulfilment, OrderFacts, Origin, Payment};

const KEPT_HEADERS: [&str; 7] = [
    "x-shopify-topic",
    "x-shopify-shop-domain",
    "x-shopify-webhook-id",
    "x-shopify-event-id",
    "x-shopify-api-version",
    "x-shopify-triggered-at",
    "x-shopify-test",
];

pub(super) fn parse(
    headers: &DeliveryHeaders,
    sub_topic: Option<&str>,
    body: &[u8],
    context: &ParseContext,
) -> Result<ParsedDelivery, OtherShop> {
    if let (Some(ours), Some(theirs)) = (&context.shop_domain, headers.get("x-shopify-shop-domain"))
        && !theirs.eq_ignore_ascii_case(ours)
    {
        return Err(OtherShop);
    }
    let kept: Map<String, Value> =
        KEPT_HEADERS.iter().filter_map(|name| Some(((*name).to_owned(), json!(clean(headers.get(name)?))))).collect();
    let kept = Value::Object(kept);
    let topic = headers.get("x-shopify-topic").filter(|topic| !topic.is_empty()).or(sub_topic);
    let own_id = headers.get("x-shopify-event-id").or_else(|| headers.get("x-shopify-webhook-id"));
    let own_id = own_id.filter(|id| !id.is_empty()).map_or_else(|| body_id(body), |id| id.chars().take(200).collect());
    let Some(topic) = topic else {
        return Ok(ignored(Provider::Shopify, own_id, "unknown", kept, "neither header nor path names a topic"));
    };
    let event_id = format!("{topic}:{own_id}");
    let Ok(body_json @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return Ok(ignored(Provider::Shopify, event_id, topic, kept, "the body is not a JSON object"));
    };
    let test = headers.get("x-shopify-test").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let triggered = headers.get("x-shopify-triggered-at").and_then(moment);
    let event = Event { topic, event_id, kept, body: &body_json, test, triggered };
    Ok(match topic {
        "orders/create" | "orders/paid" | "orders/fulfilled" | "orders/cancelled" => event.order(),
        "refunds/create" => event.refund(),
        "products/create" | "products/update" | "products/delete" => event.product(),
        "customers/create" => {
            let domain = event.customer_domain();
            event.plain(Priority::Normal, domain)
        }
        "app/uninstalled" => event.plain(Priority::High, json!({})),
        _ => ignored(Provider::Shopify, event.event_id, topic, event.kept, "this topic is not handled"),
    })
}

struct Event<'a> {
    topic: &'a str,
    event_id: String,
    kept: Value,
    body: &'a Value,
    test: bool,
    triggered: Option<crate::time::Timestamp>,
}

impl Event<'_> {
    fn delivery(
        self,
        payload: Value,
        resource: Option<String>,
        facts: Option<OrderFacts>,
        action: Action,
    ) -> ParsedDelivery {
        let high = matches!(self.topic, "orders/cancelled" | "app/uninstalled");
        ParsedDelivery {
            provider: Provider::Shopify,
            event_type: self.topic.to_owned(),
            priority: if high { Priority::High } else { Priority::Normal },
            resource_key: resource,
            occurred_at: self
                .triggered
                .or_else(|| time(self.body, "updated_at"))
                .or_else(|| time(self.body, "created_at")),
            payload,
            headers_subset: self.kept,
            event_id: self.event_id,
            facts,
            action,
        }
    }

    fn plain(self, priority: Priority, payload: Value) -> ParsedDelivery {
        ParsedDelivery { priority, ..self.delivery(payload, None, None, Action::EventOnly) }
    }

    fn customer_domain(&self) -> Value {
        let domain = self.body.get("email").and_then(Value::as_str).and_then(|mail| mail.rsplit_once('@'));
        json!({"email": domain.map(|(_, domain)| format!("***@{}", clean(domain)))})
    }

    fn order(self) -> ParsedDelivery {
        let body = self.body;
        let Some(order_id) = digits(body, "id") else {
            return ignored(Provider::Shopify, self.event_id, self.topic, self.kept, "the order has no id");
        };
        let Ok(key) = OrderKey::shopify(&order_id) else {
            return ignored(Provider::Shopify, self.event_id, self.topic, self.kept, "the order id is not digits");
        };
        let facts = order_facts(body, key, self.topic, self.test);
        let (what, goal) = match self.topic {
            "orders/create" => ("created", "check order and fulfilment path, print if it is paid"),
            "orders/paid" => ("paid", "verify payment, print if it is due"),
            "orders/fulfilled" => ("fulfilled", "write the customer note"),
            _ => ("cancelled", "assess refund and fulfilment stop"),
        };
        let name = text(body, "name");
        let mut summary = Map::new();
        summary.insert("shopify_order_id".into(), json!(order_id));
        put(&mut summary, "order_name", name.clone());
        put(&mut summary, "total", text(body, "current_total_price").or_else(|| text(body, "total_price")));
        put(&mut summary, "currency", text(body, "currency"));
        put(&mut summary, "item_count", facts.item_count);
        put(&mut summary, "financial_status", text(body, "financial_status"));
        summary.insert("cancelled".into(), json!(facts.cancelled == Some(true)));
        summary.insert("test".into(), json!(facts.is_test == Some(true)));
        let seed = RunSeed {
            provider: Provider::Shopify,
            task: "order_check",
            serial_key: format!("order:{order_id}"),
            run_name: format!("Order {} {what}", name.as_deref().unwrap_or("{order}")),
            order_fallback: order_id.clone(),
            goal,
            event: self.topic.to_owned(),
            summary,
        };
        let payload = order_projection(body);
        self.delivery(payload, Some(format!("order:{order_id}")), Some(facts), Action::Run(seed))
    }

    fn refund(self) -> ParsedDelivery {
        let body = self.body;
        let Some((order_id, key)) =
            digits(body, "order_id").and_then(|id| Some((id.clone(), OrderKey::shopify(&id).ok()?)))
        else {
            return ignored(Provider::Shopify, self.event_id, self.topic, self.kept, "the refund names no order");
        };
        let mut facts = OrderFacts::new(Origin::Shopify, key);
        let currency = refund_currency(body).unwrap_or_else(|| "USD".into());
        let amount = refund_amount(body, &currency);
        let refund_id = id(body, "id").unwrap_or_default();
        facts.currency = Some(currency.clone());
        if amount > 0 && !refund_id.is_empty() {
            facts.refunds.insert(refund_id.clone(), amount);
        }
        if self.test {
            facts.is_test = Some(true);
        }
        let mut summary = Map::new();
        summary.insert("shopify_order_id".into(), json!(order_id));
        summary.insert("refund_id".into(), json!(refund_id));
        summary.insert("amount".into(), json!(crate::money::format_minor(amount, &currency)));
        summary.insert("currency".into(), json!(currency));
        let seed = RunSeed {
            provider: Provider::Shopify,
            task: "order_check",
            serial_key: format!("order:{order_id}"),
            run_name: "Refund on {order}".into(),
            order_fallback: order_id.clone(),
            goal: "reconcile the refund",
            event: self.topic.to_owned(),
            summary: summary.clone(),
        };
        self.delivery(Value::Object(summary), Some(format!("order:{order_id}")), Some(facts), Action::Run(seed))
    }

    fn product(self) -> ParsedDelivery {
        let Some(product) = digits(self.body, "id") else {
            return ignored(Provider::Shopify, self.event_id, self.topic, self.kept, "the product has no id");
        };
        let (what, goal) = match self.topic {
            "products/create" => ("created", "sync the new product"),
            "products/delete" => ("deleted", "clean references to the product"),
            _ => ("updated", VERIFY),
        };
        let mut summary = Map::new();
        summary.insert("product_id".into(), json!(product));
        put(&mut summary, "title", text(self.body, "title"));
        let seed = RunSeed::product(Provider::Shopify, self.topic, &product, what, goal, summary.clone());
        let action = if self.topic == "products/update" { Action::Coalesce(seed) } else { Action::Run(seed) };
        self.delivery(Value::Object(summary), Some(format!("product:{product}")), None, action)
    }
}

fn order_facts(body: &Value, key: OrderKey, topic: &str, test: bool) -> OrderFacts {
    let mut facts = OrderFacts::new(Origin::Shopify, key);
    let currency = text(body, "currency").unwrap_or_else(|| "USD".into());
    facts.at = time(body, "updated_at");
    facts.order_name = text(body, "name");
    facts.ordered_at = time(body, "created_at");
    let total = text(body, "current_total_price").or_else(|| text(body, "total_price"));
    facts.total_minor = total.and_then(|total| parse_decimal(&total, &currency).ok());
    facts.payment = text(body, "financial_status").and_then(|status| payment(&status));
    let lines = body.get("line_items").and_then(Value::as_array);
    facts.item_count =
        lines.map(|lines| lines.iter().filter_map(|line| line.get("quantity")?.as_i64()).fold(0, i64::saturating_add));
    facts.cancelled = Some(topic == "orders/cancelled" || body.get("cancelled_at").is_some_and(|at| !at.is_null()));
    facts.is_test = Some(test || truth(body, "test"));
    for refund in body.get("refunds").and_then(Value::as_array).into_iter().flatten() {
        let amount = refund_amount(refund, &currency);
        if let (Some(id), true) = (id(refund, "id"), amount > 0) {
            facts.refunds.insert(id, amount);
        }
    }
    if topic == "orders/fulfilled" || text(body, "fulfillment_status").as_deref() == Some("fulfilled") {
        facts.fulfilment = Some(Fulfilment::Shipped);
    }
    facts.currency = Some(currency);
    facts
}

/// The payment that a financial status stands for.
fn payment(status: &str) -> Option<Payment> {
    Some(match status {
        "pending" | "partially_paid" | "expired" | "voided" => Payment::Pending,
        "authorized" => Payment::Authorised,
        "paid" => Payment::Paid,
        "partially_refunded" => Payment::PartlyRefunded,
        "refunded" => Payment::Refunded,
        _ => return None,
    })
}

fn refund_transactions(refund: &Value) -> impl Iterator<Item = &Value> {
    let all = refund.get("transactions").and_then(Value::as_array).into_iter().flatten();
    all.filter(|one| {
        text(one, "kind").as_deref() == Some("refund") && text(one, "status").as_deref() == Some("success")
    })
}

fn refund_currency(refund: &Value) -> Option<String> {
    refund_transactions(refund).find_map(|one| text(one, "currency"))
}

fn refund_amount(refund: &Value, currency: &str) -> i64 {
    let amounts = refund_transactions(refund).filter_map(|one| parse_decimal(&text(one, "amount")?, currency).ok());
    amounts.fold(0, i64::saturating_add)
}

/// What is kept of an order: ids, name, times, amounts, statuses, flags and lines. No customer, address or note.
fn order_projection(body: &Value) -> Value {
    let mut kept = Map::new();
    put(&mut kept, "id", digits(body, "id"));
    for name in [
        "name",
        "created_at",
        "updated_at",
        "processed_at",
        "cancelled_at",
        "cancel_reason",
        "currency",
        "total_price",
        "current_total_price",
        "subtotal_price",
        "total_tax",
        "financial_status",
        "fulfillment_status",
    ] {
        put(&mut kept, name, text(body, name));
    }
    kept.insert("test".into(), json!(truth(body, "test")));
    let lines = body.get("line_items").and_then(Value::as_array).into_iter().flatten().take(250);
    let lines: Vec<Value> = lines
        .map(|line| {
            let mut kept = Map::new();
            put(&mut kept, "variant_id", id(line, "variant_id"));
            for name in ["sku", "title", "price"] {
                put(&mut kept, name, text(line, name));
            }
            put(&mut kept, "quantity", line.get("quantity").and_then(Value::as_i64));
            Value::Object(kept)
        })
        .collect();
    kept.insert("line_items".into(), json!(lines));
    Value::Object(kept)
}
