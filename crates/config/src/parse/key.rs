//! Keys, passwords and signing secrets.

use secrecy::SecretString;

use super::{Parser, is_development_credential, is_placeholder};
use crate::mode::Mode;

pub(crate) const API_KEY: Parser<SecretString> = Parser {
    accepts: "the key as the provider shows it, without white space",
    parse: |text, _| checked(text).map(Into::into),
};

pub(crate) const STRIPE_KEY: Parser<SecretString> = Parser {
    accepts: "a secret key (sk_...) or restricted key (rk_...)",
    parse: |text, _| {
        let text = checked(text)?;
        let rest = ["sk_", "rk_"].iter().find_map(|start| text.strip_prefix(start));
        let rest = rest.and_then(|rest| rest.strip_prefix("test_").or_else(|| rest.strip_prefix("live_")));
        match rest {
            Some(rest) if rest.len() >= 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(text.into()),
            _ => Err("does not have the shape of a secret or restricted key"),
        }
    },
};

pub(crate) const SIGNING_KEY: Parser<SecretString> = Parser {
    accepts: "at least 32 random bytes as text, for instance from `openssl rand -base64 48`",
    parse: |text, mode| {
        if is_placeholder(text) || (mode == Mode::Live && is_development_credential(text)) {
            return Err("is a placeholder");
        }
        if text.len() < 32 {
            return Err("is shorter than 32 bytes");
        }
        let first = text.as_bytes()[0];
        if text.bytes().all(|byte| byte == first) {
            return Err("is one character repeated");
        }
        Ok(text.into())
    },
};

pub(crate) const WEBHOOK_SECRET: Parser<SecretString> = Parser {
    accepts: "the signing secret as the provider shows it, without white space",
    parse: |text, _| checked(text).map(Into::into),
};

pub(crate) const PASSWORD: Parser<SecretString> = Parser {
    accepts: "a password; at least 12 characters in live mode",
    parse: |text, mode| {
        if mode == Mode::Live && text.chars().count() < 12 {
            return Err("is shorter than 12 characters");
        }
        if mode == Mode::Live && is_placeholder(text) {
            return Err("is a placeholder");
        }
        Ok(text.into())
    },
};

/// A password or header of somebody else's service: its form is theirs to decide.
pub(crate) const LOGIN: Parser<SecretString> = Parser {
    accepts: "text on one line",
    parse: |text, _| if text.chars().any(char::is_control) { Err("holds control characters") } else { Ok(text.into()) },
};

pub(crate) const ARGON2_HASH: Parser<SecretString> = Parser {
    accepts: "an Argon2id hash in its standard form ($argon2id$...)",
    parse: |text, _| {
        if text.starts_with("$argon2id$") && text.split('$').count() == 6 {
            Ok(text.into())
        } else {
            Err("is not an Argon2id hash")
        }
    },
};

fn checked(text: &str) -> Result<&str, &'static str> {
    if is_placeholder(text) {
        return Err("is a placeholder");
    }
    if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err("holds white space");
    }
    // The value travels in a header.
    if !text.is_ascii() {
        return Err("holds characters that no key has");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_white_space_are_refused() {
        for text in ["...", "changeme", "xxxx", "<key>", "sk-...", "two words"] {
            assert!((API_KEY.parse)(text, Mode::Live).is_err(), "{text}");
        }
        assert!((API_KEY.parse)("fake-but-plausible", Mode::Live).is_ok());
    }

    #[test]
    fn a_payment_key_has_its_shape() {
        let ok = |text: String| (STRIPE_KEY.parse)(&text, Mode::Live).is_ok();
        assert!(ok("sk_".to_owned() + "test_" + &"F".repeat(24)));
        assert!(ok("rk_".to_owned() + "live_" + &"F".repeat(24)));
        assert!(!ok("pk_".to_owned() + "test_" + &"F".repeat(24)));
        assert!(!ok("sk_".to_owned() + "test_"));
    }

    #[test]
    fn a_signing_key_is_long_and_not_one_letter() {
        let ok = |text: &str| (SIGNING_KEY.parse)(text, Mode::Live).is_ok();
        assert!(ok("abcdefghijklmnopqrstuvwxyz0123456789"));
        assert!(!ok("short"));
        assert!(!ok(&"a".repeat(40)));
        assert!(!ok("changeme-changeme-changeme-changeme"));
    }
}
