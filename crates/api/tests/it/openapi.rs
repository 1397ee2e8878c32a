//! The document: valid, complete, and the same as the file in the tree.

use std::collections::BTreeSet;

use api::routes::agents;
use api::{agents_document, console_document};
use domain::role::Role;
use serde_json::{Value, json};

use crate::app::{TestApp, filled};

fn assert_stored(name: &str, document: &Value) {
    let file = format!("{}/openapi/{name}", env!("CARGO_MANIFEST_DIR"));
    let current = format!("{}\n", serde_json::to_string_pretty(document).unwrap());
    if option_env!("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &current).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == current,
        "openapi/{name} is out of date: run `UPDATE_OPENAPI=1 cargo test -p holly-api the_file_in_the_tree`"
    );
}

#[test]
fn the_file_in_the_tree_is_the_document_of_this_server() {
    assert_stored("agents.json", &agents_document());
}

#[test]
fn the_file_in_the_tree_is_the_document_of_the_console() {
    assert_stored("console.json", &console_document());
}

fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Object(members) => members.values().for_each(|member| walk(member, visit)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_one() {
    check_schemas(&agents_document());
    check_schemas(&console_document());
}

fn check_schemas(document: &Value) {
    let mut references = BTreeSet::new();
    walk(document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            references.insert(reference);
        }
        if let Some(schema) = value.get("schema").filter(|schema| schema.is_object()) {
            assert!(jsonschema::meta::is_valid(schema), "{schema}");
        }
    });
    for reference in references {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
}

#[test]
fn every_route_is_described_with_its_parameters() {
    let document = agents_document();
    for route in agents() {
        let path = route.facts.path.replace("{*", "{");
        let operation = &document["paths"][&path][route.method.as_str().to_lowercase()];
        assert_eq!(operation["operationId"], route.operation.id);
        let in_template: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let params = operation["parameters"].as_array().cloned().unwrap_or_default();
        let described: BTreeSet<&str> =
            params.iter().filter(|param| param["in"] == "path").map(|param| param["name"].as_str().unwrap()).collect();
        assert_eq!(in_template, described, "{path}");
        for response in operation["responses"].as_object().unwrap().values() {
            assert!(!response["description"].as_str().unwrap().is_empty());
        }
        let takes_json = matches!(route.facts.body, api::route::BodyKind::Json(_));
        assert_eq!(takes_json, operation.get("requestBody").is_some(), "{path}");
    }
}

/// A schema of the document with the components it refers to, ready to check values.
pub(crate) fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::validator_for(&whole).unwrap()
}

#[tokio::test]
async fn every_answer_and_every_example_fits_its_schema() {
    let app = TestApp::new();
    let document = agents_document();
    for route in agents() {
        if let Some(body) = &route.operation.body {
            assert!(validator(&document, &body.schema).is_valid(&body.example), "{}", route.facts.path);
        }
        let speaks_json = route.operation.answers.iter().all(|answer| ["application/json", ""].contains(&answer.media));
        if route.facts.access == api::route::Access::Signed || !speaks_json {
            continue;
        }
        let body = route.operation.body.as_ref().map(|body| body.example.clone());
        let answer = app.ask(Role::Admin, route.method.as_str(), &filled(route.facts.path), body).await;
        let schema = match route.operation.answers.iter().find(|documented| documented.status == answer.status.as_u16())
        {
            Some(documented) => documented.schema.clone(),
            None => json!({"$ref": "#/components/schemas/Error"}),
        };
        let value = answer.json();
        let errors: Vec<String> =
            validator(&document, &schema).iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{} {}: {errors:?} {value}", route.method, route.facts.path);
    }
}

#[tokio::test]
async fn an_admin_can_read_the_document_and_the_page() {
    let app = TestApp::new();
    assert_eq!(app.get(Role::Admin, "/openapi.json").await.json(), agents_document());
    let page = app.get(Role::Admin, "/docs").await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(String::from_utf8_lossy(&page.bytes).contains("/tower/runs/start"));
}
