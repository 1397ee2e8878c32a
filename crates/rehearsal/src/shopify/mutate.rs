//! The three things that can be changed in the shop: a new product, its price, its copy.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::document::Field;
use super::product_input::{ProductInput, argument, complaint, invalid};
use super::project::Refused;
use super::{rest, views};
use crate::world::{Product, Provider, State, Variant};

/// Does what the root field of a mutation asks.
pub(super) fn root(state: &mut State, now: Timestamp, field: &Field) -> Result<Value, Refused> {
    match field.name.as_str() {
        "productCreate" => create(state, now, field),
        "productVariantsBulkUpdate" => set_prices(state, now, field),
        "productUpdate" => update(state, now, field),
        name => Err(Refused::field(name, "Mutation", &field.key)),
    }
}

fn refused(complaints: Value) -> Value {
    json!({"__typename": "Payload", "product": null, "productVariants": null, "userErrors": complaints})
}

fn create(state: &mut State, now: Timestamp, field: &Field) -> Result<Value, Refused> {
    let mut input = ProductInput::read(field, "ProductCreateInput")?;
    let title = input.title.get_or_insert_default().trim().to_owned();
    let complaints = input.complaints();
    if !complaints.is_null() {
        return Ok(refused(complaints));
    }
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
        title,
        description_html: input.description_html.unwrap_or_default(),
        status: input.status.unwrap_or_else(|| "ACTIVE".to_owned()),
        tags: input.tags.unwrap_or_default(),
        variants: vec![variant],
        created_at: now,
        updated_at: now,
    };
    state.products.put(id.to_string(), product);
    Ok(told(state, now, id, "products/create"))
}

fn set_prices(state: &mut State, now: Timestamp, field: &Field) -> Result<Value, Refused> {
    const KIND: &str = "ProductVariantsBulkInput";
    const ARGUMENTS: [&str; 2] = ["productId", "variants"];
    let id = argument(field, &ARGUMENTS, "productId")?.as_str().map(views::digits).unwrap_or_default().to_owned();
    let Value::Array(wanted) = argument(field, &ARGUMENTS, "variants")? else {
        return Err(invalid(field, KIND, "variants", "Expected a list"));
    };
    for (index, asked) in wanted.iter().enumerate() {
        let Value::Object(members) = asked else {
            return Err(invalid(field, KIND, &index.to_string(), "Expected an object"));
        };
        if let Some(name) = members.keys().find(|name| !matches!(name.as_str(), "id" | "price")) {
            let why = format!("Field is not defined on {KIND}, or the rehearsal shop does not keep it");
            return Err(invalid(field, KIND, &format!("{index}.{name}"), &why));
        }
        if members.get("price").is_some_and(|price| !price.is_null() && minor(price).is_none()) {
            return Err(invalid(field, KIND, &format!("{index}.price"), "Could not coerce value to Money"));
        }
    }
    let Some(mut product) = state.products.get(&id).cloned() else {
        return Ok(refused(complaint(&["productId"], "Product does not exist", Some("PRODUCT_DOES_NOT_EXIST"))));
    };
    let mut changed = Vec::new();
    for (index, asked) in wanted.iter().enumerate() {
        let place = index.to_string();
        let complain = |name: &str, message: &str, code: &str| {
            Ok(refused(complaint(&["variants", &place, name], message, Some(code))))
        };
        let Some(variant_id) = asked["id"].as_str() else {
            return complain("id", "Product variant is missing ID attribute", "PRODUCT_VARIANT_ID_MISSING");
        };
        let variant_id = views::digits(variant_id);
        let Some(variant) = product.variants.iter_mut().find(|row| row.id.to_string() == variant_id) else {
            return complain("id", "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST");
        };
        match minor(&asked["price"]) {
            Some(price) if price < 0 => {
                return complain("price", "Price must be greater than or equal to 0", "GREATER_THAN_OR_EQUAL_TO");
            }
            Some(price) => variant.price = price,
            None => {}
        }
        changed.push(views::variant(variant));
    }
    product.updated_at = now;
    let number = product.id;
    state.products.put(id, product);
    let mut answer = told(state, now, number, "products/update");
    answer["productVariants"] = changed.into();
    Ok(answer)
}

fn update(state: &mut State, now: Timestamp, field: &Field) -> Result<Value, Refused> {
    let input = ProductInput::read(field, "ProductUpdateInput")?;
    let id = input.id.as_deref().map(views::digits).unwrap_or_default();
    let complaints = input.complaints();
    let Some(product) = state.products.get(id) else {
        return Ok(refused(complaint(&["id"], "Product does not exist", None)));
    };
    if !complaints.is_null() {
        return Ok(refused(complaints));
    }
    let mut product = product.clone();
    if let Some(text) = input.description_html {
        product.description_html = text;
    }
    if let Some(title) = input.title {
        title.trim().clone_into(&mut product.title);
    }
    if let Some(status) = input.status {
        product.status = status;
    }
    if let Some(tags) = input.tags {
        product.tags = tags;
    }
    product.updated_at = now;
    let number = product.id;
    state.products.put(number.to_string(), product);
    Ok(told(state, now, number, "products/update"))
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
    let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || cents.len() > 2 || !whole.chars().chain(cents.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(100)?;
    Some(sign * whole.checked_add(format!("{cents:0<2}").parse().ok()?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn prices_are_decimal_text() {
        assert_eq!(super::minor(&json!("24.5")), Some(2_450));
        assert_eq!(super::minor(&json!("0.00")), Some(0));
        assert_eq!(super::minor(&json!("-1")), Some(-100));
        for text in ["1.234", "", ".5", "1e3", "a"] {
            assert_eq!(super::minor(&json!(text)), None, "{text}");
        }
    }
}
