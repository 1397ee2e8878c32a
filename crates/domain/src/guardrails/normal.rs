//! The form of a text in which attacks are looked for: what a reader sees, without the tricks of writing it.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use unicode_normalization::UnicodeNormalization;

/// Shortest run of encoded characters that is decoded.
const MIN_ENCODED: usize = 40;

/// Compatibility forms unified, invisible characters removed, white space collapsed. Line ends stay, since some attacks
/// depend on the beginning of a line.
pub(super) fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap: Option<char> = None;
    for c in text.nfkc().filter(|c| !is_invisible(*c)) {
        if c.is_whitespace() {
            let ends_line = matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
            gap = Some(if ends_line || gap == Some('\n') { '\n' } else { ' ' });
        } else {
            out.extend(gap.take());
            out.push(c);
        }
    }
    out
}

/// Zero-width characters, direction controls, soft hyphens and other characters that only hide letters.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// The texts that stand in long encoded runs: base64 and percent encoding.
pub(super) fn decoded(text: &str) -> Vec<String> {
    let base64 = runs(text, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'='))
        .filter_map(from_base64);
    let percent = runs(text, |b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>'))
        .filter(|run| run.contains('%'))
        .map(from_percent);
    base64.chain(percent).map(|text| normalize(&text)).collect()
}

fn runs(text: &str, keeps: impl Fn(u8) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |c: char| !u8::try_from(c).is_ok_and(&keeps)).filter(|run| run.len() >= MIN_ENCODED)
}

fn from_base64(run: &str) -> Option<String> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    let one_alphabet = run.trim_end_matches('=').replace('-', "+").replace('_', "/");
    // A length of 4n + 1 is impossible: the last character belongs to something else.
    let whole = one_alphabet.len() - usize::from(one_alphabet.len() % 4 == 1);
    let bytes = ENGINE.decode(one_alphabet.get(..whole)?).ok()?;
    String::from_utf8(bytes).ok()
}

fn from_percent(run: &str) -> String {
    let mut bytes = Vec::with_capacity(run.len());
    let mut rest = run.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match pair.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
