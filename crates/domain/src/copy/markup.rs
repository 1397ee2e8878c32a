//! Taking HTML apart the way a browser's tokeniser does, as far as text and tags are concerned.

/// Elements whose content is no text for a reader: scripts, styles, other documents, foreign languages.
const HIDDEN: [&str; 15] = [
    "script",
    "style",
    "iframe",
    "noscript",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
    "title",
    "textarea",
    "template",
    "svg",
    "math",
    "object",
    "head",
];

/// Elements that stand within a line: taking them away leaves the words around them together.
const INLINE: [&str; 20] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong",
    "sub", "sup", "u", "wbr",
];

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text as written, character references included.
    Text(&'a str),
    /// A start tag: name in lower case, the rest as written.
    Open(String, &'a str),
    /// An end tag: name in lower case.
    Close(String),
}

/// The pieces in order. Comments, declarations, hidden elements with their content, and a tag that never ends are left
/// out.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(at) = rest.find('<') else {
            pieces.push(Piece::Text(rest));
            break;
        };
        let (text, markup) = rest.split_at(at);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        rest = take(markup, &mut pieces);
    }
    pieces
}

/// Takes one piece of markup, which begins with `<`, and returns what follows it.
fn take<'a>(markup: &'a str, pieces: &mut Vec<Piece<'a>>) -> &'a str {
    let inner = &markup[1..];
    if let Some(comment) = inner.strip_prefix("!--") {
        // `<!-->` and `<!--->` are complete comments.
        let short = ["->", ">"].iter().find_map(|end| comment.strip_prefix(end));
        return short.unwrap_or_else(|| after(comment, "-->"));
    }
    if inner.starts_with(['!', '?']) {
        return after(inner, ">");
    }
    let (closes, tag) = inner.strip_prefix('/').map_or((false, inner), |tag| (true, tag));
    if !tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
        if closes {
            // `</` before anything but a letter opens a comment that ends at the next `>`.
            return after(inner, ">");
        }
        pieces.push(Piece::Text("<"));
        return inner;
    }
    let name_end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).unwrap_or(tag.len());
    let name = tag[..name_end].to_ascii_lowercase();
    let Some(end) = tag_end(&tag[name_end..]) else { return "" };
    let (attributes, following) = (&tag[name_end..name_end + end], &tag[name_end + end + 1..]);
    if closes {
        pieces.push(Piece::Close(name));
        return following;
    }
    if HIDDEN.contains(&name.as_str()) {
        // Its own end tag may stand within quotes of a nested tag; then more is hidden than a browser would, never less
        // than is dangerous, because what follows is cleaned as well.
        return after_end_tag(following, &name);
    }
    pieces.push(Piece::Open(name, attributes));
    following
}

/// Offset of the `>` that ends a tag: the first one outside quotes that follow an `=`.
fn tag_end(attributes: &str) -> Option<usize> {
    let mut quote = None;
    let mut value_begins = false;
    for (at, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if value_begins => (quote, value_begins) = (Some(byte), false),
            (None, b'=') => value_begins = true,
            (None, byte) if byte.is_ascii_whitespace() => {}
            (None, _) => value_begins = false,
        }
    }
    None
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

fn after_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let begin = from + at + 2;
        let tail = &text[begin..];
        let matches = tail.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
            && tail[name.len()..].starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        if matches {
            return after(&tail[name.len()..], ">");
        }
        from = begin;
    }
    ""
}

/// The text that a reader would see: without tags, character references turned into characters.
#[must_use]
pub fn visible_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for piece in pieces(html) {
        match piece {
            Piece::Text(part) => decode(part, &mut text),
            Piece::Open(name, _) | Piece::Close(name) if INLINE.contains(&name.as_str()) => {}
            Piece::Open(..) | Piece::Close(_) => text.push(' '),
        }
    }
    text
}

/// Length of the character reference at the start of `text`, which begins with `&`; none when it is a mere ampersand.
pub(super) fn reference(text: &str) -> Option<usize> {
    let end = text.bytes().take(36).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let number = |digits: &str, longest: usize, is_digit: fn(&u8) -> bool| {
        (1..=longest).contains(&digits.len()) && digits.bytes().all(|byte| is_digit(&byte))
    };
    let known = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 6, u8::is_ascii_hexdigit),
            None => number(digits, 7, u8::is_ascii_digit),
        },
        None => {
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
    };
    known.then_some(end + 1)
}

/// Appends `text` with the references that matter for reading resolved; a rare name becomes a space.
fn decode(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        into.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            None => {
                into.push('&');
                rest = &rest[1..];
            }
            Some(length) => {
                into.push(character(&rest[1..length - 1]));
                rest = &rest[length..];
            }
        }
    }
    into.push_str(rest);
}

fn character(name: &str) -> char {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let numbered = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(digits, 10),
        },
        None => None,
    };
    numbered.unwrap_or(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "ndash" | "mdash" => '-',
        "hellip" => '.',
        _ => ' ',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_words_and_no_markup() {
        for (html, seen) in [
            ("<p>One</p><p>two</p>", " One  two "),
            ("<strong>bold</strong>ly", "boldly"),
            ("fish &amp; chips &#8211; &lt;3", "fish & chips – <3"),
            ("a < b && c", "a < b && c"),
            ("x<!-- hidden -->y<!-->z", "xyz"),
            ("<script>alert('</p>')</script>after", "after"),
            ("<SCRIPT >1</script x>after", "after"),
            ("<a title='>' href=x>link</a>", "link"),
            ("<p unfinished", ""),
            ("</ x>text", "text"),
        ] {
            assert_eq!(visible_text(html), seen, "{html}");
        }
    }
}
