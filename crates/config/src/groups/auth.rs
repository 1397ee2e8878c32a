//! Keys that sign our own tokens.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// Keys that sign the tokens of the agents API.
    Auth, "Tokens" {
        /// Signs the tokens. Generated once in rehearsal.
        option secret_key: SecretString = Setting::new("AUTH_SECRET_KEY").secret().live(), parse::SIGNING_KEY;
        /// The key before a rotation: still accepted, never used to sign.
        option secret_key_previous: SecretString = Setting::new("AUTH_SECRET_KEY_PREVIOUS").secret(), parse::SIGNING_KEY;
    }
}
