//! What the world is made of. Money is minor units throughout; it becomes text only in an answer.

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A product of the shop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Shopify id.
    pub id: u64,
    /// Title.
    pub title: String,
    /// Description, HTML.
    pub description_html: String,
    /// `ACTIVE`, `DRAFT` or `ARCHIVED`.
    pub status: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Variants, at least one.
    pub variants: Vec<Variant>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One variant of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Shopify id.
    pub id: u64,
    /// Title, for example `M`.
    pub title: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Retail price.
    pub price: i64,
    /// Stock.
    pub inventory: i64,
    /// How it is printed; none when it is no Printful item.
    pub printable: Option<Printable>,
}

/// The print side of a variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Printable {
    /// Printful's sync variant.
    pub sync_variant_id: u64,
    /// Printful's catalogue variant.
    pub catalog_variant_id: u64,
    /// What printing one costs.
    pub cost: i64,
}

/// Somebody who buys. Made up from the seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Shopify id.
    pub id: u64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address under a name that can never exist.
    pub email: String,
    /// Street and number.
    pub address1: String,
    /// City.
    pub city: String,
    /// State or province code, may be empty.
    pub province_code: String,
    /// Postal code.
    pub zip: String,
    /// Country code.
    pub country_code: String,
    /// Country.
    pub country: String,
}

/// What an order is going to go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Paid at once.
    Paid,
    /// Paid 1 to 30 minutes later.
    Unpaid,
    /// Paid, then cancelled within 10 minutes.
    Cancelled,
    /// Paid, shipped, then refunded.
    Refunded,
    /// Paid, then refunded in part before it can be printed.
    PartlyRefunded,
    /// A test of the checkout.
    Test,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Shopify id.
    pub id: u64,
    /// Number, 1001 for `#1001`.
    pub number: u64,
    /// What it goes through.
    pub kind: OrderKind,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// A test of the checkout.
    pub test: bool,
    /// Currency code.
    pub currency: String,
    /// Who bought.
    pub customer: String,
    /// What was bought.
    pub lines: Vec<Line>,
    /// What the customer pays for shipping.
    pub shipping: i64,
    /// Money given back.
    pub refunds: Vec<Refund>,
    /// Its charge.
    pub charge_id: Option<String>,
}

impl Order {
    /// `#1001`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("#{}", self.number)
    }

    /// Lines and shipping as bought.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.price * line.quantity).sum::<i64>() + self.shipping
    }

    /// Sum of the refunds.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// The shop's word for the state of the money, lower case.
    #[must_use]
    pub fn financial_status(&self) -> &'static str {
        match (self.paid_at, self.refunded()) {
            (None, _) if self.cancelled_at.is_some() => "voided",
            (None, _) => "pending",
            (Some(_), 0) => "paid",
            (Some(_), refunded) if refunded >= self.total() => "refunded",
            (Some(_), _) => "partially_refunded",
        }
    }

    /// `None`, `partial` or `fulfilled`.
    #[must_use]
    pub fn fulfillment_status(&self) -> Option<&'static str> {
        let open: i64 = self.lines.iter().map(Line::unfulfilled).sum();
        let sent: i64 = self.lines.iter().map(|line| line.fulfilled).sum();
        match (sent, open) {
            (0, _) => None,
            (_, 0) => Some("fulfilled"),
            _ => Some("partial"),
        }
    }
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Shopify id of the line.
    pub id: u64,
    /// Product.
    pub product_id: u64,
    /// Variant.
    pub variant_id: u64,
    /// Title of the product.
    pub title: String,
    /// Title of the variant.
    pub variant_title: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Price of one.
    pub price: i64,
    /// How many were bought.
    pub quantity: i64,
    /// How many are left after refunds.
    pub current_quantity: i64,
    /// How many were sent.
    pub fulfilled: i64,
    /// Whether Printful prints it.
    pub printable: bool,
}

impl Line {
    /// How many are still to be sent.
    #[must_use]
    pub fn unfulfilled(&self) -> i64 {
        (self.current_quantity - self.fulfilled).max(0)
    }
}

/// Money given back in the shop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// Shopify id.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// How much.
    pub amount: i64,
    /// Lines taken back: line id and quantity.
    pub lines: Vec<(u64, i64)>,
    /// Shopify id of its transaction.
    pub transaction_id: u64,
}

/// A charge and its payment intent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// `ch_…`.
    pub charge_id: String,
    /// `pi_…`.
    pub intent_id: String,
    /// The order it pays; none for a payment link.
    pub order_id: Option<u64>,
    /// How much.
    pub amount: i64,
    /// How much of it went back.
    pub amount_refunded: i64,
    /// Currency code, lower case.
    pub currency: String,
    /// When.
    pub created: Timestamp,
    /// Whether the customer disputes it.
    pub disputed: bool,
}

/// An order at Printful.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Print {
    /// Printful id.
    pub id: u64,
    /// Our id for it: the shop's order id.
    pub external_id: String,
    /// Printful's word for its state.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What is printed.
    pub items: Vec<PrintItem>,
    /// `STANDARD`.
    pub shipping: String,
    /// Where to, as it was sent.
    pub recipient: Value,
    /// The shop's own prices, as they were sent.
    pub retail_costs: Value,
    /// What it costs.
    pub cost: Estimate,
    /// From when the costs are known.
    pub costs_at: Timestamp,
    /// How often production was started.
    pub arrivals: u64,
    /// Requests to create it that reached the world.
    pub create_requests: u64,
    /// Requests to confirm it that reached the world.
    pub confirm_requests: u64,
    /// Parcels.
    pub shipments: Vec<Shipment>,
}

/// What a print costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The items.
    pub subtotal: i64,
    /// The parcel.
    pub shipping: i64,
}

impl Estimate {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.subtotal + self.shipping
    }
}

/// An item of a print.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrintItem {
    /// Printful id.
    pub id: u64,
    /// The shop's line id.
    pub external_id: Option<String>,
    /// Printful's sync variant.
    pub sync_variant_id: u64,
    /// Printful's catalogue variant.
    pub catalog_variant_id: u64,
    /// How many.
    pub quantity: i64,
    /// Name.
    pub name: String,
    /// Cost of one.
    pub price: i64,
    /// Retail price of one, as sent.
    pub retail_price: String,
    /// The shop's variant.
    pub variant_id: u64,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shipment {
    /// Printful id.
    pub id: u64,
    /// Carrier.
    pub carrier: String,
    /// Service.
    pub service: String,
    /// Tracking number.
    pub tracking_number: String,
    /// When it left.
    pub shipped_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// Whether it came back.
    pub returned: bool,
    /// Item id and quantity.
    pub items: Vec<(u64, i64)>,
}

/// Something that is going to happen at its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// The next order arrives.
    Arrive,
    /// The customer pays.
    Pay { order: u64 },
    /// The order is cancelled.
    Cancel { order: u64 },
    /// All that is left is given back.
    RefundAll { order: u64 },
    /// One piece is given back.
    RefundOne { order: u64 },
    /// The connected Printful store imports the order.
    Import { order: u64 },
    /// The owner sends what Printful does not print.
    OwnerSends { order: u64 },
    /// The owner marks as sent what Printful has sent.
    OwnerMarks { order: u64 },
    /// Production starts.
    PrintStarts { print: u64 },
    /// Printful stops for a question.
    Hold { print: u64 },
    /// The question is answered.
    Resume { print: u64 },
    /// A parcel leaves: number `parcel` of `of`.
    Ships { print: u64, parcel: u32, of: u32 },
    /// A parcel arrives.
    Delivered { print: u64, shipment: u64 },
    /// A parcel comes back.
    Returned { print: u64, shipment: u64 },
    /// The customer disputes the charge.
    Dispute { charge: String },
}
