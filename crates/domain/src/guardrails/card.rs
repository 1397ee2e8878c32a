//! Card numbers, told apart from the many other long numbers of a shop.
//!
//! A check digit alone is no proof: one order id in ten has a good one. So the digits must also begin like a card of
//! that length, be grouped as cards are, stand alone, and not be introduced as an order, a tracking number or an id.
//! A bare number of 13 digits is an order id unless a card is spoken of; cards of that length are no longer issued.

/// How far back the words before a number are read, in bytes.
const LOOK_BACK: usize = 64;

/// Words that introduce a number which is no card.
const ID_WORDS: &[&str] = &[
    "order",
    "orders",
    "gid",
    "id",
    "ids",
    "tracking",
    "shipment",
    "parcel",
    "fulfillment",
    "fulfilment",
    "product",
    "variant",
    "customer",
    "shopify",
    "printful",
    "stripe",
    "invoice",
    "run",
    "effect",
    "ticket",
];

/// Words between the introducing word and the number.
const FILLERS: &[&str] = &["no", "nr", "num", "number", "numbers", "name", "is", "was"];

/// Words that speak of a card.
const CARD_WORDS: &[&str] = &["card", "cc", "visa", "mastercard", "amex", "credit", "debit", "pan", "pay"];

/// The places of card numbers in `text` that begin at `from` or later, as start and end in bytes.
pub(super) fn find(text: &str, from: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = from;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit() && (at == 0 || !bytes[at - 1].is_ascii_digit());
        match if begins { card_at(text, at) } else { None } {
            Some(end) => {
                found.push((at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The end of the longest card number that begins at `start`.
fn card_at(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'#' | b'.')) {
        return None;
    }
    let mut digits: Vec<u8> = Vec::with_capacity(19);
    let mut groups: Vec<usize> = Vec::new();
    let mut best = None;
    let mut at = start;
    loop {
        let first = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() && digits.len() <= 19 {
            digits.push(bytes[at] - b'0');
            at += 1;
        }
        if digits.len() > 19 {
            break;
        }
        groups.push(at - first);
        let isolated = !is_separated_digit_before(bytes, start) && !is_separated_digit(bytes, at);
        if ends_a_number(bytes, at) && is_grouped(&groups, isolated) && is_card_number(&digits) {
            best = Some(at);
        }
        if !is_separated_digit(bytes, at) {
            break;
        }
        at += 1;
    }
    let end = best?;
    let bare = end - start == 13;
    let introduced = introduction(text, start);
    let refused = match introduced {
        Introduction::Card => false,
        // Ids are written in one piece; only cards are spaced out.
        Introduction::Id => !text[start..end].contains([' ', '-']),
        Introduction::Nothing => bare,
    };
    (!refused).then_some(end)
}

/// A space or dash and then a digit.
fn is_separated_digit(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b' ' | b'-')) && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
}

fn is_separated_digit_before(bytes: &[u8], start: usize) -> bool {
    start >= 2 && matches!(bytes[start - 1], b' ' | b'-') && bytes[start - 2].is_ascii_digit()
}

fn ends_a_number(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at).copied();
    let after = bytes.get(at + 1).copied();
    match next {
        Some(b) if b.is_ascii_alphanumeric() || b == b'_' => false,
        // A hyphen and a letter: the tail of a UUID or of a part number.
        Some(b'-') => !after.is_some_and(|b| b.is_ascii_alphabetic()),
        Some(b'.') => !after.is_some_and(|b| b.is_ascii_digit()),
        _ => true,
    }
}

/// The groupings printed on cards; any other only when no further digits stand beside it.
fn is_grouped(groups: &[usize], isolated: bool) -> bool {
    match groups {
        [_] | [4, 6, 4 | 5] => true,
        [4, 4, 4, 1..=4] | [4, 4, 4, 4, 1..=3] => true,
        _ => isolated,
    }
}

/// Whether the digits begin like a card of that length and end with a good check digit.
fn is_card_number(digits: &[u8]) -> bool {
    (13..=19).contains(&digits.len()) && is_issued(digits) && has_good_check_digit(digits)
}

/// The ranges that the card networks issue from, by first digits and length.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = |n: usize| digits.iter().take(n).fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    match digits.len() {
        13 => prefix(1) == 4,
        14 => matches!(prefix(3), 300..=305 | 309) || matches!(prefix(2), 36 | 38 | 39),
        15 => matches!(prefix(2), 34 | 37),
        16 => {
            prefix(1) == 4
                || matches!(prefix(2), 51..=55 | 62 | 65)
                || matches!(prefix(4), 2221..=2720 | 3528..=3589 | 6011 | 5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763)
                || matches!(prefix(3), 644..=649)
        }
        17 | 18 => matches!(prefix(2), 62) || matches!(prefix(4), 5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763),
        19 => prefix(1) == 4 || matches!(prefix(2), 62 | 65) || matches!(prefix(4), 5018 | 5020 | 5038 | 6011 | 6304),
        _ => false,
    }
}

/// Luhn's check: from the right every second digit doubled, the sum of all digits a multiple of ten.
fn has_good_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(*digit) << (at % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

enum Introduction {
    Card,
    Id,
    Nothing,
}

/// What the words right before a number say about it.
fn introduction(text: &str, start: usize) -> Introduction {
    let mut from = start.saturating_sub(LOOK_BACK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = &text[from..start];
    let glued = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    if before.trim_end().ends_with('#') || (glued.contains("://") && glued.ends_with('/')) {
        return Introduction::Id;
    }
    let lower = before.to_lowercase();
    // A new line or sentence begins a new thought.
    let thought = lower.rsplit(['\n', ';']).next().unwrap_or_default();
    let words: Vec<&str> = thought.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    match words.iter().rev().find(|word| !FILLERS.contains(word)) {
        Some(word) if ID_WORDS.contains(word) => Introduction::Id,
        _ if words.iter().rev().take(4).any(|word| CARD_WORDS.contains(word)) => Introduction::Card,
        _ => Introduction::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(text: &str) -> Vec<&str> {
        find(text, 0).into_iter().map(|(start, end)| &text[start..end]).collect()
    }

    #[test]
    fn the_test_cards_of_every_network_are_found_however_they_are_grouped() {
        for card in [
            "4111 1111 1111 1111",
            "4111111111111111",
            "4111-1111-1111-1111",
            "5555 5555 5555 4444",
            "2223003122003222",
            "3782 822463 10005",
            "6011 1111 1111 1117",
            "3530 1113 3330 0000",
            "3056 930902 5904",
            "6200 0000 0000 0005",
            "41111111 11111111",
        ] {
            assert_eq!(cards(card), [card]);
            assert_eq!(cards(&format!("pay with {card}, 12/29 please")), [card]);
            assert_eq!(cards(&format!("{card} 12 29")).len(), usize::from(card != "41111111 11111111"), "{card}");
        }
    }

    #[test]
    fn a_bare_number_of_thirteen_digits_is_a_card_only_when_one_is_spoken_of() {
        assert!(cards("4222222222222").is_empty());
        assert_eq!(cards("my visa card is 4222222222222"), ["4222222222222"]);
    }

    #[test]
    fn a_number_introduced_as_an_id_is_none() {
        for text in [
            "order 4111111111111111",
            "Order number: 4111111111111111",
            "#4111111111111111",
            "id=4111111111111111",
            "gid://shopify/Order/4111111111111111",
            "shopify:4111111111111111",
            "tracking no. 4111111111111111",
            "https://track.example/4111111111111111",
            "x4111111111111111",
            "4111111111111111a",
        ] {
            assert!(cards(text).is_empty(), "{text}");
        }
        assert_eq!(cards("for order 7 charge card 4111111111111111").len(), 1);
    }
}
