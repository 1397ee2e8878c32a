//! The `.env` file: `NAME=value` lines.
//!
//! Read literally, on purpose: a `$` stands for itself. A reader that replaces `$name` would silently empty an Argon2id
//! hash (`$argon2id$v=19$...`), and one that quotes the line in its error would print a secret.

use std::collections::BTreeMap;

/// The pairs of the text, and the numbers (from 1) of the lines that are none. A later line wins over an earlier one.
pub(crate) fn parse(text: &str) -> (BTreeMap<String, String>, Vec<usize>) {
    let mut pairs = BTreeMap::new();
    let mut bad_lines = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match pair(line) {
            Some((name, value)) => {
                pairs.insert(name.to_owned(), value);
            }
            None => bad_lines.push(index + 1),
        }
    }
    (pairs, bad_lines)
}

fn pair(line: &str) -> Option<(&str, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name.then_some(name).zip(unquote(value.trim()))
}

/// In single quotes everything is literal; in double quotes `\"`, `\\` and `\n` are escapes; unquoted, ` #` starts a
/// comment.
fn unquote(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inner, after) = rest.split_once('\'')?;
        return is_blank(after).then(|| inner.to_owned());
    }
    let Some(rest) = value.strip_prefix('"') else {
        if value.starts_with('#') {
            return Some(String::new());
        }
        let end = value.find(" #").or_else(|| value.find("\t#")).unwrap_or(value.len());
        return Some(value[..end].trim_end().to_owned());
    };
    let mut inner = String::with_capacity(rest.len());
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return is_blank(&rest[at + 1..]).then_some(inner),
            '\\' => match letters.next()?.1 {
                'n' => inner.push('\n'),
                other => inner.push(other),
            },
            other => inner.push(other),
        }
    }
    None
}

fn is_blank(after: &str) -> bool {
    let after = after.trim_start();
    after.is_empty() || after.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<String> {
        parse(line).0.remove("A")
    }

    #[test]
    fn a_dollar_stands_for_itself() {
        assert_eq!(read("A=$argon2id$v=19$m=19456").as_deref(), Some("$argon2id$v=19$m=19456"));
    }

    #[test]
    fn quotes_comments_and_export_are_understood() {
        assert_eq!(read("export A = plain # why").as_deref(), Some("plain"));
        assert_eq!(read("A='one # two' # why").as_deref(), Some("one # two"));
        assert_eq!(read(r#"A="say \"x\"\n""#).as_deref(), Some("say \"x\"\n"));
        assert_eq!(read("A=red#blue").as_deref(), Some("red#blue"));
        assert_eq!(read("A= # nothing").as_deref(), Some(""));
        assert_eq!(read("\u{feff}A=1\r\nB=2").as_deref(), Some("1"));
    }

    #[test]
    fn a_line_that_is_no_pair_is_told_by_its_number() {
        assert_eq!(parse("A=1\n\n# c\nnonsense\nB='open\n9C=1\n=x").1, vec![4, 5, 6, 7]);
    }
}
