//! Cookies: made at sign-in, read at every request.
//!
//! The cookie alone does not decide. The user's row is looked at too (kept for a few seconds), so that a disabled user,
//! a new password, another role and a sign-out in another process count within that time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use clock::{Ids, SharedClock};
use domain::role::Role;
use domain::time::Timestamp;
use http::{HeaderMap, HeaderValue, header};

use super::password;
use super::ports::{Account, Accounts};
use crate::ports::AppError;
use crate::token::{CONSOLE_AUDIENCE, Claims, ISSUER, TokenError, TokenKeys};

/// Name of the cookie.
pub const COOKIE: &str = "holly_token";
/// Life of one cookie.
pub const LIFE: Duration = Duration::from_secs(24 * 3600);
/// Longest session, however often it is refreshed.
pub const SESSION: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a look at the user's row counts.
const KEEP: Duration = Duration::from_secs(3);
/// Sessions remembered.
const MAX_KNOWN: usize = 4_096;

/// Why nobody is signed in.
#[derive(Debug)]
pub enum NoSession {
    /// No cookie came along.
    Missing,
    /// A cookie came along that does not count.
    Invalid,
    /// It cannot be told, because the store is down.
    Unknown(AppError),
}

/// Makes and reads cookies.
pub struct Sessions {
    keys: TokenKeys,
    accounts: Arc<dyn Accounts>,
    clock: SharedClock,
    ids: Ids,
    known: Mutex<HashMap<String, (Duration, Option<Role>)>>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// A cookie that was just made.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it says.
    pub claims: Claims,
    /// The cookie's value.
    pub token: String,
}

impl Sessions {
    /// Sessions signed with `keys`.
    #[must_use]
    pub fn new(keys: TokenKeys, accounts: Arc<dyn Accounts>, clock: SharedClock, ids: Ids) -> Self {
        Self { keys, accounts, clock, ids, known: Mutex::default() }
    }

    /// A cookie for `account`; `since` is when the person gave the password.
    ///
    /// # Errors
    /// When the session has lived its life (`TokenError::Life`) or the library refuses.
    pub fn open(&self, account: &Account, since: Timestamp) -> Result<Made, TokenError> {
        let now = self.clock.now();
        let end = (now + delta(LIFE)).min(since + delta(SESSION));
        if end <= now {
            return Err(TokenError::Life);
        }
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: CONSOLE_AUDIENCE.to_owned(),
            sub: account.email.clone(),
            role: account.role,
            iat: now.timestamp(),
            exp: end.timestamp(),
            jti: self.ids.hex(16),
            auth_time: Some(since.timestamp()),
            credential: Some(password::fingerprint(&account.password_hash)),
        };
        let token = self.keys.sign(&claims)?;
        Ok(Made { claims, token })
    }

    /// Who is signed in. The role is that of the user's row.
    ///
    /// # Errors
    /// When nobody is, or it cannot be told.
    pub async fn read(&self, headers: &HeaderMap) -> Result<Claims, NoSession> {
        let claims = self.peek(headers)?;
        self.confirm(claims).await
    }

    /// What the cookie says, were it not revoked.
    ///
    /// # Errors
    /// When there is none or it does not count.
    pub fn peek(&self, headers: &HeaderMap) -> Result<Claims, NoSession> {
        let token = cookie(headers).ok_or(NoSession::Missing)?;
        self.keys.verify(token, self.clock.now()).map_err(|_| NoSession::Invalid)
    }

    /// Whether these claims still count.
    ///
    /// # Errors
    /// As [`Sessions::read`].
    pub async fn confirm(&self, mut claims: Claims) -> Result<Claims, NoSession> {
        if self.clock.now().timestamp() >= claims.exp {
            return Err(NoSession::Invalid);
        }
        let now = self.clock.monotonic();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&claims.jti).copied();
        let role = match known {
            Some((at, role)) if now.saturating_sub(at) < KEEP => role,
            _ => {
                let role = self.look(&claims).await.map_err(NoSession::Unknown)?;
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= MAX_KNOWN {
                    known.retain(|_, (at, _)| now.saturating_sub(*at) < KEEP);
                    if known.len() >= MAX_KNOWN {
                        known.clear();
                    }
                }
                known.insert(claims.jti.clone(), (now, role));
                role
            }
        };
        claims.role = role.ok_or(NoSession::Invalid)?;
        Ok(claims)
    }

    /// The role of the row behind the claims; none when they no longer count.
    async fn look(&self, claims: &Claims) -> Result<Option<Role>, AppError> {
        if self.accounts.is_revoked(&claims.jti).await? {
            return Ok(None);
        }
        let account = self.accounts.find(&claims.sub).await?;
        Ok(account.and_then(|account| {
            let same_password = claims.credential.as_deref() == Some(&password::fingerprint(&account.password_hash));
            (!account.disabled && same_password).then_some(account.role)
        }))
    }

    /// Ends a session at once, here and in every other process.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn close(&self, claims: &Claims) -> Result<(), AppError> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(claims.jti.clone(), (self.clock.monotonic(), None));
        // Kept a little longer than the token counts, whose end has a leeway.
        let end = chrono::DateTime::from_timestamp(claims.exp, 0).unwrap_or_else(|| self.clock.now());
        self.accounts.revoke(&claims.jti, end + TimeDelta::minutes(1)).await
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_default()
}

/// The value of our cookie. Of several of the name none counts: one of them was planted.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, value)| *name == COOKIE && !value.is_empty())
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The `Set-Cookie` line; an empty token clears the cookie.
#[must_use]
pub fn set_cookie(token: &str, life: Duration, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let line = format!("{COOKIE}={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age={}{secure}", life.as_secs());
    HeaderValue::from_str(&line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(line: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::COOKIE, line.parse().unwrap())]);
        cookie(&headers).map(str::to_owned)
    }

    #[test]
    fn the_cookie_is_found_among_others_and_planted_twins_are_refused() {
        assert_eq!(sent("a=1; holly_token=x.y.z; b=2").as_deref(), Some("x.y.z"));
        assert_eq!(sent("xholly_token=1"), None);
        assert_eq!(sent("holly_token="), None);
        assert_eq!(sent("holly_token=a; holly_token=b"), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let line = set_cookie("t", LIFE, false).unwrap();
        assert_eq!(line, "holly_token=t; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400");
        let line = set_cookie("", Duration::ZERO, true).unwrap();
        assert_eq!(line, "holly_token=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; Secure");
    }
}
