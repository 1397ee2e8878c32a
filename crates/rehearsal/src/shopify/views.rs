//! The shop's objects with every member a document may select.

use serde_json::{Value, json};

use super::document::Field;
use super::filter::Filter;
use super::project::connection;
use crate::world::{Customer, Line, Order, Product, State, Variant, iso, money};

fn argument<'a>(field: &'a Field, name: &str) -> &'a str {
    field.args.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn reversed(field: &Field) -> bool {
    field.args.get("reverse") == Some(&Value::Bool(true))
}

/// The digits of `gid://shopify/Thing/123`, or the text itself.
pub(super) fn digits(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

pub(super) fn products(state: &State, field: &Field) -> Value {
    let filter = Filter::parse(argument(field, "query"));
    let key = |row: &Product| match argument(field, "sortKey") {
        "TITLE" => format!("{}-{:020}", row.title.to_lowercase(), row.id),
        "CREATED_AT" => format!("{:020}-{:020}", row.created_at.timestamp_micros(), row.id),
        "UPDATED_AT" => format!("{:020}-{:020}", row.updated_at.timestamp_micros(), row.id),
        _ => format!("{:020}", row.id),
    };
    let fitting = state.products.values().filter(|row| filter.product(row));
    connection(fitting.map(|row| (key(row), product(row, state))).collect(), reversed(field))
}

pub(super) fn one_product(state: &State, field: &Field) -> Value {
    state.products.get(digits(argument(field, "id"))).map_or(Value::Null, |row| product(row, state))
}

pub(super) fn orders(state: &State, field: &Field) -> Value {
    let filter = Filter::parse(argument(field, "query"));
    let by_update = argument(field, "sortKey") == "UPDATED_AT";
    let nodes = state
        .orders
        .values()
        .filter(|row| filter.order(&row.name(), row.financial_status(), row.created_at, row.updated_at))
        .map(|row| {
            let at = if by_update { row.updated_at } else { row.created_at };
            (format!("{:020}-{:020}", at.timestamp_micros(), row.id), order(row, state))
        })
        .collect();
    connection(nodes, reversed(field))
}

pub(super) fn one_order(state: &State, field: &Field) -> Value {
    state.orders.get(digits(argument(field, "id"))).map_or(Value::Null, |row| order(row, state))
}

pub(super) fn product(product: &Product, state: &State) -> Value {
    let variants =
        product.variants.iter().enumerate().map(|(index, row)| (format!("{index:06}"), variant(row))).collect();
    let active = product.status == "ACTIVE";
    json!({
        "__typename": "Product", "id": format!("gid://shopify/Product/{}", product.id),
        "legacyResourceId": product.id.to_string(), "title": product.title, "status": product.status,
        "handle": handle(&product.title), "tags": product.tags, "vendor": "Holly", "productType": "",
        "descriptionHtml": product.description_html, "createdAt": iso(product.created_at),
        "updatedAt": iso(product.updated_at),
        "totalInventory": product.variants.iter().map(|variant| variant.inventory).sum::<i64>(),
        "onlineStoreUrl": active.then(|| format!("https://{}/products/{}", state.meta().shop_domain, handle(&product.title))),
        "variants": connection(variants, false),
    })
}

fn handle(title: &str) -> String {
    title.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

pub(super) fn variant(variant: &Variant) -> Value {
    json!({
        "__typename": "ProductVariant", "id": format!("gid://shopify/ProductVariant/{}", variant.id),
        "legacyResourceId": variant.id.to_string(), "title": variant.title, "sku": variant.sku,
        "price": money(variant.price), "inventoryQuantity": variant.inventory,
    })
}

fn order(order: &Order, state: &State) -> Value {
    let set = |minor: i64| price_set(minor, &order.currency);
    let lines = order
        .lines
        .iter()
        .enumerate()
        .map(|(index, row)| (format!("{index:06}"), line(row, &order.currency)))
        .collect();
    let left = order.total() - order.refunded();
    let fulfillment = match order.fulfillment_status() {
        None => "UNFULFILLED",
        Some("partial") => "PARTIALLY_FULFILLED",
        Some(_) => "FULFILLED",
    };
    json!({
        "__typename": "Order", "id": format!("gid://shopify/Order/{}", order.id),
        "legacyResourceId": order.id.to_string(), "name": order.name(), "createdAt": iso(order.created_at),
        "updatedAt": iso(order.updated_at), "processedAt": iso(order.created_at),
        "cancelledAt": order.cancelled_at.map(iso), "cancelReason": order.cancelled_at.map(|_| "CUSTOMER"),
        "test": order.test, "currencyCode": order.currency,
        "displayFinancialStatus": order.financial_status().to_uppercase(), "displayFulfillmentStatus": fulfillment,
        "totalPriceSet": set(order.total()), "currentTotalPriceSet": set(left), "totalRefundedSet": set(order.refunded()),
        "totalShippingPriceSet": set(order.shipping), "currentShippingPriceSet": set(order.shipping),
        "lineItems": connection(lines, false),
        "shippingAddress": state.customers.get(&order.customer).map(address),
    })
}

fn line(line: &Line, currency: &str) -> Value {
    json!({
        "__typename": "LineItem", "id": format!("gid://shopify/LineItem/{}", line.id), "title": line.title,
        "name": format!("{} - {}", line.title, line.variant_title), "sku": line.sku, "quantity": line.quantity,
        "currentQuantity": line.current_quantity, "unfulfilledQuantity": line.unfulfilled(), "requiresShipping": true,
        "discountedUnitPriceSet": price_set(line.price, currency), "originalUnitPriceSet": price_set(line.price, currency),
        "variant": {"__typename": "ProductVariant", "id": format!("gid://shopify/ProductVariant/{}", line.variant_id),
            "legacyResourceId": line.variant_id.to_string(), "title": line.variant_title, "sku": line.sku},
    })
}

fn price_set(minor: i64, currency: &str) -> Value {
    let amount = json!({"__typename": "MoneyV2", "amount": money(minor), "currencyCode": currency});
    json!({"__typename": "MoneyBag", "shopMoney": amount, "presentmentMoney": amount})
}

fn address(customer: &Customer) -> Value {
    json!({
        "__typename": "MailingAddress", "name": format!("{} {}", customer.first_name, customer.last_name),
        "firstName": customer.first_name, "lastName": customer.last_name, "company": null,
        "address1": customer.address1, "address2": null, "city": customer.city, "province": null,
        "provinceCode": (!customer.province_code.is_empty()).then_some(&customer.province_code),
        "country": customer.country, "countryCodeV2": customer.country_code, "zip": customer.zip, "phone": null,
    })
}
