//! The clients of the shop, the payments, the printer and the models: real, or pointed at the rehearsal world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use clock::{OsEntropy, SharedClock};
use config::{Config, Mode, Upstream as Name, Wiring};
use connect::printful::{self, Printful};
use connect::shopify::{Shopify, ShopifyAuth};
use connect::stripe::{self, Stripe};
use connect::tools::Clients;
use llm::{Availability, Catalog, Credential, Llm, Provider, Transport, Wire};
use net::{BaseUrl, Breakers, PlainHttp, Settings, Upstream};
use secrecy::SecretString;

use super::world::{Rehearsed, shop_domain};

/// Everything that reaches outside.
pub(super) struct Upstreams {
    pub(super) clients: Clients,
    pub(super) llm: Arc<Llm>,
}

/// Credential that the rehearsal world takes.
pub(crate) fn rehearsal_key(kind: &str) -> SecretString {
    SecretString::from(format!("rehearsal-{kind}-key"))
}

/// How calls to the real shop are authorised: as an app when its id and secret are set, else with the static token.
pub(crate) fn shop_auth(config: &Config) -> ShopifyAuth {
    let shop = &config.groups.shop;
    match (&shop.client_id, &shop.client_secret, &shop.access_token) {
        (Some(id), Some(secret), _) => ShopifyAuth::ClientCredentials { id: id.clone(), secret: secret.clone() },
        (_, _, token) => ShopifyAuth::Token(token.clone().unwrap_or_else(|| rehearsal_key("shopify"))),
    }
}

/// Builds the clients.
pub(super) fn build(
    config: &Config,
    world: Option<&Rehearsed>,
    clock: &SharedClock,
    breakers: &Breakers,
) -> Result<Upstreams> {
    let maker = Maker { config, world, clock, breakers };
    let groups = &config.groups;
    let shop_url = format!("https://{}", shop_domain(config));
    let (shop, rehearsed) = maker.upstream(Name::Shopify, "shopify", &shop_url, None)?;
    let auth = if rehearsed { ShopifyAuth::Token(rehearsal_key("shopify")) } else { shop_auth(config) };
    let (payments, rehearsed) =
        maker.upstream(Name::Stripe, "stripe", "https://api.stripe.com", Some(stripe::RETRY))?;
    let stripe_key = if rehearsed { None } else { groups.payments.secret_key.clone() };
    let (printer, rehearsed) =
        maker.upstream(Name::Printful, "printful", "https://api.printful.com", Some(printful::RETRY))?;
    let print_key = if rehearsed { None } else { groups.print.api_key.clone() };
    let clients = Clients {
        shopify: Shopify::new(shop, &groups.shop.api_version, auth),
        stripe: Stripe::new(payments, stripe_key.unwrap_or_else(|| rehearsal_key("stripe"))),
        printful: Printful::new(
            printer,
            print_key.unwrap_or_else(|| rehearsal_key("printful")),
            groups.print.store_id.map(|id| id.to_string()),
        ),
    };
    Ok(Upstreams { clients, llm: Arc::new(maker.models()?) })
}

/// What the owner sets for the tools.
pub(super) fn tool_settings(config: &Config) -> connect::tools::Settings {
    connect::tools::Settings { print_cap_usd_minor: config.groups.print.cap_cents, currency: "usd".to_owned() }
}

struct Maker<'a> {
    config: &'a Config,
    world: Option<&'a Rehearsed>,
    clock: &'a SharedClock,
    breakers: &'a Breakers,
}

impl Maker<'_> {
    /// The way to one upstream, and whether the world plays it.
    fn upstream(
        &self,
        name: Name,
        service: &'static str,
        default: &str,
        retry: Option<net::RetryPolicy>,
    ) -> Result<(Upstream, bool)> {
        let wiring = self.config.wiring(name);
        let rehearsed = wiring == Wiring::Rehearsed;
        let url = match (&wiring, self.world) {
            (Wiring::Rehearsed, Some(world)) => world
                .handle
                .urls
                .get(name.as_str())
                .cloned()
                .with_context(|| format!("the world plays no {service}"))?,
            (Wiring::Real { base_url: Some(url) }, _) => url.clone(),
            _ => default.to_owned(),
        };
        let plain = match self.config.mode {
            Mode::Live => PlainHttp::NearOnly,
            Mode::Rehearsal => PlainHttp::Anywhere,
        };
        let base = BaseUrl::parse(&url, plain).with_context(|| format!("the base URL of {service} is not usable"))?;
        let mut settings = Settings::new(service, base);
        if let Some(retry) = retry {
            settings.retry = retry;
        }
        Ok((Upstream::new(settings, self.breakers.clone(), self.clock.clone(), Arc::new(OsEntropy))?, rehearsed))
    }

    fn models(&self) -> Result<Llm> {
        let models = &self.config.groups.models;
        let overrides = [
            ("HOLLY_MODEL", &models.model),
            ("HOLLY_MODEL_LARGE", &models.model_large),
            ("HOLLY_MODEL_SMALL", &models.model_small),
            ("HOLLY_MODEL_OLLAMA", &models.model_ollama),
        ];
        let overrides =
            overrides.into_iter().filter_map(|(name, model)| Some((name.to_owned(), model.clone()?))).collect();
        let catalog = Catalog::built_in(&overrides).context("the model list is not usable")?;
        let wiring = self.config.wiring(Name::OpenAi);
        let mut transports: BTreeMap<Provider, Arc<dyn Transport>> = BTreeMap::new();
        let mut available = Availability::default();
        if wiring != Wiring::Absent {
            let (upstream, rehearsed) = match (&wiring, self.world) {
                (Wiring::Rehearsed, Some(world)) => {
                    let url = world.handle.urls.get("openai").context("the world plays no openai")?;
                    let base = BaseUrl::parse(&format!("{url}/v1"), PlainHttp::Anywhere)?;
                    (
                        Upstream::new(
                            Settings::new("openai", base),
                            self.breakers.clone(),
                            self.clock.clone(),
                            Arc::new(OsEntropy),
                        )?,
                        true,
                    )
                }
                _ => self.upstream(Name::OpenAi, "openai", "https://api.openai.com/v1", None)?,
            };
            let key = if rehearsed { None } else { models.openai_api_key.clone() };
            let credential = Credential::Bearer(key.unwrap_or_else(|| rehearsal_key("openai")));
            transports.insert(Provider::OpenAi, Arc::new(Wire::new(upstream, credential)));
            available.providers = BTreeSet::from([Provider::OpenAi]);
            if rehearsed {
                // The world plays one provider so far, which then answers for every logical model.
                available.serve_all_with = Some(Provider::OpenAi);
            }
        }
        Ok(Llm::new(catalog, transports, available, self.clock.clone()))
    }
}
