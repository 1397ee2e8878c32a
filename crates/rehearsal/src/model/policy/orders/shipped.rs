//! A parcel has left: say so to the customer, without name or address.

use serde_json::{Value, json};

use super::super::Answer;
use super::super::outcome::{self, Outcome, plain};
use super::facts::Subject;
use super::{Report, STATUS, nameless, read_failed};
use crate::model::reading::Reading;

/// Most characters of a note to the customer.
const NOTE_CHARS: usize = 500;

pub(super) fn decide(reading: &Reading, subject: &Subject) -> Answer {
    let Some(args) = subject.status_args() else { return nameless("order_status", subject) };
    let Some(read) = reading.result(STATUS) else { return Answer::call(STATUS, args) };
    let status = match outcome::read(read) {
        Outcome::Facts(status) => status,
        other => return read_failed("order_status", subject, &other).answer(),
    };
    let mut parcels: Vec<Parcel> =
        status.get("shipments").and_then(Value::as_array).into_iter().flatten().map(Parcel::of).collect();
    if parcels.iter().all(Parcel::is_bare) {
        // The printer lists none: the event may still name the carrier.
        parcels = vec![Parcel {
            carrier: reading.fact("carrier").map(|text| carrier(&text)).unwrap_or_default(),
            link: reading.fact("tracking_url").and_then(|text| link(&text)),
        }];
    }
    let note = note(subject, &parcels);
    let mut answer = Report::done("order_status", subject, format!("{subject} shipped")).to_value();
    if let Some(members) = answer.as_object_mut() {
        members.insert("customer_note".to_owned(), json!(note));
    }
    Answer::json(&answer)
}

struct Parcel {
    carrier: String,
    link: Option<String>,
}

impl Parcel {
    fn of(shipment: &Value) -> Self {
        let text = |name: &str| shipment.get(name).and_then(Value::as_str);
        Self { carrier: text("carrier").map(carrier).unwrap_or_default(), link: text("tracking_url").and_then(link) }
    }

    fn is_bare(&self) -> bool {
        self.carrier.is_empty() && self.link.is_none()
    }
}

/// A carrier's name; what is too long to be one is left out.
fn carrier(text: &str) -> String {
    Some(plain(text)).filter(|name| name.chars().count() <= 40).unwrap_or_default()
}

/// A link that a customer may be given.
fn link(text: &str) -> Option<String> {
    let good = text.starts_with("https://") && text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| text.to_owned())
}

fn note(subject: &Subject, parcels: &[Parcel]) -> String {
    let order =
        subject.name.as_deref().map(|name| format!("Your order {name}")).unwrap_or_else(|| "Your order".to_owned());
    let mut note = format!("{order} is on its way.");
    for parcel in parcels {
        let sentence = match (parcel.carrier.as_str(), &parcel.link) {
            ("", None) => continue,
            (carrier, None) => format!(" It travels with {carrier}."),
            ("", Some(link)) => format!(" Follow it here: {link}"),
            (carrier, Some(link)) => format!(" It travels with {carrier}; follow it here: {link}"),
        };
        // Whole sentences only: half a link helps nobody.
        if note.chars().count() + sentence.chars().count() <= NOTE_CHARS {
            note.push_str(&sentence);
        }
    }
    note
}
