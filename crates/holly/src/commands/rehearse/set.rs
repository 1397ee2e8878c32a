//! `holly rehearse set`

use clap::Args;
use net::{Idempotency, Method, Request};
use serde_json::json;

use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `rehearse set`.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// pace (orders per hour), speed (time factor), printful_store (native or shopify), currencies (comma list)
    /// or token_life (seconds for which the shop hands out a token)
    name: String,
    /// The new value
    value: String,
}

pub(crate) async fn run(session: &Session, args: SetArgs) -> anyhow::Result<Exit> {
    let path = format!("/control/settings/{}", net::encode_segment(&args.name));
    let request = Request::new(Method::PUT, path, Idempotency::Unsafe).json(&json!({"value": args.value}));
    let answer = session.world()?.ask(request).await?;
    session.out.either(&answer, |_| format!("{} is {}", args.name, args.value))?;
    Ok(Exit::Done)
}
