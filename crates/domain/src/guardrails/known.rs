//! Values that are secret because this process was given them: found plainly and in the forms they travel in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::{Regex, RegexBuilder};

/// Shorter values are too likely to be ordinary words.
const MIN_CHARS: usize = 8;
/// Shortest part of a base64 text that is looked for.
const MIN_BASE64: usize = 10;

/// The values of one process, ready to be looked for.
pub(super) struct Known {
    shape: Option<Regex>,
    /// Every form, longest first. Searched one by one only when the shape did not compile.
    forms: Vec<String>,
    longest_chars: usize,
}

impl Known {
    pub(super) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut forms: Vec<String> = Vec::new();
        for value in values {
            // Stray white space around a setting is not part of what leaks.
            let value = value.trim();
            if value.chars().count() >= MIN_CHARS {
                add_forms(value, &mut forms);
            }
        }
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        let longest_chars = forms.iter().map(|form| form.chars().count()).max().unwrap_or(0);
        let either: Vec<String> = forms.iter().map(|form| regex::escape(form)).collect();
        let shape = if forms.is_empty() {
            None
        } else {
            RegexBuilder::new(&either.join("|")).size_limit(64 << 20).build().ok()
        };
        Self { shape, forms, longest_chars }
    }

    /// Length of the longest form: a stream must hold back that much.
    pub(super) fn longest_chars(&self) -> usize {
        self.longest_chars
    }

    /// Calls `found` with start and end of each value that begins at `from` or later.
    pub(super) fn each(&self, text: &str, from: usize, mut found: impl FnMut(usize, usize)) {
        if let Some(shape) = &self.shape {
            let mut at = from;
            while let Some(hit) = shape.find_at(text, at) {
                found(hit.start(), hit.end());
                at = hit.end();
            }
            return;
        }
        for form in &self.forms {
            for (at, hit) in text[from..].match_indices(form.as_str()) {
                found(from + at, from + at + hit.len());
            }
        }
    }
}

fn add_forms(value: &str, forms: &mut Vec<String>) {
    forms.push(value.to_owned());
    forms.push(percent(value, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'), true));
    forms.push(percent(value, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'), false));
    // Form encoding leaves fewer and path encoding more characters as they are.
    forms.push(percent(value, |b| b.is_ascii_alphanumeric() || b"-_.*".contains(&b), true).replace("%20", "+"));
    forms.push(percent(value, |b| b.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/".contains(&b), true));
    if let Ok(quoted) = serde_json::to_string(value) {
        forms.push(quoted[1..quoted.len() - 1].to_owned());
    }
    forms.extend([STANDARD_NO_PAD.encode(value), URL_SAFE_NO_PAD.encode(value)]);
    // Within a longer encoded text the value may begin at any of three offsets; its outer characters mix with the
    // neighbours and are left out.
    for offset in 0..3_usize {
        let shifted = [&vec![0; offset][..], value.as_bytes()].concat();
        let first = [0, 2, 3][offset];
        let last = shifted.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            if let Some(core) = encoded.get(first..last).filter(|core| core.len() >= MIN_BASE64) {
                forms.push(core.to_owned());
            }
        }
    }
}

fn percent(value: &str, keeps: impl Fn(u8) -> bool, upper: bool) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match (keeps(byte), upper) {
            (true, _) => out.push(char::from(byte)),
            (false, true) => out.push_str(&format!("%{byte:02X}")),
            (false, false) => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}
