//! The findings as a page: one line each, then what to do.

use super::Findings;
use super::check::{Check, Part, State, Who};
use crate::output::{Cell, Output, Table, Tone, plain, span_ms};

pub(super) fn render(findings: &Findings, out: &Output) -> String {
    let style = out.style;
    let head = format!(
        "Holly Grace {}: mode {}, effects {}\n{}",
        env!("CARGO_PKG_VERSION"),
        findings.mode,
        findings.effects,
        style.paint(Tone::Dim, &format!("data folder {}", plain(&findings.data_dir)))
    );
    let mut page = format!("{head}\n\n{}", table(findings).render(style, "nothing was looked at"));
    for (title, state, tone) in [("To put right", State::Fail, Tone::Bad), ("Worth a look", State::Warn, Tone::Warn)] {
        let lines = findings.of(state).filter_map(|check| Some((check.name, check.remedy.as_ref()?)));
        section(&mut page, out, title, tone, lines);
    }
    let notes = findings.checks.iter().filter_map(|check| Some((check.name, check.note.as_ref()?)));
    section(&mut page, out, "Good to know", Tone::Dim, notes);
    page.push_str(&format!("\n\n{}", verdict(findings, out)));
    page
}

fn table(findings: &Findings) -> Table {
    let mut table = Table::new(&["", "CHECK", "WHO", "TOOK", "FOUND"]);
    for part in Part::ALL {
        for check in findings.checks.iter().filter(|check| check.part == part) {
            table.row(row(check));
        }
    }
    table
}

fn row(check: &Check) -> Vec<Cell> {
    let took = check.took.map(|took| span_ms(i64::try_from(took.as_millis()).unwrap_or(i64::MAX)));
    vec![
        Cell::new(check.state.as_str()).tone(tone(check.state)),
        Cell::new(check.name),
        Cell::new(check.who.as_str()).tone(if check.who == Who::Absent { Tone::Dim } else { Tone::Plain }),
        took.map_or_else(|| Cell::number("-").tone(Tone::Dim), Cell::number),
        Cell::new(&check.found),
    ]
}

fn tone(state: State) -> Tone {
    match state {
        State::Ok => Tone::Good,
        State::Warn => Tone::Warn,
        State::Fail => Tone::Bad,
    }
}

/// Longest line of a sentence, so that it reads well in a narrow terminal.
const WIDTH: usize = 96;

fn section<'a>(
    page: &mut String,
    out: &Output,
    title: &str,
    tone: Tone,
    lines: impl Iterator<Item = (&'a str, &'a String)>,
) {
    let lines: Vec<_> = lines.collect();
    let Some(width) = lines.iter().map(|(name, _)| name.len()).max() else { return };
    page.push_str(&format!("\n\n{}", out.style.paint(tone, title)));
    for (name, text) in lines {
        let indent = format!("\n  {:width$}  ", "");
        page.push_str(&format!("\n  {name:width$}  {}", wrapped(&plain(text), WIDTH - width - 4).join(&indent)));
    }
}

/// The words of a sentence in lines of at most `width` characters; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn verdict(findings: &Findings, out: &Output) -> String {
    let (failed, warned) = (findings.of(State::Fail).count(), findings.of(State::Warn).count());
    match (failed, warned) {
        (0, 0) => out.style.paint(Tone::Good, "All is well."),
        (0, warned) => out.style.paint(Tone::Warn, &format!("Nothing is wrong; worth a look: {warned}.")),
        (failed, 0) => out.style.paint(Tone::Bad, &format!("To put right: {failed}.")),
        (failed, warned) => out.style.paint(Tone::Bad, &format!("To put right: {failed}; worth a look: {warned}.")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::super::Server;
    use super::*;
    use crate::output::{Form, Style};

    fn page(checks: Vec<Check>) -> String {
        let server = Server::Absent { url: "http://127.0.0.1:0".into() };
        let findings = Findings { mode: "rehearsal", effects: "on", data_dir: "/d".into(), server, checks };
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        render(&findings, &Output { form: Form::Words, style: Style::None, now })
    }

    #[test]
    fn lines_are_aligned_and_what_is_wrong_comes_with_its_remedy() {
        let ok = Check::ok(Part::Upstreams, "shopify", Who::Rehearsed, "played").note("a note");
        let failed = Check::ok(Part::Machine, "agents port", Who::Real, "")
            .fail("taken", "set PORT to a free port")
            .took(Duration::from_millis(12));
        let expected = "\
Holly Grace 1.0.0: mode rehearsal, effects on
data folder /d

      CHECK        WHO         TOOK  FOUND
fail  agents port  real       12 ms  taken
ok    shopify      rehearsed      -  played

To put right
  agents port  set PORT to a free port

Good to know
  shopify  a note

To put right: 1.";
        assert_eq!(page(vec![ok, failed]), expected);
    }

    #[test]
    fn when_all_is_well_it_says_so_and_stops() {
        let page = page(vec![Check::ok(Part::Machine, "clock", Who::Real, "plausible")]);
        assert!(page.ends_with("plausible\n\nAll is well."), "{page}");
    }

    #[test]
    fn long_sentences_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("averylongword b", 4), ["averylongword", "b"]);
        assert!(wrapped("", 4).is_empty());
    }
}
