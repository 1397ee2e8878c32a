//! What a person can do about a failure. The words are for the owner of the shop: on a failed run, in health, at start.

use crate::classify::{Detail, ErrorClass};
use crate::provider::Provider;

/// The setting that makes a provider usable.
fn setting(provider: Provider) -> &'static str {
    match provider {
        Provider::OpenAi => "OPENAI_API_KEY",
        Provider::Anthropic => "ANTHROPIC_API_KEY",
        Provider::Ollama => "OLLAMA_BASE_URL",
    }
}

/// For a provider without a key or address.
pub(crate) fn not_configured(provider: Provider) -> String {
    format!("set {} to use the models of {provider}", setting(provider))
}

/// For a failure of `provider`; none when only waiting or a fix in the program helps.
pub(crate) fn of(provider: Provider, class: ErrorClass, detail: Detail) -> Option<String> {
    let text = match (class, detail) {
        (ErrorClass::CreditsExhausted, Detail::Billing) => {
            format!("set up a working payment for the account at {provider}")
        }
        (ErrorClass::CreditsExhausted, _) => {
            format!("add credit to the account at {provider} or raise its spending limit")
        }
        (ErrorClass::AuthFailure, _) if provider == Provider::Ollama => {
            "check OLLAMA_API_KEY: the server of OLLAMA_BASE_URL refuses it".to_owned()
        }
        (ErrorClass::AuthFailure, _) => format!("check {}: {provider} refuses the key", setting(provider)),
        (ErrorClass::RateLimit, _) => format!("wait, or have the rate limits of the account at {provider} raised"),
        (ErrorClass::ModelError, Detail::ModelNotFound) if provider == Provider::Ollama => {
            "pull the model on the Ollama server, or name another with HOLLY_MODEL_OLLAMA".to_owned()
        }
        (ErrorClass::ModelError, Detail::ModelNotFound) => {
            format!(
                "{provider} does not know the model: name another with HOLLY_MODEL, HOLLY_MODEL_LARGE or HOLLY_MODEL_SMALL"
            )
        }
        (ErrorClass::ModelError, Detail::ContextTooLong) => "shorten what the model is to read".to_owned(),
        (ErrorClass::ServerError | ErrorClass::Timeout, _) if provider == Provider::Ollama => {
            "check that the Ollama server of OLLAMA_BASE_URL runs".to_owned()
        }
        (ErrorClass::ServerError | ErrorClass::Timeout, _) => {
            format!("{provider} has trouble; its status page says since when")
        }
        _ => return None,
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_that_a_person_can_mend_names_provider_and_remedy() {
        for provider in [Provider::OpenAi, Provider::Anthropic] {
            for class in [
                ErrorClass::CreditsExhausted,
                ErrorClass::AuthFailure,
                ErrorClass::RateLimit,
                ErrorClass::ServerError,
                ErrorClass::Timeout,
            ] {
                let text = of(provider, class, Detail::None).unwrap();
                assert!(text.contains(provider.as_str()), "{text}");
            }
        }
        assert!(of(Provider::Anthropic, ErrorClass::AuthFailure, Detail::None).unwrap().contains("ANTHROPIC_API_KEY"));
        assert_eq!(of(Provider::OpenAi, ErrorClass::ContentRefused, Detail::None), None);
    }
}
