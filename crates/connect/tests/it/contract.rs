//! Outgoing requests against the upstreams' own API documents, when those are at hand.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::fake::{LOOK_UP, ORDER, Seen, World, fixture, not_found, print_order};

/// The document, or a line that says what was left out.
fn document(name: &str) -> Option<Value> {
    #[expect(clippy::disallowed_methods, reason = "tells tests where the documents are; no setting of the product")]
    let given = std::env::var("HOLLY_CONTRACTS").ok();
    let folder =
        given.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/openapi"), PathBuf::from);
    let path = folder.join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("left out: requests against {name} ({} is not there)", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn deref<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => deref(document, document.pointer(&reference[1..]).unwrap()),
        None => value,
    }
}

fn operation<'a>(document: &'a Value, seen: &Seen) -> (&'a Value, Vec<&'a Value>) {
    let parts = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let asked = parts(&seen.path);
    let paths = document["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let template = parts(template);
        template.len() == asked.len()
            && template.iter().zip(&asked).all(|(want, have)| want.starts_with('{') || want == have)
    };
    // An exact path wins over a template.
    let found = paths.get_key_value(&seen.path).or_else(|| paths.iter().find(|(template, _)| fits(template)));
    let (path, item) = found.unwrap_or_else(|| panic!("no such path: {}", seen.path));
    let operation = &item[seen.method.to_lowercase()];
    assert!(operation.is_object(), "{} is not an operation of {path}", seen.method);
    let all = [&item["parameters"], &operation["parameters"]];
    let parameters =
        all.iter().filter_map(|list| list.as_array()).flatten().map(|parameter| deref(document, parameter));
    (operation, parameters.collect())
}

/// Checks query and body of one request.
fn check(document: &Value, seen: &Seen) {
    let (operation, parameters) = operation(document, seen);
    for (name, value) in pairs(&seen.query) {
        let base = name.split('[').next().unwrap();
        let parameter = parameters.iter().find(|parameter| {
            parameter["in"] == "query" && (parameter["name"] == base || parameter["name"] == name.as_str())
        });
        let parameter = parameter.unwrap_or_else(|| panic!("{}: no query parameter {name}", seen.path));
        if base == name && parameter["schema"]["type"] == "integer" {
            assert!(value.parse::<i64>().is_ok(), "{name}={value}");
        }
    }
    for required in parameters.iter().filter(|parameter| parameter["required"] == true && parameter["in"] == "query") {
        assert!(
            pairs(&seen.query).iter().any(|(name, _)| required["name"] == name.as_str()),
            "{} lacks {}",
            seen.path,
            required["name"]
        );
    }
    let body = deref(document, &operation["requestBody"]);
    let form = &body["content"]["application/x-www-form-urlencoded"]["schema"];
    if seen.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        && form.is_object()
    {
        let mut schema = deref(document, form).clone();
        let value = nested(&seen.body, &schema);
        schema["components"] = document["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", seen.path);
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let text = |part: &str| part.replace("%5B", "[").replace("%5D", "]").replace('+', " ");
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// A form body as the object that its schema describes, one level of brackets deep.
fn nested(body: &str, schema: &Value) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs(body) {
        match name.split_once('[') {
            Some((outer, inner)) => {
                let inner = inner.trim_end_matches(']').to_owned();
                object.entry(outer).or_insert_with(|| json!({}))[inner] = json!(value);
            }
            None if schema["properties"][&name]["type"] == "integer" => {
                drop(object.insert(name, json!(value.parse::<i64>().unwrap())))
            }
            None => drop(object.insert(name, json!(value))),
        }
    }
    Value::Object(object)
}

#[tokio::test]
async fn requests_to_stripe_are_as_documented() {
    let Some(document) = document("stripe.json") else { return };
    let world = World::start().await;
    let charge = json!({"id": "ch_1", "amount": 3900, "currency": "usd", "status": "succeeded", "paid": true});
    world.json("GET /v1/charges/ch_1", charge);
    world.json("POST /v1/refunds", json!({"id": "re_1", "amount": 3900, "currency": "usd", "status": "succeeded"}));
    let list = json!({"data": [], "has_more": false});
    for path in ["GET /v1/charges", "GET /v1/products", "GET /v1/refunds"] {
        world.json(path, list.clone());
    }
    let call = world.call("stripe_refund", json!({"charge_id": "ch_1", "reason": "requested_by_customer"})).await;
    world.pass("stripe_refund", &call).await;
    world.reconcile("stripe_refund", "key1", &call).await;
    world.read("stripe_revenue_query", json!({"days": 30})).await.unwrap();
    world.read("stripe_list_products", json!({})).await.unwrap();
    let seen = world.seen();
    assert_eq!(seen.len(), 5);
    for seen in &seen {
        assert_eq!(seen.headers["stripe-version"], connect::stripe::VERSION);
        assert_eq!(seen.headers["authorization"], "Bearer sk_test_fake");
        check(&document, seen);
    }
}

#[tokio::test]
async fn requests_to_printful_version_2_are_as_documented() {
    let Some(document) = document("printful-v2.json") else { return };
    let world = World::start().await;
    world.paid_order();
    let call = world.call("printful_submit_order", json!({"shopify_order_id": ORDER, "confirm": true})).await;
    world.on(LOOK_UP, [not_found()]);
    world.json("POST /orders", fixture("printful_v1_order"));
    world.json("GET /v2/orders/90000001", print_order("draft", "19.61"));
    world.json("POST /v2/orders/90000001/confirmation", print_order("pending", "19.61"));
    world.pass("printful_submit_order", &call).await;
    world.json(LOOK_UP, print_order("pending", "19.61"));
    world.json("GET /v2/orders/90000001/shipments", json!({"data": []}));
    world.json("GET /v2/catalog-categories", json!({"data": []}));
    world.json("GET /v2/catalog-products", json!({"data": []}));
    world.read("printful_order_status", json!({"order_id": format!("@{ORDER}")})).await.unwrap();
    world.read("printful_list_catalog", json!({})).await.unwrap();
    world.read("printful_list_products", json!({"category_id": 24})).await.unwrap();
    let seen: Vec<_> = world.seen().into_iter().filter(|seen| seen.path.starts_with("/v2/")).collect();
    assert_eq!(seen.len(), 9);
    for seen in &seen {
        check(&document, seen);
    }
}

#[tokio::test]
async fn an_order_of_version_1_carries_what_its_documentation_asks_for() {
    let world = World::start().await;
    world.paid_order();
    let call = world.call("printful_submit_order", json!({"shopify_order_id": ORDER})).await;
    world.json("POST /orders", fixture("printful_v1_order"));
    world.pass("printful_submit_order", &call).await;
    let sent = world.seen().into_iter().rfind(|seen| seen.path == "/orders").unwrap();
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(
        body,
        json!({
            "external_id": ORDER,
            "shipping": "STANDARD",
            "recipient": {"name": "Ada Example", "address1": "1 Sample Street", "city": "Leeds", "state_code": "ENG",
                "country_code": "GB", "zip": "LS1 1AA"},
            "items": [{"external_id": "13001", "sync_variant_id": 4_752_058_849_u64, "quantity": 1, "retail_price": "17.01"}],
            "retail_costs": {"currency": "USD", "shipping": "4.99"},
        })
    );
    assert!(sent.query.is_empty(), "neither `confirm` nor `update_existing`");
}
