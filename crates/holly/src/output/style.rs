//! Colours, and which words deserve which.

/// Whether colours are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Yes.
    Colour,
    /// No.
    None,
}

/// What a word means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// It is well.
    Good,
    /// It wants attention.
    Warn,
    /// It is not well.
    Bad,
    /// Less important.
    Dim,
}

impl Style {
    /// `text` in the colour of its tone.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if self == Self::None || text.is_empty() => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Strong => 1,
            Tone::Good => 32,
            Tone::Warn => 33,
            Tone::Bad => 31,
            Tone::Dim => 2,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The tone of a run's status.
pub(crate) fn run_tone(status: &str) -> Tone {
    match status {
        "completed" => Tone::Good,
        "failed" => Tone::Bad,
        "waiting_approval" => Tone::Warn,
        "cancelled" => Tone::Dim,
        _ => Tone::Plain,
    }
}

/// The tone of a ticket's status.
pub(crate) fn ticket_tone(status: &str) -> Tone {
    match status {
        "approved" => Tone::Good,
        "pending" => Tone::Warn,
        "rejected" => Tone::Bad,
        _ => Tone::Dim,
    }
}

/// The tone of an effect's status.
pub(crate) fn effect_tone(status: &str) -> Tone {
    match status {
        "committed" => Tone::Good,
        "failed" => Tone::Bad,
        "unknown" | "executing" => Tone::Warn,
        "aborted" | "not_sent" => Tone::Dim,
        _ => Tone::Plain,
    }
}

/// The tone of a risk.
pub(crate) fn risk_tone(risk: &str) -> Tone {
    match risk {
        "high" => Tone::Bad,
        "medium" => Tone::Warn,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_text_stays_as_it_is() {
        assert_eq!(Style::None.paint(Tone::Bad, "high"), "high");
        assert_eq!(Style::Colour.paint(Tone::Plain, "low"), "low");
        assert_eq!(Style::Colour.paint(Tone::Bad, "high"), "\u{1b}[31mhigh\u{1b}[0m");
    }
}
