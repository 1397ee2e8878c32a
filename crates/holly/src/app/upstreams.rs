//! The clients of the shop, the payments, the printer and the models: real, or pointed at the rehearsal world.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clock::{OsEntropy, SharedClock};
use config::{Config, Mode, Upstream as Name, Wiring};
use connect::printful::{self, Printful};
use connect::shopify::{Shopify, ShopifyAuth, VersionAge, version_age};
use connect::stripe::{self, Stripe};
use connect::tools::Clients;
use domain::time::Timestamp;
use llm::Llm;
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

/// How old the version is that the real shop is asked for; none while the shop is rehearsed.
pub(super) fn shop_version_age(config: &Config, now: Timestamp) -> Option<VersionAge> {
    if config.wiring(Name::Shopify) == Wiring::Rehearsed {
        return None;
    }
    version_age(&config.groups.shop.api_version, now)
}

/// Says at start that the shop's version is old.
pub(super) fn warn_of_old_version(config: &Config, now: Timestamp) {
    let version = &config.groups.shop.api_version;
    match shop_version_age(config, now) {
        Some(VersionAge::Old { until }) => {
            tracing::warn!(version, %until, "the shop's API version is older than nine months; set SHOPIFY_API_VERSION to a newer one");
        }
        Some(VersionAge::Expired { until }) => {
            tracing::error!(version, %until, "the shop's API version is no longer supported; set SHOPIFY_API_VERSION to a newer one");
        }
        Some(VersionAge::Current) | None => {}
    }
}

/// What the owner sets for the tools.
pub(super) fn tool_settings(config: &Config) -> connect::tools::Settings {
    connect::tools::Settings { print_cap_usd_minor: config.groups.print.cap_cents, currency: "usd".to_owned() }
}

/// Makes the way to one upstream after the other.
pub(super) struct Maker<'a> {
    pub(super) config: &'a Config,
    pub(super) world: Option<&'a Rehearsed>,
    pub(super) clock: &'a SharedClock,
    pub(super) breakers: &'a Breakers,
}

impl Maker<'_> {
    /// The way to one upstream, and whether the world plays it.
    pub(super) fn upstream(
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
            // A rehearsed upstream without a world must not become the real one.
            (Wiring::Rehearsed, None) => bail!("{service} is rehearsed and no world runs"),
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
}
