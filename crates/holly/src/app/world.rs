//! The rehearsal world inside this process.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, Result};
use clock::SharedClock;
use config::{Config, Mode};
use net::{BaseUrl, Breakers, HeaderName, Idempotency, PlainHttp, Request, RetryPolicy, Upstream};
use rehearsal::deliver::{Deliver, Delivery};
use rehearsal::{World, WorldConfig, WorldHandle, WorldSecrets};
use secrecy::ExposeSecret;

/// Longest wait for the answer to a webhook.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);
/// Name of the rehearsed shop when none is set.
const REHEARSED_SHOP: &str = "holly-rehearsal.myshopify.com";

/// The running world.
#[derive(Debug)]
pub(super) struct Rehearsed {
    pub(super) handle: WorldHandle,
}

/// Name of the shop.
pub(super) fn shop_domain(config: &Config) -> String {
    let set = config.groups.shop.url.clone();
    match config.mode {
        Mode::Live => set.unwrap_or_default(),
        Mode::Rehearsal => set.unwrap_or_else(|| REHEARSED_SHOP.to_owned()),
    }
}

/// Starts the world and points its webhooks at `agents_url`.
pub(super) async fn start(config: &Config, agents_url: &str, clock: &SharedClock) -> Result<Rehearsed> {
    let first = |secret: &Option<secrecy::SecretString>| {
        let text = secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default();
        text.split(',').next().unwrap_or_default().trim().to_owned()
    };
    let settings = &config.groups.rehearsal;
    let handle = World::start(WorldConfig {
        data_dir: config.data_dir.clone(),
        seed: settings.seed,
        pace: settings.pace,
        speed: settings.speed,
        secrets: WorldSecrets {
            shopify: first(&config.secrets.shopify_webhook),
            stripe: first(&config.secrets.stripe_webhook),
            printful: first(&config.secrets.printful_webhook),
        },
        shop_domain: shop_domain(config),
        ollama: settings.ollama,
        agents_url: Some(agents_url.to_owned()),
        clock: clock.clone(),
        deliver: std::sync::Arc::new(Post { upstream: upstream(agents_url, clock)?, base: agents_url.to_owned() }),
    })
    .await
    .context("the rehearsal world did not start")?;
    Ok(Rehearsed { handle })
}

/// The world's way to this process. It has a breaker of its own: this is no upstream of the product.
fn upstream(agents_url: &str, clock: &SharedClock) -> Result<Upstream> {
    let base = BaseUrl::parse(agents_url, PlainHttp::Anywhere)?;
    let mut settings = net::Settings::new("webhooks", base);
    settings.attempt_timeout = DELIVERY_TIMEOUT;
    settings.operation_timeout = DELIVERY_TIMEOUT;
    settings.retry = RetryPolicy::NONE;
    Ok(Upstream::new(settings, Breakers::new(clock.clone()), clock.clone(), std::sync::Arc::new(clock::OsEntropy))?)
}

/// Posts webhooks to this process.
#[derive(Debug)]
struct Post {
    upstream: Upstream,
    base: String,
}

impl Deliver for Post {
    fn post<'a>(&'a self, delivery: Delivery) -> Pin<Box<dyn Future<Output = Result<u16, String>> + Send + 'a>> {
        Box::pin(async move {
            let path = delivery.url.strip_prefix(self.base.trim_end_matches('/')).unwrap_or(&delivery.url).to_owned();
            let mut request = Request::post(path, Idempotency::Unsafe).body("application/json", delivery.body);
            for (name, value) in &delivery.headers {
                if *name != "content-type" && *name != "user-agent" {
                    request = request.header(HeaderName::from_static(name), value);
                }
            }
            match self.upstream.send("webhook", request).await {
                Ok(reply) => Ok(reply.status.as_u16()),
                Err(error) => match error.status() {
                    Some(status) => Ok(status),
                    None => Err(error.to_string()),
                },
            }
        })
    }
}
