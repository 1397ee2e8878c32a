//! Arbitrary JSON for tests of what reads it, with the members that readers look for.

use net::{HeaderMap, NetError, Reply, StatusCode};
use proptest::prelude::*;
use serde_json::Value;

const NAMES: [&str; 40] = [
    "data",
    "errors",
    "error",
    "extensions",
    "code",
    "message",
    "userErrors",
    "field",
    "pageInfo",
    "hasNextPage",
    "endCursor",
    "edges",
    "node",
    "nodes",
    "id",
    "title",
    "status",
    "tags",
    "price",
    "variants",
    "lineItems",
    "amount",
    "currency",
    "currencyCode",
    "shopMoney",
    "totalPriceSet",
    "legacyResourceId",
    "costs",
    "total",
    "calculation_status",
    "external_id",
    "order_items",
    "quantity",
    "result",
    "reason",
    "paging",
    "has_more",
    "metadata",
    "sync_variant",
    "type",
];

/// Any value, three levels deep.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[0-9.eE+-]{0,24}", "\\PC{0,12}", "gid://shopify/[A-Za-z]{1,8}/[0-9?/]{0,24}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 48, 6, |inner| {
        let name = prop_oneof![4 => prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned), 1 => "[a-z]{1,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An error answer of a service with any body, JSON or not.
pub(crate) fn any_refusal() -> impl Strategy<Value = NetError> {
    let body = prop_oneof![4 => any_json().prop_map(|body| body.to_string().into_bytes()), 1 => any::<Vec<u8>>()];
    (400_u16..600, body).prop_map(|(status, body)| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let reply = Reply { status, headers: HeaderMap::new(), body: body.into() };
        NetError::Status { service: "any", reply: Box::new(reply), retry_after_s: None }
    })
}
