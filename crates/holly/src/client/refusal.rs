//! What a failed call means to the person who made it.

use net::{NetError, NotSent, Reply};
use serde::Deserialize;

use crate::failure::{Failure, Refusal};

/// The error body of the agents API; that of the rehearsal world has only the sentence.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    error: String,
    code: String,
    trace_id: Option<String>,
    details: Vec<Field>,
    violations: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Field {
    field: String,
    message: String,
}

/// Sorts a failed call to `what` at `url`.
pub(super) fn of(what: &'static str, url: &str, error: NetError) -> Failure {
    match error {
        NetError::Status { reply, .. } => Failure::Refused(Box::new(read(&reply))),
        NetError::NotSent { reason: NotSent::Invalid(reason), .. } => Failure::Usage(reason.to_owned()),
        NetError::Redirect { .. } | NetError::TooLarge { .. } => Failure::Bad(error.to_string()),
        source => Failure::Unreachable { what, url: url.to_owned(), source },
    }
}

fn read(reply: &Reply) -> Refusal {
    let body: Body = reply.json().unwrap_or_default();
    let message = if body.error.is_empty() { "the server refused".to_owned() } else { body.error };
    let fields = body.details.into_iter().map(|field| format!("{}: {}", field.field, field.message));
    Refusal {
        message,
        status: reply.status.as_u16(),
        code: body.code,
        trace_id: body.trace_id,
        details: fields.chain(body.violations).collect(),
    }
}

#[cfg(test)]
mod tests {
    use net::{HeaderMap, StatusCode};

    use super::*;

    fn reply(status: u16, body: &'static str) -> Reply {
        let status = StatusCode::from_u16(status).unwrap();
        Reply { status, headers: HeaderMap::new(), body: body.as_bytes().into() }
    }

    #[test]
    fn an_error_body_is_read_with_its_details() {
        let refusal = read(&reply(
            400,
            r#"{"error":"Body is wrong","code":"invalid_body","trace_id":"t","details":[{"field":"x","message":"is required"}],"violations":["y"]}"#,
        ));
        assert_eq!(
            (refusal.message.as_str(), refusal.status, refusal.code.as_str()),
            ("Body is wrong", 400, "invalid_body")
        );
        assert_eq!(refusal.details, ["x: is required", "y"]);
    }

    #[test]
    fn a_body_that_is_none_of_ours_still_makes_a_sentence() {
        for body in ["", "<html>", "[]", "{\"error\":7}"] {
            assert_eq!(read(&reply(502, body)).message, "the server refused", "{body}");
        }
    }

    #[test]
    fn silence_is_unreachable_and_a_bad_request_is_usage() {
        let silence = NetError::Timeout { service: "holly", written: true };
        assert!(matches!(of("x", "u", silence), Failure::Unreachable { .. }));
        let invalid = NetError::NotSent { service: "holly", reason: NotSent::Invalid("no path"), source: None };
        assert!(matches!(of("x", "u", invalid), Failure::Usage(_)));
    }
}
