//! The classes of secrets that never leave, as one table of shapes.
//!
//! The order is the order of precedence: where two classes cover the same place, the earlier one names it. All shapes
//! run on the linear engine. A left guard is `(?-u:\b)` or an underscore, because names such as `KEY_sk_...` are glued
//! together with underscores.

use std::sync::OnceLock;

use regex::{Regex, RegexSet};

/// A further condition on a match, where a shape alone would catch innocent text.
type Check = fn(text: &str, start: usize, end: usize) -> bool;

/// One class: the label it leaves behind, its shape and its condition.
struct Class {
    label: &'static str,
    shape: &'static str,
    check: Check,
}

const fn class(label: &'static str, shape: &'static str) -> Class {
    Class { label, shape, check: |_, _, _| true }
}

const fn checked(label: &'static str, shape: &'static str, check: Check) -> Class {
    Class { label, shape, check }
}

/// Between the name and the value of an assignment: in prose, in an environment file or in JSON text.
macro_rules! assigned {
    ($name:literal, $value:literal) => {
        concat!("(?i)", $name, r#"\\?["']?[ \t]{0,4}[=:][ \t]{0,4}"#, $value)
    };
}

/// A value in quotes, else everything up to white space. The quoted form is bounded, so that a stream can decide it.
macro_rules! any_value {
    ($name:literal) => {
        assigned!($name, r#"(?:\\"[^"\r\n\\]{1,128}\\"|"[^"\r\n]{1,128}"|'[^'\r\n]{1,128}'|\S+)"#)
    };
}

const PRIVATE_KEY: &str = "private_key";
/// Where a PEM block ends.
const PEM_END: &str = r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----";

/// How a shape begins that must not stand in the middle of a word.
const LEFT_GUARD: &str = r"(?:(?-u:\b)|_)";

const CLASSES: &[Class] = &[
    class("stripe_key", r"(?:(?-u:\b)|_)[spr]k[_-](?:live|test)[_-][A-Za-z0-9]{6,}"),
    class("webhook_secret", r"whsec_[A-Za-z0-9+/=_-]{20,}"),
    class("shopify_token", r"shp(?:at|ca|pa|ss|ua)_[0-9A-Fa-f]{8,}"),
    class("aws_key", r"(?:(?-u:\b)|_)A(?:KIA|SIA)[A-Z0-9]{16}(?-u:\b)"),
    checked(
        "aws_secret",
        assigned!(r"[A-Za-z0-9_-]{0,40}secret[A-Za-z0-9_-]{0,40}", r#"\\?["']?[A-Za-z0-9+/]{40}={0,2}"#),
        ends_the_base64,
    ),
    class("anthropic_key", r"(?:(?-u:\b)|_)sk-ant-[A-Za-z0-9_-]{10,}"),
    class("openai_key", r"(?:(?-u:\b)|_)sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{10,}"),
    class("langsmith_key", r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}"),
    class("bearer_token", r"(?i)bearer[ \t]{1,4}[A-Za-z0-9._~+/=-]{30,}"),
    class("jwt", r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"),
    checked("basic_auth", r"(?i)basic[ \t]{1,4}[A-Za-z0-9+/=_-]{12,}", is_no_plain_word),
    checked("password", any_value!("(?:password|passwd|pwd)"), is_not_yet_redacted),
    class("db_url", r#"(?i)(?:postgres(?:ql)?|mysql|mongodb|rediss?|amqps?)(?:\+[a-z0-9]{1,12})?://[^\s"'<>\\]+"#),
    class("url_credentials", r#"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/?#@:"<>]{0,90}:[^\s/?#@"<>]{1,90}@"#),
    class("slack_bot_token", r"xoxb-[A-Za-z0-9-]{20,}"),
    class("slack_app_token", r"xapp-[A-Za-z0-9-]{20,}"),
    class("slack_user_token", r"xox[parse]-[A-Za-z0-9-]{20,}"),
    class("slack_webhook", r"(?i)(?:https?://)?hooks\.slack\.com/services/T[A-Z0-9_]*/B[A-Z0-9_]*/[A-Z0-9_]+"),
    checked("telegram_bot_token", r"(?-u:\b)[0-9]{8,10}:[A-Za-z0-9_-]{30,50}(?-u:\b)", is_no_id_after_a_number),
    class("discord_bot_token", r"(?:(?-u:\b)|_)[MN][A-Za-z0-9_-]{23,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    class("sendgrid_key", r"SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    class("twilio_key", r"(?:(?-u:\b)|_)(?:AC|SK)[0-9A-Fa-f]{32}(?-u:\b)"),
    class("google_api_key", r"AIza[A-Za-z0-9_-]{35}"),
    class("github_token", r"gh[posru]_[A-Za-z0-9]{36,}"),
    class("github_pat", r"github_pat_[A-Za-z0-9_]{22,}"),
    class("npm_token", r"npm_[A-Za-z0-9]{36,}"),
    checked("printful_key", any_value!("printful_api_key"), is_not_yet_redacted),
    // Without its end here: that is looked for once per text, by `Compiled::each`, so that a text of many begins and no
    // end costs no more than its length.
    class(
        PRIVATE_KEY,
        concat!(
            r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----",
            r"(?:(?:\\{1,4}[nr]|\s)*[A-Za-z0-9+/=]{16,})*"
        ),
    ),
    checked(
        "generic_secret",
        assigned!(r"(?:api[_-]?key|secret(?:[_-]?key)?|token)", r#"\\?["']?[A-Za-z0-9_.+/=~-]{16,}"#),
        is_of_mixed_classes,
    ),
];

/// Whether a match may still grow: it holds a PEM block whose end has not come, whatever class it is named by. Nothing
/// after its begin may be shown.
pub(super) fn is_open(matched: &str) -> bool {
    matched.rfind("-----BEGIN ").is_some_and(|begin| !matched[begin..].contains("-----END "))
}

/// Rank of values known to this process: behind every class of the table.
pub(super) const KNOWN_VALUE: usize = CLASSES.len();
/// Rank of social security numbers.
pub(super) const SSN: usize = CLASSES.len() + 1;
/// Rank of card numbers.
pub(super) const CREDIT_CARD: usize = CLASSES.len() + 2;

/// The label of a rank.
pub(super) fn label(rank: usize) -> &'static str {
    match CLASSES.get(rank) {
        Some(class) => class.label,
        None if rank == KNOWN_VALUE => "known_value",
        None if rank == SSN => "ssn",
        None => "credit_card",
    }
}

/// The flag of a rank, with its kind in front.
pub(super) fn flag(rank: usize) -> String {
    let kind = if rank >= SSN { "pii" } else { "secret" };
    format!("{kind}:{}", label(rank))
}

/// The compiled table.
pub(super) struct Compiled {
    /// Says in one pass which shapes occur at all; most texts hold none.
    set: Option<RegexSet>,
    shapes: Vec<(usize, Regex)>,
    pem_end: Option<Regex>,
}

/// The table, compiled at first use.
pub(super) fn compiled() -> &'static Compiled {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| Compiled {
        pem_end: Regex::new(PEM_END).ok(),
        set: RegexSet::new(CLASSES.iter().map(|class| class.shape)).ok(),
        shapes: CLASSES.iter().enumerate().filter_map(|(rank, c)| Some((rank, Regex::new(c.shape).ok()?))).collect(),
    })
}

impl Compiled {
    /// Calls `found` with rank, start and end of each match that begins at `from` or later.
    pub(super) fn each(&self, text: &str, from: usize, mut found: impl FnMut(usize, usize, usize)) {
        let present = self.set.as_ref().map(|set| set.matches(text));
        for (rank, shape) in &self.shapes {
            if present.as_ref().is_some_and(|present| !present.matched(*rank)) {
                continue;
            }
            let mut at = from;
            let mut pem_end = self.pem_end.as_ref().filter(|_| label(*rank) == PRIVATE_KEY);
            while let Some(hit) = shape.find_at(text, at) {
                let block = pem_end.and_then(|shape| shape.find_at(text, hit.start()));
                if block.is_none() {
                    pem_end = None;
                }
                let end = block.map_or(hit.end(), |block| block.end().max(hit.end()));
                let class = &CLASSES[*rank];
                let glued = class.shape.starts_with(LEFT_GUARD) && hit.as_str().starts_with('_');
                let start = hit.start() + usize::from(glued);
                if (class.check)(text, start, end) {
                    let (start, end) = json_value(text, start, end).unwrap_or((start, end));
                    found(*rank, start, end);
                }
                at = end;
            }
        }
    }
}

/// The value alone, when a match is a JSON member with its quoted name: so that JSON text stays readable as JSON.
fn json_value(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let (name, value) = text[start..end].split_once(['=', ':'])?;
    if !name.trim_end().ends_with('"') {
        return None;
    }
    let from = end - value.trim_start().trim_start_matches(['\\', '"']).len();
    let rest = &text[from..end];
    let is_quoted = text[..from].ends_with('"');
    let ends = if is_quoted { rest.trim_end_matches(['\\', '"']).len() } else { rest.find([',', '}', ']'])? };
    (ends > 0).then_some((from, from + ends))
}

fn ends_the_base64(text: &str, _: usize, end: usize) -> bool {
    !text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))
}

/// "Basic authentication" is prose; credentials hold digits, padding or capitals in the middle.
fn is_no_plain_word(text: &str, start: usize, end: usize) -> bool {
    let value = text[start..end].get(5..).unwrap_or_default().trim_start();
    let tail = value.get(1..).unwrap_or_default();
    let has = |test: fn(&char) -> bool| tail.chars().any(|c| test(&c));
    has(|c| c.is_ascii_digit() || matches!(c, '=' | '+'))
        || (has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase))
}

/// An assignment whose value is a label already is left alone.
fn is_not_yet_redacted(text: &str, start: usize, end: usize) -> bool {
    let value = text[start..end].split_once(['=', ':']).map_or("", |(_, value)| value);
    let value =
        value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '.' | ';' | '}' | ')'));
    let label = value.strip_prefix("[REDACTED_").and_then(|rest| rest.strip_suffix(']'));
    !label.is_some_and(|label| label.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

/// A number, a colon and a digest or UUID is one of our own keys.
fn is_no_id_after_a_number(text: &str, start: usize, end: usize) -> bool {
    let value = text[start..end].split_once(':').map_or("", |(_, value)| value);
    !value.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-'))
}

fn is_of_mixed_classes(text: &str, start: usize, end: usize) -> bool {
    let value = text[start..end].split_once(['=', ':']).map_or("", |(_, value)| value);
    let has = |test: fn(&char) -> bool| usize::from(value.chars().any(|c| test(&c)));
    has(char::is_ascii_digit) + has(char::is_ascii_lowercase) + has(char::is_ascii_uppercase) >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_compiles() {
        let compiled = compiled();
        assert!(compiled.set.is_some() && compiled.pem_end.is_some());
        assert_eq!(compiled.shapes.len(), CLASSES.len());
    }

    #[test]
    fn labels_are_unique_and_match_no_shape_themselves() {
        let mut seen = std::collections::HashSet::new();
        for rank in 0..=CREDIT_CARD {
            assert!(seen.insert(label(rank)));
            let left_behind = format!("[REDACTED_{}]: x", label(rank).to_uppercase());
            compiled().each(&left_behind, 0, |hit, _, _| panic!("{left_behind} looks like {}", label(hit)));
        }
    }
}
