//! Short plain words from a field that a stranger filled in.

use std::sync::OnceLock;

use regex::{Captures, Regex};

/// Longest field handed to an agent, in characters.
const MAX_FIELD_CHARS: usize = 500;
/// Entities may be encoded again and again; after so many rounds the rest is shown as it is.
const MAX_ROUNDS: usize = 4;

/// Entities decoded, HTML tags removed, white space collapsed, e-mail addresses reduced to `***@domain`, cut at 500
/// characters.
#[must_use]
pub fn strip_untrusted(text: &str) -> String {
    // What could make 500 characters at most, before entities shrink and tags go: hostile length ends here.
    let bounded: String = text.chars().take(MAX_FIELD_CHARS * 100).collect();
    let mut plain = bounded;
    for _ in 0..MAX_ROUNDS {
        let decoded = decode_entities(&plain);
        let done = decoded == plain;
        plain = decoded;
        if done {
            break;
        }
    }
    let plain = strip_tags(&plain);
    let words: Vec<&str> =
        plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    mask_emails(&words.join(" ")).chars().take(MAX_FIELD_CHARS).collect()
}

fn decode_entities(text: &str) -> String {
    static SHAPE: OnceLock<Option<Regex>> = OnceLock::new();
    let shape = SHAPE.get_or_init(|| Regex::new(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z]{2,6}));?").ok());
    let Some(shape) = shape else { return text.to_owned() };
    shape
        .replace_all(text, |hit: &Captures<'_>| {
            let number = |group: usize, radix| hit.get(group).and_then(|m| u32::from_str_radix(m.as_str(), radix).ok());
            let named = hit.get(3).and_then(|name| named_entity(name.as_str()));
            let decoded = number(1, 10).or_else(|| number(2, 16)).and_then(char::from_u32).or(named);
            decoded.map_or_else(|| hit[0].to_owned(), String::from)
        })
        .into_owned()
}

fn named_entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        _ => return None,
    })
}

/// Removes tags, comments and what stands in scripts and styles. A tag that never closes reaches to the end. A lone `<`
/// before a space or digit is a comparison and stays.
fn strip_tags(text: &str) -> String {
    static SHAPE: OnceLock<Option<Regex>> = OnceLock::new();
    let shape = SHAPE.get_or_init(|| {
        let hidden = r"(?is)<script\b.*?(?:</script\s*>|$)|<style\b.*?(?:</style\s*>|$)|<!--.*?(?:-->|$)";
        Regex::new(&format!("{hidden}|<[a-z/!?][^>]*(?:>|$)")).ok()
    });
    let Some(shape) = shape else { return String::new() };
    let mut plain = text.to_owned();
    // A tag inside a tag leaves a new one behind when the inner one goes.
    for _ in 0..MAX_ROUNDS {
        let stripped = shape.replace_all(&plain, " ").into_owned();
        if stripped == plain {
            return plain;
        }
        plain = stripped;
    }
    plain
}

fn mask_emails(text: &str) -> String {
    static SHAPE: OnceLock<Option<Regex>> = OnceLock::new();
    let shape = SHAPE.get_or_init(|| Regex::new(r"[\w.+%!#$&'*/=?^`{|}~-]+@([\w-]+(?:\.[\w-]+)+)").ok());
    let Some(shape) = shape else { return String::new() };
    shape.replace_all(text, "***@$1").into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_field_becomes_short_plain_words() {
        for (raw, plain) in [
            ("<b>Hello</b>\n  world", "Hello world"),
            ("&lt;script&gt;alert(1)&lt;/script&gt;ok", "ok"),
            ("&amp;lt;img src=x onerror=y&amp;gt; gift", "gift"),
            ("&#60;i&#62;wrap&#x3c;/i&#x3E;", "wrap"),
            ("Tom &amp; Jerry, 5 < 6", "Tom & Jerry, 5 < 6"),
            ("mail ann.b+shop@example.com now", "mail ***@example.com now"),
            ("a<!-- hidden -->b <img src='x", "a b"),
            ("", ""),
        ] {
            assert_eq!(strip_untrusted(raw), plain, "{raw}");
        }
        assert_eq!(strip_untrusted(&"ü".repeat(900)).chars().count(), 500);
    }

    #[test]
    fn every_shape_compiles() {
        assert_eq!(strip_tags("a<b>"), "a ");
        assert_eq!(mask_emails("x@y.z"), "***@y.z");
        assert_eq!(decode_entities("&lt;"), "<");
    }

    proptest! {
        #[test]
        fn no_tag_and_no_address_survives(text in "(<|>|&lt;|&gt;|&amp;|[a-z@. ]|script|/){0,40}") {
            let plain = strip_untrusted(&text);
            let has_tag = plain.match_indices('<').any(|(at, _)| plain[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()));
            prop_assert!(!has_tag, "{}", plain);
            prop_assert!(plain.chars().count() <= 500);
        }

        #[test]
        fn any_text_is_bounded(text in any::<String>()) {
            prop_assert!(strip_untrusted(&text).chars().count() <= 500);
        }
    }
}
