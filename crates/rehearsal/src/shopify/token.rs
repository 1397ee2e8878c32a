//! Tokens of the shop: those that are handed out to an app for a while, and the one that never ends.
//!
//! A token says itself when it ends, so that none has to be remembered. Its life is real time, because the caller plans
//! its renewal by the real clock.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shelf;
use axum::response::{IntoResponse, Response};
use domain::time::Timestamp;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::shell::Shared;

const GRANTED: &str = "shpat-rehearsal-until-";
const SCOPE: &str = "read_orders,read_products,write_products";

/// `POST /admin/oauth/access_token`: a token for an app (OAuth 2.0 client credentials, RFC 6749 4.4).
pub(super) async fn grant(Shelf(shared): Shelf<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = match read(&headers, &body) {
        Ok(asked) => asked,
        Err(message) => return refuse("invalid_request", &message),
    };
    let member = |name: &str| asked[name].as_str().unwrap_or_default();
    if member("grant_type") != "client_credentials" {
        return refuse("unsupported_grant_type", "The rehearsal hands out tokens for client credentials only.");
    }
    if member("client_id").is_empty() || member("client_secret").is_empty() {
        return refuse("invalid_client", "Client id and secret are needed; the rehearsal takes any.");
    }
    let Ok(life) = shared.act(|state, _| state.meta().token_life).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let ends = shared.real_now().timestamp().saturating_add(i64::from(life));
    Json(json!({"access_token": token(ends), "scope": SCOPE, "expires_in": life})).into_response()
}

/// The members of a form or of a JSON object.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).map_err(|error| error.to_string());
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err("The content type is neither a form nor JSON.".to_owned());
    }
    let form = crate::stripe::Form::parse(&String::from_utf8_lossy(body));
    let member = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Ok(json!({"grant_type": member("grant_type"), "client_id": member("client_id"),
        "client_secret": member("client_secret")}))
}

fn refuse(error: &str, message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error, "error_description": message}))).into_response()
}

fn token(ends: i64) -> String {
    format!("{GRANTED}{ends}-{}", mark(ends))
}

/// Shows that the end was not changed by a caller; no secret, since there is nothing to protect.
fn mark(ends: i64) -> String {
    hex::encode(&Sha256::digest(format!("rehearsal {ends}").as_bytes())[..6])
}

/// Whether `sent` opens the shop at `real_now`: a token that was handed out and has not ended, or one that says that it
/// is the rehearsal's. A real one that strayed here does not.
pub(super) fn is_valid(sent: &str, real_now: Timestamp) -> bool {
    match sent.strip_prefix(GRANTED) {
        Some(rest) => rest
            .split_once('-')
            .and_then(|(ends, found)| Some((ends.parse::<i64>().ok()?, found)))
            .is_some_and(|(ends, found)| found == mark(ends) && real_now.timestamp() < ends),
        None => sent.contains("rehearsal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_and_its_end_cannot_be_changed() {
        let at = |seconds: i64| Timestamp::from_timestamp(1_780_000_000 + seconds, 0).unwrap();
        let token = token(at(60).timestamp());
        assert!(is_valid(&token, at(59)));
        assert!(!is_valid(&token, at(60)));
        assert!(!is_valid(&token.replace("1780000060", "1780009999"), at(59)));
        assert!(is_valid("rehearsal-shopify-key", at(0)));
        assert!(!is_valid("", at(0)) && !is_valid(&("shpat_".to_owned() + "0011"), at(0)));
    }
}
