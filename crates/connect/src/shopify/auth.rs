//! How calls to the shop are authorised: with a static token, or with tokens fetched for an app and renewed in time.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use net::{Certainty, Idempotency, Request, SecretString, Upstream};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{SERVICE, refusal, shape};
use crate::error::ConnectError;
use crate::form;

const TOKEN_PATH: &str = "/admin/oauth/access_token";
/// A token is replaced so long before it ends.
const MARGIN: Duration = Duration::from_secs(300);
/// Life of a token when the answer does not state it.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a shop's calls are authorised with.
#[derive(Debug, Clone)]
pub enum ShopifyAuth {
    /// A static Admin API token.
    Token(SecretString),
    /// Id and secret of an app, for which tokens of one day are fetched (OAuth 2.0 client credentials, RFC 6749 4.4).
    ClientCredentials {
        /// Id of the app.
        id: SecretString,
        /// Its secret.
        secret: SecretString,
    },
}

#[derive(Clone)]
struct Issued {
    token: SecretString,
    /// Monotonic.
    renew_at: Duration,
    ends_at: Duration,
}

/// A failed fetch, in a form that everybody who waited for it can be given.
#[derive(Clone)]
struct Failed {
    status: u16,
    code: String,
    message: String,
    certainty: Certainty,
    retry_after_s: Option<u64>,
}

type Fetch = Shared<BoxFuture<'static, Result<Issued, Failed>>>;

#[derive(Default)]
struct Held {
    issued: Option<Issued>,
    fetch: Option<Fetch>,
}

/// Hands out the token that is valid now. However many ask at once, one fetch is under way at a time.
pub(super) struct Tokens {
    auth: ShopifyAuth,
    upstream: Upstream,
    held: Mutex<Held>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("auth", &self.auth).finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(auth: ShopifyAuth, upstream: Upstream) -> Self {
        Self { auth, upstream, held: Mutex::default() }
    }

    /// The token for the next call.
    pub(super) async fn get(&self) -> Result<SecretString, ConnectError> {
        let (id, secret) = match &self.auth {
            ShopifyAuth::Token(token) => return Ok(token.clone()),
            ShopifyAuth::ClientCredentials { id, secret } => (id, secret),
        };
        let fetch = {
            let mut held = self.held();
            match &held.issued {
                Some(issued) if self.now() < issued.renew_at => return Ok(issued.token.clone()),
                _ => {}
            }
            let start = || fetch(self.upstream.clone(), id.clone(), secret.clone()).boxed().shared();
            held.fetch.get_or_insert_with(start).clone()
        };
        let outcome = fetch.clone().await;
        let mut held = self.held();
        if held.fetch.as_ref().is_some_and(|current| current.ptr_eq(&fetch)) {
            held.fetch = None;
            if let Ok(issued) = &outcome {
                held.issued = Some(issued.clone());
            }
        }
        match outcome {
            Ok(issued) => Ok(issued.token),
            Err(failed) => match &held.issued {
                // It could not be renewed early; it is still good.
                Some(issued) if self.now() < issued.ends_at => Ok(issued.token.clone()),
                _ => Err(failed.into()),
            },
        }
    }

    /// Drops a token that the shop refused, and tells whether another one can be had.
    pub(super) fn refused(&self, token: &SecretString) -> bool {
        if matches!(self.auth, ShopifyAuth::Token(_)) {
            return false;
        }
        let mut held = self.held();
        // Another call may have seen to it already.
        if held.issued.as_ref().is_some_and(|issued| issued.token.expose_secret() == token.expose_secret()) {
            held.issued = None;
        }
        true
    }

    fn now(&self) -> Duration {
        self.upstream.clock().monotonic()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(upstream: Upstream, id: SecretString, secret: SecretString) -> Result<Issued, Failed> {
    let body = form::encode(&json!({
        "grant_type": "client_credentials",
        "client_id": id.expose_secret(),
        "client_secret": secret.expose_secret(),
    }));
    // A second token harms nobody.
    let request = Request::post(TOKEN_PATH, Idempotency::Safe).body("application/x-www-form-urlencoded", body);
    let reply = upstream.send("access_token", request).await.map_err(|error| Failed::from(refusal(error)))?;
    let answer: Value = reply.json().map_err(|_| Failed::from(shape("no JSON")))?;
    let token = answer["access_token"].as_str().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Failed::from(shape("a token answer without a token")))?;
    let life = answer["expires_in"].as_u64().map_or(DAY, Duration::from_secs);
    let now = upstream.clock().monotonic();
    Ok(Issued {
        token: SecretString::from(token.to_owned()),
        // A short token is renewed at half its life, or it would be renewed at every call.
        renew_at: now.saturating_add(if life > MARGIN * 2 { life - MARGIN } else { life / 2 }),
        ends_at: now.saturating_add(life),
    })
}

impl From<ConnectError> for Failed {
    fn from(error: ConnectError) -> Self {
        // Whatever became of the fetch, the call that it was for has not been sent.
        let certainty = match error.certainty() {
            Certainty::Refused => Certainty::Refused,
            Certainty::NotDone | Certainty::Unclear => Certainty::NotDone,
        };
        let retry_after_s = error.retry_after_s();
        let (code, message) = match &error {
            ConnectError::Api { code, message, .. } => (code.clone(), message.clone()),
            other => ("sign_in_failed".to_owned(), other.to_string()),
        };
        Self { status: error.status().unwrap_or(0), code, message, certainty, retry_after_s }
    }
}

impl From<Failed> for ConnectError {
    fn from(failed: Failed) -> Self {
        Self::Api {
            service: SERVICE,
            status: failed.status,
            code: failed.code,
            message: format!("no token for the app: {}", failed.message).chars().take(200).collect(),
            certainty: failed.certainty,
            retry_after_s: failed.retry_after_s,
        }
    }
}
