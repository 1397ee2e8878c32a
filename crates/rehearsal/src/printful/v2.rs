//! Version 2: stores, catalogue, orders, parcels, confirmation.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State as Shelf};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::views::{STORE_ID, link, order as view, shipment};
use super::{broken, failure, not_found, paging};
use crate::shell::Shared;
use crate::world::{PrintRefused, State};

type Params = Query<HashMap<String, String>>;

/// Category of the catalogue: id, parent, title.
const CATEGORIES: [(u64, Option<u64>, &str); 5] = [
    (1, None, "Clothing"),
    (2, None, "Home & living"),
    (24, Some(1), "T-shirts"),
    (28, Some(1), "Hoodies"),
    (112, Some(2), "Mugs"),
];
/// Product of the catalogue: id, category, type, name, brand, model.
const PRODUCTS: [(u64, u64, &str, &str, &str, &str); 4] = [
    (71, 24, "T-SHIRT", "Unisex Staple T-Shirt", "Bella + Canvas", "3001"),
    (146, 28, "HOODIE", "Unisex Heavy Blend Hoodie", "Gildan", "18500"),
    (19, 112, "MUG", "White Glossy Mug", "Generic", "11oz"),
    (162, 24, "T-SHIRT", "Unisex Tri-Blend T-Shirt", "Bella + Canvas", "3413"),
];

fn page(all: Vec<Value>, params: &Params, path: &str) -> Response {
    let (limit, offset) = match paging::read(params) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let total = all.len();
    let data: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
    let at = |offset: usize| link(&format!("{path}?limit={limit}&offset={offset}"));
    let last = total.saturating_sub(1) / limit * limit;
    let mut links = json!({"self": at(offset), "first": at(0), "last": at(last)});
    if offset + limit < total {
        links["next"] = at(offset + limit);
    }
    if offset > 0 {
        links["previous"] = at(offset.saturating_sub(limit));
    }
    Json(json!({"data": data, "paging": {"total": total, "offset": offset, "limit": limit}, "_links": links}))
        .into_response()
}

fn the_store(state: &State) -> Value {
    let name = state.meta().shop_domain.split('.').next().unwrap_or_default().to_owned();
    json!({"id": STORE_ID, "type": state.meta().printful_store.name(), "name": name})
}

pub(super) async fn stores(Shelf(shared): Shelf<Arc<Shared>>, params: Params) -> Response {
    match shared.act(|state, _| the_store(state)).await {
        Ok(store) => page(vec![store], &params, "/v2/stores"),
        Err(_) => broken(),
    }
}

pub(super) async fn store(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>) -> Response {
    if id != STORE_ID.to_string() {
        return not_found();
    }
    match shared.act(|state, _| the_store(state)).await {
        Ok(store) => Json(json!({"data": store})).into_response(),
        Err(_) => broken(),
    }
}

pub(super) async fn categories(params: Params) -> Response {
    let all = CATEGORIES.iter().map(|(id, parent, title)| {
        json!({"id": id, "parent_id": parent, "image_url": format!("https://files.example/category/{id}.jpg"),
            "title": title, "_links": {"self": link(&format!("/v2/catalog-categories/{id}")),
            "catalog_products": link(&format!("/v2/catalog-products?category_ids={id}"))}})
    });
    page(all.collect(), &params, "/v2/catalog-categories")
}

pub(super) async fn products(params: Params) -> Response {
    let wanted: Option<Vec<u64>> =
        params.get("category_ids").map(|ids| ids.split(',').filter_map(|id| id.parse().ok()).collect());
    let parent = |category: u64| CATEGORIES.iter().find(|(id, ..)| *id == category).and_then(|(_, parent, _)| *parent);
    let all = PRODUCTS
        .iter()
        .filter(|(_, category, ..)| {
            wanted.as_ref().is_none_or(|ids| {
                ids.contains(category) || parent(*category).is_some_and(|parent| ids.contains(&parent))
            })
        })
        .map(|(id, category, kind, name, brand, model)| {
            let path = format!("/v2/catalog-products/{id}");
            json!({"id": id, "main_category_id": category, "type": kind, "name": name, "brand": brand, "model": model,
                "image": format!("https://files.example/product/{id}.jpg"), "variant_count": 3, "is_discontinued": false,
                "description": name, "sizes": ["S", "M", "L"], "colors": [{"name": "White", "value": "#ffffff"}],
                "techniques": [{"key": "dtg", "display_name": "DTG printing", "is_default": true}],
                "placements": [], "product_options": [],
                "_links": {"self": link(&path), "variants": link(&format!("{path}/catalog-variants")),
                    "categories": link(&format!("{path}/catalog-categories")),
                    "product_prices": link(&format!("{path}/prices")), "product_sizes": link(&format!("{path}/sizes")),
                    "product_images": link(&format!("{path}/images")),
                    "availability": link(&format!("{path}/availability"))}})
        });
    page(all.collect(), &params, "/v2/catalog-products")
}

pub(super) async fn orders(Shelf(shared): Shelf<Arc<Shared>>, params: Params) -> Response {
    // The newest first.
    match shared.act(|state, now| state.prints.values().rev().map(|print| view(print, now)).collect()).await {
        Ok(all) => page(all, &params, "/v2/orders"),
        Err(_) => broken(),
    }
}

pub(super) async fn order(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.act(|state, now| state.find_print(&id).map(|print| view(print, now))).await {
        Ok(Some(order)) => Json(json!({"data": order})).into_response(),
        Ok(None) => not_found(),
        Err(_) => broken(),
    }
}

pub(super) async fn shipments(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>, params: Params) -> Response {
    let found = shared.act(|state, _| {
        let print = state.find_print(&id)?;
        Some(print.shipments.iter().map(|parcel| shipment(print, parcel)).collect())
    });
    match found.await {
        Ok(Some(all)) => page(all, &params, &format!("/v2/orders/{id}/shipments")),
        Ok(None) => not_found(),
        Err(_) => broken(),
    }
}

pub(super) async fn confirm(Shelf(shared): Shelf<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.act(|state, now| state.confirm_print(now, &id).map(|print| view(&print, now))).await {
        Ok(Ok(order)) => {
            let path = format!("/v2/orders/{}", order["id"]);
            let links = json!({"self": link(&format!("{path}/confirmation")), "order": link(&path),
                "order_items": link(&format!("{path}/order-items")), "shipments": link(&format!("{path}/shipments"))});
            Json(json!({"data": order, "_links": links})).into_response()
        }
        Ok(Err(PrintRefused::Unknown)) => not_found(),
        Ok(Err(refused)) => failure(StatusCode::CONFLICT, "Conflict", &refused.to_string()),
        Err(_) => broken(),
    }
}
