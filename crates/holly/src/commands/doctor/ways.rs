//! How a probe reaches an upstream: as the server would, but once and within seconds.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clock::OsEntropy;
use config::{Config, Mode, Upstream, Wiring};
use net::{BaseUrl, Breakers, PlainHttp, RetryPolicy};

use super::check::Who;
use crate::client::Runtime;
use crate::session::Session;

/// Longest time of one probe.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// A way to one upstream.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) who: Who,
    pub(super) upstream: net::Upstream,
}

/// The way to `upstream`; none when nobody answers in its name, which in a rehearsal is so while no server runs.
///
/// # Errors
/// When the address of the settings cannot be used.
pub(super) fn of(
    session: &Session,
    config: &Config,
    upstream: Upstream,
    running: Option<&Runtime>,
) -> anyhow::Result<Option<Way>> {
    let (who, url) = match config.wiring(upstream) {
        Wiring::Absent => return Ok(None),
        Wiring::Rehearsed => match running.and_then(|running| running.upstreams.get(upstream.as_str())) {
            Some(url) => (Who::Rehearsed, format!("{url}{}", rehearsed_path(upstream))),
            None => return Ok(None),
        },
        Wiring::Real { base_url } => (Who::Real, base_url.unwrap_or_else(|| own_address(config, upstream))),
    };
    let plain = match config.mode {
        Mode::Live => PlainHttp::NearOnly,
        Mode::Rehearsal => PlainHttp::Anywhere,
    };
    let base = BaseUrl::parse(&url, plain).with_context(|| format!("the base URL of {upstream} is not usable"))?;
    let mut settings = net::Settings::new(upstream.as_str(), base);
    (settings.retry, settings.attempt_timeout, settings.operation_timeout) = (RetryPolicy::NONE, LIMIT, LIMIT);
    let breakers = Breakers::new(session.clock.clone());
    let upstream = net::Upstream::new(settings, breakers, session.clock.clone(), Arc::new(OsEntropy))?;
    Ok(Some(Way { who, upstream }))
}

/// Where an upstream lives.
fn own_address(config: &Config, upstream: Upstream) -> String {
    match upstream {
        Upstream::Shopify => format!("https://{}", config.groups.shop.url.as_deref().unwrap_or_default()),
        Upstream::Stripe => "https://api.stripe.com".to_owned(),
        Upstream::Printful => "https://api.printful.com".to_owned(),
        Upstream::Anthropic => "https://api.anthropic.com".to_owned(),
        Upstream::OpenAi => "https://api.openai.com/v1".to_owned(),
        // Local models are real only at an address that was set.
        Upstream::Ollama => String::new(),
    }
}

/// What the base address of the real one has beyond its host.
fn rehearsed_path(upstream: Upstream) -> &'static str {
    if upstream == Upstream::OpenAi { "/v1" } else { "" }
}
