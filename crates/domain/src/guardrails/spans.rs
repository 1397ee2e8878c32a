//! Where in a text something must not be shown.

use std::sync::OnceLock;

use regex::Regex;

use super::card;
use super::classes::{CREDIT_CARD, KNOWN_VALUE, SSN, compiled, label};
use super::known::Known;

/// How often a text is looked at again after parts of it were taken out. Taking out can only uncover what was glued to
/// a secret, so two rounds are already rare; the bound keeps a hostile text from costing more.
const MAX_ROUNDS: usize = 8;

/// A place in a text, in bytes, and the rank of the class that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) rank: usize,
}

/// All places at `from` or later: sorted, none overlapping another. What stands before `from` is only context.
pub(super) fn find(text: &str, from: usize, known: &Known, cards: Cards) -> Vec<Span> {
    let mut spans = merge(scan(text, from, known, cards));
    if spans.is_empty() {
        return spans;
    }
    for _ in 1..MAX_ROUNDS {
        let (masked, pieces) = mask(text, &spans);
        let uncovered = scan(&masked, from, known, cards);
        if uncovered.is_empty() {
            break;
        }
        let uncovered = uncovered.into_iter().map(|span| Span {
            start: original(&pieces, span.start, Edge::Start),
            end: original(&pieces, span.end, Edge::End),
            rank: span.rank,
        });
        spans = merge(spans.iter().copied().chain(uncovered).collect());
    }
    spans
}

/// Whether card numbers are looked for: not in a member that is named as an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cards {
    /// They are.
    Find,
    /// They are not.
    Leave,
}

/// The text with each place replaced by the label of its class.
pub(super) fn apply(text: &str, from: usize, to: usize, spans: &[Span]) -> String {
    let mut out = String::with_capacity(to - from);
    let mut at = from;
    for span in spans.iter().filter(|span| span.end <= to) {
        out.push_str(&text[at..span.start]);
        push_label(&mut out, span.rank);
        at = span.end;
    }
    out.push_str(&text[at..to]);
    out
}

fn push_label(out: &mut String, rank: usize) {
    out.push_str("[REDACTED_");
    out.push_str(&label(rank).to_ascii_uppercase());
    out.push(']');
}

fn scan(text: &str, from: usize, known: &Known, cards: Cards) -> Vec<Span> {
    let mut spans = Vec::new();
    compiled().each(text, from, |rank, start, end| spans.push(Span { start, end, rank }));
    known.each(text, from, |start, end| spans.push(Span { start, end, rank: KNOWN_VALUE }));
    for (start, end) in ssns(text, from) {
        spans.push(Span { start, end, rank: SSN });
    }
    if cards == Cards::Find {
        spans.extend(card::find(text, from).into_iter().map(|(start, end)| Span { start, end, rank: CREDIT_CARD }));
    }
    spans
}

/// The shape of a social security number.
pub(super) fn ssn_shape() -> Option<&'static Regex> {
    static SHAPE: OnceLock<Option<Regex>> = OnceLock::new();
    SHAPE.get_or_init(|| Regex::new(r"(?-u:\b)[0-9]{3}-[0-9]{2}-[0-9]{4}(?-u:\b)").ok()).as_ref()
}

fn ssns(text: &str, from: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(hit) = ssn_shape().and_then(|shape| shape.find_at(text, at)) {
        let (area, rest) = hit.as_str().split_at(3);
        let is_given_out = !matches!(area, "000" | "666") && !area.starts_with('9');
        let is_numbered = !rest.starts_with("-00") && !rest.ends_with("-0000");
        let is_alone = !text[..hit.start()].ends_with('-') && !text[hit.end()..].starts_with('-');
        if is_given_out && is_numbered && is_alone {
            found.push((hit.start(), hit.end()));
        }
        at = hit.end();
    }
    found
}

/// Joins places that overlap; the earliest class of the table names the whole.
fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| (span.start, span.rank));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                last.rank = last.rank.min(span.rank);
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// A stretch of a masked text: where it begins there, and what it stands for in the original.
struct Piece {
    at: usize,
    from: usize,
    to: usize,
    kept: bool,
}

fn mask(text: &str, spans: &[Span]) -> (String, Vec<Piece>) {
    let mut out = String::with_capacity(text.len());
    let mut pieces = Vec::with_capacity(spans.len() * 2 + 1);
    let mut at = 0;
    for span in spans {
        pieces.push(Piece { at: out.len(), from: at, to: span.start, kept: true });
        out.push_str(&text[at..span.start]);
        pieces.push(Piece { at: out.len(), from: span.start, to: span.end, kept: false });
        push_label(&mut out, span.rank);
        at = span.end;
    }
    pieces.push(Piece { at: out.len(), from: at, to: text.len(), kept: true });
    out.push_str(&text[at..]);
    (out, pieces)
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

/// The place in the original text of a place in a masked one. A place inside a label widens to the whole label.
fn original(pieces: &[Piece], at: usize, edge: Edge) -> usize {
    let first_after = match edge {
        Edge::Start => pieces.partition_point(|piece| piece.at <= at),
        Edge::End => pieces.partition_point(|piece| piece.at < at),
    };
    match pieces.get(first_after.saturating_sub(1)) {
        Some(piece) if piece.kept => (piece.from + (at - piece.at)).min(piece.to),
        Some(piece) => match edge {
            Edge::Start => piece.from,
            Edge::End => piece.to,
        },
        None => at,
    }
}
