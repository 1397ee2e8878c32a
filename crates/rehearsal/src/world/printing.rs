//! Printful's side: drafts, costs, production, parcels.

use chrono::TimeDelta;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::outbox::Provider;
use super::rng::Rng;
use super::state::{MoveRefused, State, StoreKind};
use super::things::{Estimate, Happening, Print, PrintItem, Shipment, Variant};
use super::time::money;
use crate::printful;

/// An item as a request names it.
#[derive(Debug, Clone)]
pub struct ItemRequest {
    /// The shop's line id.
    pub external_id: Option<String>,
    /// Printful's sync variant.
    pub sync_variant_id: u64,
    /// How many.
    pub quantity: i64,
    /// Retail price of one.
    pub retail_price: Option<String>,
}

/// Why Printful refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintRefused {
    /// No such order.
    #[error("Not found")]
    Unknown,
    /// The external id is taken.
    #[error("Order with this External ID already exists: {0}")]
    Taken(String),
    /// An item names no variant of this store.
    #[error("Sync variant {0} not found")]
    Item(u64),
    /// The order's state does not allow it.
    #[error("Order in status `{0}` does not allow this action")]
    Status(String),
    /// The costs are still being calculated.
    #[error("Order costs are still being calculated")]
    Calculating,
}

impl State {
    /// The variant behind a sync variant.
    #[must_use]
    pub fn sync_variant(&self, id: u64) -> Option<(&super::things::Product, &Variant)> {
        self.products.values().find_map(|product| {
            let found = product
                .variants
                .iter()
                .find(|variant| variant.printable.as_ref().is_some_and(|printable| printable.sync_variant_id == id))?;
            Some((product, found))
        })
    }

    /// The variant with the shop's id.
    #[must_use]
    pub fn shop_variant(&self, id: u64) -> Option<(&super::things::Product, &Variant)> {
        self.products
            .values()
            .find_map(|product| Some((product, product.variants.iter().find(|variant| variant.id == id)?)))
    }

    /// What printing `items` costs.
    ///
    /// # Errors
    /// When an item names no variant of this store.
    pub fn estimate(&self, items: &[ItemRequest]) -> Result<Estimate, PrintRefused> {
        let mut estimate = Estimate { subtotal: 0, shipping: 0 };
        let mut pieces = 0;
        for item in items {
            let (_, variant) =
                self.sync_variant(item.sync_variant_id).ok_or(PrintRefused::Item(item.sync_variant_id))?;
            estimate.subtotal += item.quantity * variant.printable.as_ref().map_or(0, |printable| printable.cost);
            pieces += item.quantity;
        }
        estimate.shipping = 469 + 95 * (pieces - 1).max(0);
        Ok(estimate)
    }

    /// The print with Printful's id or, after `@`, with ours.
    #[must_use]
    pub fn find_print(&self, id: &str) -> Option<&Print> {
        match id.strip_prefix('@') {
            Some(external) => self.prints.values().find(|print| print.external_id == external),
            None => self.prints.get(id),
        }
    }

    /// Makes a draft. A taken external id is refused, and counted at the print that has it.
    ///
    /// # Errors
    /// When the external id is taken or an item is unknown.
    pub fn create_print(
        &mut self,
        at: Timestamp,
        external_id: &str,
        items: &[ItemRequest],
        recipient: Value,
        retail_costs: Value,
    ) -> Result<Print, PrintRefused> {
        if let Some(taken) = self.find_print(&format!("@{external_id}")).map(|print| print.id.to_string()) {
            if let Some(print) = self.prints.get_mut(&taken) {
                print.create_requests += 1;
            }
            return Err(PrintRefused::Taken(external_id.to_owned()));
        }
        self.draft(at, external_id, items, recipient, retail_costs, 1)
    }

    fn draft(
        &mut self,
        at: Timestamp,
        external_id: &str,
        items: &[ItemRequest],
        recipient: Value,
        retail_costs: Value,
        create_requests: u64,
    ) -> Result<Print, PrintRefused> {
        let cost = self.estimate(items)?;
        let id = self.next_printful_id();
        let mut made = Vec::new();
        for item in items {
            let item_id = self.next_printful_id();
            let (product, variant) =
                self.sync_variant(item.sync_variant_id).ok_or(PrintRefused::Item(item.sync_variant_id))?;
            let Some(printable) = &variant.printable else { continue };
            made.push(PrintItem {
                id: item_id,
                external_id: item.external_id.clone(),
                sync_variant_id: item.sync_variant_id,
                catalog_variant_id: printable.catalog_variant_id,
                quantity: item.quantity,
                name: format!("{} / {}", product.title, variant.title),
                price: printable.cost,
                retail_price: item.retail_price.clone().unwrap_or_else(|| money(variant.price)),
                variant_id: variant.id,
            });
        }
        let print = Print {
            id,
            external_id: external_id.to_owned(),
            status: "draft".to_owned(),
            created_at: at,
            updated_at: at,
            items: made,
            shipping: "STANDARD".to_owned(),
            recipient,
            retail_costs,
            cost,
            costs_at: at + TimeDelta::seconds(1),
            arrivals: 0,
            create_requests,
            confirm_requests: 0,
            shipments: Vec::new(),
        };
        self.prints.put(id.to_string(), print.clone());
        self.tell_printful(at, "order_created", id, None);
        Ok(print)
    }

    /// The connected store imports a paid order.
    pub(super) fn import(&mut self, at: Timestamp, id: &str) {
        let Some(order) = self.orders.get(id) else { return };
        if order.cancelled_at.is_some() || self.find_print(&format!("@{id}")).is_some() {
            return;
        }
        let Some(customer) = self.customers.get(&order.customer) else { return };
        let recipient = printful::views::recipient_of(customer);
        let items: Vec<ItemRequest> = order
            .lines
            .iter()
            .filter(|line| line.unfulfilled() > 0)
            .filter_map(|line| {
                let (_, variant) = self.shop_variant(line.variant_id)?;
                Some(ItemRequest {
                    external_id: Some(line.id.to_string()),
                    sync_variant_id: variant.printable.as_ref()?.sync_variant_id,
                    quantity: line.unfulfilled(),
                    retail_price: Some(money(line.price)),
                })
            })
            .collect();
        if !items.is_empty() {
            // Its items were just looked up, so nothing can be unknown.
            drop(self.draft(at, id, &items, recipient, json!({}), 0));
        }
    }

    /// Confirms a draft: money is spent, production is going to start.
    ///
    /// # Errors
    /// When it is unknown, not a draft, or its costs are not known yet.
    pub fn confirm_print(&mut self, at: Timestamp, id: &str) -> Result<Print, PrintRefused> {
        let number = self.find_print(id).ok_or(PrintRefused::Unknown)?.id;
        let print = self.prints.get_mut(&number.to_string()).ok_or(PrintRefused::Unknown)?;
        print.confirm_requests += 1;
        if !matches!(print.status.as_str(), "draft" | "failed") {
            return Err(PrintRefused::Status(print.status.clone()));
        }
        if at < print.costs_at {
            return Err(PrintRefused::Calculating);
        }
        print.status = "pending".to_owned();
        print.updated_at = at;
        print.arrivals += 1;
        let print = print.clone();
        self.tell_printful(at, "order_updated", number, None);
        self.plan(at + TimeDelta::hours(2), Happening::PrintStarts { print: number });
        Ok(print)
    }

    /// Cancels a draft or a pending order; the money comes back.
    ///
    /// # Errors
    /// When it is unknown or already in production.
    pub fn cancel_print(&mut self, at: Timestamp, id: &str) -> Result<Print, PrintRefused> {
        let number = self.find_print(id).ok_or(PrintRefused::Unknown)?.id;
        let print = self.prints.get_mut(&number.to_string()).ok_or(PrintRefused::Unknown)?;
        if !matches!(print.status.as_str(), "draft" | "failed" | "pending") {
            return Err(PrintRefused::Status(print.status.clone()));
        }
        print.status = "canceled".to_owned();
        print.updated_at = at;
        let print = print.clone();
        self.tell_printful(at, "order_canceled", number, Some("Canceled by the store owner"));
        Ok(print)
    }

    fn set_status(&mut self, at: Timestamp, print: u64, from: &[&str], to: &str) -> bool {
        let key = print.to_string();
        if !self.prints.get(&key).is_some_and(|print| from.contains(&print.status.as_str())) {
            return false;
        }
        if let Some(print) = self.prints.get_mut(&key) {
            print.status = to.to_owned();
            print.updated_at = at;
        }
        true
    }

    pub(super) fn print_starts(&mut self, at: Timestamp, print: u64) {
        if !self.set_status(at, print, &["pending"], "inprocess") {
            return;
        }
        self.tell_printful(at, "order_updated", print, None);
        let two = self.prints.get(&print.to_string()).is_some_and(|print| print.items.len() > 1);
        let rng = &mut self.meta_mut().rng;
        let of = if two && rng.once_in(2) { 2 } else { 1 };
        let held = rng.once_in(40);
        let after = TimeDelta::minutes(rng.between(10, 300));
        if held {
            self.plan(at + after, Happening::Hold { print });
            self.plan(at + after + TimeDelta::hours(6), Happening::Resume { print });
        }
        // A day after the confirmation, of which two hours have passed.
        for parcel in 1..=of {
            let when = TimeDelta::hours(22) + TimeDelta::hours(6 * i64::from(parcel - 1));
            self.plan(at + when, Happening::Ships { print, parcel, of });
        }
    }

    pub(super) fn hold(&mut self, at: Timestamp, print: u64) {
        if self.set_status(at, print, &["inprocess"], "onhold") {
            self.tell_printful(at, "order_put_hold", print, Some("The print file needs a second look"));
        }
    }

    pub(super) fn resume(&mut self, at: Timestamp, print: u64) {
        if self.set_status(at, print, &["onhold"], "inprocess") {
            self.tell_printful(at, "order_remove_hold", print, None);
        }
    }

    pub(super) fn ships(&mut self, at: Timestamp, print: u64, parcel: u32, of: u32) {
        let last = parcel == of;
        if !self.set_status(at, print, &["inprocess", "onhold", "partial"], if last { "fulfilled" } else { "partial" })
        {
            return;
        }
        let key = print.to_string();
        let shipment_id = self.next_printful_id();
        let rng: &mut Rng = &mut self.meta_mut().rng;
        let tracking_number = format!("9400{:018}", rng.below(1_000_000_000_000_000_000));
        let returned = rng.once_in(60);
        let Some(row) = self.prints.get_mut(&key) else { return };
        let items: Vec<(u64, i64)> = row
            .items
            .iter()
            .enumerate()
            .filter(|(index, _)| of == 1 || (*index == 0) == (parcel == 1))
            .map(|(_, item)| (item.id, item.quantity))
            .collect();
        let shipment = Shipment {
            id: shipment_id,
            carrier: "USPS".to_owned(),
            service: "USPS Ground Advantage".to_owned(),
            tracking_number,
            shipped_at: at,
            delivered_at: None,
            returned: false,
            items,
        };
        row.shipments.push(shipment.clone());
        let row = row.clone();
        let body = printful::views::shipment_event("shipment_sent", &row, &shipment, at, None);
        self.announce(at, Provider::Printful, "shipment_sent", shipment_id.to_string(), body, false);
        if last {
            self.tell_printful(at, "order_updated", print, None);
            let order = row.external_id.parse().unwrap_or(0);
            // A connected store tells the shop by itself; otherwise the owner does so an hour later.
            let delay = if self.meta().printful_store == StoreKind::Shopify { 5 } else { 3_600 };
            self.plan(at + TimeDelta::seconds(delay), Happening::OwnerMarks { order });
        }
        let next = if returned {
            Happening::Returned { print, shipment: shipment_id }
        } else {
            Happening::Delivered { print, shipment: shipment_id }
        };
        self.plan(at + TimeDelta::days(4), next);
    }

    pub(super) fn delivered(&mut self, at: Timestamp, print: u64, shipment: u64) {
        if let Some(print) = self.prints.get_mut(&print.to_string())
            && let Some(shipment) = print.shipments.iter_mut().find(|row| row.id == shipment)
        {
            shipment.delivered_at = Some(at);
            print.updated_at = at;
        }
    }

    pub(super) fn returned(&mut self, at: Timestamp, print: u64, shipment: u64) {
        let Some(print) = self.prints.get_mut(&print.to_string()) else { return };
        let Some(row) = print.shipments.iter_mut().find(|row| row.id == shipment) else { return };
        row.returned = true;
        print.updated_at = at;
        let (row, print) = (row.clone(), print.clone());
        let body = printful::views::shipment_event("shipment_returned", &print, &row, at, Some("Address not found"));
        self.announce(at, Provider::Printful, "shipment_returned", shipment.to_string(), body, false);
    }

    /// Everything of an order is sent now, as far as it has been confirmed or needs no print.
    ///
    /// # Errors
    /// When the order is unknown or nothing of it can be sent.
    pub fn ship(&mut self, at: Timestamp, id: &str) -> Result<(), MoveRefused> {
        let order = self.orders.get(id).ok_or_else(|| MoveRefused::Unknown(id.to_owned()))?;
        let printable = order.lines.iter().any(|line| line.printable && line.unfulfilled() > 0);
        if !printable {
            self.owner_sends(at, id);
            return Ok(());
        }
        let number = self
            .find_print(&format!("@{id}"))
            .filter(|print| matches!(print.status.as_str(), "pending" | "inprocess" | "onhold" | "partial"))
            .map(|print| print.id);
        let Some(number) = number else {
            return Err(MoveRefused::NotNow { order: id.to_owned(), reason: "its print is not confirmed" });
        };
        if self.set_status(at, number, &["pending"], "inprocess") {
            self.tell_printful(at, "order_updated", number, None);
        }
        self.ships(at, number, 1, 1);
        Ok(())
    }

    fn tell_printful(&mut self, at: Timestamp, kind: &str, print: u64, reason: Option<&str>) {
        let Some(print) = self.prints.get(&print.to_string()) else { return };
        let body = printful::views::order_event(kind, print, at, reason);
        let id = print.id.to_string();
        self.announce(at, Provider::Printful, kind, id, body, false);
    }
}
