//! Products as the shop states them, and the three ways in which they are changed.

use domain::money::parse_decimal;
use gateway::Permit;
use serde_json::{Value, json};

use super::{Shopify, documents, nodes, shape};
use crate::error::ConnectError;

/// Products that one search for a title reads: it finds words, not titles, so that the exact one may come later.
const SEARCHED: usize = 20;
/// What the tag of a product made here begins with; the idempotency key follows.
const TAG: &str = "holly-";
/// Longest tag that the shop takes.
const MAX_TAG: usize = 255;

/// A product, as far as making one needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Global id.
    pub id: String,
    /// Title.
    pub title: String,
    /// `ACTIVE`, `DRAFT`, `ARCHIVED`, ...
    pub status: String,
    /// Tags; empty in the answer to a change.
    pub tags: Vec<String>,
    /// Global id of the first variant.
    pub variant_id: Option<String>,
    /// Its price, decimal; none when not asked for.
    pub price: Option<String>,
}

/// The text of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductCopy {
    /// Global id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description_html: String,
}

impl Product {
    fn read(node: &Value) -> Option<Self> {
        let variant = &node["variants"]["nodes"][0];
        let tags = node["tags"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
        Some(Self {
            id: node["id"].as_str()?.to_owned(),
            title: node["title"].as_str()?.to_owned(),
            status: node["status"].as_str()?.to_owned(),
            tags: tags.filter_map(Value::as_str).map(str::to_owned).collect(),
            variant_id: variant["id"].as_str().map(str::to_owned),
            price: variant["price"].as_str().map(str::to_owned),
        })
    }

    /// Whether it was made under this idempotency key.
    #[must_use]
    pub fn is_of(&self, key: &str) -> bool {
        self.tags.contains(&tag(key))
    }

    /// Whether it was made here and its price step is still to come: a draft at zero that should cost `price`.
    #[must_use]
    pub fn lacks_price(&self, price: &str) -> bool {
        // The places of the currency do not matter for telling zero from more.
        let cents = |text: &str| parse_decimal(text, "USD").ok();
        let ours = self.tags.iter().any(|tag| tag.starts_with(TAG));
        let unpriced = self.price.as_deref().and_then(cents) == Some(0);
        ours && self.status == "DRAFT" && unpriced && cents(price) != Some(0)
    }
}

impl ProductCopy {
    fn read(node: &Value) -> Option<Self> {
        let text = |name: &str| node[name].as_str().map(str::to_owned);
        let description_html = text("descriptionHtml").unwrap_or_default();
        Some(Self { id: text("id")?, title: text("title")?, description_html })
    }
}

/// A value within a search text: quoted, its own quotes and backslashes escaped.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn tag(key: &str) -> String {
    format!("{TAG}{key}").chars().take(MAX_TAG).collect()
}

impl Shopify {
    /// The newest `limit` products with their texts, as the shop's own nodes.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn products_with_copy(&self, limit: usize) -> Result<Vec<Value>, ConnectError> {
        self.pages("products_with_copy", documents::PRODUCTS_WITH_COPY, json!({}), limit).await
    }

    /// The product of exactly this title.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn product_by_title(&self, title: &str) -> Result<Option<Product>, ConnectError> {
        let title = title.trim();
        let found = self.find(format!("title:{}", quoted(title))).await?;
        Ok(found.into_iter().find(|product| product.title.trim() == title))
    }

    /// The product that was made under an idempotency key.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn product_by_key(&self, key: &str) -> Result<Option<Product>, ConnectError> {
        let tag = tag(key);
        let found = self.find(format!("tag:{}", quoted(&tag))).await?;
        Ok(found.into_iter().find(|product| product.tags.contains(&tag)))
    }

    async fn find(&self, query: String) -> Result<Vec<Product>, ConnectError> {
        let variables = json!({"first": SEARCHED, "query": query});
        let data = self.query("find_product", documents::FIND_PRODUCT, &variables).await?;
        let read = |node| Product::read(node).ok_or_else(|| shape("a product without id, title or status"));
        nodes(&data["products"])?.map(read).collect()
    }

    /// The text of one product; none when the shop does not know it.
    ///
    /// # Errors
    /// When the shop cannot be asked.
    pub async fn product_copy(&self, id: &str) -> Result<Option<ProductCopy>, ConnectError> {
        let data = self.query("product_copy", documents::PRODUCT_COPY, &json!({"id": id})).await?;
        match &data["product"] {
            Value::Null => Ok(None),
            node => ProductCopy::read(node).map(Some).ok_or_else(|| shape("a product without id or title")),
        }
    }

    /// Makes a draft, tagged with the permit's key. The permit is lent, because making and pricing are two requests of
    /// one effect.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn create_product(&self, permit: &Permit, title: &str, html: &str) -> Result<Product, ConnectError> {
        let product = json!({
            "title": title,
            "descriptionHtml": html,
            "status": "DRAFT",
            "tags": [tag(permit.provider_key())],
        });
        let variables = json!({"product": product});
        let data = self.mutate("product_create", documents::CREATE_PRODUCT, &variables, "productCreate").await?;
        Product::read(&data["product"]).ok_or_else(|| shape("a new product without id, title or status"))
    }

    /// Sets the price of one variant.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn set_price(
        &self,
        _permit: Permit,
        product: &str,
        variant: &str,
        price: &str,
    ) -> Result<(), ConnectError> {
        let variables = json!({"productId": product, "variants": [{"id": variant, "price": price}]});
        let root = "productVariantsBulkUpdate";
        self.mutate("price_update", documents::SET_PRICE, &variables, root).await.map(drop)
    }

    /// Replaces the text of a product.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn update_copy(&self, _permit: Permit, id: &str, html: &str) -> Result<ProductCopy, ConnectError> {
        let variables = json!({"product": {"id": id, "descriptionHtml": html}});
        let data = self.mutate("product_update", documents::UPDATE_COPY, &variables, "productUpdate").await?;
        ProductCopy::read(&data["product"]).ok_or_else(|| shape("a changed product without id or title"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_value_cannot_leave_its_quotes() {
        assert_eq!(quoted("It's a \\ tee"), "'It\\'s a \\\\ tee'");
        assert_eq!(quoted("x' OR status:active OR title:'y"), "'x\\' OR status:active OR title:\\'y'");
    }

    #[test]
    fn only_our_own_draft_at_zero_lacks_its_price() {
        let product = |tag: &str, status: &str, price: &str| Product {
            id: "gid".into(),
            title: "Tee".into(),
            status: status.into(),
            tags: vec![tag.into()],
            variant_id: None,
            price: Some(price.into()),
        };
        assert!(product("holly-k", "DRAFT", "0.00").lacks_price("24.00"));
        for (tag, status, price, wanted) in [
            ("summer", "DRAFT", "0.00", "24.00"),
            ("holly-k", "ACTIVE", "0.00", "24.00"),
            ("holly-k", "DRAFT", "19.00", "24.00"),
            ("holly-k", "DRAFT", "0.00", "0.00"),
            ("holly-k", "DRAFT", "soon", "24.00"),
        ] {
            assert!(!product(tag, status, price).lacks_price(wanted), "{tag} {status} {price} {wanted}");
        }
    }
}
