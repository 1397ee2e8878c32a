//! The findings as a page.

use super::Findings;
use crate::output::{Cell, Facts, Output, Table, Tone};

pub(super) fn render(findings: &Findings, out: &Output) -> String {
    let facts = Facts::default()
        .fact("mode", findings.mode)
        .fact("effects", findings.effects)
        .fact("data folder", &findings.data_dir)
        .fact("database", findings.database)
        .fact("server", findings.server.words());
    let mut table = Table::new(&["UPSTREAM", "WHO ANSWERS", "BREAKER"]);
    for row in &findings.upstreams {
        let breaker = row.breaker.as_deref().map(|state| state.replace('_', " "));
        table.row(vec![
            Cell::new(row.name),
            Cell::new(row.wiring).tone(wiring_tone(row.wiring)),
            Cell::maybe(breaker).tone(if row.breaker.as_deref() == Some("open") { Tone::Bad } else { Tone::Plain }),
        ]);
    }
    let mut page = format!("{}\n\n{}\n", facts.render(out.style), table.render(out.style, "none"));
    for (name, remedy) in findings.upstreams.iter().filter_map(|row| Some((row.name, row.remedy.as_ref()?))) {
        page.push_str(&format!("\n{name}: {remedy}"));
    }
    for warning in &findings.warnings {
        page.push_str(&format!("\n{}", out.style.paint(Tone::Warn, &format!("warning: {warning}"))));
    }
    let wrongs = findings.wrongs();
    for wrong in &wrongs {
        page.push_str(&format!("\n{}", out.style.paint(Tone::Bad, &format!("wrong: {wrong}"))));
    }
    if wrongs.is_empty() {
        page.push_str(&format!("\n\n{}", out.style.paint(Tone::Good, "nothing is wrong")));
    }
    page
}

fn wiring_tone(wiring: &str) -> Tone {
    match wiring {
        "real" => Tone::Good,
        "rehearsed" => Tone::Warn,
        _ => Tone::Dim,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use config::{Config, EnvSource};

    use super::super::{Server, gather};
    use super::*;
    use crate::output::{Form, Style};

    #[test]
    fn a_rehearsal_is_never_mistaken_for_live() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = Config::load(&EnvSource::fixed(folder.path(), [("PORT", "0")])).unwrap();
        let findings = gather(&loaded.config, &loaded.warnings, Server::Absent { url: "http://127.0.0.1:0".into() });
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let page = render(&findings, &Output { form: Form::Words, style: Style::None, now });
        for part in [
            "mode         rehearsal",
            "shopify    rehearsed",
            "start it with: holly",
            "warning: HOLLY_MODE",
            "nothing is wrong",
        ] {
            assert!(page.contains(part), "{part} in\n{page}");
        }
    }
}
