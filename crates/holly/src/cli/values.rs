//! Parsers of arguments, so that wrong ones are refused before anything is done.

use domain::role::Role;
use domain::run::RunStatus;
use domain::ticket::TicketStatus;
use domain::tool::Risk;
use serde_json::{Map, Value};

/// A role that a person may call the server with.
pub(crate) fn caller_role(text: &str) -> Result<Role, String> {
    token_role(text)
        .ok()
        .filter(|role| *role != Role::Webhook)
        .ok_or_else(|| "expected viewer, operator or admin".into())
}

/// A role that a token may carry.
pub(crate) fn token_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "expected viewer, operator, admin or webhook".into())
}

/// A status of a run.
pub(crate) fn run_status(text: &str) -> Result<&'static str, String> {
    let known = RunStatus::ALL.map(RunStatus::as_str).join(", ");
    RunStatus::parse(text).map(RunStatus::as_str).ok_or_else(|| format!("expected one of {known}"))
}

/// A status of a ticket, or `all`.
pub(crate) fn ticket_status(text: &str) -> Result<&'static str, String> {
    let known = TicketStatus::ALL.map(TicketStatus::as_str).join(", ");
    match text {
        "all" => Ok("all"),
        text => {
            TicketStatus::parse(text).map(TicketStatus::as_str).ok_or_else(|| format!("expected one of {known}, all"))
        }
    }
}

/// A risk.
pub(crate) fn risk(text: &str) -> Result<&'static str, String> {
    Risk::parse(text).map(Risk::as_str).ok_or_else(|| "expected low, medium or high".into())
}

/// A JSON object.
pub(crate) fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("expected a JSON object such as {\"name\": \"value\"}".into()),
        Err(error) => Err(format!("is no JSON: {error}")),
    }
}
