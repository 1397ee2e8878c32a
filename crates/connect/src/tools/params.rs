//! Parameters, read once more behind the schema: a tool never trusts that somebody else validated them.

use gateway::ToolError;
use serde_json::Value;

use crate::shopify::order_digits;

/// A whole number within bounds; the default when absent.
pub(super) fn integer(params: &Value, name: &str, default: i64, low: i64, high: i64) -> Result<i64, ToolError> {
    match &params[name] {
        Value::Null => Ok(default),
        value => value
            .as_i64()
            .filter(|number| (low..=high).contains(number))
            .ok_or_else(|| invalid(format!("`{name}` must be a whole number from {low} to {high}"))),
    }
}

/// A text that must be there.
pub(super) fn text<'a>(params: &'a Value, name: &str) -> Result<&'a str, ToolError> {
    let text = params[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    text.ok_or_else(|| invalid(format!("`{name}` must be a text")))
}

/// The digits of a Shopify order id.
pub(super) fn order_id(params: &Value, name: &str) -> Result<String, ToolError> {
    order_digits(text(params, name)?)
        .ok_or_else(|| invalid(format!("`{name}` must be the digits of a Shopify order id")))
}

pub(super) fn invalid(message: String) -> ToolError {
    ToolError::new("invalid_params", message)
}

/// The order rows are not to be had.
pub(super) fn no_book(error: crate::OrderBookError) -> ToolError {
    ToolError::transient("store_unavailable", error.to_string())
}
