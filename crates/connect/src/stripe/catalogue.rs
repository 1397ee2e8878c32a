//! What is sold through payment links: products, their prices, and the links.

use std::collections::BTreeMap;

use gateway::Permit;
use net::encode_segment;
use serde::Deserialize;
use serde_json::json;

use super::{Stripe, parse};
use crate::error::ConnectError;
use crate::form;

/// A product, as far as it is read back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StripeProduct {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What we noted on it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// A price of a product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// Its id.
    pub id: String,
    /// The product.
    pub product: String,
    /// Minor units; none for prices that are worked out otherwise.
    pub unit_amount: Option<i64>,
    /// Lower case.
    pub currency: String,
    /// Whether it may be sold.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// A link by which a customer pays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentLink {
    /// Its id.
    pub id: String,
    /// Its address.
    pub url: String,
    /// What we noted on it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// A product to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewProduct<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is; left out when empty.
    pub description: &'a str,
}

impl Stripe {
    /// Makes a product. The permit is lent, because product and price are two requests of one effect.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn create_product(
        &self,
        permit: &Permit,
        product: NewProduct<'_>,
    ) -> Result<StripeProduct, ConnectError> {
        let key = permit.provider_key();
        let description = Some(product.description).filter(|text| !text.is_empty());
        let fields = json!({"name": product.name, "description": description, "metadata": {"holly_key": key}});
        let key = format!("prod_{key}");
        parse(self.change("create_product", "/v1/products", &key, form::encode(&fields)).await?)
    }

    /// Makes the price of a product.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn create_price(
        &self,
        permit: Permit,
        product: &str,
        unit_amount: i64,
        currency: &str,
    ) -> Result<Price, ConnectError> {
        let key = format!("price_{}", permit.provider_key());
        let fields = json!({"product": product, "unit_amount": unit_amount, "currency": currency});
        parse(self.change("create_price", "/v1/prices", &key, form::encode(&fields)).await?)
    }

    /// Makes a payment link.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn create_payment_link(
        &self,
        permit: Permit,
        price: &str,
        quantity: i64,
    ) -> Result<PaymentLink, ConnectError> {
        let key = permit.provider_key();
        let items = json!([{"price": price, "quantity": quantity}]);
        let fields = json!({"line_items": items, "metadata": {"holly_key": key}});
        let key = format!("plink_{key}");
        parse(self.change("create_payment_link", "/v1/payment_links", &key, form::encode(&fields)).await?)
    }

    /// One price; none when there is no such id.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn price(&self, id: &str) -> Result<Option<Price>, ConnectError> {
        self.object("price", format!("/v1/prices/{}", encode_segment(id))).await?.map(parse).transpose()
    }

    /// The prices of a product.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn prices(&self, product: &str) -> Result<Vec<Price>, ConnectError> {
        let prices = self.list("prices", "/v1/prices", &[("product", product.to_owned())], 100).await?;
        prices.into_iter().map(parse).collect()
    }

    /// The product that was made under an idempotency key.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn product_by_key(&self, key: &str) -> Result<Option<StripeProduct>, ConnectError> {
        let products = self.list("products", "/v1/products", &[("active", "true".to_owned())], 100).await?;
        let products: Vec<StripeProduct> = products.into_iter().map(parse).collect::<Result<_, _>>()?;
        Ok(products.into_iter().find(|product| is_ours(&product.metadata, key)))
    }

    /// The payment link that was made under an idempotency key.
    ///
    /// # Errors
    /// When Stripe cannot be asked.
    pub async fn payment_link_by_key(&self, key: &str) -> Result<Option<PaymentLink>, ConnectError> {
        let links = self.list("payment_links", "/v1/payment_links", &[], 100).await?;
        let links: Vec<PaymentLink> = links.into_iter().map(parse).collect::<Result<_, _>>()?;
        Ok(links.into_iter().find(|link| is_ours(&link.metadata, key)))
    }
}

fn is_ours(metadata: &BTreeMap<String, String>, key: &str) -> bool {
    metadata.get("holly_key").is_some_and(|found| found == key)
}
