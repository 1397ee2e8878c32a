//! Outgoing requests against the upstreams' own API documents, when those are at hand.

use std::path::PathBuf;

use serde_json::{Value, json};

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
        let value = nested(document, &seen.body, &schema);
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

/// A form body as the object that its schema describes: `items[0][price]` becomes `{"items": [{"price": ..}]}`, and a
/// number what the schema calls an integer.
fn nested(document: &Value, body: &str, schema: &Value) -> Value {
    let mut object = json!({});
    for (name, value) in pairs(body) {
        let path: Vec<&str> = name.split(['[', ']']).filter(|part| !part.is_empty()).collect();
        let (mut place, mut schema) = (&mut object, deref(document, schema));
        for part in &path {
            let index = part.parse::<usize>().ok().filter(|_| schema["type"] == "array");
            schema = deref(document, if index.is_some() { &schema["items"] } else { &schema["properties"][*part] });
            place = match index {
                Some(index) => {
                    let items = place.as_array_mut().unwrap();
                    items.resize(items.len().max(index + 1), Value::Null);
                    &mut items[index]
                }
                None => place.as_object_mut().unwrap().entry(*part).or_insert(Value::Null),
            };
            if place.is_null() {
                *place = if schema["type"] == "array" { json!([]) } else { json!({}) };
            }
        }
        *place = match schema["type"].as_str() {
            Some("integer") => json!(value.parse::<i64>().unwrap()),
            _ => json!(value),
        };
    }
    object
}

#[tokio::test]
async fn requests_to_stripe_are_as_documented() {
    let Some(document) = document("stripe.json") else { return };
    let world = World::start().await;
    let charge = json!({"id": "ch_1", "amount": 3900, "currency": "usd", "status": "succeeded", "paid": true});
    world.json("GET /v1/charges/ch_1", charge);
    world.json("POST /v1/refunds", json!({"id": "re_1", "amount": 3900, "currency": "usd", "status": "succeeded"}));
    let list = json!({"data": [], "has_more": false});
    for path in ["charges", "products", "refunds", "prices", "payment_links"] {
        world.json(&format!("GET /v1/{path}"), list.clone());
    }
    let price = json!({"id": "price_1", "product": "prod_1", "unit_amount": 2400, "currency": "usd", "active": true});
    let product = json!({"id": "prod_1", "name": "Tee", "metadata": {"holly_key": "key1"}});
    world.json("GET /v1/prices/price_1", price.clone());
    world.json("POST /v1/prices", price);
    world.json("POST /v1/products", product.clone());
    world.json("POST /v1/payment_links", json!({"id": "plink_1", "url": "https://buy.stripe.com/x"}));
    let call = world.call("stripe_refund", json!({"charge_id": "ch_1", "reason": "requested_by_customer"})).await;
    world.pass("stripe_refund", &call).await;
    world.reconcile("stripe_refund", "key1", &call).await;
    world.read("stripe_revenue_query", json!({"days": 30})).await.unwrap();
    world.read("stripe_list_products", json!({})).await.unwrap();
    let params = json!({"name": "Tee", "description": "Soft", "price_cents": 2400});
    let call = world.call("stripe_create_product", params).await;
    world.pass("stripe_create_product", &call).await;
    world.json("GET /v1/products", json!({"data": [product], "has_more": false}));
    world.reconcile("stripe_create_product", "key1", &call).await;
    let call = world.call("stripe_create_payment_link", json!({"price_id": "price_1", "quantity": 2})).await;
    world.pass("stripe_create_payment_link", &call).await;
    world.reconcile("stripe_create_payment_link", "key1", &call).await;
    world.running(world.clients.stripe.ping()).await.unwrap();
    let seen = world.seen();
    assert_eq!(seen.len(), 13);
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
    world.json("DELETE /orders/@5830137741322", fixture("printful_v1_order"));
    let call = world.call("printful_cancel_order", json!({"shopify_order_id": ORDER})).await;
    world.pass("printful_cancel_order", &call).await;
    let seen: Vec<_> = world.seen().into_iter().filter(|seen| seen.path.starts_with("/v2/")).collect();
    assert_eq!(seen.len(), 10);
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
