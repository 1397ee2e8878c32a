//! The boundary between what is said to a model and what is only shown to it.

/// Wraps a text as data: `<<<DATA <nonce>`, the text, `DATA <nonce>>>>`, each on its own lines.
///
/// Runs of three angle brackets inside the text are broken up with a backslash, so that no boundary, of this nonce or
/// another, can stand in it. `nonce` must be new for each call (see [`new_boundary`]).
#[must_use]
pub fn delimit(nonce: &str, text: &str) -> String {
    format!("<<<DATA {nonce}\n{}\nDATA {nonce}>>>", break_runs(text))
}

/// The nonce of one boundary, from random hex digits that the caller drew.
#[must_use]
pub fn new_boundary(hex: &str) -> String {
    let digits: String = hex.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect();
    format!("d{digits}")
}

/// No angle bracket stands three times in a row afterwards, whatever stood there before.
fn break_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    let mut last = None;
    for c in text.chars() {
        run = if last == Some(c) { run + 1 } else { 1 };
        if run == 3 && matches!(c, '<' | '>') {
            out.push('\\');
            run = 1;
        }
        out.push(c);
        last = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_stands_between_its_boundaries() {
        assert_eq!(delimit("a1", "say <b>hi</b> >> x"), "<<<DATA a1\nsay <b>hi</b> >> x\nDATA a1>>>");
    }

    #[test]
    fn a_nonce_holds_only_letters_and_digits() {
        assert_eq!(new_boundary("0A \n>>>f"), "d0af");
        assert_ne!(new_boundary("01"), new_boundary("02"));
    }

    proptest! {
        #[test]
        fn a_boundary_cannot_be_forged(parts in proptest::collection::vec(
            prop_oneof![Just("<<<DATA ".to_owned()), Just("DATA a1>>>".to_owned()), Just("a1".to_owned()),
                Just("<".to_owned()), Just(">".to_owned()), Just("\n".to_owned()), ".{0,5}"], 0..20))
        {
            let text = parts.concat();
            let whole = delimit("a1", &text);
            prop_assert_eq!(whole.matches("<<<").count(), 1);
            prop_assert_eq!(whole.matches(">>>").count(), 1);
            prop_assert!(whole.starts_with("<<<DATA a1\n"));
            prop_assert!(whole.ends_with("\nDATA a1>>>"));
        }

        #[test]
        fn what_needs_no_escape_stays_as_it_is(text in "[a-z{}\":, <>]{0,40}") {
            prop_assume!(!text.contains("<<<") && !text.contains(">>>"));
            prop_assert_eq!(delimit("n", &text), format!("<<<DATA n\n{text}\nDATA n>>>"));
        }
    }
}
