//! Orders and refunds as the shop's webhooks carry them: numbers as ids, decimal strings as money.

use serde_json::{Value, json};

use crate::world::{Customer, Line, Order, Product, Refund, money, shop_time};

/// The body of the `orders/*` topics.
pub(crate) fn order(order: &Order, customer: &Customer) -> Value {
    let total = order.total();
    let subtotal = total - order.shipping;
    let current = total - order.refunded();
    let address = address(customer);
    let refunds: Vec<Value> = order.refunds.iter().map(|made| refund(order, made)).collect();
    let lines: Vec<Value> = order.lines.iter().map(|made| line(made, &order.currency)).collect();
    let set = |minor: i64| price_set(minor, &order.currency);
    json!({
        "id": order.id,
        "admin_graphql_api_id": format!("gid://shopify/Order/{}", order.id),
        "app_id": 580_111,
        "browser_ip": "203.0.113.7",
        "cancel_reason": order.cancelled_at.map(|_| "customer"),
        "cancelled_at": order.cancelled_at.map(shop_time),
        "closed_at": null,
        "confirmed": true,
        "contact_email": customer.email,
        "created_at": shop_time(order.created_at),
        "currency": order.currency,
        "current_subtotal_price": money((subtotal - order.refunded()).max(0)),
        "current_total_discounts": "0.00",
        "current_total_price": money(current),
        "current_total_price_set": set(current),
        "current_total_tax": "0.00",
        "email": customer.email,
        "financial_status": order.financial_status(),
        "fulfillment_status": order.fulfillment_status(),
        "name": order.name(),
        "note": null,
        "note_attributes": [],
        "number": order.number - 1_000,
        "order_number": order.number,
        "payment_gateway_names": [if order.test { "bogus" } else { "shopify_payments" }],
        "phone": null,
        "presentment_currency": order.currency,
        "processed_at": shop_time(order.created_at),
        "source_name": "web",
        "subtotal_price": money(subtotal),
        "tags": "",
        "taxes_included": false,
        "test": order.test,
        "total_discounts": "0.00",
        "total_line_items_price": money(subtotal),
        "total_outstanding": if order.paid_at.is_some() { "0.00".to_owned() } else { money(total) },
        "total_price": money(total),
        "total_price_set": set(total),
        "total_shipping_price_set": set(order.shipping),
        "total_tax": "0.00",
        "total_weight": 0,
        "updated_at": shop_time(order.updated_at),
        "billing_address": address,
        "customer": {
            "id": customer.id, "email": customer.email, "first_name": customer.first_name,
            "last_name": customer.last_name, "state": "disabled", "currency": order.currency,
            "admin_graphql_api_id": format!("gid://shopify/Customer/{}", customer.id), "default_address": address,
        },
        "discount_codes": [],
        "fulfillments": [],
        "line_items": lines,
        "refunds": refunds,
        "shipping_address": address,
        "shipping_lines": [{
            "id": order.id + 1, "code": "Standard", "title": "Standard", "price": money(order.shipping),
            "price_set": set(order.shipping), "source": "shopify", "tax_lines": [],
        }],
    })
}

/// The body of `refunds/create`, and a member of an order's `refunds`.
pub(crate) fn refund(order: &Order, refund: &Refund) -> Value {
    let lines: Vec<Value> = refund
        .lines
        .iter()
        .filter_map(|(id, quantity)| {
            let found = order.lines.iter().find(|line| line.id == *id)?;
            Some(json!({"id": id + 1, "line_item_id": id, "quantity": quantity, "restock_type": "no_restock",
                "subtotal": money(found.price * quantity), "total_tax": "0.00", "line_item": line(found, &order.currency)}))
        })
        .collect();
    json!({
        "id": refund.id,
        "admin_graphql_api_id": format!("gid://shopify/Refund/{}", refund.id),
        "created_at": shop_time(refund.at),
        "processed_at": shop_time(refund.at),
        "note": null,
        "order_id": order.id,
        "restock": false,
        "user_id": null,
        "order_adjustments": [],
        "duties": [],
        "refund_line_items": lines,
        "transactions": [{
            "id": refund.transaction_id, "order_id": order.id, "kind": "refund", "status": "success",
            "gateway": "shopify_payments", "amount": money(refund.amount), "currency": order.currency,
            "created_at": shop_time(refund.at), "processed_at": shop_time(refund.at), "test": order.test,
            "admin_graphql_api_id": format!("gid://shopify/OrderTransaction/{}", refund.transaction_id),
        }],
    })
}

/// The body of the `products/*` topics.
pub(crate) fn product(product: &Product) -> Value {
    let variants: Vec<Value> = product
        .variants
        .iter()
        .map(|variant| {
            json!({"id": variant.id, "product_id": product.id, "title": variant.title, "sku": variant.sku,
                "price": money(variant.price), "inventory_quantity": variant.inventory,
                "admin_graphql_api_id": format!("gid://shopify/ProductVariant/{}", variant.id)})
        })
        .collect();
    json!({
        "id": product.id, "title": product.title, "body_html": product.description_html,
        "status": product.status.to_lowercase(), "tags": product.tags.join(", "), "vendor": "Holly", "handle": "",
        "created_at": shop_time(product.created_at), "updated_at": shop_time(product.updated_at), "variants": variants,
        "admin_graphql_api_id": format!("gid://shopify/Product/{}", product.id),
    })
}

fn line(line: &Line, currency: &str) -> Value {
    json!({
        "id": line.id,
        "admin_graphql_api_id": format!("gid://shopify/LineItem/{}", line.id),
        "current_quantity": line.current_quantity,
        "fulfillable_quantity": line.unfulfilled(),
        "fulfillment_service": "manual",
        "fulfillment_status": (line.fulfilled > 0 && line.unfulfilled() == 0).then_some("fulfilled"),
        "gift_card": false,
        "grams": 0,
        "name": format!("{} - {}", line.title, line.variant_title),
        "price": money(line.price),
        "price_set": price_set(line.price, currency),
        "product_exists": true,
        "product_id": line.product_id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": true,
        "sku": line.sku,
        "taxable": true,
        "title": line.title,
        "total_discount": "0.00",
        "variant_id": line.variant_id,
        "variant_title": line.variant_title,
        "vendor": "Holly",
        "tax_lines": [],
        "discount_allocations": [],
    })
}

fn price_set(minor: i64, currency: &str) -> Value {
    let amount = json!({"amount": money(minor), "currency_code": currency});
    json!({"shop_money": amount, "presentment_money": amount})
}

fn address(customer: &Customer) -> Value {
    json!({
        "first_name": customer.first_name, "last_name": customer.last_name,
        "name": format!("{} {}", customer.first_name, customer.last_name), "company": null,
        "address1": customer.address1, "address2": null, "city": customer.city,
        "province": null, "province_code": customer.province_code, "zip": customer.zip,
        "country": customer.country, "country_code": customer.country_code, "phone": null,
    })
}
