//! Lists and single objects.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Shelf};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::form::Form;
use super::{list, missing, views};
use crate::shell::Shared;
use crate::world::State;

type World = Shelf<Arc<Shared>>;

async fn listed(
    shared: &Shared,
    query: Option<String>,
    path: &str,
    filters: &[&str],
    rows: fn(&State, &Form) -> Vec<Value>,
) -> Response {
    let form = Form::parse(&query.unwrap_or_default());
    match shared.act(|state, _| rows(state, &form)).await {
        Ok(all) => list::page(all, &form, path, filters),
        Err(_) => super::refusal(crate::fault::FaultKind::Error),
    }
}

async fn single(shared: &Shared, id: &str, row: impl FnOnce(&State) -> Option<Value>) -> Response {
    match shared.act(|state, _| row(state)).await {
        Ok(Some(object)) => Json(object).into_response(),
        Ok(None) => missing(&format!("No such object: '{id}'")),
        Err(_) => super::refusal(crate::fault::FaultKind::Error),
    }
}

fn of_kind(state: &State, kind: &str, form: &Form) -> Vec<Value> {
    let active = form.get("active").map(|value| value == "true");
    let rows = state.stripe.values().filter(|row| row["object"] == kind);
    rows.filter(|row| active.is_none_or(|wanted| row["active"] == wanted)).cloned().collect()
}

pub(super) async fn charges(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/charges", &["created", "payment_intent"], |state, form| {
        let intent = form.get("payment_intent");
        let rows = state.payments.values().filter(|row| intent.is_none_or(|wanted| row.intent_id == wanted));
        rows.map(views::charge).collect()
    })
    .await
}

pub(super) async fn charge(Shelf(shared): World, Path(id): Path<String>) -> Response {
    single(&shared, &id, |state| state.payments.get(&id).map(views::charge)).await
}

pub(super) async fn intents(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/payment_intents", &["created"], |state, _| {
        state.payments.values().map(views::intent).collect()
    })
    .await
}

pub(super) async fn intent(Shelf(shared): World, Path(id): Path<String>) -> Response {
    single(&shared, &id, |state| state.payments.values().find(|row| row.intent_id == id).map(views::intent)).await
}

pub(super) async fn refunds(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/refunds", &["created", "charge", "payment_intent"], |state, form| {
        let mut rows = of_kind(state, "refund", form);
        for name in ["charge", "payment_intent"] {
            rows.retain(|row| form.get(name).is_none_or(|wanted| row[name] == wanted));
        }
        rows
    })
    .await
}

pub(super) async fn products(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/products", &["created", "active"], |state, form| of_kind(state, "product", form)).await
}

pub(super) async fn prices(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/prices", &["created", "active", "product", "currency"], |state, form| {
        let mut rows = of_kind(state, "price", form);
        for name in ["product", "currency"] {
            rows.retain(|row| form.get(name).is_none_or(|wanted| row[name] == wanted));
        }
        rows
    })
    .await
}

pub(super) async fn links(Shelf(shared): World, RawQuery(query): RawQuery) -> Response {
    listed(&shared, query, "/v1/payment_links", &["active"], |state, form| of_kind(state, "payment_link", form)).await
}

/// One thing of `kind` by its id.
async fn one(shared: &Shared, id: &str, kind: &str) -> Response {
    single(shared, id, |state| state.stripe.get(id).filter(|row| row["object"] == kind).cloned()).await
}

pub(super) async fn refund(Shelf(shared): World, Path(id): Path<String>) -> Response {
    one(&shared, &id, "refund").await
}

pub(super) async fn product(Shelf(shared): World, Path(id): Path<String>) -> Response {
    one(&shared, &id, "product").await
}

pub(super) async fn price(Shelf(shared): World, Path(id): Path<String>) -> Response {
    one(&shared, &id, "price").await
}

pub(super) async fn link(Shelf(shared): World, Path(id): Path<String>) -> Response {
    one(&shared, &id, "payment_link").await
}

pub(super) async fn event(Shelf(shared): World, Path(id): Path<String>) -> Response {
    one(&shared, &id, "event").await
}
