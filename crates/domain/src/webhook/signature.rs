//! Signatures of deliveries: HMAC-SHA256 (RFC 2104) over the raw body, compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{DeliveryHeaders, Provider};
use crate::time::Timestamp;

/// How far Stripe's signed time may lie from ours, seconds.
const TOLERANCE_S: i64 = 300;

/// Why a signature does not hold. The caller tells a stranger none of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No secret is configured.
    #[error("no webhook secret is configured")]
    NoSecret,
    /// The header is missing.
    #[error("the signature header is missing")]
    Missing,
    /// The header cannot be decoded.
    #[error("the signature header cannot be decoded")]
    Malformed,
    /// Signed too long ago, or in the future.
    #[error("the signed time is out of range")]
    Stale,
    /// Signed with another secret, or over another body.
    #[error("the signature does not match")]
    Mismatch,
}

/// Checks the signature of a delivery. Any of `secrets` may have signed it, so that secrets can be rotated.
///
/// # Errors
/// The reason why it does not hold.
pub fn verify(
    provider: Provider,
    secrets: &[&str],
    headers: &DeliveryHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    if secrets.iter().all(|secret| secret.is_empty()) {
        return Err(SignatureError::NoSecret);
    }
    match provider {
        Provider::Shopify => {
            let given = headers.get("x-shopify-hmac-sha256").ok_or(SignatureError::Missing)?;
            let given = STANDARD.decode(given.trim()).map_err(|_| SignatureError::Malformed)?;
            any_matches(secrets, &[body], &[given])
        }
        Provider::Printful => {
            let given = headers.get("x-pf-webhook-signature").ok_or(SignatureError::Missing)?;
            let given = hex::decode(given.trim()).map_err(|_| SignatureError::Malformed)?;
            any_matches(secrets, &[body], &[given])
        }
        Provider::Stripe => {
            let header = headers.get("stripe-signature").ok_or(SignatureError::Missing)?;
            let (at, given) = stripe_header(header)?;
            let signed_at: i64 = at.parse().map_err(|_| SignatureError::Malformed)?;
            let matches = any_matches(secrets, &[at.as_bytes(), b".", body], &given);
            // The time counts only once the signature over it holds.
            matches?;
            if now.timestamp().abs_diff(signed_at) > TOLERANCE_S.unsigned_abs() {
                return Err(SignatureError::Stale);
            }
            Ok(())
        }
    }
}

fn stripe_header(header: &str) -> Result<(&str, Vec<Vec<u8>>), SignatureError> {
    let mut at = None;
    let mut given = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => at = Some(value),
            Some(("v1", value)) => given.extend(hex::decode(value).ok()),
            _ => {}
        }
    }
    match at {
        Some(at) if !given.is_empty() => Ok((at, given)),
        _ => Err(SignatureError::Malformed),
    }
}

fn any_matches(secrets: &[&str], message: &[&[u8]], given: &[Vec<u8>]) -> Result<(), SignatureError> {
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError::NoSecret)?;
        for part in message {
            mac.update(part);
        }
        // `verify_slice` compares in constant time and refuses another length.
        if given.iter().any(|given| mac.clone().verify_slice(given).is_ok()) {
            return Ok(());
        }
    }
    Err(SignatureError::Mismatch)
}
