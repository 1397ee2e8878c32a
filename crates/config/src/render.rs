//! The files made of the table: `.env.example` and the page `docs/configuration.md`.

use std::fmt::Write;

use crate::setting::{Default, Requirement, Setting, groups};

/// The text of `.env.example`. Copied to `.env` as it is, it refuses to start, naming what has to be filled in.
#[must_use]
pub fn env_example() -> String {
    let mut text = String::from(
        "# Settings of Holly Grace. Copy to `.env` and fill in; an empty value counts as unset and the environment wins.\n\
         # Made from the table in crates/config by `cargo xtask generate`; do not edit. See docs/configuration.md.\n",
    );
    for group in groups() {
        let _ = write!(text, "\n# {}: {}\n", group.title, group.intro.trim());
        for setting in group.settings {
            let _ = writeln!(text, "\n# {}", setting.meaning.trim());
            let _ = writeln!(text, "# Accepts {}.", setting.accepts);
            let required = requirement_words(setting);
            if !required.is_empty() {
                let _ = writeln!(text, "# REQUIRED {required}.");
            }
            let default = default_words(setting);
            if !default.is_empty() {
                let _ = writeln!(text, "# Default: {default}.");
            }
            if setting.empty_counts {
                text.push_str("# Empty, as here, means none; delete the line to have the default.\n");
            }
            let value = if setting.name == "HOLLY_MODE" { "live" } else { "" };
            let _ = writeln!(text, "{}={value}", setting.name);
        }
    }
    text
}

/// The text of `docs/configuration.md`.
#[must_use]
pub fn configuration_page() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Made from the table in `crates/config` by `cargo xtask generate`; do not edit.\n\n\
         Settings are read once at start: from `.env` in the working directory, then from the environment, which wins. An \
         empty value counts as unset, except for `CHROMA_URL`. In `.env` a `$` stands for itself; values with spaces or `#` \
         belong in single quotes. Everything that is wrong is listed at once and the process ends with exit code 78; no \
         message ever quotes a value. A name that starts with `HOLLY_` and is not listed here gets a warning.\n\n\
         `holly config --explain` shows where each setting came from, never its value.\n\n\
         Without `HOLLY_MODE` the process rehearses: nothing is required, missing secrets are generated once into \
         `secrets.json` in the data folder (readable by its owner only), and a key of an upstream that is not named in \
         `HOLLY_REHEARSAL_LIVE` changes nothing.\n",
    );
    for group in groups() {
        let _ = write!(text, "\n## {}\n\n{}\n\n", group.title, group.intro.trim());
        text.push_str("| Variable | Required | Default | Meaning | Accepts |\n|---|---|---|---|---|\n");
        for setting in group.settings {
            let _ = writeln!(
                text,
                "| `{}`{} | {} | {} | {} | {} |",
                setting.name,
                if setting.secret { " (secret)" } else { "" },
                requirement_words(setting),
                default_words(setting),
                setting.meaning.trim(),
                setting.accepts
            );
        }
    }
    text
}

/// Who must set it; empty when nobody must.
pub(crate) fn requirement_words(setting: &Setting) -> String {
    match setting.requirement {
        Requirement::Optional => String::new(),
        Requirement::Live => "in live mode".to_owned(),
        Requirement::LiveUnless(other) => format!("in live mode, unless {other} are set"),
    }
}

/// What holds when it is unset; empty when nothing does.
pub(crate) fn default_words(setting: &Setting) -> String {
    match setting.default {
        Default::Nothing | Default::Fixed("") => String::new(),
        Default::Fixed(text) => format!("`{text}`"),
        Default::Derived(words) => words.to_owned(),
        Default::ByMode { rehearsal, live } => {
            let words = |text: Option<&str>| text.map_or("none".to_owned(), |text| format!("`{text}`"));
            format!("live {}, rehearsal {}", words(live), words(rehearsal))
        }
    }
}
