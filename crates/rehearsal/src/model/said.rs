//! A finished answer before a provider's envelope: cut at the caller's limits, counted, and in pieces.

use super::conversation::chars;
use super::policy::Answer;

/// Four characters make a token, a started one counts.
const CHARS_PER_TOKEN: u64 = 4;
/// Characters of text or arguments in one event of a stream: several events even for a short answer.
const CHARS_PER_EVENT: usize = 24;

/// What the model says, and why it stops there.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The words or the calls.
    pub answer: Answer,
    /// Why it ended.
    pub end: End,
    /// Tokens written.
    pub tokens: u64,
}

/// Why an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It was complete.
    Stop,
    /// It asks for calls.
    Calls,
    /// It was cut at the limit the caller set.
    Length,
    /// It came to this text, at which the caller wanted it to stop.
    StopAt(String),
}

impl Said {
    /// Cuts `answer` before the first of `stops` and at `limit` tokens, and counts it.
    #[must_use]
    pub fn new(answer: Answer, limit: Option<u64>, stops: &[String]) -> Self {
        let (answer, end) = match answer {
            Answer::Text(text) => {
                let (text, end) = cut(text, limit, stops);
                (Answer::Text(text), end)
            }
            calls @ Answer::Calls(_) => (calls, End::Calls),
        };
        let written = match &answer {
            Answer::Text(text) => chars(text),
            Answer::Calls(calls) => calls.iter().map(|call| chars(call.name) + chars(&call.args.to_string())).sum(),
        };
        Self { answer, end, tokens: tokens(written) }
    }
}

fn cut(text: String, limit: Option<u64>, stops: &[String]) -> (String, End) {
    let first = stops
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| text.find(stop.as_str()).map(|at| (at, stop)))
        .min_by_key(|(at, _)| *at);
    let (text, end) = match first {
        Some((at, stop)) => (text[..at].to_owned(), End::StopAt(stop.clone())),
        None => (text, End::Stop),
    };
    match limit {
        Some(limit) if tokens(chars(&text)) > limit => {
            let kept = usize::try_from(limit.saturating_mul(CHARS_PER_TOKEN)).unwrap_or(usize::MAX);
            (text.chars().take(kept).collect(), End::Length)
        }
        _ => (text, end),
    }
}

/// Tokens of so many characters.
#[must_use]
pub fn tokens(chars: u64) -> u64 {
    chars.div_ceil(CHARS_PER_TOKEN)
}

/// `text` as a stream carries it.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(CHARS_PER_EVENT).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, limit: Option<u64>, stops: &[&str]) -> (String, End, u64) {
        let stops: Vec<String> = stops.iter().map(|stop| (*stop).to_owned()).collect();
        let said = Said::new(Answer::Text(text.to_owned()), limit, &stops);
        let Answer::Text(text) = said.answer else { panic!("calls") };
        (text, said.end, said.tokens)
    }

    #[test]
    fn an_answer_ends_at_the_first_stop_or_at_the_limit() {
        assert_eq!(said("one two", None, &[]), ("one two".to_owned(), End::Stop, 2));
        assert_eq!(said("one two", Some(1), &[]), ("one ".to_owned(), End::Length, 1));
        assert_eq!(said("one two", None, &["o", "ne"]), (String::new(), End::StopAt("o".to_owned()), 0));
        assert_eq!(said("one two", Some(9), &[" t"]), ("one".to_owned(), End::StopAt(" t".to_owned()), 1));
    }
}
