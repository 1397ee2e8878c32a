//! Names and other short texts.

use std::path::PathBuf;

use super::Parser;

pub(crate) const TEXT: Parser<String> = Parser { accepts: "text", parse: |text, _| printable(text).map(str::to_owned) };

pub(crate) const NAME: Parser<String> = Parser {
    accepts: "a name of at most 128 visible characters",
    parse: |text, _| match printable(text) {
        Ok(text) if text.chars().count() <= 128 => Ok(text.to_owned()),
        _ => Err("is not a short name"),
    },
};

pub(crate) const FOLDER: Parser<PathBuf> = Parser {
    accepts: "a path; a relative one starts at the working directory",
    parse: |text, _| if text.contains('\0') { Err("holds a NUL character") } else { Ok(PathBuf::from(text)) },
};

pub(crate) const COMMANDS: Parser<Vec<PathBuf>> = Parser {
    accepts: "absolute paths, separated like PATH (`:`)",
    parse: |text, _| {
        let paths: Vec<PathBuf> = std::env::split_paths(text).filter(|path| !path.as_os_str().is_empty()).collect();
        if paths.iter().all(|path| path.is_absolute()) { Ok(paths) } else { Err("holds a path that is not absolute") }
    },
};

pub(crate) const MODEL: Parser<String> = Parser {
    accepts: "a model name as the provider writes it",
    parse: |text, _| {
        if text.len() <= 200 && text.chars().all(|letter| letter.is_ascii_graphic()) {
            Ok(text.to_owned())
        } else {
            Err("is not a model name")
        }
    },
};

pub(crate) const SHOP_HOST: Parser<String> = Parser {
    accepts: "the shop's own host, NAME.myshopify.com, without scheme or path",
    parse: |text, _| {
        let name = text.strip_suffix(".myshopify.com").ok_or("is not NAME.myshopify.com")?;
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ok = name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte == b'-');
        if ok { Ok(text.to_owned()) } else { Err("is not NAME.myshopify.com") }
    },
};

pub(crate) const SHOPIFY_VERSION: Parser<String> = Parser {
    accepts: "a quarterly version such as 2026-10",
    parse: |text, _| {
        let ok = text.split_once('-').is_some_and(|(year, month)| {
            year.len() == 4
                && year.starts_with("20")
                && year.bytes().all(|byte| byte.is_ascii_digit())
                && matches!(month, "01" | "04" | "07" | "10")
        });
        if ok { Ok(text.to_owned()) } else { Err("is not a quarterly version") }
    },
};

pub(crate) const GRAPH_VERSION: Parser<String> = Parser {
    accepts: "a version such as v27.0",
    parse: |text, _| {
        let number = text.strip_prefix('v').and_then(|rest| rest.split_once('.'));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match number {
            Some((major, minor)) if digits(major) && digits(minor) => Ok(text.to_owned()),
            _ => Err("is not a version"),
        }
    },
};

/// The shape only; whether the zone exists is known to the scheduler's own tables.
pub(crate) const ZONE: Parser<String> = Parser {
    accepts: "an IANA time zone such as UTC or Europe/Berlin",
    parse: |text, _| {
        let part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphabetic())
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '+'))
        };
        if text.len() <= 64 && text.split('/').all(part) { Ok(text.to_owned()) } else { Err("is not a time zone") }
    },
};

pub(crate) const LOG_FILTER: Parser<String> = Parser {
    accepts: "a level (`error`, `warn`, `info`, `debug`, `trace`, `off`) or a list such as `info,tower=debug`",
    parse: |text, _| {
        let level = |word: &str| {
            ["error", "warn", "info", "debug", "trace", "off"].iter().any(|level| level.eq_ignore_ascii_case(word))
        };
        let part = |part: &str| match part.rsplit_once('=') {
            Some((target, word)) => !target.is_empty() && level(word),
            None => level(part),
        };
        if text.split(',').map(str::trim).all(part) { Ok(text.to_owned()) } else { Err("is not a log filter") }
    },
};

pub(crate) const MAIL: Parser<String> = Parser {
    accepts: "one e-mail address",
    parse: |text, _| if is_mail(text) { Ok(text.to_owned()) } else { Err("is not an e-mail address") },
};

pub(crate) const ADDRESSES: Parser<Vec<String>> = Parser {
    accepts: "a comma list of e-mail addresses",
    parse: |text, _| {
        let list: Vec<String> =
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        if list.iter().all(|item| is_mail(item)) { Ok(list) } else { Err("holds an entry that is no e-mail address") }
    },
};

pub(crate) const PHONE: Parser<String> = Parser {
    accepts: "a telephone number, 10 to 15 digits",
    parse: |text, _| {
        let digits: String =
            text.chars().filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')' | '+')).collect();
        if (10..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(digits)
        } else {
            Err("is not a telephone number")
        }
    },
};

fn is_mail(text: &str) -> bool {
    let plain = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control() && letter != ',');
    plain
        && text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
}

fn printable(text: &str) -> Result<&str, &'static str> {
    if text.chars().any(char::is_control) { Err("holds control characters") } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Mode;

    #[test]
    fn a_shop_is_a_bare_myshopify_host() {
        let ok = |text| (SHOP_HOST.parse)(text, Mode::Live).is_ok();
        assert!(ok("holly-grace.myshopify.com"));
        assert!(!ok("https://holly.myshopify.com") && !ok("-x.myshopify.com") && !ok(".myshopify.com") && !ok("a.com"));
        assert!(!ok("holly.myshopify.com/admin") && !ok("Holly.myshopify.com"));
    }

    #[test]
    fn versions_zones_and_filters_have_their_shape() {
        assert!((SHOPIFY_VERSION.parse)("2026-10", Mode::Live).is_ok());
        assert!((SHOPIFY_VERSION.parse)("2026-11", Mode::Live).is_err());
        assert!((GRAPH_VERSION.parse)("v27.0", Mode::Live).is_ok());
        assert!((GRAPH_VERSION.parse)("27", Mode::Live).is_err());
        assert!((ZONE.parse)("America/Argentina/Buenos_Aires", Mode::Live).is_ok());
        assert!((ZONE.parse)("Europe/", Mode::Live).is_err());
        assert!((LOG_FILTER.parse)("info,tower=debug", Mode::Live).is_ok());
        assert!((LOG_FILTER.parse)("loud", Mode::Live).is_err());
    }

    #[test]
    fn a_mail_address_cannot_carry_a_header() {
        assert!((MAIL.parse)("owner@example.com", Mode::Live).is_ok());
        assert!((MAIL.parse)("owner@example.com\r\nBcc: x@y", Mode::Live).is_err());
    }
}
