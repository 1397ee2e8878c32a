//! The order rows, as tools read and feed them.

use domain::ids::OrderKey;
use domain::order::{Order, OrderFacts};

use crate::error::Result;
use crate::intake::merge_order;
use crate::services::Services;

/// Merges what a tool read of an order; what that makes void is withdrawn in the same transaction.
///
/// # Errors
/// When the store failed.
pub async fn merge(services: &Services, facts: &OrderFacts) -> Result<Option<Order>> {
    let mut tx = services.db.begin().await?;
    let merged = merge_order(services, &mut tx, facts).await?;
    tx.commit().await?;
    services.tell_withdrawn(&merged.withdrawn);
    Ok(store::orders::get(&services.db, &facts.order_key).await?)
}

/// The row of an order.
///
/// # Errors
/// When the store failed.
pub async fn get(services: &Services, key: &OrderKey) -> Result<Option<Order>> {
    Ok(store::orders::get(&services.db, key).await?)
}
