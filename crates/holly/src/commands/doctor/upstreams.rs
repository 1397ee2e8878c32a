//! Who answers in each upstream's name.

use config::{Config, Groups, Mode, Upstream, Wiring};
use serde_json::{Value, json};

use super::server::Server;

/// One upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its name.
    pub(super) name: &'static str,
    /// `real`, `rehearsed` or `absent`.
    pub(super) wiring: &'static str,
    /// State of the running server's breaker.
    pub(super) breaker: Option<String>,
    /// What could be changed.
    pub(super) remedy: Option<String>,
    /// What is wrong.
    pub(super) wrong: Option<String>,
}

impl Row {
    pub(super) fn as_json(&self) -> Value {
        json!({
            "name": self.name, "wiring": self.wiring, "breaker": self.breaker,
            "remedy": self.remedy, "wrong": self.wrong,
        })
    }
}

/// All upstreams.
pub(super) fn rows(config: &Config, server: &Server) -> Vec<Row> {
    Upstream::ALL.into_iter().map(|upstream| row(config, upstream, server.breaker(upstream.as_str()))).collect()
}

fn row(config: &Config, upstream: Upstream, breaker: Option<&str>) -> Row {
    let name = upstream.as_str();
    let needs = settings_of(upstream);
    let (wiring, remedy) = match config.wiring(upstream) {
        Wiring::Rehearsed => {
            ("rehearsed", Some(format!("for the real one set {needs} and name it in HOLLY_REHEARSAL_LIVE")))
        }
        Wiring::Absent => ("absent", Some(absent(config.mode).to_owned())),
        Wiring::Real { .. } if !has_credentials(&config.groups, upstream) => ("real", Some(format!("set {needs}"))),
        Wiring::Real { .. } => ("real", missing_webhook_secret(config, upstream)),
    };
    let unset = wiring == "real" && !has_credentials(&config.groups, upstream);
    let wrong = match breaker {
        Some("open") => Some(format!("{name} is cut off: its circuit breaker is open; it is tried again by itself")),
        _ if unset => Some(format!("{name} is real and has no credentials; set {needs}")),
        _ => None,
    };
    Row { name, wiring, breaker: breaker.map(str::to_owned), remedy, wrong }
}

/// What is needed to reach the real one.
fn settings_of(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::Shopify => "SHOPIFY_SHOP_URL and SHOPIFY_ACCESS_TOKEN",
        Upstream::Stripe => "STRIPE_SECRET_KEY",
        Upstream::Printful => "PRINTFUL_API_KEY",
        Upstream::Anthropic => "ANTHROPIC_API_KEY",
        Upstream::OpenAi => "OPENAI_API_KEY",
        Upstream::Ollama => "OLLAMA_BASE_URL",
    }
}

fn has_credentials(groups: &Groups, upstream: Upstream) -> bool {
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

/// Only Ollama can be absent.
fn absent(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "set OLLAMA_BASE_URL to use local models; until then gpt4o_mini stands in for them",
        Mode::Rehearsal => {
            "set OLLAMA_BASE_URL, or HOLLY_REHEARSAL_OLLAMA=1 to have it played; until then gpt4o_mini stands in"
        }
    }
}

fn missing_webhook_secret(config: &Config, upstream: Upstream) -> Option<String> {
    let (secret, name) = match upstream {
        Upstream::Shopify => (&config.secrets.shopify_webhook, "SHOPIFY_WEBHOOK_SECRET"),
        Upstream::Stripe => (&config.secrets.stripe_webhook, "STRIPE_WEBHOOK_SECRET"),
        Upstream::Printful => (&config.secrets.printful_webhook, "PRINTFUL_WEBHOOK_SECRET"),
        Upstream::Anthropic | Upstream::OpenAi | Upstream::Ollama => return None,
    };
    secret.is_none().then(|| format!("set {name}: without it each of its webhooks is refused"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use config::EnvSource;

    use super::*;

    fn config(variables: &[(&str, &str)]) -> Config {
        let folder = tempfile::tempdir().unwrap();
        Config::load(&EnvSource::fixed(folder.path(), variables.iter().copied())).unwrap().config
    }

    fn absent_server() -> Server {
        Server::Absent { url: "u".into() }
    }

    #[test]
    fn a_fresh_machine_rehearses_everything_and_has_no_local_models() {
        let rows = rows(&config(&[]), &absent_server());
        let wirings: Vec<_> = rows.iter().map(|row| (row.name, row.wiring)).collect();
        assert_eq!(
            wirings,
            [
                ("shopify", "rehearsed"),
                ("stripe", "rehearsed"),
                ("printful", "rehearsed"),
                ("anthropic", "rehearsed"),
                ("openai", "rehearsed"),
                ("ollama", "absent"),
            ]
        );
        assert!(rows.iter().all(|row| row.remedy.is_some() && row.wrong.is_none()));
    }

    #[test]
    fn a_real_upstream_without_credentials_is_wrong() {
        let config = config(&[("PRINTFUL_BASE_URL", "http://127.0.0.1:9")]);
        let row = row(&config, Upstream::Printful, None);
        assert_eq!((row.wiring, row.remedy.as_deref()), ("real", Some("set PRINTFUL_API_KEY")));
        assert!(row.wrong.is_some());
    }

    #[test]
    fn an_open_breaker_is_wrong_and_a_closed_one_is_not() {
        let breakers =
            BTreeMap::from([("stripe".to_owned(), "open".to_owned()), ("openai".to_owned(), "closed".to_owned())]);
        let server = Server::Up { url: "u".into(), health: Value::Null, breakers, breakers_refused: None };
        let wrong: Vec<_> =
            rows(&config(&[]), &server).into_iter().filter(|row| row.wrong.is_some()).map(|row| row.name).collect();
        assert_eq!(wrong, ["stripe"]);
    }
}
