//! Shop, payments, printer: one harmless question each.

use std::future::Future;

use config::{Config, Upstream};
use connect::ConnectError;
use connect::printful::{Printful, StoreKind};
use connect::shopify::{Shopify, VersionAge, version_age};
use connect::stripe::{self, Stripe};
use net::{NetError, NotSent};
use secrecy::{ExposeSecret as _, SecretString};

use super::check::{Check, Part, State, Who};
use super::server::Server;
use super::ways::{self, Way};
use crate::app::upstreams::{rehearsal_key, shop_auth};
use crate::client::Runtime;
use crate::session::Session;

/// What every probe is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) session: &'a Session,
    pub(super) config: &'a Config,
    pub(super) server: &'a Server,
    pub(super) running: Option<&'a Runtime>,
}

impl Asking<'_> {
    /// Asks one upstream: finds the way, makes the call within its time, and judges. `ask` gives the words for success.
    pub(super) async fn probe<F, E>(
        &self,
        part: Part,
        upstream: Upstream,
        ask: impl FnOnce(Way) -> F,
        remedy: impl Fn(&E) -> (String, String),
    ) -> Check
    where
        F: Future<Output = Result<String, E>>,
    {
        let name = upstream.as_str();
        let who = super::who(self.config, upstream);
        let check = Check::ok(part, name, who, "");
        let way = match ways::of(self.session, self.config, upstream, self.running) {
            Ok(Some(way)) => way,
            Ok(None) => return unasked(check, upstream),
            Err(error) => return check.fail(format!("{error:#}"), format!("correct {}", base_setting(upstream))),
        };
        if who == Who::Real && !has_credentials(self.config, upstream) {
            let needs = settings_of(upstream);
            return check.fail("has no credentials", format!("set {needs}"));
        }
        let clock = &self.session.clock;
        let began = clock.monotonic();
        let answer = tokio::time::timeout(ways::LIMIT, ask(way)).await;
        let check = check.took(clock.monotonic().saturating_sub(began));
        let check = match answer {
            Ok(Ok(found)) => Check { found, ..check },
            Ok(Err(error)) => {
                let (found, remedy) = remedy(&error);
                // The line begins with the name anyway.
                let found = found.strip_prefix(name).map_or(found.as_str(), |rest| rest.trim_start_matches([':', ' ']));
                check.fail(found, remedy)
            }
            Err(_) => check.fail("no answer within 5 s", unreachable(upstream)),
        };
        match self.server.breaker(name) {
            Some("open") if check.state == State::Ok => check.warn(
                "answers, but the running server has cut it off",
                "nothing: its circuit breaker tries again within a minute",
            ),
            _ => check,
        }
    }

    pub(super) async fn shopify(&self) -> Vec<Check> {
        let config = self.config;
        let shop = &config.groups.shop;
        let fell = std::sync::Mutex::new(None);
        let ask = |way: Way| {
            let auth = if way.who == Who::Rehearsed {
                connect::shopify::ShopifyAuth::Token(rehearsal_key("shopify"))
            } else {
                shop_auth(config)
            };
            let client = Shopify::new(way.upstream, &shop.api_version, auth);
            let fell = &fell;
            async move {
                let found = client.shop().await?;
                if let Ok(mut fell) = fell.lock() {
                    *fell = client.fell_forward();
                }
                Ok(format!("{} ({})", found.name, found.domain))
            }
        };
        let found = self.probe(Part::Upstreams, Upstream::Shopify, ask, |error| told(Upstream::Shopify, error)).await;
        let fell = fell.into_inner().ok().flatten();
        vec![found, self.shop_version(fell)]
    }

    fn shop_version(&self, fell_forward: Option<String>) -> Check {
        let version = &self.config.groups.shop.api_version;
        let check = Check::ok(Part::Upstreams, "shopify API", super::who(self.config, Upstream::Shopify), "");
        let newer = "set SHOPIFY_API_VERSION to a newer quarterly version, after reading Shopify's changes";
        match version_age(version, self.session.clock.now()) {
            _ if let Some(answered) = &fell_forward => {
                check.warn(format!("asked for {version}, answered as {answered}"), newer)
            }
            Some(VersionAge::Current) | None => Check { found: format!("{version} is supported"), ..check },
            Some(VersionAge::Old { until }) => check.warn(format!("{version} is supported until {until}"), newer),
            Some(VersionAge::Expired { until }) => check.fail(format!("{version} was supported until {until}"), newer),
        }
    }

    pub(super) async fn stripe(&self) -> Check {
        let key = self.config.groups.payments.secret_key.clone();
        let ask = |way: Way| {
            let key = key_for(&way, key, "stripe");
            let kind = if way.who == Who::Rehearsed { "" } else { stripe_kind(&key) };
            async move {
                Stripe::new(way.upstream, key).ping().await?;
                Ok(format!("{kind}API {}", stripe::VERSION))
            }
        };
        self.probe(Part::Upstreams, Upstream::Stripe, ask, |error| told(Upstream::Stripe, error)).await
    }

    pub(super) async fn printful(&self) -> Check {
        let print = &self.config.groups.print;
        let connected = std::sync::atomic::AtomicBool::new(false);
        let ask = |way: Way| {
            let key = key_for(&way, print.api_key.clone(), "printful");
            let client = Printful::new(way.upstream, key, print.store_id.map(|id| id.to_string()));
            let connected = &connected;
            async move {
                let store = client.store().await?;
                connected.store(store.kind == StoreKind::Integrated, std::sync::atomic::Ordering::Relaxed);
                let kind = if store.kind == StoreKind::Native { "fed by us alone" } else { "connected to the shop" };
                Ok(format!("store {}, {kind}", store.id))
            }
        };
        let check = self.probe(Part::Upstreams, Upstream::Printful, ask, |error| told(Upstream::Printful, error)).await;
        if check.who == Who::Real && connected.into_inner() {
            return check.note(
                "set the automatic confirmation of imported orders to manual (Printful, Settings, Orders): \
                 no call can read it, and set otherwise it prints without asking you",
            );
        }
        check
    }
}

fn key_for(way: &Way, set: Option<SecretString>, service: &str) -> SecretString {
    set.filter(|_| way.who == Who::Real).unwrap_or_else(|| rehearsal_key(service))
}

fn stripe_kind(key: &SecretString) -> &'static str {
    match key.expose_secret() {
        key if key.contains("_live_") => "real money, ",
        key if key.contains("_test_") => "test money, ",
        _ => "",
    }
}

/// Nobody answers, and that is as it should be.
fn unasked(check: Check, upstream: Upstream) -> Check {
    let needs = settings_of(upstream);
    match check.who {
        Who::Absent => Check { found: "not used; gpt4o_mini stands in".to_owned(), ..check }
            .note("set OLLAMA_BASE_URL to use local models, or HOLLY_REHEARSAL_OLLAMA=1 to have them played"),
        _ => Check { found: "played while holly runs".to_owned(), ..check }
            .note(format!("for the real one set {needs} and name it in HOLLY_REHEARSAL_LIVE")),
    }
}

/// What went wrong in a few words, and the remedy.
fn told(upstream: Upstream, error: &ConnectError) -> (String, String) {
    if let ConnectError::Net(error) = error {
        return (error.to_string(), net_remedy(upstream, error));
    }
    let needs = settings_of(upstream);
    let remedy = match error.status() {
        Some(400 | 401) => format!("the credentials are refused: set {needs} anew"),
        Some(402 | 423) => "the account is frozen or locked: sign in there and settle it".to_owned(),
        Some(403) => {
            "the credentials lack a permission: grant the app or key the scopes of docs/upstreams.md".to_owned()
        }
        Some(404) => format!("nothing is there by that name: correct {needs}"),
        Some(429) => "too many calls were made: wait a minute and look again".to_owned(),
        Some(500..) => "it is out of order: look at its status page and try again later".to_owned(),
        _ if matches!(error, ConnectError::Api { code, .. } if code == "ACCESS_DENIED") => {
            "the app lacks a scope: grant it those of docs/upstreams.md".to_owned()
        }
        _ if upstream == Upstream::Printful => {
            "set PRINTFUL_STORE_ID to the store, or use a token that is good for one store".to_owned()
        }
        _ => format!("see that {} is the address of {upstream}", base_setting(upstream)),
    };
    (error.to_string(), remedy)
}

/// The remedy for a way that is blocked.
fn net_remedy(upstream: Upstream, error: &NetError) -> String {
    match error {
        NetError::NotSent { reason: NotSent::Invalid(_), .. } => {
            format!("set {} anew, without blanks or line ends", settings_of(upstream))
        }
        NetError::Redirect { .. } => format!("the address moved: correct {}", base_setting(upstream)),
        _ => unreachable(upstream),
    }
}

fn unreachable(upstream: Upstream) -> String {
    format!("see that this machine reaches the network, and that {} is right", base_setting(upstream))
}

fn base_setting(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Shopify => "SHOPIFY_SHOP_URL or SHOPIFY_BASE_URL",
        Upstream::Stripe => "STRIPE_BASE_URL",
        Upstream::Printful => "PRINTFUL_BASE_URL",
        Upstream::Anthropic => "ANTHROPIC_BASE_URL",
        Upstream::OpenAi => "OPENAI_BASE_URL",
        Upstream::Ollama => "OLLAMA_BASE_URL",
    }
}

/// What is needed to reach the real one.
pub(super) fn settings_of(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Shopify => {
            "SHOPIFY_SHOP_URL and SHOPIFY_ACCESS_TOKEN (or SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET)"
        }
        Upstream::Stripe => "STRIPE_SECRET_KEY",
        Upstream::Printful => "PRINTFUL_API_KEY",
        Upstream::Anthropic => "ANTHROPIC_API_KEY",
        Upstream::OpenAi => "OPENAI_API_KEY",
        Upstream::Ollama => "OLLAMA_BASE_URL",
    }
}

fn has_credentials(config: &Config, upstream: Upstream) -> bool {
    let groups = &config.groups;
    let shop = &groups.shop;
    match upstream {
        Upstream::Shopify => shop.access_token.is_some() || (shop.client_id.is_some() && shop.client_secret.is_some()),
        Upstream::Stripe => groups.payments.secret_key.is_some(),
        Upstream::Printful => groups.print.api_key.is_some(),
        Upstream::Anthropic => groups.models.anthropic_api_key.is_some(),
        Upstream::OpenAi => groups.models.openai_api_key.is_some(),
        // Local models need no key.
        Upstream::Ollama => true,
    }
}

#[cfg(test)]
mod tests {
    use net::Certainty;

    use super::*;

    #[test]
    fn every_failure_comes_with_a_remedy_that_names_a_setting_or_a_deed() {
        for status in [400, 401, 402, 403, 404, 423, 429, 500, 503] {
            let error = ConnectError::Api {
                service: "shopify",
                status,
                code: "x".into(),
                message: "no".into(),
                certainty: Certainty::Refused,
                retry_after_s: None,
            };
            let (found, remedy) = told(Upstream::Shopify, &error);
            assert!(found.contains("refused") && remedy.len() > 20, "{status}: {found}; {remedy}");
        }
        let shape = ConnectError::Shape { service: "printful", what: "not exactly one store".into() };
        assert!(told(Upstream::Printful, &shape).1.contains("PRINTFUL_STORE_ID"));
        let dns = NetError::NotSent { service: "stripe", reason: NotSent::Dns, source: None };
        assert!(told(Upstream::Stripe, &ConnectError::Net(dns)).1.contains("STRIPE_BASE_URL"));
    }
}
