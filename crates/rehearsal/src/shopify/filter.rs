//! The shop's search text: `title:'…'`, `tag:…`, `status:active`, `updated_at:>='…'`, and plain words.

use chrono::DateTime;
use domain::time::Timestamp;

use super::views::digits;
use crate::world::Product;

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

    /// Whether a product fits. Titles are searched as the shop does: all words, anywhere, in any case. A plain word is
    /// looked for in the title and among the tags. A name the shop does not know is overlooked, as it does.
    pub(super) fn product(&self, product: &Product) -> bool {
        let tagged = |tag: &str| product.tags.iter().any(|found| found.eq_ignore_ascii_case(tag));
        self.0.iter().all(|term| match term.name.as_str() {
            "" => words_in(&term.value, &product.title) || tagged(&term.value),
            "title" => words_in(&term.value, &product.title),
            "id" => digits(&term.value) == product.id.to_string(),
            "status" => term.value.eq_ignore_ascii_case(&product.status),
            "tag" => tagged(&term.value),
            "tag_not" => !tagged(&term.value),
            "sku" => product.variants.iter().any(|variant| variant.sku.eq_ignore_ascii_case(&term.value)),
            "created_at" => in_time(&term.value, product.created_at),
            "updated_at" => in_time(&term.value, product.updated_at),
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
        assert!(filter.product(&product(r"Wow It's a \ Tee")));
        assert!(!filter.product(&product("Tee")));
    }

    #[test]
    fn tags_are_whole_and_words_are_not() {
        let tee = product("Harbour Fog Tee");
        for (text, fits) in [
            ("tag:holly", true),
            ("tag:hol", false),
            ("tag_not:holly", false),
            ("tag:'holly' AND title:fog", true),
            ("fog", true),
            ("Holly", true),
            ("night", false),
            ("id:7", true),
            ("status:draft", false),
        ] {
            assert_eq!(Filter::parse(text).product(&tee), fits, "{text}");
        }
    }

    fn product(title: &str) -> Product {
        let now = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        Product {
            id: 7,
            title: title.to_owned(),
            description_html: String::new(),
            status: "ACTIVE".to_owned(),
            tags: vec!["holly".to_owned()],
            variants: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn moments_are_compared() {
        let at = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        assert!(Filter::parse(&format!("updated_at:>='{}'", at.to_rfc3339())).order("#1", "paid", at, at));
        assert!(!Filter::parse(&format!("updated_at:>'{}'", at.to_rfc3339())).order("#1", "paid", at, at));
    }
}
