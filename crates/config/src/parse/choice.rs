//! Settings with a few fixed words.

use super::Parser;
use crate::mode::{AutoApprove, Effects, EmbeddingProvider, LogFormat, Mode, SmsCarrier};
use crate::upstream::Upstream;

pub(crate) const BOOL: Parser<bool> = Parser {
    accepts: "1, true or yes; 0, false or no",
    parse: |text, _| match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err("is neither yes nor no"),
    },
};

pub(crate) const MODE: Parser<Mode> =
    Parser { accepts: "`live` or `rehearsal`", parse: |text, _| one_of(Mode::WORDS, text) };
pub(crate) const EFFECTS: Parser<Effects> =
    Parser { accepts: "`on` or `off`", parse: |text, _| one_of(Effects::WORDS, text) };
pub(crate) const EMBEDDING: Parser<EmbeddingProvider> =
    Parser { accepts: "`auto`, `ollama`, `openai` or `none`", parse: |text, _| one_of(EmbeddingProvider::WORDS, text) };
pub(crate) const LOG_FORMAT: Parser<LogFormat> =
    Parser { accepts: "`pretty` or `json`", parse: |text, _| one_of(LogFormat::WORDS, text) };
pub(crate) const SMS_CARRIER: Parser<SmsCarrier> =
    Parser { accepts: "`verizon`, `tmobile`, `att` or `sprint`", parse: |text, _| one_of(SmsCarrier::WORDS, text) };

pub(crate) const AUTO_APPROVE: Parser<AutoApprove> = Parser {
    accepts: "`none`, `low` or `medium`",
    parse: |text, _| {
        if text.eq_ignore_ascii_case("high") {
            return Err("asks for high risk, which only a person decides");
        }
        one_of(AutoApprove::WORDS, text)
    },
};

pub(crate) const UPSTREAMS: Parser<Vec<Upstream>> = Parser {
    accepts: "a comma list of `shopify`, `stripe`, `printful`, `anthropic`, `openai`, `ollama`",
    parse: |text, _| {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| Upstream::parse(&word.to_ascii_lowercase()))
            .collect::<Option<_>>()
            .ok_or("names an upstream that the rehearsal world does not play")
    },
};

fn one_of<T: Copy>(words: &[(&str, T)], text: &str) -> Result<T, &'static str> {
    words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|(_, choice)| *choice)
        .ok_or("is none of its words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_yes_and_no_is_refused() {
        for (text, value) in [("1", true), ("TRUE", true), ("yes", true), ("0", false), ("False", false), ("no", false)]
        {
            assert_eq!((BOOL.parse)(text, Mode::Live), Ok(value));
        }
        assert!(["on", "off", "2", "y"].iter().all(|text| (BOOL.parse)(text, Mode::Live).is_err()));
    }
}
