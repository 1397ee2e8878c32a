//! The three things that can be changed in the shop: a new product, its price, its copy.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::document::Field;
use super::project::Refused;
use super::{rest, views};
use crate::world::{Product, Provider, State, Variant};

/// Does what the root field of a mutation asks.
pub(super) fn root(state: &mut State, now: Timestamp, field: &Field) -> Result<Value, Refused> {
    Ok(match field.name.as_str() {
        "productCreate" => create(state, now, field),
        "productVariantsBulkUpdate" => set_prices(state, now, field),
        "productUpdate" => update(state, now, field),
        name => return Err(Refused::field(name, "Mutation", &field.key)),
    })
}

fn refuse(field: &[&str], message: &str, code: &str) -> Value {
    json!([{"__typename": "UserError", "field": field, "message": message, "code": code}])
}

fn create(state: &mut State, now: Timestamp, field: &Field) -> Value {
    let none = Value::Null;
    let input = field.args.get("product").or_else(|| field.args.get("input")).unwrap_or(&none);
    let title = input["title"].as_str().unwrap_or_default().trim();
    if title.is_empty() {
        return json!({"product": null, "userErrors": refuse(&["title"], "Title can't be blank", "BLANK")});
    }
    let tags = input["tags"].as_array().map(|tags| tags.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let id = state.next_shop_id();
    let variant = Variant {
        id: state.next_shop_id(),
        title: "Default Title".to_owned(),
        sku: String::new(),
        price: 0,
        inventory: 0,
        printable: None,
    };
    let product = Product {
        id,
        title: title.to_owned(),
        description_html: input["descriptionHtml"].as_str().unwrap_or_default().to_owned(),
        status: input["status"].as_str().unwrap_or("ACTIVE").to_owned(),
        tags: tags.unwrap_or_default(),
        variants: vec![variant],
        created_at: now,
        updated_at: now,
    };
    state.products.put(id.to_string(), product);
    told(state, now, id, "products/create")
}

fn set_prices(state: &mut State, now: Timestamp, field: &Field) -> Value {
    let id = field.args.get("productId").and_then(Value::as_str).map(views::digits).unwrap_or_default().to_owned();
    let Some(mut product) = state.products.get(&id).cloned() else {
        return json!({"product": null, "productVariants": null,
            "userErrors": refuse(&["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")});
    };
    let wanted = field.args.get("variants").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut changed = Vec::new();
    for asked in &wanted {
        let variant_id = asked["id"].as_str().map(views::digits).unwrap_or_default();
        let Some(variant) = product.variants.iter_mut().find(|row| row.id.to_string() == variant_id) else {
            return json!({"product": null, "productVariants": null,
                "userErrors": refuse(&["variants", "0", "id"], "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")});
        };
        match minor(&asked["price"]) {
            Some(price) => variant.price = price,
            None => {
                return json!({"product": null, "productVariants": null,
                    "userErrors": refuse(&["variants", "0", "price"], "Price must be 0 or more", "GREATER_THAN_OR_EQUAL_TO")});
            }
        }
        changed.push(views::variant(variant));
    }
    product.updated_at = now;
    let number = product.id;
    state.products.put(id, product);
    let mut answer = told(state, now, number, "products/update");
    answer["productVariants"] = changed.into();
    answer
}

fn update(state: &mut State, now: Timestamp, field: &Field) -> Value {
    let none = Value::Null;
    let input = field.args.get("product").or_else(|| field.args.get("input")).unwrap_or(&none);
    let id = input["id"].as_str().map(views::digits).unwrap_or_default();
    let Some(product) = state.products.get_mut(id) else {
        return json!({"product": null, "userErrors": refuse(&["id"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")});
    };
    if let Some(text) = input["descriptionHtml"].as_str() {
        text.clone_into(&mut product.description_html);
    }
    if let Some(title) = input["title"].as_str() {
        title.clone_into(&mut product.title);
    }
    if let Some(status) = input["status"].as_str() {
        status.clone_into(&mut product.status);
    }
    product.updated_at = now;
    let number = product.id;
    told(state, now, number, "products/update")
}

/// Sends the news of a product and answers with it.
fn told(state: &mut State, now: Timestamp, id: u64, topic: &str) -> Value {
    let Some(product) = state.products.get(&id.to_string()) else { return Value::Null };
    let (body, view) = (rest::product(product), views::product(product, state));
    let event = state.meta_mut().rng.uuid();
    state.announce(now, Provider::Shopify, topic, event, body, false);
    json!({"__typename": "Payload", "product": view, "userErrors": []})
}

/// A decimal text of at most two places in minor units.
fn minor(price: &Value) -> Option<i64> {
    let text = match price {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    if cents.len() > 2 || !whole.chars().chain(cents.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(whole.parse::<i64>().ok()?.checked_mul(100)? + format!("{cents:0<2}").parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn prices_are_decimal_text() {
        assert_eq!(super::minor(&json!("24.5")), Some(2_450));
        assert_eq!(super::minor(&json!("0.00")), Some(0));
        assert_eq!(super::minor(&json!("-1")), None);
        assert_eq!(super::minor(&json!("1.234")), None);
    }
}
