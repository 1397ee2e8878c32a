//! How a call can end without an answer.

use domain::time::Timestamp;

use crate::classify::{Detail, ErrorClass, Failure};
use crate::observer::BoxError;
use crate::provider::Provider;
use crate::remedy;
use crate::request::InvalidRequest;
use crate::router::{SkipReason, Skipped, UnknownModel};

/// A call without an answer.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// No provider would take the request; nothing was sent.
    #[error("the request is invalid")]
    Invalid(#[from] InvalidRequest),
    /// Nobody knows the model.
    #[error("the model is unknown")]
    UnknownModel(#[from] UnknownModel),
    /// No model of the chain could be tried.
    #[error("no model can be asked: {}", list(skipped))]
    NoModel {
        /// The models and why not.
        skipped: Vec<Skipped>,
        /// The soonest moment at which one of them may be asked again.
        available_at: Option<Timestamp>,
    },
    /// The observer refused the call.
    #[error("the call was refused: {0}")]
    Refused(String),
    /// Every attempt failed; this is the last failure.
    #[error("the model call failed at {provider} ({}): {}", failure.class, failure.message)]
    Failed {
        /// The last failure.
        failure: Failure,
        /// Whose it was.
        provider: Provider,
        /// Text that the listener received before the answer broke off; incomplete.
        partial_text: String,
        /// Models that were not tried.
        skipped: Vec<Skipped>,
        /// The soonest moment at which a provider of the chain may be asked again, if waiting can help at all.
        available_at: Option<Timestamp>,
    },
    /// The caller's time was up before anything was sent.
    #[error("no time was left for the model call")]
    NoTimeLeft,
    /// The caller's books could not be written.
    #[error("the books of the model call could not be written")]
    Books(#[source] BoxError),
}

fn list(skipped: &[Skipped]) -> String {
    let one = |skip: &Skipped| format!("{}: {}", skip.model, skip.reason);
    skipped.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl LlmError {
    /// The class, for rows and for what the caller does next.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Failed { failure, .. } => failure.class,
            Self::Invalid(_) | Self::UnknownModel(_) => ErrorClass::ModelError,
            Self::NoTimeLeft => ErrorClass::Timeout,
            Self::NoModel { .. } => self.left_alone().map_or(ErrorClass::Unknown, |(_, class)| class),
            Self::Refused(_) | Self::Books(_) => ErrorClass::Unknown,
        }
    }

    /// The provider that is asked again soonest, and why it is left alone until then.
    fn left_alone(&self) -> Option<(Provider, ErrorClass)> {
        let Self::NoModel { skipped, .. } = self else { return None };
        let paused = skipped.iter().filter_map(|skip| match skip.reason {
            SkipReason::BackOff { provider, class, until } => Some((until, provider, class)),
            _ => None,
        });
        paused.min_by_key(|(until, ..)| *until).map(|(_, provider, class)| (provider, class))
    }

    /// What a person can do about it, if anything: a sentence that names the provider.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Failed { failure, provider, .. } => remedy::of(*provider, failure.class, failure.detail),
            Self::NoModel { skipped, .. } => match self.left_alone() {
                Some((provider, class)) => remedy::of(provider, class, Detail::None),
                None => skipped.iter().find_map(|skip| match skip.reason {
                    SkipReason::NotConfigured(provider) => Some(remedy::not_configured(provider)),
                    _ => None,
                }),
            },
            _ => None,
        }
    }

    /// Whether a shorter conversation would have been taken.
    #[must_use]
    pub fn context_too_long(&self) -> bool {
        matches!(self, Self::Failed { failure, .. } if failure.detail == Detail::ContextTooLong)
    }

    /// When it makes sense to try again.
    #[must_use]
    pub fn available_at(&self) -> Option<Timestamp> {
        match self {
            Self::NoModel { available_at, .. } | Self::Failed { available_at, .. } => *available_at,
            _ => None,
        }
    }

    /// No model could be tried, for `skipped`.
    pub(crate) fn no_model(skipped: Vec<Skipped>) -> Self {
        let until = |skip: &Skipped| match skip.reason {
            SkipReason::BackOff { until, .. } => Some(until),
            _ => None,
        };
        let available_at = skipped.iter().filter_map(until).min();
        Self::NoModel { skipped, available_at }
    }
}
