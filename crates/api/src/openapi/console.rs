//! The document of the console. Its operations are those of its table; what differs from the agents server's document
//! is how refusals at the door and outages look.

use std::collections::BTreeMap;

use domain::codes::Code;
use http::Method;
use serde_json::{Map, Value, json};

use super::document::{implied, operation, responses, tags};
use super::{components, schema};
use crate::console::fallback;
use crate::console::graph::graph_schema;
use crate::console::session::COOKIE;
use crate::console::table::{ConsoleRoute, Rules, routes};
use crate::route::Access;

/// Statuses whose body says `detail`: those of the door.
const DOOR: [&str; 2] = ["401", "429"];

/// The document of the console.
#[must_use]
pub fn console_document() -> Value {
    let table = routes();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for entry in &table {
        let method = entry.route.method.as_str().to_ascii_lowercase();
        let operation = operation(&entry.route, "cookie", answers(entry));
        paths.entry(entry.route.facts.path).or_default().insert(method, operation);
    }
    let mut schemas = components::schemas();
    schemas.insert("Refusal".to_owned(), refusal());
    schemas.insert("Graph".to_owned(), graph_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Holly Grace console API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the web console talks to: sign-in, and the functions of the agents server in the signed-in user's own role.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://localhost:8060"}],
        "tags": tags(table.iter().map(|entry| entry.route.operation.tag)),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "set by POST /api/auth/login"},
            },
        },
    })
}

fn answers(entry: &ConsoleRoute) -> Map<String, Value> {
    let rules = &entry.rules;
    let mut codes = implied(&entry.route);
    if rules.facts.access != Access::Public {
        codes.extend([Code::ConsoleBusy, Code::TimedOut]);
    }
    let changes = entry.route.method != Method::GET;
    if changes {
        codes.extend([Code::OriginNotAllowed, Code::UnsupportedMediaType]);
    }
    let mut answers = responses(&entry.route, codes);
    let is_auth = rules.facts.path.starts_with("/api/auth/");
    for (status, answer) in &mut answers {
        let content = &mut answer["content"]["application/json"]["schema"];
        if content.get("$ref").is_none_or(|name| name != "#/components/schemas/Error") {
            continue;
        }
        *content = error_schema(rules, status, is_auth, changes);
    }
    answers
}

fn error_schema(rules: &Rules, status: &str, is_auth: bool, changes: bool) -> Value {
    if is_auth || DOOR.contains(&status) {
        return schema::named("Refusal");
    }
    match status {
        // A role that is too low says `error`, a foreign origin `detail`; likewise another media type at the door.
        "403" | "415" if changes => json!({"anyOf": [schema::named("Error"), schema::named("Refusal")]}),
        "503" | "504" if !rules.fallback.is_empty() => {
            json!({"anyOf": [schema::named("Error"), fallback::outage_schema(rules.fallback)]})
        }
        _ => schema::named("Error"),
    }
}

fn refusal() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "A refusal of sign-in, of an origin or of the rate limit",
        "required": ["detail", "code", "trace_id"],
        "properties": {
            "detail": {"type": "string", "description": "what happened, for people"},
            "code": {"type": "string", "enum": codes, "description": "what happened, for programs; each has a page in docs/errors"},
            "trace_id": {"type": "string", "description": "the X-Request-Id of this answer; the log has the details under it"},
            "details": {"type": "array", "items": schema::object(&[("field", schema::text()), ("message", schema::text())])},
            "retry_after": {"type": "integer", "description": "seconds"},
        },
    })
}
