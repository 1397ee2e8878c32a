//! Orders: what is known of each, and how news is merged into it.
//!
//! News comes late, twice and in any order, so an order is a lattice: payment, fulfilment and refunds only rise, marks
//! once set stay, and of the figures that may change either way the newest statement counts.

mod merge;
mod poll;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::OrderKey;
use crate::time::Timestamp;

pub use merge::{OrderMerge, merge};
pub use poll::{POLL_SOURCE, polled_input, wants_print, wants_run};

macro_rules! rank {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$vdoc])* $variant = $number,)+
        }

        impl $name {
            /// The number in rows.
            #[must_use]
            pub const fn as_i64(self) -> i64 {
                self as i64
            }

            /// Reads the number of a row.
            #[must_use]
            pub const fn from_i64(number: i64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The name in answers.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

rank! {
    /// How far the payment of an order has come. Only rises.
    Payment {
        /// Nothing known.
        #[default]
        None = 0 "none",
        /// Due, partly paid, expired or voided.
        Pending = 1 "pending",
        /// Reserved at the customer's bank.
        Authorised = 2 "authorised",
        /// Paid in full.
        Paid = 3 "paid",
        /// Paid, and a part given back.
        PartlyRefunded = 4 "partly_refunded",
        /// Paid, and all given back.
        Refunded = 5 "refunded",
    }
}

rank! {
    /// How far an order has come on its way to the customer. Only rises.
    Fulfilment {
        /// Nothing done.
        #[default]
        None = 0 "none",
        /// Confirmed at the printer.
        Submitted = 1 "submitted",
        /// Being printed.
        InProduction = 2 "in_production",
        /// Some lines have left.
        PartlyShipped = 3 "partly_shipped",
        /// All lines have left.
        Shipped = 4 "shipped",
        /// Arrived.
        Delivered = 5 "delivered",
        /// Came back.
        Returned = 6 "returned",
    }
}

/// One order, a row of `orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its key, `shopify:<id>`.
    pub order_key: OrderKey,
    /// Name for people, `#1042`.
    pub order_name: Option<String>,
    /// Currency of the totals, upper case.
    pub currency: Option<String>,
    /// What the customer owes in all.
    pub total_minor: Option<i64>,
    /// What was given back.
    pub refunded_minor: i64,
    /// Payment reached.
    pub payment: Payment,
    /// Fulfilment reached.
    pub fulfilment: Fulfilment,
    /// Cancelled by anyone.
    pub cancelled: bool,
    /// A test order.
    pub is_test: bool,
    /// The printer's order.
    pub print_order_id: Option<String>,
    /// Moment of the newest news.
    pub last_event_at: Option<Timestamp>,
    /// When the gap check last read it from the shop.
    pub polled_at: Option<Timestamp>,
    /// Rises when something changes that an approval of a print relies on.
    pub version: i64,
    /// When the customer ordered.
    pub ordered_at: Option<Timestamp>,
    /// Sum of the quantities of all lines as ordered.
    pub item_count: Option<i64>,
    /// Refund id to minor units.
    pub refunds: BTreeMap<String, i64>,
    /// What the print costs, minor units of `print_cost_currency`.
    pub print_cost_minor: Option<i64>,
    /// Currency of the print cost.
    pub print_cost_currency: Option<String>,
    /// What the payment provider kept.
    pub payment_fee_minor: Option<i64>,
    /// The print was cancelled at the printer.
    pub print_cancelled: bool,
    /// Where the parcel can be followed.
    pub tracking_url: Option<String>,
    /// Text for the customer.
    pub customer_note: Option<String>,
    /// Moment of the shop's statement that total, currency, item count and name come from. `last_event_at` cannot
    /// stand in for it: it also follows other providers, and would make a later statement of the shop look stale.
    #[serde(default)]
    pub shop_seen_at: Option<Timestamp>,
    /// The same for the printer's facts.
    #[serde(default)]
    pub print_seen_at: Option<Timestamp>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

impl Order {
    /// A row that knows nothing but its key.
    #[must_use]
    pub fn new(order_key: OrderKey, now: Timestamp) -> Self {
        Self {
            order_key,
            order_name: None,
            currency: None,
            total_minor: None,
            refunded_minor: 0,
            payment: Payment::None,
            fulfilment: Fulfilment::None,
            cancelled: false,
            is_test: false,
            print_order_id: None,
            last_event_at: None,
            polled_at: None,
            version: 0,
            ordered_at: None,
            item_count: None,
            refunds: BTreeMap::new(),
            print_cost_minor: None,
            print_cost_currency: None,
            payment_fee_minor: None,
            print_cancelled: false,
            tracking_url: None,
            customer_note: None,
            shop_seen_at: None,
            print_seen_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Who says so. Only the shop may raise a payment; what stops a print counts from anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The shop.
    Shopify,
    /// The payment provider.
    Stripe,
    /// The printer.
    Printful,
    /// This program, of what it did itself (a confirmed print, a note).
    Holly,
}

/// What one piece of news says of an order. What it does not say is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// Who says so.
    pub origin: Origin,
    /// Of which order.
    pub order_key: OrderKey,
    /// As of when, by the clock of who says it; none: the moment of the merge.
    pub at: Option<Timestamp>,
    /// Name for people.
    pub order_name: Option<String>,
    /// Currency of `total_minor`, `refunds`, `refunded_minor` and `payment_fee_minor`.
    pub currency: Option<String>,
    /// Total.
    pub total_minor: Option<i64>,
    /// Payment reached; counts from the shop only.
    pub payment: Option<Payment>,
    /// Sum of all refunds as the provider states it.
    pub refunded_minor: Option<i64>,
    /// Single refunds by id.
    pub refunds: BTreeMap<String, i64>,
    /// Fulfilment reached.
    pub fulfilment: Option<Fulfilment>,
    /// `Some(true)` cancels; anything else says nothing.
    pub cancelled: Option<bool>,
    /// `Some(true)` marks a test; anything else says nothing.
    pub is_test: Option<bool>,
    /// When the customer ordered.
    pub ordered_at: Option<Timestamp>,
    /// Sum of the quantities of all lines as ordered.
    pub item_count: Option<i64>,
    /// The printer's order.
    pub print_order_id: Option<String>,
    /// What the print costs.
    pub print_cost_minor: Option<i64>,
    /// Currency of the print cost.
    pub print_cost_currency: Option<String>,
    /// `Some(true)`: the print was cancelled at the printer.
    pub print_cancelled: Option<bool>,
    /// What the payment provider kept.
    pub payment_fee_minor: Option<i64>,
    /// Where the parcel can be followed.
    pub tracking_url: Option<String>,
    /// Text for the customer; the first one stays.
    pub customer_note: Option<String>,
    /// When the shop was polled for it.
    pub polled_at: Option<Timestamp>,
}

impl OrderFacts {
    /// News that says nothing yet; fill in what is known.
    #[must_use]
    pub fn new(origin: Origin, order_key: OrderKey) -> Self {
        Self {
            origin,
            order_key,
            at: None,
            order_name: None,
            currency: None,
            total_minor: None,
            payment: None,
            refunded_minor: None,
            refunds: BTreeMap::new(),
            fulfilment: None,
            cancelled: None,
            is_test: None,
            ordered_at: None,
            item_count: None,
            print_order_id: None,
            print_cost_minor: None,
            print_cost_currency: None,
            print_cancelled: None,
            payment_fee_minor: None,
            tracking_url: None,
            customer_note: None,
            polled_at: None,
        }
    }
}

/// Why an order must not be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotPrintable {
    /// It is cancelled.
    #[error("the order is cancelled")]
    Cancelled,
    /// It is a test.
    #[error("the order is a test")]
    Test,
    /// It is not paid in full.
    #[error("the order is not paid")]
    NotPaid,
    /// All the money was given back.
    #[error("the order was refunded")]
    Refunded,
}

impl NotPrintable {
    /// The stable name of the reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Test => "test",
            Self::NotPaid => "not_paid",
            Self::Refunded => "refunded",
        }
    }
}

/// Whether an order may be printed: paid and not given back in full, not cancelled, not a test.
///
/// # Errors
/// The first reason against it. A cancellation is named before a test mark, and both before the payment.
pub fn printable(order: &Order) -> Result<(), NotPrintable> {
    if order.cancelled {
        Err(NotPrintable::Cancelled)
    } else if order.is_test {
        Err(NotPrintable::Test)
    } else {
        match order.payment {
            Payment::Paid | Payment::PartlyRefunded => Ok(()),
            Payment::Refunded => Err(NotPrintable::Refunded),
            Payment::None | Payment::Pending | Payment::Authorised => Err(NotPrintable::NotPaid),
        }
    }
}

#[cfg(test)]
mod tests;
