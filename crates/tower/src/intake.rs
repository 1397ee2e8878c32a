//! Intake: from a signed delivery to a durable run.
//!
//! Nothing is parsed before the signature holds. What a delivery causes commits with it: its own row, the merge into
//! the order, the withdrawal of tickets that the merge makes void, and the run it starts.

use domain::ids::{OrderKey, RunId, WebhookEventId};
use domain::order::OrderFacts;
use domain::run::NewRun;
use domain::state::RunState;
use domain::webhook::{Action, DeliveryHeaders, ParseContext, ParsedDelivery, Provider, RunSeed, parse, verify};
use serde_json::{Value, json};
use store::Tx;
use store::tickets::Withdrawn;
use store::webhooks::{Inserted, NewWebhook, WebhookState};

use crate::error::Result;
use crate::messages::Messages;
use crate::runs::pinned;
use crate::services::Services;

/// Minutes that events of one resource are gathered before a run starts.
pub const COALESCE_MINUTES: i64 = 10;

/// What the intake must know of this shop.
#[derive(Clone, Default)]
pub struct IntakeSettings {
    /// Secrets of the shop's webhooks; none: every delivery is refused.
    pub shopify_secrets: Vec<String>,
    /// Secrets of the payment provider's.
    pub stripe_secrets: Vec<String>,
    /// Secrets of the printer's.
    pub printful_secrets: Vec<String>,
    /// Facts against which deliveries are checked.
    pub context: ParseContext,
}

impl std::fmt::Debug for IntakeSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntakeSettings").field("context", &self.context).finish_non_exhaustive()
    }
}

impl IntakeSettings {
    fn secrets(&self, provider: Provider) -> Vec<&str> {
        let all = match provider {
            Provider::Shopify => &self.shopify_secrets,
            Provider::Stripe => &self.stripe_secrets,
            Provider::Printful => &self.printful_secrets,
        };
        all.iter().map(String::as_str).collect()
    }
}

/// One delivery as it came in.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// From whom.
    pub provider: Provider,
    /// The headers.
    pub headers: DeliveryHeaders,
    /// Topic from the path; counts when the header is missing.
    pub sub_topic: Option<&'a str>,
    /// The raw body.
    pub body: &'a [u8],
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Stored, with what it causes.
    Accepted,
    /// Stored, and nothing follows.
    Ignored,
    /// Seen before.
    Duplicate,
    /// Not from there; nothing was stored.
    Unauthorized,
}

/// Takes in one delivery.
///
/// # Errors
/// When the store failed: nothing was stored, and the provider will deliver again.
pub async fn receive(services: &Services, settings: &IntakeSettings, delivery: Delivery<'_>) -> Result<Received> {
    let now = services.clock.now();
    let secrets = settings.secrets(delivery.provider);
    if let Err(reason) = verify(delivery.provider, &secrets, &delivery.headers, delivery.body, now) {
        tracing::debug!(provider = delivery.provider.as_str(), %reason, "webhook refused");
        return Ok(Received::Unauthorized);
    }
    let parsed = parse(delivery.provider, &delivery.headers, delivery.sub_topic, delivery.body, &settings.context);
    let Ok(mut parsed) = parsed else {
        tracing::warn!(provider = delivery.provider.as_str(), "webhook of another shop refused");
        return Ok(Received::Unauthorized);
    };
    services.redactor.redact_json(&mut parsed.payload);

    let mut tx = services.db.begin().await?;
    let row = NewWebhook {
        provider: parsed.provider.as_str().to_owned(),
        event_id: parsed.event_id.clone(),
        event_type: parsed.event_type.clone(),
        priority: parsed.priority.as_str().to_owned(),
        resource_key: parsed.resource_key.clone(),
        occurred_at: parsed.occurred_at,
        received_at: now,
        payload: parsed.payload.clone(),
        headers_subset: parsed.headers_subset.clone(),
    };
    let event = match store::webhooks::insert(&mut tx, &row).await? {
        Inserted::New(event) => event,
        Inserted::Duplicate => {
            tx.commit().await?;
            return Ok(Received::Duplicate);
        }
    };
    let caused = cause(services, &mut tx, event, &parsed).await?;
    tx.commit().await?;
    caused.tell(services, event, &parsed);
    services.db.wake();
    tracing::info!(provider = parsed.provider.as_str(), event = parsed.event_type, webhook.id = %event, "webhook stored");
    Ok(caused.received)
}

/// What a new event led to.
#[derive(Debug)]
struct Caused {
    received: Received,
    /// The run that was started, and its name.
    run: Option<(RunId, String)>,
    withdrawn: Vec<Withdrawn>,
}

impl Caused {
    /// Tells whoever watches, after the commit.
    fn tell(&self, services: &Services, event: WebhookEventId, parsed: &ParsedDelivery) {
        let (run_id, name) = self.run.as_ref().map(|(id, name)| (id.as_str(), name.as_str())).unzip();
        services.tell("webhook_received", run_id, || {
            json!({
                "provider": parsed.provider.as_str(), "event_type": parsed.event_type, "webhook_id": event,
                "priority": parsed.priority.as_str(), "task_description": name.unwrap_or_default(),
            })
        });
        services.tell_withdrawn(&self.withdrawn);
        if let Some(run_id) = run_id {
            services.tell_run(run_id, "queued");
        }
    }
}

/// Does what a new event causes, in its transaction.
async fn cause(services: &Services, tx: &mut Tx, event: WebhookEventId, parsed: &ParsedDelivery) -> Result<Caused> {
    let mut caused = Caused { received: Received::Accepted, run: None, withdrawn: Vec::new() };
    let mut order_name = None;
    if let Some(facts) = &parsed.facts {
        let merged = merge_order(services, tx, facts).await?;
        order_name = merged.order_name;
        caused.withdrawn = merged.withdrawn;
    }
    let (state, run, error) = match &parsed.action {
        Action::Ignore { reason } => (WebhookState::Ignored, None, Some(reason.as_str())),
        Action::EventOnly => (WebhookState::Dispatched, None, None),
        // The sweeper starts one run for the newest event of the resource.
        Action::Coalesce(_) => return Ok(caused),
        Action::Run(seed) => {
            let run = start(services, tx, event, seed, parsed.priority.of_run(), order_name.as_deref()).await?;
            caused.run = Some((run.clone(), seed.name(order_name.as_deref())));
            (WebhookState::Dispatched, Some(run), None)
        }
    };
    let _ = store::webhooks::mark(tx, event, state, run.as_ref(), error).await?;
    if state == WebhookState::Ignored {
        caused.received = Received::Ignored;
    }
    Ok(caused)
}

/// What news of an order led to.
#[derive(Debug)]
pub struct MergedOrder {
    /// The order's name.
    pub order_name: Option<String>,
    /// Tickets that became void, to be told of after the commit.
    pub withdrawn: Vec<Withdrawn>,
}

/// Merges news into the order row. When the row's version rises, prints of it that wait for a person are withdrawn, so
/// that nobody can approve a print of an order that is no longer the one shown.
///
/// # Errors
/// When the store failed.
pub async fn merge_order(services: &Services, tx: &mut Tx, facts: &OrderFacts) -> Result<MergedOrder> {
    let now = services.clock.now();
    let merged = store::orders::merge_in(tx, facts, now).await?;
    let mut withdrawn = Vec::new();
    if merged.version_raised {
        withdrawn = withdraw(services, tx, &facts.order_key, facts, now).await?;
    }
    Ok(MergedOrder { order_name: merged.order.order_name, withdrawn })
}

async fn withdraw(
    services: &Services,
    tx: &mut Tx,
    order: &OrderKey,
    facts: &OrderFacts,
    now: domain::time::Timestamp,
) -> Result<Vec<Withdrawn>> {
    let keys = [format!("print:{}", order.shop_id()), format!("draft:{}", order.shop_id())];
    let reason = if facts.cancelled == Some(true) {
        "order_cancelled"
    } else if !facts.refunds.is_empty() || facts.refunded_minor.is_some() {
        "order_refunded"
    } else {
        "order_changed"
    };
    let messages = Messages(&services.ids);
    let withdrawn = store::tickets::withdraw(tx, &keys, reason, now, &|ticket| {
        vec![messages.ticket_decided(ticket.run_id.as_str(), ticket.ticket_id, "rejected", domain::ticket::SYSTEM)]
    })
    .await?;
    for ticket in &withdrawn {
        tracing::info!(ticket.id = %ticket.ticket_id, run.id = %ticket.run_id, reason, "ticket withdrawn");
    }
    Ok(withdrawn)
}

pub(crate) async fn start(
    services: &Services,
    tx: &mut Tx,
    event: WebhookEventId,
    seed: &RunSeed,
    priority: i64,
    order_name: Option<&str>,
) -> Result<RunId> {
    let (workflow_id, workflow_version) = pinned(services, None).await?;
    let (input, metadata): (_, Value) = seed.input(event);
    let run = NewRun {
        run_id: services.ids.run(),
        workflow_id,
        workflow_version,
        priority,
        run_name: Some(seed.name(order_name)),
        input_state: RunState::new(input),
        metadata,
        created_by: "webhook".to_owned(),
        serial_key: Some(seed.serial_key.clone()),
        idempotency_key: None,
        parent: None,
        created_at: services.clock.now(),
    };
    let message = Messages(&services.ids).queued(&run);
    store::runs::insert(tx, &run, &[message]).await?;
    Ok(run.run_id)
}
