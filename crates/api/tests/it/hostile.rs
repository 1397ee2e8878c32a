//! Whatever is sent, it is the sender's fault and never ours.

use api::route::{BodyKind, Route};
use api::routes::agents;
use axum::body::Body;
use domain::role::Role;
use http::header;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::app::{TestApp, builder, filled};

fn body_routes() -> Vec<Route> {
    agents().into_iter().filter(|route| route.facts.body != BodyKind::None).collect()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![Just("approve"), Just("reject"), Just("run_0123456789abcdef")].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((member(), inner), 0..5)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("input_state"),
        Just("messages"),
        Just("metadata"),
        Just("limits"),
        Just("timeout_seconds"),
        Just("priority"),
        Just("serial_key"),
        Just("run_name"),
        Just("workflow_id"),
        Just("ticket_id"),
        Just("decision"),
        Just("decision_payload"),
        Just("params"),
        Just("reason"),
        Just("note"),
        Just("type"),
        Just("content"),
        Just("role"),
        Just("expected_checkpoint_id"),
        Just("created_by"),
        Just("_x"),
        Just("")
    ]
    .prop_map(str::to_owned)
}

/// A new runtime for each case: proptest knows no async.
fn status_of(send: impl AsyncFnOnce(&TestApp) -> u16) -> u16 {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async { send(&TestApp::new()).await })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn no_bytes_sent_to_any_body_route_cause_a_server_fault(which in any::<prop::sample::Index>(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let routes = body_routes();
        let path = filled(which.get(&routes).facts.path);
        let status = status_of(async |app| app.post_bytes(&path, bytes).await.status.as_u16());
        prop_assert!(status < 500, "{path}: {status}");
    }

    #[test]
    fn no_json_sent_to_any_body_route_causes_a_server_fault(which in any::<prop::sample::Index>(), value in any_json(), members in proptest::collection::vec((member(), any_json()), 0..5)) {
        let routes = body_routes();
        let path = filled(which.get(&routes).facts.path);
        let object = Value::Object(Map::from_iter(members));
        for body in [value, object] {
            let sent = body.to_string();
            let status = status_of(async |app| app.post_bytes(&path, sent).await.status.as_u16());
            prop_assert!(status < 500, "{path}: {status} {body}");
        }
    }

    #[test]
    fn no_path_and_no_query_cause_a_server_fault(path in "/[a-z/{}%0-9._~-]{0,40}", query in "[a-z_=&%0-9+:-]{0,40}") {
        let uri = format!("{path}?{query}");
        prop_assume!(uri.parse::<http::Uri>().is_ok());
        let status = status_of(async |app| app.get(Role::Admin, &uri).await.status.as_u16());
        prop_assert!(status < 500, "{uri}: {status}");
    }

    #[test]
    fn no_header_causes_a_server_fault(name in "(authorization|content-type|x-request-id|x-forwarded-for|idempotency-key|origin|content-length)", value in proptest::collection::vec(32_u8..=255, 0..60)) {
        prop_assume!(http::HeaderValue::from_bytes(&value).is_ok());
        let status = status_of(async |app| {
            let mut request = builder("POST", "/tower/runs/start").body(Body::from(json!({"input_state": {"a": 1}}).to_string())).unwrap();
            let bearer = format!("Bearer {}", app.token(Role::Operator));
            request.headers_mut().insert(header::AUTHORIZATION, bearer.parse().unwrap());
            request.headers_mut().insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), http::HeaderValue::from_bytes(&value).unwrap());
            app.send(request).await.status.as_u16()
        });
        prop_assert!(status < 500, "{name}: {status}");
    }
}
