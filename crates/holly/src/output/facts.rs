//! A list of names and what is known under each.

use super::style::{Style, Tone};
use super::words::plain;

/// Facts about one thing; those that are unknown are left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts(Vec<(&'static str, String, Tone)>);

impl Facts {
    /// One fact more, when it is known.
    pub(crate) fn maybe(mut self, name: &'static str, value: Option<impl AsRef<str>>) -> Self {
        if let Some(value) = value.as_ref().map(AsRef::as_ref).filter(|value| !value.is_empty()) {
            self.0.push((name, plain(value), Tone::Plain));
        }
        self
    }

    /// One fact more.
    pub(crate) fn fact(self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.maybe(name, Some(value))
    }

    /// One fact more, in a tone.
    pub(crate) fn toned(mut self, name: &'static str, value: impl AsRef<str>, tone: Tone) -> Self {
        self.0.push((name, plain(value.as_ref()), tone));
        self
    }

    /// One line per fact, the values aligned.
    pub(crate) fn render(&self, style: Style) -> String {
        let width = self.0.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
        let line = |(name, value, tone): &(&str, String, Tone)| {
            format!("{}  {}", style.paint(Tone::Dim, &format!("{name:width$}")), style.paint(*tone, value))
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_aligned_and_unknown_ones_left_out() {
        let facts = Facts::default().fact("run", "run_1").maybe("error", None::<&str>).maybe("key", Some(""));
        let facts = facts.toned("status", "failed", Tone::Bad);
        assert_eq!(facts.render(Style::None), "run     run_1\nstatus  failed");
    }
}
