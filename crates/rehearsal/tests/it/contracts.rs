//! Answers against the providers' own OpenAPI documents. Left out: version 1 of Printful and the shop, which have none.

use serde_json::{Value, json};

use crate::documents::document;
use crate::support::Caller;

struct Contract(Value);

impl Contract {
    fn read(name: &str, checks: &str) -> Option<Self> {
        let mut document = document(name, checks)?;
        nullable(&mut document);
        Some(Self(document))
    }

    /// Checks `answer` against the schema of `GET path` (or another method) with status 200.
    fn check(&self, method: &str, path: &str, answer: &Value) {
        let mut response = &self.0["paths"][path][method]["responses"]["200"];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.0.pointer(&reference[1..]).unwrap();
        }
        let content = response["content"].as_object().unwrap();
        let mut schema = content.values().next().unwrap()["schema"].clone();
        schema["components"] = self.0["components"].clone();
        let validator = jsonschema::draft4::new(&schema).unwrap();
        let complaints: Vec<String> =
            validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(complaints.is_empty(), "{method} {path}: {complaints:#?}");
    }
}

/// `nullable: true` is OpenAPI's own word; validators of JSON Schema know `null` as a type.
fn nullable(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(nullable),
        Value::Object(members) => {
            members.values_mut().for_each(nullable);
            if members.get("nullable") == Some(&Value::Bool(true)) {
                members.remove("nullable");
                let inner = Value::Object(std::mem::take(members));
                *schema = json!({"anyOf": [{"type": "null"}, inner]});
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn stripe_answers_as_its_document_says() {
    let Some(contract) = Contract::read("stripe.json", "answers of the payments") else { return };
    let home = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(home.path()).await;
    caller.order("paid").await;
    let post = async |path: &str, body: String| {
        let request =
            caller.request("stripe", "POST", path).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let charges = caller.get("stripe", "/v1/charges").await.1;
    contract.check("get", "/v1/charges", &charges);
    let charge = charges["data"][0]["id"].as_str().unwrap().to_owned();
    contract.check("get", "/v1/charges/{charge}", &caller.get("stripe", &format!("/v1/charges/{charge}")).await.1);
    contract.check("post", "/v1/refunds", &post("/v1/refunds", format!("charge={charge}")).await);
    contract.check("get", "/v1/refunds", &caller.get("stripe", "/v1/refunds").await.1);
    contract.check("get", "/v1/payment_intents", &caller.get("stripe", "/v1/payment_intents").await.1);
    let product = post("/v1/products", "name=Tee".to_owned()).await;
    contract.check("post", "/v1/products", &product);
    contract.check("get", "/v1/products", &caller.get("stripe", "/v1/products?active=true&limit=20").await.1);
    let id = product["id"].as_str().unwrap();
    let price = post("/v1/prices", format!("product={id}&unit_amount=1950&currency=usd")).await;
    contract.check("post", "/v1/prices", &price);
    let id = price["id"].as_str().unwrap();
    let link = post("/v1/payment_links", format!("line_items[0][price]={id}&line_items[0][quantity]=1")).await;
    contract.check("post", "/v1/payment_links", &link);
}

#[tokio::test]
async fn printful_answers_as_its_document_says() {
    let Some(contract) = Contract::read("printful-v2.json", "answers of the printer, version 2") else { return };
    let home = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(home.path()).await;
    let order = caller.order("paid").await;
    let body = caller.print_body(&order).await;
    caller.create(&body).await;
    for path in ["/v2/stores", "/v2/catalog-categories", "/v2/catalog-products", "/v2/orders"] {
        contract.check("get", path, &caller.get("printful", path).await.1);
    }
    contract.check("get", "/v2/orders/{order_id}", &caller.get("printful", &format!("/v2/orders/@{order}")).await.1);
    loop {
        let confirmed = caller.request("printful", "POST", &format!("/v2/orders/@{order}/confirmation")).send().await;
        let confirmed = confirmed.unwrap();
        if confirmed.status() == 200 {
            let confirmed: Value = confirmed.json().await.unwrap();
            contract.check("post", "/v2/orders/{order_id}/confirmation", &confirmed);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(caller.control("POST", &format!("orders/{order}/ship"), json!({})).await.0, 200);
    let parcels = caller.get("printful", &format!("/v2/orders/@{order}/shipments")).await.1;
    assert_eq!(parcels["data"].as_array().unwrap().len(), 1);
    contract.check("get", "/v2/orders/{order_id}/shipments", &parcels);
}
