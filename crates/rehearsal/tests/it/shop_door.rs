//! The shop's door: tokens, versions, and its bucket of points.

use std::time::Duration;

use serde_json::json;

use crate::support::Caller;

const QUERY: &str = "query Look { products(first: 10) { nodes { id title } } }";

async fn grant(caller: &Caller, form: &'static str) -> (u16, serde_json::Value) {
    let request = caller.request("shopify", "POST", "/admin/oauth/access_token");
    let answer = request.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn status(caller: &Caller, token: &str) -> u16 {
    let url = format!("{}/admin/api/2026-10/graphql.json", caller.handle.urls["shopify"]);
    let request = reqwest::Client::new().post(url).header("x-shopify-access-token", token);
    request.json(&json!({"query": "{ shop { name } }"})).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_token_is_handed_out_for_as_long_as_set_and_then_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    const FORM: &str = "grant_type=client_credentials&client_id=app&client_secret=any";
    let (code, day) = grant(&caller, FORM).await;
    assert_eq!((code, &day["expires_in"]), (200, &json!(86_400)));
    assert_eq!(status(&caller, day["access_token"].as_str().unwrap()).await, 200);
    assert_eq!(caller.control("PUT", "settings/token_life", json!({"value": 1})).await.0, 200);
    let (_, short) = grant(&caller, FORM).await;
    let token = short["access_token"].as_str().unwrap();
    while status(&caller, token).await == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status(&caller, token).await, 401);
    assert_eq!(grant(&caller, "grant_type=password").await.1["error"], "unsupported_grant_type");
    assert_eq!(grant(&caller, "grant_type=client_credentials&client_id=app").await.1["error"], "invalid_client");
    assert_eq!(caller.control("PUT", "settings/token_life", json!({"value": 0})).await.0, 422);
}

#[tokio::test]
async fn a_version_that_is_not_served_falls_forward_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    let served = async |version: &str| {
        let path = format!("/admin/api/{version}/graphql.json");
        let request = caller.request("shopify", "POST", &path).json(&json!({"query": "{ shop { name } }"}));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.headers()["x-shopify-api-version"].to_str().unwrap().to_owned()
    };
    assert_eq!(served("unstable").await, "unstable");
    let oldest = served("2019-04").await;
    assert_ne!(oldest, "2019-04");
    assert_eq!(served(&oldest).await, oldest);
}

#[tokio::test]
async fn a_drained_bucket_throttles_until_points_have_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (caller, _) = Caller::start(folder.path()).await;
    caller.fault(json!({"upstream": "shopify", "kind": "rate_limit"})).await;
    let refused = caller.graphql(QUERY, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "THROTTLED", "{refused}");
    let cost = &refused["extensions"]["cost"];
    let bucket = &cost["throttleStatus"];
    assert_eq!((&bucket["currentlyAvailable"], &bucket["maximumAvailable"]), (&json!(0.0), &json!(1000.0)));
    let wait = cost["requestedQueryCost"].as_f64().unwrap() / bucket["restoreRate"].as_f64().unwrap();
    tokio::time::sleep(Duration::from_secs_f64(wait) + Duration::from_millis(50)).await;
    assert!(caller.graphql(QUERY, json!({})).await["data"].is_object());
    let log = caller.control("GET", "requests?upstream=shopify", json!({})).await.1;
    let log = log["requests"].as_array().unwrap();
    let marks: Vec<bool> = log.iter().map(|request| request["throttled"].as_bool().unwrap()).collect();
    assert_eq!(marks, [true, false]);
    assert_eq!(
        (&log[0]["operation"], &log[0]["fault"], &log[0]["status"]),
        (&json!("Look"), &json!("rate_limit"), &json!(200))
    );
}
