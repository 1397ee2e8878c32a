//! A refund: stop or shorten the print if there is one, and name what is lost.

use serde_json::{Value, json};

use super::super::outcome::{self, Outcome, money, plain};
use super::super::{Answer, Call};
use super::cancelled::stopped;
use super::facts::{Print, Subject, print, word};
use super::paid::{printed, submit};
use super::{CANCEL, ORDER, Report, STATUS, SUBMIT, nameless, read_failed};
use crate::model::reading::Reading;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Part,
}

pub(super) fn decide(reading: &Reading, subject: &Subject) -> Answer {
    let Some(args) = subject.status_args() else { return nameless("order_check", subject) };
    let stated = stated_extent(reading);
    let Some(read) = reading.result(STATUS) else {
        let mut calls = vec![Call { name: STATUS, args }];
        // An event that does not say how much is left is no ground for a guess.
        if let (None, Some(shop_id), true) = (stated, &subject.shop_id, reading.tools.contains(ORDER)) {
            calls.push(Call { name: ORDER, args: json!({"order_id": shop_id}) });
        }
        return Answer::Calls(calls);
    };
    let status = match outcome::read(read) {
        Outcome::Facts(status) => status,
        other => return read_failed("order_check", subject, &other).answer(),
    };
    let order = reading.result(ORDER).and_then(|result| result.pointer("/orders/0"));
    let refund = match refund_text(reading, order) {
        Some(amount) => format!("Refund of {amount} on {subject}"),
        None => format!("Refund on {subject}, amount not stated"),
    };
    let extent = stated.or_else(|| order.and_then(extent_of));
    let acted = match (extent, print(status), &subject.shop_id) {
        (Some(Extent::Whole), Print::Waiting, Some(shop_id)) => match reading.result(CANCEL) {
            None => return Answer::call(CANCEL, json!({"shopify_order_id": shop_id})),
            Some(result) => Some(stopped(subject, result)),
        },
        (Some(Extent::Part), Print::NotStarted, Some(shop_id)) => match reading.result(SUBMIT) {
            None => return submit(shop_id),
            Some(result) => Some(printed(subject, result)),
        },
        _ => None,
    };
    match acted {
        Some(report) => {
            // Lines that could not be printed keep the action of a print; all else is the check of a refund.
            let action = if report.status == "completed" { "order_check" } else { report.action };
            Report { action, summary: format!("{refund}; {}", report.summary), ..report }.answer()
        }
        None => Report::done("order_check", subject, format!("{refund}; {}", sunk(status))).answer(),
    }
}

/// What the print has cost so far.
fn sunk(status: &Value) -> String {
    match print(status) {
        Print::NotStarted => "nothing was printed, no print cost is sunk".to_owned(),
        Print::Cancelled => "its print was cancelled, no print cost is sunk".to_owned(),
        Print::Waiting | Print::Beyond => match money(status.get("costs"), "total") {
            Some(cost) => format!("print is {}, sunk print cost {cost}", word(status, "status")),
            None => format!("print is {}, Printful states no print cost", word(status, "status")),
        },
    }
}

fn stated_extent(reading: &Reading) -> Option<Extent> {
    match reading.fact("financial_status").as_deref() {
        Some("refunded") => return Some(Extent::Whole),
        Some("partially_refunded") => return Some(Extent::Part),
        _ => {}
    }
    let minor = |name: &str| reading.fact(name)?.parse::<i64>().ok();
    by_amount(minor("refunded_minor")?, minor("total_minor")?)
}

fn by_amount(refunded: i64, total: i64) -> Option<Extent> {
    match refunded {
        amount if amount <= 0 => None,
        amount if amount >= total => Some(Extent::Whole),
        _ => Some(Extent::Part),
    }
}

fn extent_of(order: &Value) -> Option<Extent> {
    match word(order, "financial_status").as_str() {
        "refunded" => Some(Extent::Whole),
        "partially_refunded" => Some(Extent::Part),
        _ => None,
    }
}

/// The refund as the event gives it, else the total of refunds as the shop gives it.
fn refund_text(reading: &Reading, order: Option<&Value>) -> Option<String> {
    let amount = ["amount", "refund_amount", "refunded"].iter().find_map(|name| reading.fact(name));
    if let (Some(amount), Some(currency)) = (amount, reading.fact("currency")) {
        return Some(format!("{} {}", plain(&amount), plain(&currency).to_uppercase()));
    }
    money(order, "refunded")
}
