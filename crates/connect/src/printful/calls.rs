//! The calls themselves.

use domain::money::Money;
use gateway::Permit;
use net::{Idempotency, Method, Request, encode_segment};
use serde_json::Value;

use super::types::{Draft, PrintOrder, Store, StoreKind, SyncVariant, cost, text};
use super::{Printful, STORE_KEPT, VARIANT_KEPT, shape};
use crate::error::ConnectError;

/// Pages that a listing reads at most.
const MAX_PAGES: usize = 100;

impl Printful {
    /// The store that the token is for, kept for an hour.
    ///
    /// # Errors
    /// When the printer cannot be asked, or the token is good for several stores and none is configured.
    pub async fn store(&self) -> Result<Store, ConnectError> {
        let now = self.monotonic();
        if let Some((store, at)) = &self.shared().store
            && now.saturating_sub(*at) < STORE_KEPT
        {
            return Ok(store.clone());
        }
        let answer = self.call("stores", Request::get("/v2/stores")).await?;
        let stores = answer["data"].as_array().ok_or_else(|| shape("a list without data"))?;
        let wanted = |store: &&Value| self.store_id.is_none() || text(&store["id"]) == self.store_id;
        let mut matching = stores.iter().filter(wanted);
        let (Some(found), None) = (matching.next(), matching.next()) else {
            return Err(shape("not exactly one store for this token; set PRINTFUL_STORE_ID"));
        };
        let kind = if found["type"] == "native" { StoreKind::Native } else { StoreKind::Integrated };
        let store = Store { id: text(&found["id"]).ok_or_else(|| shape("a store without an id"))?, kind };
        self.shared().store = Some((store.clone(), now));
        Ok(store)
    }

    /// An order by the printer's id, or by ours with `@` before it; none when there is none.
    ///
    /// # Errors
    /// When the printer cannot be asked.
    pub async fn order(&self, id: &str) -> Result<Option<PrintOrder>, ConnectError> {
        let found = self.call("order", Request::get(format!("/v2/orders/{}", encode_segment(id)))).await;
        let Some(answer) = known(found)? else { return Ok(None) };
        PrintOrder::read(&answer["data"]).map(Some).ok_or_else(|| shape("an order without id or status"))
    }

    /// The shipments of an order, as the printer states them.
    ///
    /// # Errors
    /// When the printer cannot be asked.
    pub async fn shipments(&self, id: &str) -> Result<Vec<Value>, ConnectError> {
        self.pages("shipments", &format!("/v2/orders/{}/shipments", encode_segment(id)), "data").await
    }

    /// All pages of a list whose items stand in `member`.
    async fn pages(&self, op: &'static str, path: &str, member: &str) -> Result<Vec<Value>, ConnectError> {
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..MAX_PAGES {
            let request = Request::get(path).query("limit", 100).query("offset", items.len());
            let answer = self.call(op, request).await?;
            let page = answer[member].as_array().ok_or_else(|| shape("a list without its items"))?;
            items.extend(page.iter().cloned());
            if page.is_empty() || items.len() >= total(&answer) {
                return Ok(items);
            }
        }
        Err(shape("a list that does not end"))
    }

    /// What the printer knows of a variant of the shop, kept for ten minutes; none when it is no Printful item.
    ///
    /// # Errors
    /// When the printer cannot be asked.
    pub async fn variant(&self, kind: StoreKind, shop_variant_id: &str) -> Result<Option<SyncVariant>, ConnectError> {
        let now = self.monotonic();
        if let Some((variant, at)) = self.shared().variants.get(shop_variant_id)
            && now.saturating_sub(*at) < VARIANT_KEPT
        {
            return Ok(variant.clone());
        }
        let base = match kind {
            StoreKind::Integrated => "/sync/variant",
            StoreKind::Native => "/store/variants",
        };
        let path = format!("{base}/@{}", encode_segment(shop_variant_id));
        let variant = match known(self.call("sync_variant", Request::get(path)).await)? {
            Some(answer) => {
                let read = SyncVariant::read(&answer["result"]);
                Some(read.ok_or_else(|| shape("a variant without id or state"))?)
            }
            None => None,
        };
        self.shared().variants.insert(shop_variant_id.to_owned(), (variant.clone(), now));
        Ok(variant)
    }

    /// What an order would cost; none when the printer gives no figure.
    ///
    /// # Errors
    /// When the printer cannot be asked or refuses the order.
    pub async fn estimate(&self, draft: &Draft) -> Result<Option<Money>, ConnectError> {
        let request = Request::post("/orders/estimate-costs", Idempotency::Safe).json(&draft.body());
        Ok(cost(&self.call("estimate", request).await?["result"]["costs"]))
    }

    /// Makes a draft, which costs nothing until it is confirmed. The permit is lent, because making and confirming are
    /// two requests of one effect.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn create(&self, _permit: &Permit, draft: &Draft) -> Result<PrintOrder, ConnectError> {
        let request = Request::post("/orders", Idempotency::Unsafe).json(&draft.body());
        let answer = self.call("create_order", request).await?;
        PrintOrder::read(&answer["result"]).ok_or_else(|| shape("a new order without id or status"))
    }

    /// Confirms a draft: from here on it is made and paid for.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn confirm(&self, _permit: Permit, id: &str) -> Result<PrintOrder, ConnectError> {
        let path = format!("/v2/orders/{}/confirmation", encode_segment(id));
        let answer = self.call("confirm_order", Request::post(path, Idempotency::Unsafe)).await?;
        PrintOrder::read(&answer["data"]).ok_or_else(|| shape("a confirmed order without id or status"))
    }

    /// Cancels an order that is not yet being made; the money comes back.
    ///
    /// # Errors
    /// When it was refused, or nothing clear came back.
    pub async fn cancel(&self, _permit: Permit, external_id: &str) -> Result<PrintOrder, ConnectError> {
        let path = format!("/orders/@{}", encode_segment(external_id));
        let answer = self.call("cancel_order", Request::new(Method::DELETE, path, Idempotency::Unsafe)).await?;
        PrintOrder::read(&answer["result"]).ok_or_else(|| shape("a cancelled order without id or status"))
    }

    /// The products of the store, as the printer states them.
    ///
    /// # Errors
    /// When the printer cannot be asked.
    pub async fn store_products(&self) -> Result<Vec<Value>, ConnectError> {
        let path = match self.store().await?.kind {
            StoreKind::Integrated => "/sync/products",
            StoreKind::Native => "/store/products",
        };
        self.pages("store_products", path, "result").await
    }

    /// The categories of the catalogue.
    ///
    /// # Errors
    /// When the printer cannot be asked.
    pub async fn categories(&self) -> Result<Vec<Value>, ConnectError> {
        let answer = self.call("categories", Request::get("/v2/catalog-categories")).await?;
        answer["data"].as_array().cloned().ok_or_else(|| shape("a list without data"))
    }

    /// The first 20 products of a category.
    ///
    /// # Errors
    /// When the printer cannot be asked.
    pub async fn category_products(&self, category: i64) -> Result<Vec<Value>, ConnectError> {
        let request = Request::get("/v2/catalog-products").query("category_ids", category).query("limit", 20);
        let answer = self.call("catalog_products", request).await?;
        answer["data"].as_array().cloned().ok_or_else(|| shape("a list without data"))
    }
}

/// How many items a list has in all; none stated counts as no more.
pub(super) fn total(answer: &Value) -> usize {
    answer["paging"]["total"].as_u64().and_then(|total| usize::try_from(total).ok()).unwrap_or(0)
}

/// Turns "there is no such thing" into an answer.
fn known(answer: Result<Value, ConnectError>) -> Result<Option<Value>, ConnectError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}
