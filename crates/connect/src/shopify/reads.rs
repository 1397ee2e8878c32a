//! What the shop is asked.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::order::{self, ShopOrder};
use super::{Shopify, documents, nodes, shape};
use crate::error::ConnectError;

/// Pages that a listing reads at most; far above any real shop's need between two polls.
const MAX_PAGES: usize = 100;
/// Items of one page.
const PAGE: usize = 50;

/// The shop itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Its name.
    pub name: String,
    /// Its own host.
    pub domain: String,
}

impl Shopify {
    /// The shop itself: the cheapest question that needs a token.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn shop(&self) -> Result<Shop, ConnectError> {
        let data = self.query("shop", documents::SHOP, &json!({})).await?;
        let text = |name: &str| data["shop"][name].as_str().map(str::to_owned);
        let shop = text("name").zip(text("myshopifyDomain")).map(|(name, domain)| Shop { name, domain });
        shop.ok_or_else(|| shape("a shop without a name"))
    }

    /// The newest `limit` products, as the shop's own nodes.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn products(&self, limit: usize) -> Result<Vec<Value>, ConnectError> {
        self.pages("products", documents::PRODUCTS, json!({}), limit).await
    }

    /// The newest `limit` orders.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn orders(&self, limit: usize) -> Result<Vec<ShopOrder>, ConnectError> {
        let nodes = self.pages("orders", documents::ORDERS, json!({}), limit).await?;
        nodes.iter().map(|node| ShopOrder::read(node).ok_or_else(|| shape("an order without an id"))).collect()
    }

    /// All orders that changed at or after `since`, oldest change first.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn orders_since(&self, since: Timestamp) -> Result<Vec<ShopOrder>, ConnectError> {
        let query = format!("updated_at:>='{}'", since.format("%Y-%m-%dT%H:%M:%SZ"));
        let nodes = self.pages("orders_since", documents::ORDERS_SINCE, json!({"query": query}), usize::MAX).await?;
        nodes.iter().map(|node| ShopOrder::read(node).ok_or_else(|| shape("an order without an id"))).collect()
    }

    /// One order with all its lines; none when the shop does not know it.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn order(&self, id: &str) -> Result<Option<ShopOrder>, ConnectError> {
        let mut variables = json!({"id": format!("gid://shopify/Order/{id}")});
        let mut found: Option<ShopOrder> = None;
        for _ in 0..MAX_PAGES {
            let data = self.query("order", documents::ORDER, &variables).await?;
            let node = &data["order"];
            if node.is_null() {
                return Ok(None);
            }
            let mut order = match found.take() {
                Some(order) => order,
                None => ShopOrder::read(node).ok_or_else(|| shape("an order without an id"))?,
            };
            let items = &node["lineItems"];
            for item in items["nodes"].as_array().ok_or_else(|| shape("an order without lines"))? {
                order.lines.push(order::line(item).ok_or_else(|| shape("an incomplete line"))?);
            }
            match next_cursor(items)? {
                Some(cursor) => variables["after"] = cursor,
                None => {
                    order.has_lines = true;
                    return Ok(Some(order));
                }
            }
            found = Some(order);
        }
        // Half the lines would print half an order.
        Err(shape("an order with too many lines"))
    }

    /// All pages of a list up to `limit` items.
    pub(super) async fn pages(
        &self,
        op: &'static str,
        document: &'static str,
        mut variables: Value,
        limit: usize,
    ) -> Result<Vec<Value>, ConnectError> {
        let member = if op.starts_with("products") { "products" } else { "orders" };
        let mut all = Vec::new();
        for _ in 0..MAX_PAGES {
            variables["first"] = json!(limit.saturating_sub(all.len()).min(PAGE));
            let data = self.query(op, document, &variables).await?;
            let page = &data[member];
            all.extend(nodes(page)?.cloned());
            match next_cursor(page)? {
                Some(cursor) if all.len() < limit => variables["after"] = cursor,
                _ => return Ok(all),
            }
        }
        Err(shape("a list that does not end"))
    }
}

/// The cursor of the next page; none on the last one.
pub(super) fn next_cursor(page: &Value) -> Result<Option<Value>, ConnectError> {
    let info = &page["pageInfo"];
    match (info["hasNextPage"].as_bool(), &info["endCursor"]) {
        (Some(true), cursor @ Value::String(_)) => Ok(Some(cursor.clone())),
        (Some(false), _) => Ok(None),
        _ => Err(shape("a page without its place in the list")),
    }
}
