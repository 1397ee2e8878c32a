//! Bearer tokens: HS256 and nothing else, for this server and no other.

use std::time::Duration;

use chrono::TimeDelta;
use clock::Ids;
use domain::role::Role;
use domain::ticket::Decider;
use domain::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// Who issues.
pub const ISSUER: &str = "holly";
/// The agents server, which bearer tokens open.
pub const AUDIENCE: &str = "holly-agents";
/// The console, which cookies open.
pub const CONSOLE_AUDIENCE: &str = "holly-console";
/// Life of a token unless told otherwise.
pub const DEFAULT_LIFE: Duration = Duration::from_secs(3600);
/// Longest life of a token; one that claims more is refused.
pub const MAX_LIFE: Duration = Duration::from_secs(24 * 3600);
/// By how much two clocks may differ.
const LEEWAY_SECONDS: i64 = 30;
/// Shortest key.
const MIN_KEY_BYTES: usize = 32;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For which server.
    pub aud: String,
    /// Whose it is.
    pub sub: String,
    /// What they may do.
    pub role: Role,
    /// Issued, epoch seconds.
    pub iat: i64,
    /// Ends, epoch seconds.
    pub exp: i64,
    /// Its own id, by which it can be revoked.
    pub jti: String,
    /// Console only: when the person signed in with the password, epoch seconds; refreshing does not move it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Console only: fingerprint of the password's hash, so that a new password ends the sessions of the old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl Claims {
    /// The identity that decides and starts things.
    #[must_use]
    pub fn decider(&self) -> Decider {
        Decider { subject: self.sub.clone(), role: self.role }
    }
}

/// A key or a wish that no token can be made with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The signing key is too short.
    #[error("the signing key has fewer than {MIN_KEY_BYTES} bytes")]
    ShortKey,
    /// The subject is empty.
    #[error("a token needs a subject")]
    NoSubject,
    /// The life is zero or too long.
    #[error("a token lives 1 second to 24 hours")]
    Life,
    /// The library refused to sign.
    #[error("the token could not be signed")]
    Signing,
}

/// A token that does not count. Which check it failed is not told to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token does not count")]
pub struct InvalidToken;

/// The keys: one signs, and during rotation the previous one still verifies.
#[derive(Clone)]
pub struct TokenKeys {
    audience: &'static str,
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    validation: Validation,
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKeys").field("accepted", &self.verifying.len()).finish_non_exhaustive()
    }
}

impl TokenKeys {
    /// Keys from the configured texts.
    ///
    /// # Errors
    /// When a key has fewer than 32 bytes.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, TokenError> {
        Self::for_audience(AUDIENCE, current, previous)
    }

    /// Keys of the console: `own` when it is configured, else derived from the keys of the agents API by HKDF (RFC 5869)
    /// with the console's audience as info, so that neither server's tokens open the other.
    ///
    /// # Errors
    /// When a key has fewer than 32 bytes.
    pub fn for_console(own: Option<&str>, agents: &str, previous: Option<&str>) -> Result<Self, TokenError> {
        match own {
            Some(own) => Self::for_audience(CONSOLE_AUDIENCE, own, None),
            None => {
                let previous = previous.map(derived).transpose()?;
                Self::for_audience(CONSOLE_AUDIENCE, &derived(agents)?, previous.as_deref())
            }
        }
    }

    fn for_audience(audience: &'static str, current: &str, previous: Option<&str>) -> Result<Self, TokenError> {
        let texts: Vec<&str> = std::iter::once(current).chain(previous).collect();
        if texts.iter().any(|text| text.len() < MIN_KEY_BYTES) {
            return Err(TokenError::ShortKey);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would read the machine's clock; times are checked against ours below.
        validation.validate_exp = false;
        Ok(Self {
            audience,
            signing: EncodingKey::from_secret(current.as_bytes()),
            verifying: texts.into_iter().map(|text| DecodingKey::from_secret(text.as_bytes())).collect(),
            validation,
        })
    }

    /// Makes a token for `subject`.
    ///
    /// # Errors
    /// When the subject is empty or the life is not 1 second to 24 hours.
    pub fn mint(
        &self,
        ids: &Ids,
        subject: &str,
        role: Role,
        life: Duration,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        if subject.is_empty() {
            return Err(TokenError::NoSubject);
        }
        if life.as_secs() == 0 || life > MAX_LIFE {
            return Err(TokenError::Life);
        }
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.audience.to_owned(),
            sub: subject.to_owned(),
            role,
            iat: now.timestamp(),
            exp: (now + TimeDelta::from_std(life).map_err(|_| TokenError::Life)?).timestamp(),
            jti: ids.hex(16),
            auth_time: None,
            credential: None,
        };
        self.sign(&claims)
    }

    /// Signs claims as they are.
    ///
    /// # Errors
    /// When the library refuses.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, TokenError> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.signing).map_err(|_| TokenError::Signing)
    }

    /// Reads a token.
    ///
    /// # Errors
    /// When anything about it is wrong.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, InvalidToken> {
        let claims = self
            .verifying
            .iter()
            .find_map(|key| jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok())
            .ok_or(InvalidToken)?
            .claims;
        let now = now.timestamp();
        let max_life = i64::try_from(MAX_LIFE.as_secs()).unwrap_or(i64::MAX);
        let timely = claims.exp.saturating_add(LEEWAY_SECONDS) > now
            && claims.iat <= now.saturating_add(LEEWAY_SECONDS)
            && claims.iat < claims.exp
            && claims.exp.saturating_sub(claims.iat) <= max_life;
        if timely && !claims.sub.is_empty() && !claims.jti.is_empty() { Ok(claims) } else { Err(InvalidToken) }
    }
}

/// The console's key made from a key of the agents API.
fn derived(key: &str) -> Result<String, TokenError> {
    use std::fmt::Write as _;
    let mut bytes = [0_u8; MIN_KEY_BYTES];
    let extracted = hkdf::Hkdf::<sha2::Sha256>::new(None, key.as_bytes());
    extracted.expand(CONSOLE_AUDIENCE.as_bytes(), &mut bytes).map_err(|_| TokenError::ShortKey)?;
    Ok(bytes.iter().fold(String::with_capacity(2 * MIN_KEY_BYTES), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn key(letter: char) -> String {
        letter.to_string().repeat(MIN_KEY_BYTES)
    }

    fn keys() -> TokenKeys {
        TokenKeys::new(&key('a'), None).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: "owner".into(),
            role: Role::Viewer,
            iat: now().timestamp(),
            exp: now().timestamp() + 60,
            jti: "j".into(),
            auth_time: None,
            credential: None,
        }
    }

    fn signed(claims: &impl Serialize, header: &Header) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(key('a').as_bytes())).unwrap()
    }

    #[test]
    fn a_minted_token_is_read_back_until_it_ends() {
        let token = keys().mint(&Ids::random(), "owner", Role::Admin, Duration::from_secs(60), now()).unwrap();
        let claims = keys().verify(&token, now()).unwrap();
        assert_eq!((claims.sub.as_str(), claims.role), ("owner", Role::Admin));
        assert!(keys().verify(&token, now() + TimeDelta::seconds(89)).is_ok(), "within the leeway");
        assert!(keys().verify(&token, now() + TimeDelta::seconds(90)).is_err());
        assert!(keys().verify(&token, now() - TimeDelta::seconds(31)).is_err(), "issued in the future");
    }

    #[test]
    fn any_wrong_claim_is_refused() {
        let header = Header::new(Algorithm::HS256);
        assert!(keys().verify(&signed(&claims(), &header), now()).is_ok());
        for wrong in [
            Claims { iss: "other".into(), ..claims() },
            Claims { aud: "holly-console".into(), ..claims() },
            Claims { sub: String::new(), ..claims() },
            Claims { jti: String::new(), ..claims() },
            Claims { exp: now().timestamp() - 60, ..claims() },
            Claims { exp: now().timestamp() + 2 * 24 * 3600, ..claims() },
            Claims { iat: now().timestamp() + 50, ..claims() },
        ] {
            assert!(keys().verify(&signed(&wrong, &header), now()).is_err(), "{wrong:?}");
        }
        for missing in ["iss", "aud", "sub", "role", "exp"] {
            let mut body = serde_json::to_value(claims()).unwrap();
            body.as_object_mut().unwrap().remove(missing);
            assert!(keys().verify(&signed(&body, &header), now()).is_err(), "{missing}");
        }
        let mut body = serde_json::to_value(claims()).unwrap();
        body["role"] = "root".into();
        assert!(keys().verify(&signed(&body, &header), now()).is_err());
    }

    #[test]
    fn no_other_algorithm_counts_even_with_the_right_key() {
        assert!(keys().verify(&signed(&claims(), &Header::new(Algorithm::HS512)), now()).is_err());
        let body = signed(&claims(), &Header::new(Algorithm::HS256)).split('.').nth(1).unwrap().to_owned();
        // {"alg":"none"} and no signature.
        assert!(keys().verify(&format!("eyJhbGciOiJub25lIn0.{body}."), now()).is_err());
    }

    #[test]
    fn the_previous_key_verifies_but_does_not_sign() {
        let old = keys().mint(&Ids::random(), "owner", Role::Viewer, DEFAULT_LIFE, now()).unwrap();
        let rotated = TokenKeys::new(&key('b'), Some(&key('a'))).unwrap();
        assert!(rotated.verify(&old, now()).is_ok());
        let new = rotated.mint(&Ids::random(), "owner", Role::Viewer, DEFAULT_LIFE, now()).unwrap();
        assert!(keys().verify(&new, now()).is_err());
    }

    #[test]
    fn neither_server_accepts_the_tokens_of_the_other() {
        let agents = TokenKeys::new(&key('a'), None).unwrap();
        let derived = TokenKeys::for_console(None, &key('a'), None).unwrap();
        let own = TokenKeys::for_console(Some(&key('c')), &key('a'), None).unwrap();
        let mint = |keys: &TokenKeys| keys.mint(&Ids::random(), "o@x.yz", Role::Admin, DEFAULT_LIFE, now()).unwrap();
        for console in [&derived, &own] {
            assert!(console.verify(&mint(console), now()).is_ok());
            assert!(console.verify(&mint(&agents), now()).is_err());
            assert!(agents.verify(&mint(console), now()).is_err());
        }
        let rotated = TokenKeys::for_console(None, &key('b'), Some(&key('a'))).unwrap();
        assert!(rotated.verify(&mint(&derived), now()).is_ok(), "rotating the key signs nobody out");
        // The audience decides even where one key were used for both.
        let same_key = TokenKeys::for_console(Some(&key('a')), &key('a'), None).unwrap();
        assert!(same_key.verify(&mint(&agents), now()).is_err());
    }

    #[test]
    fn short_keys_and_long_lives_are_refused() {
        assert_eq!(TokenKeys::new("short", None).unwrap_err(), TokenError::ShortKey);
        let long = keys().mint(&Ids::random(), "owner", Role::Viewer, MAX_LIFE + Duration::from_secs(1), now());
        assert_eq!(long.unwrap_err(), TokenError::Life);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,200}") {
            prop_assert!(keys().verify(&text, now()).is_err());
        }
    }
}
