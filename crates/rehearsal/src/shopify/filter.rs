//! The shop's search text: `title:'…'`, `tag:…`, `status:active`, `updated_at:>='…'`, and plain words.

use chrono::DateTime;
use domain::time::Timestamp;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    name: String,
    value: String,
}

/// A search; all of its terms must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filter(Vec<Term>);

impl Filter {
    /// Reads a search text. Backslashes escape quotes and backslashes.
    pub(super) fn parse(text: &str) -> Self {
        let mut terms = Vec::new();
        let mut rest = text.chars().peekable();
        loop {
            while rest.next_if(|c| c.is_whitespace()).is_some() {}
            if rest.peek().is_none() {
                return Self(terms);
            }
            let mut name = String::new();
            let mut value = String::new();
            let mut named = false;
            let mut quote = None;
            while let Some(next) = rest.next() {
                match (next, quote) {
                    ('\\', _) => value.extend(rest.next()),
                    (c, Some(open)) if c == open => quote = None,
                    (c @ ('\'' | '"'), None) => quote = Some(c),
                    (':', None) if !named => {
                        named = true;
                        name = std::mem::take(&mut value);
                    }
                    (c, None) if c.is_whitespace() => break,
                    (c, _) => value.push(c),
                }
            }
            if !(name.is_empty() && value == "AND") {
                terms.push(Term { name, value });
            }
        }
    }

    /// Whether a product fits. Titles are searched as the shop does: all words, anywhere, in any case.
    pub(super) fn product(&self, title: &str, status: &str, tags: &[String], updated: Timestamp) -> bool {
        self.0.iter().all(|term| match term.name.as_str() {
            "title" | "" => words_in(&term.value, title),
            "status" => term.value.eq_ignore_ascii_case(status),
            "tag" => tags.iter().any(|tag| tag.eq_ignore_ascii_case(&term.value)),
            "updated_at" => in_time(&term.value, updated),
            _ => true,
        })
    }

    /// Whether an order fits.
    pub(super) fn order(&self, name: &str, status: &str, created: Timestamp, updated: Timestamp) -> bool {
        self.0.iter().all(|term| match term.name.as_str() {
            "updated_at" => in_time(&term.value, updated),
            "created_at" | "processed_at" => in_time(&term.value, created),
            "financial_status" => term.value.eq_ignore_ascii_case(status),
            "name" | "" => name.trim_start_matches('#') == term.value.trim_start_matches('#'),
            _ => true,
        })
    }
}

fn words_in(words: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word.trim_matches('*')))
}

fn in_time(condition: &str, at: Timestamp) -> bool {
    let split = condition.find(|c: char| !matches!(c, '<' | '>' | '=')).unwrap_or(condition.len());
    let (operator, moment) = condition.split_at(split);
    let Ok(moment) = DateTime::parse_from_rfc3339(moment) else { return false };
    // The shop keeps whole seconds.
    let (at, moment) = (at.timestamp(), moment.timestamp());
    match operator {
        ">=" => at >= moment,
        ">" => at > moment,
        "<=" => at <= moment,
        "<" => at < moment,
        _ => at == moment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_read() {
        let filter = Filter::parse(r"title:'It\'s a \\ tee' status:active");
        assert_eq!(filter.0[0].value, r"It's a \ tee");
        let now = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        assert!(filter.product(r"Wow It's a \ Tee", "ACTIVE", &[], now));
        assert!(!filter.product("Tee", "ACTIVE", &[], now));
    }

    #[test]
    fn moments_are_compared() {
        let at = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        assert!(Filter::parse(&format!("updated_at:>='{}'", at.to_rfc3339())).order("#1", "paid", at, at));
        assert!(!Filter::parse(&format!("updated_at:>'{}'", at.to_rfc3339())).order("#1", "paid", at, at));
    }
}
