//! Orders as the shop states them.

use std::fmt;

use chrono::DateTime;
use domain::ids::OrderKey;
use domain::money::Money;
use domain::order::{OrderFacts, Origin, Payment};
use domain::time::Timestamp;
use serde_json::{Value, json};

/// One order of the shop.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopOrder {
    /// Numeric id, digits.
    pub id: String,
    /// Name for people, `#1042`.
    pub name: String,
    /// When the customer ordered.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// A test order.
    pub test: bool,
    /// `PAID`, `PENDING`, ...
    pub financial_status: Option<String>,
    /// `UNFULFILLED`, `FULFILLED`, ...
    pub fulfillment_status: Option<String>,
    /// What the customer owes.
    pub total: Option<Money>,
    /// What was given back.
    pub refunded: Option<Money>,
    /// What the customer paid for shipping.
    pub shipping: Option<Money>,
    /// Its lines; empty when it comes from a list.
    pub lines: Vec<ShopLine>,
    /// Whether `lines` is complete.
    pub has_lines: bool,
    /// Where it goes; none when the shop does not tell.
    pub recipient: Option<Recipient>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopLine {
    /// Id of the line (gid).
    pub id: String,
    /// Title.
    pub title: String,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// As ordered.
    pub quantity: i64,
    /// Not yet fulfilled.
    pub unfulfilled: i64,
    /// Whether it is sent anywhere.
    pub requires_shipping: bool,
    /// Unit price after discounts.
    pub unit_price: Option<Money>,
    /// Numeric id of the variant; none when the product was deleted.
    pub variant_id: Option<String>,
}

/// A customer's name and address. Never shown, stored or logged; only city and country leave this type.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(Value);

impl Recipient {
    fn read(address: &Value) -> Option<Self> {
        let text = |name: &str| address[name].as_str().map(str::trim).filter(|text| !text.is_empty());
        let members = [
            ("name", text("name")),
            ("address1", text("address1")),
            ("address2", text("address2")),
            ("city", text("city")),
            ("state_code", text("provinceCode")),
            ("country_code", text("countryCodeV2")),
            ("zip", text("zip")),
            ("phone", text("phone")),
        ];
        let members: serde_json::Map<_, _> =
            members.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))).collect();
        (!members.is_empty()).then_some(Self(Value::Object(members)))
    }

    /// Hash of the canonical form.
    #[must_use]
    pub fn hash(&self) -> String {
        domain::canonical::hash(&self.0)
    }

    /// Whether the printer could deliver with it: name, street, city, country, postal code.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        ["name", "address1", "city", "country_code", "zip"].iter().all(|name| self.0[name].is_string())
    }

    /// Town and country, the part that may be shown.
    #[must_use]
    pub fn ship_to(&self) -> String {
        let parts: Vec<_> = ["city", "country_code"].iter().filter_map(|name| self.0[name].as_str()).collect();
        parts.join(", ")
    }

    /// City and country as members of a result.
    #[must_use]
    pub fn place(&self) -> Value {
        json!({"city": self.0["city"], "country": self.0["country_code"]})
    }

    /// The block as the printer takes it. For the outgoing request alone.
    pub(crate) fn expose(&self) -> &Value {
        &self.0
    }

    pub(crate) fn from_private(value: &Value) -> Self {
        Self(value.clone())
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient(***)")
    }
}

impl ShopOrder {
    /// Reads a node of an answer; none when it lacks the id.
    pub(super) fn read(node: &Value) -> Option<Self> {
        let id = digits(&node["legacyResourceId"]).or_else(|| gid_digits(node["id"].as_str()?))?;
        let total =
            if node["currentTotalPriceSet"].is_null() { &node["totalPriceSet"] } else { &node["currentTotalPriceSet"] };
        Some(Self {
            id,
            name: node["name"].as_str().unwrap_or_default().to_owned(),
            created_at: time(&node["createdAt"]),
            updated_at: time(&node["updatedAt"]),
            cancelled_at: time(&node["cancelledAt"]),
            test: node["test"].as_bool().unwrap_or(false),
            financial_status: node["displayFinancialStatus"].as_str().map(str::to_owned),
            fulfillment_status: node["displayFulfillmentStatus"].as_str().map(str::to_owned),
            total: money(total),
            refunded: money(&node["totalRefundedSet"]),
            shipping: money(&node["currentShippingPriceSet"]),
            lines: Vec::new(),
            has_lines: false,
            recipient: Recipient::read(&node["shippingAddress"]),
        })
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> Option<OrderKey> {
        OrderKey::shopify(&self.id).ok()
    }

    /// What it says for the order row.
    #[must_use]
    pub fn facts(&self, polled_at: Timestamp) -> Option<OrderFacts> {
        let mut facts = OrderFacts::new(Origin::Shopify, self.key()?);
        facts.at = self.updated_at;
        facts.order_name = (!self.name.is_empty()).then(|| self.name.clone());
        facts.currency = self.total.as_ref().map(|total| total.currency.clone());
        facts.total_minor = self.total.as_ref().map(|total| total.minor);
        facts.refunded_minor = self
            .refunded
            .as_ref()
            .filter(|refunded| Some(&refunded.currency) == facts.currency.as_ref())
            .map(|refunded| refunded.minor);
        facts.payment = self.financial_status.as_deref().and_then(payment);
        facts.cancelled = self.cancelled_at.map(|_| true);
        facts.is_test = self.test.then_some(true);
        facts.ordered_at = self.created_at;
        facts.item_count = self.has_lines.then(|| self.lines.iter().map(|line| line.quantity).sum());
        facts.polled_at = Some(polled_at);
        Some(facts)
    }
}

pub(super) fn line(node: &Value) -> Option<ShopLine> {
    let variant = &node["variant"];
    Some(ShopLine {
        id: node["id"].as_str()?.to_owned(),
        title: node["title"].as_str().unwrap_or_default().to_owned(),
        sku: node["sku"].as_str().map(str::to_owned),
        quantity: node["quantity"].as_i64()?,
        unfulfilled: node["unfulfilledQuantity"].as_i64()?,
        requires_shipping: node["requiresShipping"].as_bool()?,
        unit_price: money(&node["discountedUnitPriceSet"]),
        variant_id: digits(&variant["legacyResourceId"]).or_else(|| gid_digits(variant["id"].as_str()?)),
    })
}

/// Payment reached, from `displayFinancialStatus`.
fn payment(status: &str) -> Option<Payment> {
    match status {
        "PENDING" | "PARTIALLY_PAID" | "EXPIRED" | "VOIDED" => Some(Payment::Pending),
        "AUTHORIZED" => Some(Payment::Authorised),
        "PAID" => Some(Payment::Paid),
        "PARTIALLY_REFUNDED" => Some(Payment::PartlyRefunded),
        "REFUNDED" => Some(Payment::Refunded),
        _ => None,
    }
}

fn money(set: &Value) -> Option<Money> {
    let money = &set["shopMoney"];
    Money::parse(money["amount"].as_str()?, money["currencyCode"].as_str()?).ok()
}

fn time(value: &Value) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|time| time.to_utc())
}

/// Large ids come as text or as a number, depending on the API; they are kept as text.
fn digits(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

/// The digits at the end of a global id such as `gid://shopify/Order/123`.
fn gid_digits(gid: &str) -> Option<String> {
    digits(&json!(gid.rsplit('/').next()?.split('?').next()?))
}

/// The numeric id of an order, from digits or a global id.
#[must_use]
pub fn order_digits(text: &str) -> Option<String> {
    let text = text.trim();
    let id = text.strip_prefix("gid://shopify/Order/").unwrap_or(text);
    OrderKey::shopify(id).ok().map(|key| key.shop_id().to_owned())
}
