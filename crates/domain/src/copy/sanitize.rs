//! Cleaning copy: the output is built from an allow-list, never cut out of the input.

use super::markup::{Piece, pieces, reference};

/// The elements that copy may hold. Of attributes there is one, the `href` of a link, and only over https.
const ALLOWED: [&str; 13] = ["p", "ul", "ol", "li", "strong", "em", "h1", "h2", "h3", "h4", "h5", "h6", "a"];
/// Elements of their own line: they end a paragraph or heading that is still open.
const BLOCKS: [&str; 10] = ["p", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"];
/// Deeper nesting is flattened; no copy needs it, and readers of it may recurse.
const MAX_DEPTH: usize = 16;

/// Copy that holds nothing but text and the elements p, ul, ol, li, strong, em, h1 to h6, br and a (https), every one
/// of them closed. Other elements go and leave their text; scripts and their like go with their content. Cleaning what
/// is clean changes nothing.
#[must_use]
pub fn sanitize(html: &str) -> String {
    let mut writer = Writer { out: String::with_capacity(html.len()), open: Vec::new() };
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => writer.text(text),
            Piece::Open(name, attributes) => writer.open(&name, attributes),
            Piece::Close(name) => writer.close(&name),
        }
    }
    writer.close_down_to(0);
    writer.out.trim().to_owned()
}

struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut taken = c.len_utf8();
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => match reference(rest) {
                    Some(length) => {
                        self.out.push_str(&rest[..length]);
                        taken = length;
                    }
                    None => self.out.push_str("&amp;"),
                },
                c if c.is_control() && !matches!(c, '\n' | '\t') => {}
                c => self.out.push(c),
            }
            rest = &rest[taken..];
        }
    }

    fn open(&mut self, name: &str, attributes: &str) {
        if name == "br" {
            self.out.push_str("<br>");
            return;
        }
        let Some(name) = ALLOWED.into_iter().find(|allowed| *allowed == name) else { return };
        if BLOCKS.contains(&name) {
            self.end_paragraph();
        }
        match name {
            "li" => {
                let Some(list) = self.last_of(&["ul", "ol"]) else { return };
                if let Some(item) = self.last_of(&["li"]).filter(|item| *item > list) {
                    self.close_down_to(item);
                }
            }
            "a" => {
                if let Some(outer) = self.last_of(&["a"]) {
                    self.close_down_to(outer);
                }
                let Some(href) = href(attributes) else { return };
                if self.open.len() < MAX_DEPTH {
                    self.out.push_str(&format!("<a href=\"{href}\">"));
                    self.open.push(name);
                }
                return;
            }
            _ => {}
        }
        if self.open.len() < MAX_DEPTH {
            self.out.push_str(&format!("<{name}>"));
            self.open.push(name);
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| *open == name) {
            self.close_down_to(at);
        }
    }

    /// A block never stands within a paragraph or a heading.
    fn end_paragraph(&mut self) {
        let outermost = self.open.iter().position(|open| *open == "p" || open.starts_with('h'));
        if let Some(at) = outermost {
            self.close_down_to(at);
        }
    }

    fn last_of(&self, names: &[&str]) -> Option<usize> {
        self.open.iter().rposition(|open| names.contains(open))
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some(name) = self.open.pop() {
                self.out.push_str(&format!("</{name}>"));
            }
        }
    }
}

/// The address of a link, ready to stand in quotes; none unless it is a plain https address.
fn href(attributes: &str) -> Option<String> {
    let address = value_of(attributes, "href")?.trim().replace("&amp;", "&");
    let rest = address.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://")).map(|_| &address[8..])?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':'));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&()*+,;=%".contains(&byte);
    (named && address.len() <= 2000 && rest.bytes().all(plain))
        .then(|| format!("https://{}", rest.replace('&', "&amp;")))
}

/// The value of the first attribute of that name.
fn value_of<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let blank = |c: char| c.is_ascii_whitespace() || c == '/';
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(blank);
        if rest.is_empty() {
            return None;
        }
        // A name may begin with `=`, and then holds it.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find(|c: char| blank(c) || c == '=').map_or(rest.len(), |at| first + at);
        let (name, after_name) = rest.split_at(end);
        let Some(value) = after_name.trim_start().strip_prefix('=').map(str::trim_start) else {
            rest = after_name;
            continue;
        };
        let (value, after_value) = match value.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split_once(&value[..1]).unwrap_or((quoted, "")),
            None => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after_value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn allowed_elements_stay_and_the_rest_leaves_its_text() {
        for (html, clean) in [
            ("<p>A <strong>soft</strong> tee.<br/>Yes</p>", "<p>A <strong>soft</strong> tee.<br>Yes</p>"),
            ("<div class=x><h2 onclick='a()'>Hi</h2></div>", "<h2>Hi</h2>"),
            ("<ul><li>one<li>two</ul>", "<ul><li>one</li><li>two</li></ul>"),
            ("<ul><li>one<ul><li>deep</li></ul></li></ul>", "<ul><li>one<ul><li>deep</li></ul></li></ul>"),
            ("<li>stray", "stray"),
            ("<p>one<p>two", "<p>one</p><p>two</p>"),
            ("<p><em>a</p>b</em>", "<p><em>a</em></p>b"),
            ("2 < 3 & <b>x</b> &copy; &", "2 &lt; 3 &amp; x &copy; &amp;"),
            ("<script>alert(1)</script><style>p{}</style>ok", "ok"),
            ("<img src=x onerror=alert(1)>pic", "pic"),
            ("<svg><p>inside</p></svg>out", "out"),
            ("<p>never ended", "<p>never ended</p>"),
            ("a\u{0}b\u{7}c", "abc"),
        ] {
            assert_eq!(sanitize(html), clean, "{html}");
        }
    }

    #[test]
    fn a_link_is_kept_only_over_https() {
        for (html, clean) in [
            ("<a href=\"https://x.com/a?b=1&amp;c=2\">l</a>", "<a href=\"https://x.com/a?b=1&amp;c=2\">l</a>"),
            ("<a title=t href='HTTPS://x.com'>l</a>", "<a href=\"https://x.com\">l</a>"),
            ("<a href=https://x.com/p target=_blank>l</a>", "<a href=\"https://x.com/p\">l</a>"),
            ("<a href=\"javascript:alert(1)\">l</a>", "l"),
            ("<a href=\"java\nscript:x\">l</a>", "l"),
            ("<a href=\"http://x.com\">l</a>", "l"),
            ("<a href=\"//x.com\">l</a>", "l"),
            ("<a href=\"https://user@x.com\">l</a>", "l"),
            ("<a href=\"https://x.com/\" onclick=\"a()\">l</a>", "<a href=\"https://x.com/\">l</a>"),
            ("<a href='https://x.com/\"onclick=\"a()'>l</a>", "l"),
            ("<a data-href=\"https://y.com\">l</a>", "l"),
            (
                "<a href=\"https://a.com\">x<a href=\"https://b.com\">y</a></a>",
                "<a href=\"https://a.com\">x</a><a href=\"https://b.com\">y</a>",
            ),
        ] {
            assert_eq!(sanitize(html), clean, "{html}");
        }
    }

    /// Every tag of the output, checked without the code under test.
    fn is_clean(html: &str) -> bool {
        let mut open = Vec::new();
        for part in html.split('<').skip(1) {
            let Some((tag, text)) = part.split_once('>') else { return false };
            if text.contains('>') {
                return false;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
                continue;
            }
            let link = tag.strip_prefix("a href=\"https://").and_then(|rest| rest.strip_suffix('"'));
            match link {
                Some(address) if !address.contains(['"', ' ', '\'']) => open.push("a"),
                Some(_) => return false,
                None if tag == "br" => {}
                None if ALLOWED.contains(&tag) && tag != "a" => open.push(tag),
                None => return false,
            }
        }
        open.is_empty()
    }

    /// Fragments that hostile markup is made of.
    fn fragment() -> impl Strategy<Value = String> {
        let known = prop::sample::select(vec![
            "<p>",
            "</p>",
            "<ul>",
            "<li>",
            "</ul>",
            "<a href=",
            "\"https://x.com\"",
            "'",
            "\"",
            ">",
            "<",
            "</",
            "/>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<svg/onload=x>",
            "<a href=\"javascript:x\">",
            "&",
            "&lt;",
            "&#60;",
            "&#x3c;script&#x3e;",
            "<strong",
            "</a>",
            "<h1>",
            "<style",
            "<![CDATA[",
            "]]>",
            " onclick=x ",
            "\0",
            "<math>",
            "=",
        ]);
        prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,8}"]
    }

    proptest! {
        #[test]
        fn whatever_goes_in_only_allowed_elements_come_out(parts in prop::collection::vec(fragment(), 0..24)) {
            let clean = sanitize(&parts.concat());
            prop_assert!(is_clean(&clean), "{clean}");
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(parts in prop::collection::vec(fragment(), 0..24)) {
            let clean = sanitize(&parts.concat());
            prop_assert_eq!(sanitize(&clean), clean);
        }

        #[test]
        fn no_text_makes_it_panic(html in "\\PC{0,200}") {
            let _ = (sanitize(&html), super::super::visible_text(&html));
        }
    }
}
