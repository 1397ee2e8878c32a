//! The rows of orders, as far as the tools need them.

use domain::ids::OrderKey;
use domain::order::{Order, OrderFacts};

/// The order rows could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the order book is not available")]
pub struct OrderBookError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Keeps one row per order. Implemented over the store by whoever puts the program together.
#[async_trait::async_trait]
pub trait OrderBook: Send + Sync {
    /// Merges news into the row, in a transaction of its own, and returns the row as it then stands.
    async fn merge(&self, facts: &OrderFacts) -> Result<Order, OrderBookError>;

    /// The row, when there is one.
    async fn get(&self, key: &OrderKey) -> Result<Option<Order>, OrderBookError>;
}
