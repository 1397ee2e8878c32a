//! An order that was cancelled: stop its print while that is possible, and say what is owed.

use serde_json::{Value, json};

use super::super::Answer;
use super::super::outcome::{self, Outcome};
use super::facts::{Print, Subject, print, word};
use super::{CANCEL, Report, STATUS, nameless, read_failed};
use crate::model::reading::Reading;

pub(super) fn decide(reading: &Reading, subject: &Subject) -> Answer {
    let Some(args) = subject.status_args() else { return nameless("order_check", subject) };
    let Some(read) = reading.result(STATUS) else { return Answer::call(STATUS, args) };
    let status = match outcome::read(read) {
        Outcome::Facts(status) => status,
        other => return owed(reading, subject, read_failed("order_check", subject, &other)).answer(),
    };
    let report = match print(status) {
        Print::NotStarted => {
            Report::done("order_check", subject, format!("{subject} cancelled before print, nothing to stop"))
        }
        Print::Cancelled => {
            Report::done("order_check", subject, format!("{subject} cancelled, its print is cancelled too"))
        }
        Print::Beyond => Report::needs_action(
            "order_check",
            subject,
            format!("{subject} cancelled, but its print is {} and can no longer be stopped", word(status, "status")),
        ),
        Print::Waiting => match (reading.result(CANCEL), &subject.shop_id) {
            (Some(result), _) => stopped(subject, result),
            (None, Some(shop_id)) => return Answer::call(CANCEL, json!({"shopify_order_id": shop_id})),
            (None, None) => {
                Report::needs_action("order_check", subject, format!("{subject} cancelled; stop its print at Printful"))
            }
        },
    };
    owed(reading, subject, report).answer()
}

/// What came of stopping the print.
pub(super) fn stopped(subject: &Subject, result: &Value) -> Report {
    match outcome::read(result) {
        Outcome::Facts(facts) => {
            let mut summary = match print(facts) {
                Print::Cancelled => format!("Print of {subject} cancelled"),
                Print::NotStarted => format!("{subject} has nothing in print, nothing to stop"),
                Print::Waiting | Print::Beyond => {
                    let state = word(facts, "status");
                    return Report::needs_action(
                        "order_check",
                        subject,
                        format!("Print of {subject} was not stopped, it is {state}"),
                    );
                }
            };
            if let Some(edit) = outcome::edit(facts) {
                summary.push_str(&format!("; {edit}"));
            }
            Report::done("order_check", subject, summary)
        }
        Outcome::Rejected { reason } => {
            Report::done("order_check", subject, format!("Print of {subject} not cancelled: {reason}"))
                .with("reason", json!(reason))
        }
        Outcome::Withdrawn { reason } => Report::done(
            "order_check",
            subject,
            format!("Print of {subject} not cancelled: withdrawn, {}", reason.replace('_', " ")),
        ),
        Outcome::NotSent => {
            Report::done("order_check", subject, format!("Print of {subject} not cancelled: effects are off"))
                .with("not_sent", json!(true))
        }
        Outcome::Failed { code, message, .. } => Report::needs_action(
            "order_check",
            subject,
            format!("Print of {subject} could not be stopped: {message} ({code})"),
        )
        .with("error", json!(code)),
    }
}

/// Adds that the customer's money is still here, when it is.
fn owed(reading: &Reading, subject: &Subject, report: Report) -> Report {
    let paid = matches!(reading.fact("financial_status").as_deref(), Some("paid" | "partially_paid"));
    if !paid {
        return report;
    }
    let summary = format!("{}; money was taken and no refund is recorded, refund it in Shopify", report.summary);
    let details = report.details;
    Report { details, ..Report::needs_action("order_check", subject, summary) }
}
