//! What becomes of an order in the shop and at the payments: paid, cancelled, given back, sent.

use chrono::TimeDelta;
use domain::time::Timestamp;
use serde_json::json;

use super::outbox::Provider;
use super::state::{MoveRefused, State, StoreKind};
use super::things::{Happening, Order, OrderKind, Payment, Refund};
use crate::{shopify, stripe};

impl State {
    /// The news of an order that has just been put into the shop, and what its kind holds in store for it.
    pub(super) fn created(&mut self, at: Timestamp, id: u64) {
        let Some(order) = self.orders.get(&id.to_string()).cloned() else { return };
        let event = self.meta_mut().rng.uuid();
        self.tell_shop(at, "orders/create", &event, id);
        if order.paid_at.is_some() {
            self.paid(at, id, &event);
        }
        let rng = &mut self.meta_mut().rng;
        let (delay, next) = match order.kind {
            OrderKind::Paid | OrderKind::Test | OrderKind::Refunded => return,
            OrderKind::Unpaid => (rng.between(60, 1_800), Happening::Pay { order: id }),
            OrderKind::Cancelled => (rng.between(20, 600), Happening::Cancel { order: id }),
            OrderKind::PartlyRefunded => (rng.between(3, 15), Happening::RefundOne { order: id }),
        };
        self.plan(at + TimeDelta::seconds(delay), next);
    }

    /// Money has arrived: the charge, the news, and what a paid order brings with it.
    fn paid(&mut self, at: Timestamp, id: u64, event: &str) {
        let key = id.to_string();
        let Some(order) = self.orders.get(&key).cloned() else { return };
        if !order.test {
            let rng = &mut self.meta_mut().rng;
            let payment = Payment {
                charge_id: format!("ch_{}", rng.token(24)),
                intent_id: format!("pi_{}", rng.token(24)),
                order_id: Some(id),
                amount: order.total(),
                amount_refunded: 0,
                currency: order.currency.to_lowercase(),
                created: at,
                disputed: false,
            };
            if rng.once_in(80) {
                let after = TimeDelta::hours(rng.between(24, 240));
                self.plan(at + after, Happening::Dispute { charge: payment.charge_id.clone() });
            }
            if let Some(order) = self.orders.get_mut(&key) {
                order.charge_id = Some(payment.charge_id.clone());
            }
            let intent = stripe::views::intent(&payment);
            self.payments.put(payment.charge_id.clone(), payment);
            self.tell_stripe(at, "payment_intent.succeeded", intent);
        }
        self.tell_shop(at, "orders/paid", event, id);
        if self.meta().printful_store == StoreKind::Shopify && !order.test && !self.meta_mut().rng.once_in(12) {
            self.plan(at + TimeDelta::seconds(5), Happening::Import { order: id });
        }
        if !order.test && order.lines.iter().any(|line| !line.printable) {
            let hours = self.meta_mut().rng.between(18, 30);
            self.plan(at + TimeDelta::hours(hours), Happening::OwnerSends { order: id });
        }
    }

    fn movable(&self, id: &str) -> Result<&Order, MoveRefused> {
        self.orders.get(id).ok_or_else(|| MoveRefused::Unknown(id.to_owned()))
    }

    /// The customer pays.
    ///
    /// # Errors
    /// When the order is unknown, paid or cancelled.
    pub fn pay(&mut self, at: Timestamp, id: &str) -> Result<(), MoveRefused> {
        let order = self.movable(id)?;
        if order.paid_at.is_some() || order.cancelled_at.is_some() {
            return Err(not_now(id, "it is paid or cancelled"));
        }
        let number = order.id;
        if let Some(order) = self.orders.get_mut(id) {
            order.paid_at = Some(at);
            order.updated_at = at;
        }
        let event = self.meta_mut().rng.uuid();
        self.paid(at, number, &event);
        Ok(())
    }

    /// The order is cancelled. Of paid ones two in three get their money back at once.
    ///
    /// # Errors
    /// When the order is unknown, cancelled or on its way.
    pub fn cancel(&mut self, at: Timestamp, id: &str) -> Result<(), MoveRefused> {
        let order = self.movable(id)?;
        if order.cancelled_at.is_some() {
            return Err(not_now(id, "it is cancelled"));
        }
        if order.fulfillment_status().is_some() {
            return Err(not_now(id, "it is on its way"));
        }
        let (number, paid) = (order.id, order.paid_at.is_some() && !order.test);
        if let Some(order) = self.orders.get_mut(id) {
            order.cancelled_at = Some(at);
            order.updated_at = at;
        }
        let give_back = paid && !self.meta_mut().rng.once_in(3);
        if give_back {
            // Already all given back is no reason against cancelling.
            drop(self.refund(at, id));
        }
        let event = self.meta_mut().rng.uuid();
        self.tell_shop(at, "orders/cancelled", &event, number);
        Ok(())
    }

    /// All that is left is given back.
    ///
    /// # Errors
    /// When the order is unknown, unpaid or given back already.
    pub fn refund(&mut self, at: Timestamp, id: &str) -> Result<(), MoveRefused> {
        let order = self.movable(id)?;
        let left = order.total() - order.refunded();
        if order.paid_at.is_none() || order.test || left <= 0 {
            return Err(not_now(id, "no money is left to give back"));
        }
        let lines =
            order.lines.iter().map(|line| (line.id, line.unfulfilled())).filter(|(_, left)| *left > 0).collect();
        self.give_back(at, id, left, lines);
        Ok(())
    }

    /// One piece is taken back before anything was sent.
    pub(super) fn refund_one(&mut self, at: Timestamp, id: &str) {
        let Some(order) = self.orders.get(id) else { return };
        let Some(line) = order.lines.iter().find(|line| line.unfulfilled() > 0 && order.cancelled_at.is_none()) else {
            return;
        };
        let (amount, lines) = (line.price, vec![(line.id, 1)]);
        if amount + order.refunded() < order.total() {
            self.give_back(at, id, amount, lines);
        }
    }

    fn give_back(&mut self, at: Timestamp, id: &str, amount: i64, lines: Vec<(u64, i64)>) {
        let refund = Refund { id: self.next_shop_id(), at, amount, lines, transaction_id: self.next_shop_id() };
        let Some(order) = self.orders.get_mut(id) else { return };
        for (line, quantity) in &refund.lines {
            if let Some(line) = order.lines.iter_mut().find(|candidate| candidate.id == *line) {
                line.current_quantity -= quantity;
            }
        }
        order.updated_at = at;
        order.refunds.push(refund.clone());
        let order = order.clone();
        let event = self.meta_mut().rng.uuid();
        self.announce(
            at,
            Provider::Shopify,
            "refunds/create",
            event,
            shopify::rest::refund(&order, &refund),
            order.test,
        );
        if let Some(charge) = order.charge_id {
            self.refund_charge(at, &charge, amount, "requested_by_customer", json!({}));
        }
    }

    /// Gives money of a charge back at Stripe and returns the refund as it is served. The caller has made sure that
    /// so much is left.
    pub(crate) fn refund_charge(
        &mut self,
        at: Timestamp,
        charge: &str,
        amount: i64,
        reason: &str,
        metadata: serde_json::Value,
    ) -> serde_json::Value {
        let id = format!("re_{}", self.meta_mut().rng.token(24));
        let Some(payment) = self.payments.get_mut(charge) else { return serde_json::Value::Null };
        payment.amount_refunded += amount;
        let payment = payment.clone();
        let refund = stripe::views::refund(&id, &payment, amount, reason, metadata, at);
        self.stripe.put(id, refund.clone());
        self.tell_stripe(at, "charge.refunded", stripe::views::charge(&payment));
        refund
    }

    pub(super) fn dispute(&mut self, at: Timestamp, charge: &str) {
        let id = format!("du_{}", self.meta_mut().rng.token(24));
        let Some(payment) = self.payments.get_mut(charge) else { return };
        if payment.amount_refunded >= payment.amount {
            return;
        }
        payment.disputed = true;
        let dispute = stripe::views::dispute(&id, payment, at);
        self.tell_stripe(at, "charge.dispute.created", dispute);
    }

    /// The owner sends what Printful does not print.
    pub(super) fn owner_sends(&mut self, at: Timestamp, id: &str) {
        self.send_lines(at, id, |line| if line.printable { 0 } else { line.unfulfilled() });
    }

    /// The shop learns that everything Printful had has been sent.
    pub(super) fn mark_sent(&mut self, at: Timestamp, id: &str) {
        self.send_lines(at, id, |line| if line.printable { line.unfulfilled() } else { 0 });
    }

    pub(super) fn send_lines(&mut self, at: Timestamp, id: &str, quantity: impl Fn(&super::things::Line) -> i64) {
        let Some(order) = self.orders.get(id) else { return };
        if order.cancelled_at.is_some() || order.lines.iter().all(|line| quantity(line) == 0) {
            return;
        }
        let Some(order) = self.orders.get_mut(id) else { return };
        for line in &mut order.lines {
            line.fulfilled += quantity(line);
        }
        order.updated_at = at;
        let (number, complete) = (order.id, order.fulfillment_status() == Some("fulfilled"));
        let refund_later = complete && order.kind == OrderKind::Refunded && order.refunds.is_empty();
        if complete {
            let event = self.meta_mut().rng.uuid();
            self.tell_shop(at, "orders/fulfilled", &event, number);
        }
        if refund_later {
            let hours = self.meta_mut().rng.between(24, 96);
            self.plan(at + TimeDelta::hours(hours), Happening::RefundAll { order: number });
        }
    }

    fn tell_shop(&mut self, at: Timestamp, topic: &str, event: &str, id: u64) {
        let Some(order) = self.orders.get(&id.to_string()) else { return };
        let Some(customer) = self.customers.get(&order.customer) else { return };
        let (body, test) = (shopify::rest::order(order, customer), order.test);
        self.announce(at, Provider::Shopify, topic, event.to_owned(), body, test);
    }

    pub(crate) fn tell_stripe(&mut self, at: Timestamp, kind: &str, object: serde_json::Value) {
        let id = format!("evt_{}", self.meta_mut().rng.token(24));
        let event = stripe::views::event(&id, kind, object, at);
        self.stripe.put(id.clone(), event.clone());
        self.announce(at, Provider::Stripe, kind, id, event, false);
    }
}

fn not_now(order: &str, reason: &'static str) -> MoveRefused {
    MoveRefused::NotNow { order: order.to_owned(), reason }
}
