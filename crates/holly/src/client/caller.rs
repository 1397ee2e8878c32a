//! Who calls, and the tokens that say so. They are made here and not asked for: whoever can read the signing key may.

use std::time::Duration;

use api::token::{TokenError, TokenKeys};
use clock::Ids;
use config::{EnvSource, Secrets};
use domain::role::Role;
use domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// Life of the token of one call.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// A person at the command line, with the keys that sign for them.
#[derive(Debug)]
pub(crate) struct Caller {
    keys: TokenKeys,
    subject: String,
    role: Role,
}

impl Caller {
    /// The person who runs this process, in `role`.
    ///
    /// # Errors
    /// When the signing key is too short.
    pub(crate) fn new(secrets: &Secrets, env: &EnvSource, role: Role) -> Result<Self, TokenError> {
        let previous = secrets.auth_key_previous.as_ref().map(ExposeSecret::expose_secret);
        let keys = TokenKeys::new(secrets.auth_key.expose_secret(), previous)?;
        Ok(Self { keys, subject: who(env), role })
    }

    /// The same under another name.
    pub(crate) fn named(self, subject: Option<String>) -> Self {
        Self { subject: subject.unwrap_or(self.subject), ..self }
    }

    /// A fresh token for one call.
    pub(crate) fn token(&self, now: Timestamp) -> Result<SecretString, TokenError> {
        self.token_for(LIFE, now)
    }

    /// Whose tokens these are.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// A token that lives so long.
    pub(crate) fn token_for(&self, life: Duration, now: Timestamp) -> Result<SecretString, TokenError> {
        self.keys.mint(&Ids::random(), &self.subject, self.role, life, now).map(SecretString::from)
    }
}

/// The subject of calls, and the actor of what is done on the database itself.
pub(crate) fn who(env: &EnvSource) -> String {
    format!("cli:{}", user_name(env))
}

/// The name of the person who runs this process, as the environment tells it; else that of their home folder, for
/// containers and services set no name.
fn user_name(env: &EnvSource) -> &str {
    let home = || env.get("HOME").and_then(|home| home.rsplit('/').find(|part| !part.is_empty()));
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env.get(name)).or_else(home).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_call_is_made_in_the_name_of_the_person_at_the_keyboard() {
        let env = EnvSource::fixed("/", [("USER", "ada")]);
        let secrets = Secrets {
            auth_key: SecretString::from("k".repeat(32)),
            auth_key_previous: None,
            shopify_webhook: None,
            stripe_webhook: None,
            printful_webhook: None,
        };
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let caller = Caller::new(&secrets, &env, Role::Operator).unwrap();
        let claims = caller.keys.verify(caller.token(now).unwrap().expose_secret(), now).unwrap();
        assert_eq!((claims.sub.as_str(), claims.role, claims.exp - claims.iat), ("cli:ada", Role::Operator, 300));
        let named = caller.named(Some("shift".into()));
        let claims = named.keys.verify(named.token(now).unwrap().expose_secret(), now).unwrap();
        assert_eq!(claims.sub, "shift");
    }

    #[test]
    fn a_machine_that_tells_no_name_still_calls() {
        assert_eq!(user_name(&EnvSource::fixed("/", [("USER", "")])), "unknown");
        assert_eq!(user_name(&EnvSource::fixed("/", [("HOME", "/u/ada/")])), "ada");
        assert_eq!(user_name(&EnvSource::fixed("/", [("HOME", "/")])), "unknown");
    }
}
