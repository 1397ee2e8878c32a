//! Amounts as whole numbers of the smallest unit. No floating point comes near money.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// ISO 4217 code, upper case.
    pub currency: String,
    /// Minor units of that currency (cents, yen, fils).
    pub minor: i64,
}

/// A text that is no amount of the currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not `[-]digits[.digits]`.
    #[error("`{0}` is not a decimal amount")]
    NotDecimal(String),
    /// More decimal places than the currency has, and they are not zero.
    #[error("`{text}` is finer than the smallest unit of {currency}")]
    TooFine {
        /// What was given, cut to 40 characters.
        text: String,
        /// The currency.
        currency: String,
    },
    /// Beyond the range of 64 bits.
    #[error("`{0}` is too large")]
    TooLarge(String),
    /// Not three letters.
    #[error("`{0}` is not a currency code")]
    NotCurrency(String),
}

impl Money {
    /// An amount of minor units; the code is put into upper case.
    #[must_use]
    pub fn new(currency: &str, minor: i64) -> Self {
        Self { currency: currency.to_ascii_uppercase(), minor }
    }

    /// Reads a decimal text such as `39.00`.
    ///
    /// # Errors
    /// When the code is not three letters or the text no amount of that currency.
    pub fn parse(text: &str, currency: &str) -> Result<Self, MoneyError> {
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(MoneyError::NotCurrency(short(currency)));
        }
        Ok(Self::new(currency, parse_decimal(text, currency)?))
    }

    /// The decimal text without the code: `39.00`, `3900` for yen.
    #[must_use]
    pub fn decimal(&self) -> String {
        format_minor(self.minor, &self.currency)
    }

    /// The sum, when the currencies agree and it fits.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        self.combine(other, i64::checked_add)
    }

    /// The difference, when the currencies agree and it fits.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(&self, other: &Self, with: fn(i64, i64) -> Option<i64>) -> Option<Self> {
        (self.currency == other.currency)
            .then(|| with(self.minor, other.minor))
            .flatten()
            .map(|minor| Self { currency: self.currency.clone(), minor })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

/// Decimal places of a currency by ISO 4217; 2 for a code that is not in the table of exceptions.
#[must_use]
pub fn exponent(currency: &str) -> u32 {
    match currency.to_ascii_uppercase().as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// Minor units of a decimal text. Surplus places are accepted when they are zero (`100.00` yen is 100).
///
/// # Errors
/// When the text is no decimal, finer than the currency allows, or out of range. An exponent (`1e3`), a sign `+`, a
/// group separator or white space inside make it no decimal.
pub fn parse_decimal(text: &str, currency: &str) -> Result<i64, MoneyError> {
    scaled(text, exponent(currency)).map_err(|problem| match problem {
        Scale::NotDecimal => MoneyError::NotDecimal(short(text)),
        Scale::TooFine => MoneyError::TooFine { text: short(text), currency: currency.to_ascii_uppercase() },
        Scale::TooLarge => MoneyError::TooLarge(short(text)),
    })
}

/// The decimal text of `minor` units of `currency`, always with all its places.
#[must_use]
pub fn format_minor(minor: i64, currency: &str) -> String {
    decimal_text(minor, exponent(currency))
}

enum Scale {
    NotDecimal,
    TooFine,
    TooLarge,
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// `text` times ten to the power of `places`, exactly.
fn scaled(text: &str, places: u32) -> Result<i64, Scale> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || (digits.contains('.') && fraction.is_empty()) {
        return Err(Scale::NotDecimal);
    }
    let places = places as usize;
    let (kept, surplus) = fraction.split_at(fraction.len().min(places));
    if surplus.bytes().any(|byte| byte != b'0') {
        return Err(Scale::TooFine);
    }
    let padding = std::iter::repeat_n(b'0', places - kept.len());
    let mut value: i64 = 0;
    for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_sub(i64::from(digit - b'0')))
            .ok_or(Scale::TooLarge)?;
    }
    // Counted downwards, because the negative range is the larger one.
    if negative { Ok(value) } else { value.checked_neg().ok_or(Scale::TooLarge) }
}

fn decimal_text(value: i64, places: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places as usize);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Millionths of a US dollar: what models cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents.saturating_mul(10_000))
    }

    /// Reads dollars such as `0.05`, at most 6 places.
    ///
    /// # Errors
    /// As [`parse_decimal`].
    pub fn parse(dollars: &str) -> Result<Self, MoneyError> {
        scaled(dollars, 6).map(Self).map_err(|problem| match problem {
            Scale::NotDecimal => MoneyError::NotDecimal(short(dollars)),
            Scale::TooFine => MoneyError::TooFine { text: short(dollars), currency: "USD".to_owned() },
            Scale::TooLarge => MoneyError::TooLarge(short(dollars)),
        })
    }

    /// The sum, at the end of the range instead of beyond it.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at the end of the range instead of beyond it.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The figure of an answer: a JSON number of dollars. For showing only; never computed with.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        self.to_string().parse::<serde_json::Number>().map_or(serde_json::Value::Null, serde_json::Value::Number)
    }
}

/// Dollars with at least 2 and at most 6 places: `0.05`, `0.000125`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let full = decimal_text(self.0, 6);
        let kept = full.trim_end_matches('0').len().max(full.len() - 4);
        f.write_str(&full[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_currency_has_its_own_places() {
        assert_eq!(parse_decimal("39.00", "USD"), Ok(3900));
        assert_eq!(parse_decimal("39", "usd"), Ok(3900));
        assert_eq!(parse_decimal("-0.5", "EUR"), Ok(-50));
        assert_eq!(parse_decimal("1200", "JPY"), Ok(1200));
        assert_eq!(parse_decimal("1200.00", "jpy"), Ok(1200));
        assert_eq!(parse_decimal("1.234", "KWD"), Ok(1234));
        assert_eq!(format_minor(1200, "JPY"), "1200");
        assert_eq!(format_minor(5, "USD"), "0.05");
        assert_eq!(format_minor(-1234, "KWD"), "-1.234");
        assert_eq!(Money::new("usd", 3900).to_string(), "39.00 USD");
    }

    #[test]
    fn what_is_no_exact_amount_is_refused() {
        for text in ["", " ", "-", ".", "1.", ".5", "1e3", "+1", "1,000.00", "0x10", "NaN", "1 0", "--1", "١"] {
            assert!(matches!(parse_decimal(text, "USD"), Err(MoneyError::NotDecimal(_))), "{text}");
        }
        assert!(matches!(parse_decimal("1.005", "USD"), Err(MoneyError::TooFine { .. })));
        assert!(matches!(parse_decimal("1.5", "JPY"), Err(MoneyError::TooFine { .. })));
        assert!(matches!(parse_decimal("92233720368547758.08", "USD"), Err(MoneyError::TooLarge(_))));
        assert_eq!(parse_decimal("-92233720368547758.08", "USD"), Ok(i64::MIN));
        assert!(Money::parse("1.00", "dollar").is_err());
    }

    #[test]
    fn amounts_of_two_currencies_are_never_added() {
        assert_eq!(Money::new("USD", 1).checked_add(&Money::new("EUR", 1)), None);
        assert_eq!(Money::new("USD", 5).checked_sub(&Money::new("USD", 7)), Some(Money::new("USD", -2)));
    }

    #[test]
    fn millionths_show_as_dollars() {
        for (micros, text) in [(0, "0.00"), (50_000, "0.05"), (125, "0.000125"), (1_500_000, "1.50"), (-10, "-0.00001")]
        {
            assert_eq!(Micros(micros).to_string(), text);
        }
        assert_eq!(Micros::parse("0.05"), Ok(Micros(50_000)));
        assert_eq!(Micros(125).to_json().to_string().parse::<f64>(), Ok(0.000_125));
    }

    proptest! {
        #[test]
        fn formatting_reads_back_as_the_same_amount(minor in any::<i64>(), currency in prop_oneof!["USD", "JPY", "KWD", "CLF"]) {
            prop_assert_eq!(parse_decimal(&format_minor(minor, &currency), &currency), Ok(minor));
            prop_assert_eq!(Micros::parse(&Micros(minor).to_string()), Ok(Micros(minor)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", currency in ".{0,4}") {
            let _ = Money::parse(&text, &currency);
        }
    }
}
