//! Orders arrive: how often, which kinds, what is in them.

use chrono::TimeDelta;
use domain::time::Timestamp;

use super::rng::Rng;
use super::state::State;
use super::things::{Happening, Line, Order, OrderKind, Product};

/// The kinds of a hundred orders.
const KINDS: [(OrderKind, usize); 6] = [
    (OrderKind::Paid, 80),
    (OrderKind::Unpaid, 10),
    (OrderKind::Cancelled, 4),
    (OrderKind::Refunded, 3),
    (OrderKind::PartlyRefunded, 2),
    (OrderKind::Test, 1),
];

/// The time between two orders: half to one and a half of the mean.
pub(super) fn gap(pace: f64, rng: &mut Rng) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of at most some years")]
    let mean = (3_600_000.0 / pace).min(1e12) as i64;
    TimeDelta::milliseconds(rng.between(mean / 2, mean + mean / 2).max(1))
}

impl State {
    pub(super) fn happen(&mut self, at: Timestamp, happening: Happening) {
        match happening {
            Happening::Arrive => {
                self.arrive(at, None);
                self.plan_arrival(at, None);
            }
            // A person may have moved the order on meanwhile; then nothing is left to happen.
            Happening::Pay { order } => drop(self.pay(at, &order.to_string())),
            Happening::Cancel { order } => drop(self.cancel(at, &order.to_string())),
            Happening::RefundAll { order } => drop(self.refund(at, &order.to_string())),
            Happening::RefundOne { order } => self.refund_one(at, &order.to_string()),
            Happening::Import { order } => self.import(at, &order.to_string()),
            Happening::OwnerSends { order } => self.owner_sends(at, &order.to_string()),
            Happening::OwnerMarks { order } => self.mark_sent(at, &order.to_string()),
            Happening::PrintStarts { print } => self.print_starts(at, print),
            Happening::Hold { print } => self.hold(at, print),
            Happening::Resume { print } => self.resume(at, print),
            Happening::Ships { print, parcel, of } => self.ships(at, print, parcel, of),
            Happening::Delivered { print, shipment } => self.delivered(at, print, shipment),
            Happening::Returned { print, shipment } => self.returned(at, print, shipment),
            Happening::Dispute { charge } => self.dispute(at, &charge),
        }
    }

    /// An order arrives now: of `kind`, or of the kind that is next. Returns its id.
    pub fn arrive(&mut self, at: Timestamp, kind: Option<OrderKind>) -> u64 {
        let opening = kind.is_none() && std::mem::take(&mut self.meta_mut().opening);
        let kind = kind.unwrap_or_else(|| self.next_kind(opening));
        let id = self.next_shop_id();
        let number = self.next_number();
        // A refund of one piece needs a second one that stays.
        let lines = self.choose_lines(opening, kind == OrderKind::PartlyRefunded);
        let pieces: i64 = lines.iter().map(|line| line.quantity).sum();
        let customers: Vec<&str> = self.customers.iter().map(|(id, _)| id).collect();
        let mut rng = self.meta().rng.clone();
        let customer = customers[rng.index(customers.len())].to_owned();
        let currencies = &self.meta().currencies;
        let currency = currencies[rng.index(currencies.len())].clone();
        self.meta_mut().rng = rng;
        let order = Order {
            id,
            number,
            kind,
            created_at: at,
            updated_at: at,
            cancelled_at: None,
            paid_at: (kind != OrderKind::Unpaid).then_some(at),
            test: kind == OrderKind::Test,
            currency,
            customer,
            lines,
            shipping: 499 + 100 * (pieces - 1),
            refunds: Vec::new(),
            charge_id: None,
        };
        self.take_from_stock(&order);
        self.orders.put(id.to_string(), order);
        self.created(at, id);
        id
    }

    fn next_kind(&mut self, opening: bool) -> OrderKind {
        if self.meta().deck.is_empty() {
            let mut deck: Vec<OrderKind> =
                KINDS.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count)).collect();
            self.meta_mut().rng.shuffle(&mut deck);
            self.meta_mut().deck = deck;
        }
        let deck = &mut self.meta_mut().deck;
        if opening && let Some(paid) = deck.iter().rposition(|kind| *kind == OrderKind::Paid) {
            return deck.remove(paid);
        }
        deck.pop().unwrap_or(OrderKind::Paid)
    }

    fn choose_lines(&mut self, opening: bool, several: bool) -> Vec<Line> {
        let mut rng = self.meta().rng.clone();
        let mut candidates: Vec<&Product> =
            self.products.values().filter(|product| product.status == "ACTIVE").collect();
        if opening || several {
            candidates.retain(|product| product.variants[0].printable.is_some());
        }
        if opening {
            // The first order is one that anybody would print: the better half by margin.
            candidates.sort_by_key(|product| margin_permille(product));
            candidates.drain(..candidates.len() / 2);
        }
        rng.shuffle(&mut candidates);
        let count = [1, 1, 1, 2, 2, 3][rng.index(6)];
        let chosen: Vec<(Product, usize, i64)> = candidates
            .into_iter()
            .take(count)
            .map(|product| (product.clone(), rng.index(product.variants.len()), [1, 1, 1, 2][rng.index(4)]))
            .collect();
        self.meta_mut().rng = rng;
        let mut lines: Vec<Line> = Vec::new();
        for (product, at, quantity) in chosen {
            let variant = &product.variants[at];
            let quantity = if several && lines.is_empty() { quantity.max(2) } else { quantity };
            lines.push(Line {
                id: self.next_shop_id(),
                product_id: product.id,
                variant_id: variant.id,
                title: product.title.clone(),
                variant_title: variant.title.clone(),
                sku: variant.sku.clone(),
                price: variant.price,
                quantity,
                current_quantity: quantity,
                fulfilled: 0,
                printable: variant.printable.is_some(),
            });
        }
        lines
    }

    fn take_from_stock(&mut self, order: &Order) {
        for line in &order.lines {
            if let Some(product) = self.products.get_mut(&line.product_id.to_string())
                && let Some(variant) = product.variants.iter_mut().find(|variant| variant.id == line.variant_id)
            {
                // The shop restocks before it runs out.
                variant.inventory =
                    if variant.inventory > line.quantity { variant.inventory - line.quantity } else { 200 };
            }
        }
    }
}

fn margin_permille(product: &Product) -> i64 {
    let variant = &product.variants[0];
    let cost = variant.printable.as_ref().map_or(0, |printable| printable.cost);
    (variant.price - cost) * 1_000 / variant.price.max(1)
}
