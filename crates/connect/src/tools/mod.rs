//! The tools that agents may call, one per file.

mod params;
mod printful_cancel_order;
mod printful_get_store_products;
mod printful_list_catalog;
mod printful_list_products;
mod printful_order_status;
mod shopify_create_product;
mod shopify_fetch_descriptions;
mod shopify_query_orders;
mod shopify_query_products;
mod shopify_score_description;
mod shopify_update_description;
mod stripe_create_payment_link;
mod stripe_create_product;
mod stripe_list_products;
mod stripe_refund;
mod stripe_revenue_query;
pub mod submit;

use std::fmt;
use std::sync::Arc;

use domain::ids::ToolId;
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use gateway::Tool;
use serde_json::Value;

use crate::OrderBook;
use crate::printful::Printful;
use crate::shopify::Shopify;
use crate::stripe::Stripe;

pub use printful_cancel_order::CancelOrder;
pub use printful_get_store_products::StoreProducts;
pub use printful_list_catalog::ListCatalog;
pub use printful_list_products::ListProducts;
pub use printful_order_status::OrderStatus;
pub use shopify_create_product::{CreateProduct, price_risk};
pub use shopify_fetch_descriptions::FetchDescriptions;
pub use shopify_query_orders::QueryOrders;
pub use shopify_query_products::QueryProducts;
pub use shopify_score_description::ScoreDescription;
pub use shopify_update_description::UpdateDescription;
pub use stripe_create_payment_link::CreatePaymentLink;
pub use stripe_create_product::StripeCreateProduct;
pub use stripe_list_products::StripeProducts;
pub use stripe_refund::StripeRefund;
pub use stripe_revenue_query::{Revenue, RevenueQuery, revenue};
pub use submit::SubmitOrder;

/// The shop's search may lag behind a change for so many seconds; what it does not show before is not yet absent.
const SEARCH_LAG_S: i64 = 30;
/// Stripe remembers an idempotency key for at least a day; an hour is kept in hand.
const STRIPE_KEY_LIFE_S: i64 = 23 * 3600;

/// The clients that tools use.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The shop.
    pub shopify: Shopify,
    /// The payments.
    pub stripe: Stripe,
    /// The printer.
    pub printful: Printful,
}

/// What the owner sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A print that costs more, in US cents, is high risk (`HOLLY_PRINT_CAP_USD`).
    pub print_cap_usd_minor: i64,
    /// Currency in which revenue is reported, e.g. `usd`.
    pub currency: String,
}

/// All tools of the three upstreams.
#[must_use]
pub fn all(clients: &Clients, settings: &Settings, orders: Arc<dyn OrderBook>) -> Vec<Arc<dyn Tool>> {
    let (shopify, stripe, printful) = (&clients.shopify, &clients.stripe, &clients.printful);
    vec![
        Arc::new(QueryProducts::new(shopify.clone())),
        Arc::new(QueryOrders::new(shopify.clone(), orders.clone())),
        Arc::new(CreateProduct::new(shopify.clone())),
        Arc::new(FetchDescriptions::new(shopify.clone())),
        Arc::new(ScoreDescription::default()),
        Arc::new(UpdateDescription::new(shopify.clone())),
        Arc::new(OrderStatus::new(printful.clone(), orders.clone())),
        Arc::new(SubmitOrder::new(shopify.clone(), printful.clone(), orders, settings.print_cap_usd_minor)),
        Arc::new(CancelOrder::new(printful.clone())),
        Arc::new(StoreProducts::new(printful.clone())),
        Arc::new(ListCatalog::new(printful.clone())),
        Arc::new(ListProducts::new(printful.clone())),
        Arc::new(StripeRefund::new(stripe.clone())),
        Arc::new(RevenueQuery::new(stripe.clone(), &settings.currency)),
        Arc::new(StripeProducts::new(stripe.clone())),
        Arc::new(StripeCreateProduct::new(stripe.clone(), &settings.currency)),
        Arc::new(CreatePaymentLink::new(stripe.clone())),
    ]
}

/// The declaration of a read.
fn read_spec(
    id: &str,
    display_name: &'static str,
    description: &'static str,
    category: &'static str,
    schema: Value,
) -> ToolSpec {
    ToolSpec {
        id: ToolId::from_stored(id.to_owned()),
        display_name,
        description,
        category,
        schema,
        access: Access::Read,
        risk: Risk::Low,
        recovery: Recovery::Lookup,
        goal_level: None,
        repeatable: false,
    }
}

/// The shape of a tool in a debug text: its id.
fn show(spec: &ToolSpec, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.debug_tuple("Tool").field(&spec.id.as_str()).finish()
}

macro_rules! tool_debug {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::tools::show(&self.spec, f)
            }
        }
    };
}
use tool_debug;
