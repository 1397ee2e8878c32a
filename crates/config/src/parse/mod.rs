//! Parsers: text in, a typed value or a remark on what is wrong out. No remark ever quotes the text.

mod address;
mod choice;
mod key;
mod number;
mod text;

pub(crate) use address::{
    DATABASE_URL, HOST_NAME, HTTPS_URL, IP, LISTENER, ORIGINS, PROXIES, PUBLIC_URL, REDIS_URL, SERVICE_URL, SOCKET_URL,
};
pub(crate) use choice::{AUTO_APPROVE, BOOL, EFFECTS, EMBEDDING, LOG_FORMAT, MODE, SMS_CARRIER, UPSTREAMS};
pub(crate) use key::{API_KEY, ARGON2_HASH, LOGIN, PASSWORD, SIGNING_KEY, STRIPE_KEY, WEBHOOK_SECRET};
pub(crate) use number::{
    BYTES, GRACE, PACE, POOL, PORT, RATE, SECONDS, SEED, SPEED, STORE_ID, USD_CENTS, USD_MICRO, WORKERS,
};
pub(crate) use text::{
    ADDRESSES, COMMANDS, FOLDER, GRAPH_VERSION, LOG_FILTER, MAIL, MODEL, NAME, PHONE, SHOP_HOST, SHOPIFY_VERSION, TEXT,
    ZONE,
};

use crate::mode::Mode;

/// How the text of a setting becomes a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parser<T> {
    /// What is accepted, as the object of "accepts".
    pub(crate) accepts: &'static str,
    /// The reading itself; the error says what is wrong, as the predicate of the setting's name.
    pub(crate) parse: fn(&str, Mode) -> Result<T, &'static str>,
}

/// Values that people leave in when they copy an example.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words =
        ["changeme", "change-me", "change_me", "placeholder", "your-key", "your_key", "replace-me", "replace_me"];
    text.chars().all(|letter| matches!(letter, '.' | '*' | 'x' | 'X' | '-' | '_' | '<' | '>' | '…'))
        || words.iter().any(|word| lower.contains(word))
        || lower.ends_with("...")
        || (text.starts_with('<') && text.ends_with('>'))
}

/// Marks the literal credentials of the local compose file; live mode refuses them.
pub(crate) fn is_development_credential(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("dev-only") || lower.contains("dev_only")
}
