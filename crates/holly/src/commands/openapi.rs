//! `holly openapi`: prints the OpenAPI document of the agents API.

use crate::failure::Exit;
use crate::session::Session;

/// Prints it, with or without `--json`.
pub(crate) fn run(session: &Session) -> anyhow::Result<Exit> {
    session.out.json(&api::agents_document())?;
    Ok(Exit::Done)
}
