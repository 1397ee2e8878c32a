//! From a failed answer to its class. Pure: status, headers and structured body go in; the only text that is ever
//! searched is that of providers which give no code for the case (the table `TEXTS`).

use std::time::Duration;

use domain::time::Timestamp;
use http::HeaderMap;
use serde_json::Value;

use crate::provider::Provider;
use crate::reset;

/// Longest error text that is kept.
const MESSAGE_MAX: usize = 200;

/// What kind of failure a call ended in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// Too many requests or tokens for now.
    RateLimit,
    /// The key is wrong or may not do this.
    AuthFailure,
    /// The account has no money left or has reached its spending limit.
    CreditsExhausted,
    /// No answer in time.
    Timeout,
    /// The provider failed, the connection broke, or the answer was cut.
    ServerError,
    /// The provider refused the request as such.
    ModelError,
    /// Model or filter refused the content.
    ContentRefused,
    /// Anything else.
    Unknown,
}

impl ErrorClass {
    /// The name in rows and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::AuthFailure => "auth_failure",
            Self::CreditsExhausted => "credits_exhausted",
            Self::Timeout => "timeout",
            Self::ServerError => "server_error",
            Self::ModelError => "model_error",
            Self::ContentRefused => "content_refused",
            Self::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a class of failure leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Nothing more is known.
    #[default]
    None,
    /// The provider does not know the model (any more).
    ModelNotFound,
    /// The conversation is longer than the model can read.
    ContextTooLong,
    /// The provider has more to do than it can, whoever asks.
    Overloaded,
    /// The account has no working way of paying, whatever its balance.
    Billing,
    /// The answer was cut or is no answer of the dialect.
    Malformed,
    /// Nothing was sent: the breaker of the provider is open. Not a failure of the provider's.
    CircuitOpen,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its class.
    pub class: ErrorClass,
    /// What is known beyond the class.
    pub detail: Detail,
    /// The wait that the provider asked for.
    pub retry_after: Option<Duration>,
    /// What the provider said, at most 200 characters, for rows and logs; not for people outside.
    pub message: String,
}

impl Failure {
    /// A failure of `class` of which nothing else is known.
    #[must_use]
    pub fn new(class: ErrorClass, message: impl AsRef<str>) -> Self {
        Self { class, detail: Detail::None, retry_after: None, message: short(message.as_ref()) }
    }
}

/// One line of at most 200 characters.
fn short(text: &str) -> String {
    text.chars().take(MESSAGE_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The structured error of a body, in the shapes that the providers use: `{"error":{"type","code","message"}}`, or
/// `{"error":"text"}`.
#[derive(Debug, Default)]
struct ErrorBody<'a> {
    kind: &'a str,
    code: &'a str,
    message: &'a str,
}

impl<'a> ErrorBody<'a> {
    fn of(body: &'a Value) -> Self {
        let error = body.get("error").unwrap_or(body);
        let text = |key| error.get(key).and_then(Value::as_str).unwrap_or_default();
        Self { kind: text("type"), code: text("code"), message: error.as_str().unwrap_or_else(|| text("message")) }
    }

    /// Whether code or type is one of `names`.
    fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.code) || names.contains(&self.kind)
    }

    fn says(&self, words: &str) -> bool {
        self.message.to_ascii_lowercase().contains(words)
    }
}

const CREDIT: [&str; 4] =
    ["insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "billing_limit_reached"];
const BILLING: [&str; 2] = ["billing_error", "billing_not_active"];
const NO_MODEL: [&str; 2] = ["model_not_found", "model_not_available"];
const TOO_LONG: [&str; 3] = ["context_length_exceeded", "string_above_max_length", "request_too_large"];
const FILTERED: [&str; 6] = [
    "content_filter",
    "content_policy_violation",
    "responsible_ai_policy_violation",
    "image_content_policy_violation",
    "invalid_prompt",
    "bio_policy",
];
const OVERLOADED: [&str; 4] = ["overloaded_error", "slow_down", "server_overloaded", "engine_overloaded"];

/// Cases for which a provider gives no code of its own: provider, statuses, words of its message, meaning. Inside a
/// stream there is no status, and the words must do alone.
const TEXTS: [(Provider, &[u16], &[&str], Meaning); 11] = [
    (Provider::Anthropic, &[400], &["credit balance is too low"], Meaning::Credit),
    (Provider::Anthropic, &[429], &["spend limit"], Meaning::Credit),
    (Provider::Anthropic, &[400, 429], &["usage limit"], Meaning::Credit),
    (Provider::Anthropic, &[404], &["model:"], Meaning::NoModel),
    (Provider::Anthropic, &[400, 413], &["prompt is too long"], Meaning::TooLong),
    (Provider::Anthropic, &[400], &["exceed context limit"], Meaning::TooLong),
    (Provider::Anthropic, &[400], &["content filtering policy"], Meaning::Filtered),
    (Provider::OpenAi, &[429], &["exceeded your current quota"], Meaning::Credit),
    (Provider::Ollama, &[404], &["model", "not found"], Meaning::NoModel),
    (Provider::Ollama, &[400], &["context length"], Meaning::TooLong),
    (Provider::Ollama, &[503], &["server busy"], Meaning::Overloaded),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Credit,
    Billing,
    NoModel,
    TooLong,
    Filtered,
    Overloaded,
}

/// What code, type or words of an error say. `status`: none inside a stream.
fn meaning(provider: Provider, status: Option<u16>, error: &ErrorBody<'_>) -> Option<Meaning> {
    let by_code = [
        (&CREDIT[..], Meaning::Credit),
        (&BILLING, Meaning::Billing),
        (&OVERLOADED, Meaning::Overloaded),
        (&NO_MODEL, Meaning::NoModel),
        (&TOO_LONG, Meaning::TooLong),
        (&FILTERED, Meaning::Filtered),
    ];
    by_code.iter().find(|(names, _)| error.is(names)).map(|(_, meaning)| *meaning).or_else(|| {
        let fits = |statuses: &[u16]| status.is_none_or(|status| statuses.contains(&status));
        let row = |(of, statuses, words, _): &&(Provider, &[u16], &[&str], Meaning)| {
            *of == provider && fits(statuses) && words.iter().all(|words| error.says(words))
        };
        TEXTS.iter().find(row).map(|row| row.3)
    })
}

/// The class of a status whose body says nothing special.
fn by_status(status: u16) -> ErrorClass {
    match status {
        401 | 403 => ErrorClass::AuthFailure,
        402 => ErrorClass::CreditsExhausted,
        408 => ErrorClass::Timeout,
        429 => ErrorClass::RateLimit,
        400 | 404 | 413 | 422 => ErrorClass::ModelError,
        500..=599 => ErrorClass::ServerError,
        _ => ErrorClass::Unknown,
    }
}

/// The class of an error that arrives inside a stream, after the status 200.
fn by_kind(error: &ErrorBody<'_>) -> ErrorClass {
    let table: [(&[&str], ErrorClass); 4] = [
        (&["rate_limit_error", "rate_limit_exceeded", "tokens", "requests"], ErrorClass::RateLimit),
        (&["authentication_error", "permission_error", "invalid_api_key"], ErrorClass::AuthFailure),
        (&["invalid_request_error", "not_found_error", "request_too_large"], ErrorClass::ModelError),
        (&["timeout_error", "timeout"], ErrorClass::Timeout),
    ];
    // Whatever else breaks an answer that had begun is trouble on the provider's side.
    table.iter().find(|(names, _)| error.is(names)).map_or(ErrorClass::ServerError, |(_, class)| *class)
}

fn failure(class: ErrorClass, meaning: Option<Meaning>, error: &ErrorBody<'_>, otherwise: &str) -> Failure {
    let (class, detail) = match meaning {
        Some(Meaning::Credit) => (ErrorClass::CreditsExhausted, Detail::None),
        Some(Meaning::Billing) => (ErrorClass::CreditsExhausted, Detail::Billing),
        Some(Meaning::Overloaded) => (ErrorClass::ServerError, Detail::Overloaded),
        Some(Meaning::NoModel) => (ErrorClass::ModelError, Detail::ModelNotFound),
        Some(Meaning::TooLong) => (ErrorClass::ModelError, Detail::ContextTooLong),
        Some(Meaning::Filtered) => (ErrorClass::ContentRefused, Detail::None),
        None => (class, Detail::None),
    };
    let message = match class {
        // Providers repeat parts of a wrong key in this message.
        ErrorClass::AuthFailure => "the provider refused the key",
        _ if error.message.is_empty() => otherwise,
        _ => error.message,
    };
    Failure { detail, ..Failure::new(class, message) }
}

/// The class of an answer with a status that is no success. Takes any body whatever.
#[must_use]
pub fn classify(provider: Provider, status: u16, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = ErrorBody::of(&body);
    // A server in trouble may echo anything: it can only be overloaded, and only a refusal is read for its reason.
    let meaning = match meaning(provider, Some(status), &error) {
        None if status == 529 => Some(Meaning::Overloaded),
        Some(found) if status >= 500 && found != Meaning::Overloaded => None,
        found => found,
    };
    let found = failure(by_status(status), meaning, &error, &format!("status {status}"));
    let retry_after = matches!(found.class, ErrorClass::RateLimit | ErrorClass::ServerError)
        .then(|| reset::wait(headers, now))
        .flatten();
    Failure { retry_after, ..found }
}

/// The class of an error object that arrives in a stream. `body` is the event's data.
#[must_use]
pub fn classify_event(provider: Provider, body: &Value) -> Failure {
    let error = ErrorBody::of(body);
    failure(by_kind(&error), meaning(provider, None, &error), &error, "error in the stream")
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;
    use http::HeaderMap;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn class_of(provider: Provider, status: u16, body: &Value) -> (ErrorClass, Detail) {
        let failure = classify(provider, status, &HeaderMap::new(), body.to_string().as_bytes(), now());
        (failure.class, failure.detail)
    }

    #[test]
    fn the_table_of_answers() {
        use Provider::{Anthropic, Ollama, OpenAi};
        let code =
            |code: &str, kind: &str| json!({"error": {"message": "m", "type": kind, "code": code, "param": null}});
        let say = |kind: &str, message: &str| json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "r"});
        let plain = |class| (class, Detail::None);
        let credit = plain(ErrorClass::CreditsExhausted);
        let bill = (ErrorClass::CreditsExhausted, Detail::Billing);
        let busy = (ErrorClass::ServerError, Detail::Overloaded);
        let no_model = (ErrorClass::ModelError, Detail::ModelNotFound);
        let too_long = (ErrorClass::ModelError, Detail::ContextTooLong);
        let invalid = "invalid_request_error";
        for (provider, status, body, wanted) in [
            (OpenAi, 429, code("rate_limit_exceeded", "requests"), plain(ErrorClass::RateLimit)),
            (OpenAi, 429, code("rate_limit_exceeded", "tokens"), plain(ErrorClass::RateLimit)),
            (OpenAi, 429, code("insufficient_quota", "insufficient_quota"), credit),
            (OpenAi, 429, json!({"error": {"message": "You exceeded your current quota, please check"}}), credit),
            (OpenAi, 429, code("credit_balance_exhausted", "x"), credit),
            (OpenAi, 429, code("billing_hard_limit_reached", "x"), credit),
            (OpenAi, 400, code("billing_hard_limit_reached", invalid), credit),
            (OpenAi, 429, code("billing_not_active", "billing_not_active"), bill),
            (OpenAi, 401, code("invalid_api_key", invalid), plain(ErrorClass::AuthFailure)),
            (OpenAi, 403, code("unsupported_country_region_territory", "x"), plain(ErrorClass::AuthFailure)),
            (OpenAi, 403, json!({}), plain(ErrorClass::AuthFailure)),
            (OpenAi, 404, code("model_not_found", invalid), no_model),
            (OpenAi, 400, code("model_not_found", invalid), no_model),
            (OpenAi, 404, json!("gone"), plain(ErrorClass::ModelError)),
            (OpenAi, 400, code("context_length_exceeded", invalid), too_long),
            (OpenAi, 400, code("content_filter", invalid), plain(ErrorClass::ContentRefused)),
            (OpenAi, 400, code("invalid_prompt", invalid), plain(ErrorClass::ContentRefused)),
            (OpenAi, 400, code("unsupported_parameter", invalid), plain(ErrorClass::ModelError)),
            (OpenAi, 422, json!({}), plain(ErrorClass::ModelError)),
            (OpenAi, 500, code("insufficient_quota", "x"), plain(ErrorClass::ServerError)),
            (OpenAi, 503, json!(null), plain(ErrorClass::ServerError)),
            (OpenAi, 503, code("slow_down", "server_error"), busy),
            (OpenAi, 408, json!({}), plain(ErrorClass::Timeout)),
            (OpenAi, 418, json!({}), plain(ErrorClass::Unknown)),
            (Anthropic, 400, say(invalid, "Your credit balance is too low to access the API."), credit),
            (Anthropic, 402, say("billing_error", "m"), bill),
            (Anthropic, 429, say("rate_limit_error", "You have reached your spend limit"), credit),
            (Anthropic, 400, say(invalid, "You have reached your specified API usage limits."), credit),
            (Anthropic, 429, say("rate_limit_error", "m"), plain(ErrorClass::RateLimit)),
            (Anthropic, 529, say("overloaded_error", "Overloaded"), busy),
            (Anthropic, 529, json!("no body"), busy),
            (Anthropic, 500, say("api_error", "credit balance is too low"), plain(ErrorClass::ServerError)),
            (Anthropic, 504, say("timeout_error", "m"), plain(ErrorClass::ServerError)),
            (Anthropic, 401, say("authentication_error", "invalid x-api-key"), plain(ErrorClass::AuthFailure)),
            (Anthropic, 403, say("permission_error", "m"), plain(ErrorClass::AuthFailure)),
            (Anthropic, 404, say("not_found_error", "model: claude-x"), no_model),
            (Anthropic, 404, say("not_found_error", "Not Found"), plain(ErrorClass::ModelError)),
            (Anthropic, 400, say(invalid, "prompt is too long: 9 > 8"), too_long),
            (Anthropic, 400, say(invalid, "input length and `max_tokens` exceed context limit: 9 + 1 > 8"), too_long),
            (Anthropic, 413, say("request_too_large", "m"), too_long),
            (
                Anthropic,
                400,
                say(invalid, "Output blocked by content filtering policy"),
                plain(ErrorClass::ContentRefused),
            ),
            (Anthropic, 400, say(invalid, "m"), plain(ErrorClass::ModelError)),
            (Ollama, 404, json!({"error": "model 'x' not found"}), no_model),
            (Ollama, 404, json!({"error": "404 page not found"}), plain(ErrorClass::ModelError)),
            (Ollama, 400, json!({"error": "x does not support tools"}), plain(ErrorClass::ModelError)),
            (Ollama, 400, json!({"error": "the input exceeds the context length"}), too_long),
            (Ollama, 401, json!({"error": "unauthorized"}), plain(ErrorClass::AuthFailure)),
            (Ollama, 500, json!({"error": "model requires more system memory"}), plain(ErrorClass::ServerError)),
            (Ollama, 503, json!({"error": "server busy, please try again"}), busy),
        ] {
            assert_eq!(class_of(provider, status, &body), wanted, "{provider} {status} {body}");
        }
    }

    #[test]
    fn an_error_inside_a_stream_is_classified_by_its_type() {
        let class = |body: Value| classify_event(Provider::OpenAi, &body).class;
        let anthropic = |kind: &str, message: &str| {
            let failure = classify_event(
                Provider::Anthropic,
                &json!({"type": "error", "error": {"type": kind, "message": message}}),
            );
            (failure.class, failure.detail)
        };
        assert_eq!(anthropic("overloaded_error", "Overloaded"), (ErrorClass::ServerError, Detail::Overloaded));
        assert_eq!(anthropic("api_error", "m"), (ErrorClass::ServerError, Detail::None));
        assert_eq!(anthropic("rate_limit_error", "m"), (ErrorClass::RateLimit, Detail::None));
        assert_eq!(
            anthropic("invalid_request_error", "prompt is too long: 9 > 8"),
            (ErrorClass::ModelError, Detail::ContextTooLong)
        );
        let ollama = |text: &str| classify_event(Provider::Ollama, &json!({"error": text}));
        assert_eq!(ollama("model 'x' not found").detail, Detail::ModelNotFound);
        assert_eq!(ollama("an error was encountered while running the model").class, ErrorClass::ServerError);
        assert_eq!(class(json!({"error": {"type": "server_error", "message": "m"}})), ErrorClass::ServerError);
        assert_eq!(class(json!({"error": {"code": "insufficient_quota"}})), ErrorClass::CreditsExhausted);
        assert_eq!(class(json!({"error": {"code": "rate_limit_exceeded"}})), ErrorClass::RateLimit);
        assert_eq!(class(json!({"error": {"type": "invalid_request_error"}})), ErrorClass::ModelError);
        assert_eq!(class(json!({"error": null})), ErrorClass::ServerError);
    }

    #[test]
    fn a_wrong_key_is_not_repeated_in_the_message() {
        let key = "sk-".to_owned() + "abcdef";
        let body =
            json!({"error": {"message": format!("Incorrect API key provided: {key}"), "code": "invalid_api_key"}});
        let failure = classify(Provider::OpenAi, 401, &HeaderMap::new(), body.to_string().as_bytes(), now());
        assert!(!failure.message.contains(&key));
    }

    #[test]
    fn a_rate_limit_carries_the_providers_wait_and_a_refused_request_none() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        let wait = |status| classify(Provider::OpenAi, status, &headers, b"", now()).retry_after;
        assert_eq!(wait(429), Some(Duration::from_secs(7)));
        assert_eq!(wait(503), Some(Duration::from_secs(7)));
        assert_eq!(wait(400), None);
    }

    proptest! {
        #[test]
        fn any_body_has_a_class(status in 0_u16..1000, body in proptest::collection::vec(any::<u8>(), 0..200), which in 0_usize..3) {
            let provider = [Provider::OpenAi, Provider::Anthropic, Provider::Ollama][which];
            let failure = classify(provider, status, &HeaderMap::new(), &body, now());
            prop_assert!(failure.message.chars().count() <= MESSAGE_MAX);
        }

        #[test]
        fn any_text_in_any_field_has_a_class(texts in proptest::array::uniform3(".*"), status in 0_u16..600) {
            let body = json!({"error": {"type": texts[0], "code": texts[1], "message": texts[2]}});
            let failure = classify(Provider::Anthropic, status, &HeaderMap::new(), body.to_string().as_bytes(), now());
            prop_assert!(failure.message.chars().count() <= MESSAGE_MAX);
            let _ = classify_event(Provider::OpenAi, &body);
        }
    }
}
