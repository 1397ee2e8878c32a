//! `/orders`: what is known of the shop's orders and what was done for them.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{OrderPath, Query};
use crate::openapi::{Operation, schema};
use crate::ports::{OrderCursor, OrderFile, OrderFilter, Page};

/// GET `/orders`
pub async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let limit = query.limit(50, 200);
    let page = Page {
        limit,
        offset: query.count("offset"),
        after: query.parsed("cursor", "a `next_cursor` of this list", OrderCursor::parse),
    };
    let filter = OrderFilter { text: query.text("q") };
    query.finish()?;
    let orders = app.tower.list_orders(filter, page).await?;
    let full = i64::try_from(orders.len()).is_ok_and(|count| count >= limit);
    let next_cursor = orders
        .last()
        .filter(|_| full)
        .map(|order| OrderCursor { updated_at: order.updated_at, order_key: order.order_key.clone() }.to_text());
    Ok(Json(json!({"count": orders.len(), "orders": orders, "next_cursor": next_cursor})))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_orders", "Orders", "Orders, newest change first")
        .query("q", "Only orders with this text in name or key", schema::text_up_to(200))
        .query("limit", "How many", schema::limit(50, 200))
        .query("offset", "Skip so many; a cursor is faster", schema::whole_in(0, i64::MAX))
        .query("cursor", "`next_cursor` of the page before", schema::text())
        .answer(
            200,
            "One page",
            schema::object(&[
                ("orders", schema::list(schema::named("Order"))),
                ("count", schema::whole()),
                ("next_cursor", schema::or_null(schema::text())),
            ]),
        )
}

/// GET `/orders/{order_id}`
pub async fn show(State(app): State<App>, OrderPath(order_key): OrderPath) -> Result<Json<OrderFile>, ApiError> {
    Ok(Json(app.tower.get_order(&order_key).await?))
}

pub(crate) fn show_doc() -> Operation {
    Operation::new("show_order", "Orders", "One order with its runs, effects and tickets")
        .path("order_id", "Shopify order id, with or without `shopify:` before it", schema::text(), Code::OrderNotFound)
        .answer(
            200,
            "The order and what was done for it, newest first",
            schema::object(&[
                ("order", schema::named("Order")),
                ("runs", schema::list(schema::named("Run"))),
                ("effects", schema::list(schema::named("Effect"))),
                ("tickets", schema::list(schema::named("Ticket"))),
            ]),
        )
}
