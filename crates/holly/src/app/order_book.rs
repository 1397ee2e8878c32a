//! The order rows, as the tools ask for them.

use std::sync::OnceLock;

use connect::{OrderBook, OrderBookError};
use domain::ids::OrderKey;
use domain::order::{Order, OrderFacts};
use tower::services::Services;

/// The order book over the Tower. The tools are built before the services that hold them, hence the late connection.
#[derive(Debug, Default)]
pub(super) struct StoreOrderBook(OnceLock<Services>);

impl StoreOrderBook {
    /// Hands the services over; only the first time counts.
    pub(super) fn connect(&self, services: Services) {
        let _ = self.0.set(services);
    }

    fn services(&self) -> Result<&Services, OrderBookError> {
        self.0.get().ok_or_else(|| OrderBookError("the start is not finished".into()))
    }
}

#[async_trait::async_trait]
impl OrderBook for StoreOrderBook {
    async fn merge(&self, facts: &OrderFacts) -> Result<Order, OrderBookError> {
        let merged =
            tower::orders::merge(self.services()?, facts).await.map_err(|error| OrderBookError(Box::new(error)))?;
        merged.ok_or_else(|| OrderBookError("the order row is gone".into()))
    }

    async fn get(&self, key: &OrderKey) -> Result<Option<Order>, OrderBookError> {
        tower::orders::get(self.services()?, key).await.map_err(|error| OrderBookError(Box::new(error)))
    }
}
