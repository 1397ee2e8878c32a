//! From the table to the document.

use std::collections::{BTreeMap, BTreeSet};

use domain::codes::Code;
use http::Method;
use serde_json::{Map, Value, json};

use super::components;
use crate::route::{Access, BodyKind, RateClass, Route, RouteFacts};
use crate::routes;

/// The document of the agents server.
#[must_use]
pub fn agents_document() -> Value {
    let table = routes::agents();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in &table {
        let path = route.facts.path.replace("{*", "{");
        let operation = operation(route, "bearer", responses(route, implied(route)));
        paths.entry(path).or_default().insert(route.method.as_str().to_ascii_lowercase(), operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Holly Grace agents API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Runs, tickets, effects, orders and webhooks of the agents server.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://localhost:8050"}],
        "tags": tags(table.iter().map(|route| route.operation.tag)),
        "paths": paths,
        "components": {
            "schemas": components::schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "`holly token --role ROLE` prints one"},
            },
        },
    })
}

pub(super) fn tags<'t>(tags: impl Iterator<Item = &'t str>) -> Vec<Value> {
    let names: BTreeSet<&str> = tags.collect();
    names.into_iter().map(|name| json!({"name": name})).collect()
}

/// The operation of a route, with the scheme that opens it and its answers.
pub(super) fn operation(route: &Route, scheme: &str, responses: Map<String, Value>) -> Value {
    let doc = &route.operation;
    let mut value = json!({
        "operationId": doc.id,
        "tags": [doc.tag],
        "summary": doc.summary,
        "responses": responses,
        "security": match route.facts.access {
            Access::Role(_) | Access::RoleOrWebhook(_) => json!([{scheme: []}]),
            Access::Public | Access::Signed => json!([]),
        },
        "x-access": access_word(&route.facts),
    });
    if !doc.description.is_empty() {
        value["description"] = json!(doc.description);
    }
    if !doc.params.is_empty() {
        let params = doc.params.iter().map(|param| {
            json!({
                "name": param.name, "in": param.place, "required": param.place == "path",
                "description": param.description, "schema": param.schema,
            })
        });
        value["parameters"] = params.collect();
    }
    if let Some(body) = &doc.body {
        value["requestBody"] = json!({
            "required": body.required,
            "content": {"application/json": {"schema": body.schema, "example": body.example}},
        });
    }
    value
}

fn access_word(facts: &RouteFacts) -> &'static str {
    match facts.access {
        Access::Public => "public",
        Access::Signed => "signed",
        Access::Role(role) | Access::RoleOrWebhook(role) => role.as_str(),
    }
}

/// The answers of a route: its own, and one for each status of `codes` and of its own refusals.
pub(super) fn responses(route: &Route, codes: Vec<Code>) -> Map<String, Value> {
    let mut responses = Map::new();
    for answer in &route.operation.answers {
        let body = match answer.media {
            "" => json!({"description": answer.description}),
            media => json!({"description": answer.description, "content": {media: {"schema": answer.schema}}}),
        };
        responses.insert(answer.status.to_string(), body);
    }
    let mut by_status: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for code in route.operation.refusals.iter().copied().chain(codes) {
        by_status.entry(code.class().http_status()).or_default().insert(code.as_str());
    }
    for (status, codes) in by_status {
        let names = codes.into_iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let body =
            json!({"description": names, "content": {"application/json": {"schema": components::error_reference()}}});
        responses.entry(status.to_string()).or_insert(body);
    }
    responses
}

/// Refusals that follow from the table.
pub(super) fn implied(route: &Route) -> Vec<Code> {
    let mut codes = Vec::new();
    if route.facts.access.role().is_some() {
        codes.extend([
            Code::AuthenticationRequired,
            Code::InvalidCredentials,
            Code::Forbidden,
            Code::DatabaseUnavailable,
        ]);
    }
    if route.facts.rate != RateClass::Exempt || route.facts.access == Access::Signed {
        codes.push(Code::RateLimited);
    }
    match route.facts.body {
        BodyKind::None | BodyKind::Socket => {}
        BodyKind::Json(_) => codes.extend([
            Code::InvalidJson,
            Code::InvalidBody,
            Code::NulCharacter,
            Code::JsonTooDeep,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::RequestTimeout,
        ]),
        BodyKind::Raw(_) => codes.extend([Code::InvalidSignature, Code::BodyTooLarge, Code::DatabaseUnavailable]),
    }
    if route.method == Method::GET && route.operation.params.iter().any(|param| param.place == "query") {
        codes.extend([Code::InvalidQuery, Code::NulCharacter]);
    }
    codes
}
