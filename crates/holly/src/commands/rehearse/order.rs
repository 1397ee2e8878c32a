//! `holly rehearse order`, and what moves an order on.

use clap::Args;
use net::{Idempotency, Request};
use serde_json::{Value, json};

use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `rehearse order`.
#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    /// How many, at most 1000
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
    /// What they are; otherwise as chance has it
    #[arg(long, value_parser = ["paid", "unpaid", "cancelled", "refunded", "partly_refunded", "test"])]
    kind: Option<String>,
}

/// Makes orders arrive.
pub(crate) async fn arrive(session: &Session, args: OrderArgs) -> anyhow::Result<Exit> {
    let mut body = json!({"count": args.count});
    if let Some(kind) = args.kind {
        body["kind"] = kind.into();
    }
    let request = Request::post("/control/orders", Idempotency::Unsafe).json(&body);
    let answer = session.world()?.ask(request).await?;
    session.out.either(&answer, |_| {
        let ids = answer["shopify_order_ids"].as_array().into_iter().flatten();
        ids.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Exit::Done)
}

/// Moves one order on.
pub(crate) async fn act(session: &Session, order: &str, action: &'static str) -> anyhow::Result<Exit> {
    let path = format!("/control/orders/{}/{action}", net::encode_segment(order));
    let answer = session.world()?.ask(Request::post(path, Idempotency::Unsafe)).await?;
    session.out.either(&answer, |_| format!("order {order}: {action} done"))?;
    Ok(Exit::Done)
}
