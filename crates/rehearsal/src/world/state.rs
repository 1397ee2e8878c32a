//! All the world knows, and the changes that are still to be written.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::world_file::WorldRow;

use super::outbox::Outgoing;
use super::rng::Rng;
use super::table::Table;
use super::things::{Customer, Happening, Order, OrderKind, Payment, Print, Product};
use super::time::WorldTime;
use super::{arrivals, catalogue};

/// How the Printful store is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// By its programming interface alone.
    Native,
    /// To the shop: paid orders are imported as drafts.
    Shopify,
}

impl StoreKind {
    /// Printful's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Shopify => "shopify",
        }
    }
}

/// What a start decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Decides everything that chance decides. Counts for a new world only.
    pub seed: u64,
    /// Orders per hour of world time; 0: none arrive by themselves.
    pub pace: f64,
    /// World seconds per real second.
    pub speed: f64,
    /// The shop's name, `….myshopify.com`.
    pub shop_domain: String,
}

/// The one row that is not a thing: counters, chance, time, settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// The seed this world began with.
    pub seed: u64,
    /// Chance as it stands.
    pub rng: Rng,
    /// How world time follows real time.
    pub time: WorldTime,
    /// Orders per hour of world time.
    pub pace: f64,
    /// The shop's name.
    pub shop_domain: String,
    /// How the Printful store is connected.
    pub printful_store: StoreKind,
    /// Currencies of new orders.
    pub currencies: Vec<String>,
    /// Seconds of real time for which a token of the shop is handed out.
    #[serde(default = "a_day")]
    pub token_life: u32,
    /// Webhooks made.
    pub webhooks_sent: u64,
    /// Webhooks acknowledged.
    pub webhooks_acknowledged: u64,
    /// Model calls by model.
    pub model_calls: BTreeMap<String, u64>,
    /// Kinds of the orders to come, last one next.
    pub(super) deck: Vec<OrderKind>,
    next_shop_id: u64,
    next_number: u64,
    next_printful_id: u64,
    sequence: u64,
    /// Key of the planned arrival.
    #[serde(default)]
    arrival: Option<String>,
    /// The next order is the first one after a start.
    pub(super) opening: bool,
}

/// Rows to write and to remove in one commit.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Rows to write.
    pub puts: Vec<WorldRow>,
    /// Rows to remove, kind and id.
    pub deletes: Vec<(String, String)>,
}

impl Changes {
    /// Nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty()
    }

    /// Adds a row that is no part of the state.
    pub(crate) fn put_raw(&mut self, kind: &str, id: &str, body: Value) {
        self.puts.push(WorldRow { kind: kind.to_owned(), id: id.to_owned(), body });
    }

    pub(super) fn put<T: Serialize>(&mut self, kind: &str, id: String, row: &T) {
        // Rows are plain data; their serialization cannot fail.
        let body = serde_json::to_value(row).unwrap_or(Value::Null);
        self.puts.push(WorldRow { kind: kind.to_owned(), id, body });
    }
}

/// A setting that cannot be set like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` takes {wanted}")]
pub struct SettingRefused {
    /// Which.
    pub name: String,
    /// What it takes.
    pub wanted: &'static str,
}

/// An order that cannot be moved like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// No such order.
    #[error("there is no order {0}")]
    Unknown(String),
    /// Its state does not allow it.
    #[error("order {order} cannot be moved: {reason}")]
    NotNow {
        /// Which.
        order: String,
        /// Why not.
        reason: &'static str,
    },
}

/// The world.
#[derive(Debug, Clone)]
pub struct State {
    meta: Meta,
    meta_touched: bool,
    /// The shop's products by id.
    pub products: Table<Product>,
    /// The shop's customers by id.
    pub customers: Table<Customer>,
    /// The shop's orders by id.
    pub orders: Table<Order>,
    /// Charges by charge id.
    pub payments: Table<Payment>,
    /// Stripe's own objects as they are served: products, prices, links, refunds, events, remembered answers.
    pub stripe: Table<Value>,
    /// Printful's orders by id.
    pub prints: Table<Print>,
    /// What is going to happen, by moment.
    pub(super) due: Table<Happening>,
    /// Webhooks not yet acknowledged.
    pub outgoing: Table<Outgoing>,
}

impl State {
    /// A world on its first day.
    #[must_use]
    pub fn new(settings: &Settings, real_now: Timestamp) -> Self {
        let mut rng = Rng::new(settings.seed);
        // Thirteen digits, and another stretch of numbers for each seed.
        let next_shop_id = 5_000_000_000_000 + rng.below(900_000_000_000);
        let mut state = Self::empty(Meta {
            seed: settings.seed,
            rng,
            time: WorldTime { real: real_now, world: real_now, speed: settings.speed },
            pace: settings.pace,
            shop_domain: settings.shop_domain.clone(),
            printful_store: StoreKind::Native,
            currencies: vec!["USD".to_owned()],
            token_life: a_day(),
            webhooks_sent: 0,
            webhooks_acknowledged: 0,
            model_calls: BTreeMap::new(),
            deck: Vec::new(),
            next_shop_id,
            next_number: 1_001,
            next_printful_id: 114_000_000,
            sequence: 0,
            arrival: None,
            opening: true,
        });
        catalogue::furnish(&mut state, real_now);
        state
    }

    fn empty(meta: Meta) -> Self {
        Self {
            meta,
            meta_touched: true,
            products: Table::new("product"),
            customers: Table::new("customer"),
            orders: Table::new("order"),
            payments: Table::new("payment"),
            stripe: Table::new("stripe"),
            prints: Table::new("print"),
            due: Table::new("due"),
            outgoing: Table::new("webhook"),
        }
    }

    /// The world as the file holds it; none when the file is new.
    ///
    /// # Errors
    /// When a row is not what its kind says.
    pub fn restore(rows: Vec<WorldRow>) -> Result<Option<Self>, serde_json::Error> {
        let Some(meta) = rows.iter().find(|row| row.kind == "meta") else { return Ok(None) };
        let mut state = Self::empty(serde_json::from_value(meta.body.clone())?);
        state.meta_touched = false;
        for row in rows {
            match row.kind.as_str() {
                "product" => state.products.restore(row)?,
                "customer" => state.customers.restore(row)?,
                "order" => state.orders.restore(row)?,
                "payment" => state.payments.restore(row)?,
                "stripe" => state.stripe.restore(row)?,
                "print" => state.prints.restore(row)?,
                "due" => state.due.restore(row)?,
                "webhook" => state.outgoing.restore(row)?,
                _ => {}
            }
        }
        Ok(Some(state))
    }

    /// Opens the shop after a start: takes the settings of this start, and lets the next order be one that can be
    /// printed, 10 s from now. Orders that would have come while nothing ran are not made up for.
    pub fn open(&mut self, settings: &Settings, real_now: Timestamp) {
        let now = self.world_now(real_now);
        let meta = self.meta_mut();
        meta.time = WorldTime { real: real_now, world: now, speed: settings.speed };
        meta.pace = settings.pace;
        meta.shop_domain.clone_from(&settings.shop_domain);
        meta.opening = true;
        self.plan_arrival(now, Some(TimeDelta::seconds(10)));
        self.deliver_now(now);
    }

    /// World time at a moment of real time.
    #[must_use]
    pub fn world_now(&self, real_now: Timestamp) -> Timestamp {
        self.meta.time.at(real_now)
    }

    /// Counters and settings.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Counters and settings to change.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.meta_touched = true;
        &mut self.meta
    }

    /// Changes a setting by its name: `pace`, `speed`, `printful_store`, `currencies`,
    /// `token_life`.
    ///
    /// # Errors
    /// When there is no such setting or it does not take the value.
    pub fn set(&mut self, name: &str, value: &str, real_now: Timestamp) -> Result<(), SettingRefused> {
        let refused = |wanted| SettingRefused { name: name.to_owned(), wanted };
        let number = || value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        let now = self.world_now(real_now);
        match name {
            "pace" => {
                self.meta_mut().pace = number().ok_or_else(|| refused("orders per hour, 0 or more"))?;
                self.plan_arrival(now, None);
            }
            "speed" => {
                let speed = number().filter(|speed| *speed > 0.0).ok_or_else(|| refused("a factor above 0"))?;
                self.meta_mut().time = WorldTime { real: real_now, world: now, speed };
            }
            "printful_store" => {
                self.meta_mut().printful_store = match value {
                    "native" => StoreKind::Native,
                    "shopify" => StoreKind::Shopify,
                    _ => return Err(refused("`native` or `shopify`")),
                };
            }
            "currencies" => {
                let codes: Vec<String> = value.split(',').map(|code| code.trim().to_uppercase()).collect();
                // Two decimal places are assumed throughout.
                if !codes.iter().all(|code| ["USD", "EUR", "GBP", "CAD", "AUD"].contains(&code.as_str())) {
                    return Err(refused("a list of USD, EUR, GBP, CAD and AUD"));
                }
                self.meta_mut().currencies = codes;
            }
            "token_life" => {
                let life = value.parse().ok().filter(|life| (1..=a_day()).contains(life));
                self.meta_mut().token_life = life.ok_or_else(|| refused("seconds, 1 to 86400"))?;
            }
            _ => return Err(refused("nothing: there are pace, speed, printful_store, currencies and token_life")),
        }
        Ok(())
    }

    /// The next id of the shop.
    pub(crate) fn next_shop_id(&mut self) -> u64 {
        let step = 1 + self.meta_mut().rng.below(32_768);
        self.meta.next_shop_id += step;
        self.meta.next_shop_id
    }

    pub(super) fn next_number(&mut self) -> u64 {
        let meta = self.meta_mut();
        meta.next_number += 1;
        meta.next_number - 1
    }

    pub(super) fn next_printful_id(&mut self) -> u64 {
        let meta = self.meta_mut();
        meta.next_printful_id += 1;
        meta.next_printful_id
    }

    pub(crate) fn next_sequence(&mut self) -> u64 {
        let meta = self.meta_mut();
        meta.sequence += 1;
        meta.sequence
    }

    /// Lets `happening` come at `at`; returns its key.
    pub(super) fn plan(&mut self, at: Timestamp, happening: Happening) -> String {
        let sequence = self.next_sequence();
        let key = format!("{:020}-{sequence:012}", at.timestamp_micros());
        self.due.put(key.clone(), happening);
        key
    }

    /// The moment of the next happening or webhook attempt.
    #[must_use]
    pub fn next_moment(&self) -> Option<Timestamp> {
        let due = self.due.iter().next().and_then(|(id, _)| moment(id));
        let webhook = self.outgoing.values().map(|outgoing| outgoing.next_at).min();
        due.into_iter().chain(webhook).min()
    }

    /// Lets everything happen that is due at `now` (world time), in its order and at its own moment.
    pub fn step(&mut self, now: Timestamp) {
        while let Some(id) = self.first_due(now) {
            if let Some((happening, at)) = self.due.remove(&id).zip(moment(&id)) {
                self.happen(at, happening);
            }
        }
    }

    fn first_due(&self, now: Timestamp) -> Option<String> {
        let (id, _) = self.due.iter().next()?;
        moment(id).is_none_or(|at| at <= now).then(|| id.to_owned())
    }

    /// Plans the next arrival afresh: after `delay`, or after a time that fits the pace.
    pub(super) fn plan_arrival(&mut self, now: Timestamp, delay: Option<TimeDelta>) {
        if let Some(planned) = self.meta_mut().arrival.take() {
            self.due.remove(&planned);
        }
        if self.meta.pace > 0.0 {
            let delay = delay.unwrap_or_else(|| arrivals::gap(self.meta.pace, &mut self.meta.rng));
            let planned = self.plan(now + delay, Happening::Arrive);
            self.meta.arrival = Some(planned);
        }
    }

    /// What changed since the last call.
    pub fn changes(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.products.drain(&mut changes);
        self.customers.drain(&mut changes);
        self.orders.drain(&mut changes);
        self.payments.drain(&mut changes);
        self.stripe.drain(&mut changes);
        self.prints.drain(&mut changes);
        self.due.drain(&mut changes);
        self.outgoing.drain(&mut changes);
        if std::mem::take(&mut self.meta_touched) {
            changes.put("meta", "world".to_owned(), &self.meta);
        }
        changes
    }
}

fn a_day() -> u32 {
    24 * 3_600
}

fn moment(id: &str) -> Option<Timestamp> {
    Timestamp::from_timestamp_micros(id.get(..20)?.parse().ok()?)
}
