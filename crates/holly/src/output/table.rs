//! Aligned tables.

use super::style::{Style, Tone};
use super::words::plain;

/// Longest cell, characters; what is longer is cut, the whole text being a `show` away.
const MAX_CELL: usize = 60;
/// Space between two columns.
const GAP: &str = "  ";

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
    right: bool,
}

impl Cell {
    /// A text; control characters are taken out and what is too long is cut.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        let text = plain(text.as_ref());
        let text = if text.chars().count() > MAX_CELL {
            text.chars().take(MAX_CELL - 1).chain(std::iter::once('…')).collect()
        } else {
            text
        };
        Self { text, tone: Tone::Plain, right: false }
    }

    /// A text that may be missing; then a dash.
    pub(crate) fn maybe(text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) if !text.as_ref().is_empty() => Self::new(text),
            _ => Self::new("-").tone(Tone::Dim),
        }
    }

    /// A number or an amount, aligned to the right.
    pub(crate) fn number(text: impl ToString) -> Self {
        Self { right: true, ..Self::new(text.to_string()) }
    }

    /// The same in another tone.
    pub(crate) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    fn render(&self, width: usize, last: bool, style: Style) -> String {
        let padding = " ".repeat(width.saturating_sub(self.width()));
        let painted = style.paint(self.tone, &self.text);
        match (self.right, last) {
            (true, _) => format!("{padding}{painted}"),
            (false, true) => painted,
            (false, false) => format!("{painted}{padding}"),
        }
    }
}

/// A table that is filled row by row.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty one.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self { heads: heads.to_vec(), rows: Vec::new() }
    }

    /// One row more; as many cells as heads.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.heads.len());
        self.rows.push(cells);
    }

    /// The table, or `nothing` when it has no rows.
    pub(crate) fn render(&self, style: Style, nothing: &str) -> String {
        if self.rows.is_empty() {
            return nothing.to_owned();
        }
        let widths: Vec<usize> = (0..self.heads.len())
            .map(|at| {
                self.rows.iter().filter_map(|row| row.get(at)).map(Cell::width).chain([self.heads[at].len()]).max()
            })
            .map(Option::unwrap_or_default)
            .collect();
        let first = self.rows.first();
        let heads = self.heads.iter().enumerate().map(|(at, head)| Cell {
            text: (*head).to_owned(),
            tone: Tone::Strong,
            right: first.and_then(|row| row.get(at)).is_some_and(|cell| cell.right),
        });
        let mut lines = vec![line(&heads.collect::<Vec<_>>(), &widths, style)];
        lines.extend(self.rows.iter().map(|row| line(row, &widths, style)));
        lines.join("\n")
    }
}

fn line(cells: &[Cell], widths: &[usize], style: Style) -> String {
    let last = widths.len() - 1;
    let cells = cells.iter().zip(widths).enumerate();
    let texts: Vec<String> = cells.map(|(at, (cell, width))| cell.render(*width, at == last, style)).collect();
    texts.join(GAP).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["ID", "RISK", "WHAT"]);
        table.row(vec![Cell::number(7), Cell::new("high").tone(Tone::Bad), Cell::new("refund")]);
        table.row(vec![Cell::number(12), Cell::maybe(None::<&str>), Cell::new("print #1042")]);
        table
    }

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_space() {
        assert_eq!(table().render(Style::None, "none"), "ID  RISK  WHAT\n 7  high  refund\n12  -     print #1042");
    }

    #[test]
    fn colours_do_not_disturb_the_alignment() {
        let coloured = table().render(Style::Colour, "none");
        let mut bare = coloured.clone();
        for code in ["\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[0m"] {
            bare = bare.replace(code, "");
        }
        assert_ne!(coloured, bare);
        assert_eq!(bare, table().render(Style::None, "none"));
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(Table::new(&["ID"]).render(Style::None, "no tickets wait"), "no tickets wait");
    }

    #[test]
    fn a_cell_holds_no_control_characters_and_is_cut() {
        assert_eq!(Cell::new("a\n\u{1b}[2Jb").text, "a [2Jb");
        assert_eq!(Cell::new("ä".repeat(100)).width(), MAX_CELL);
    }
}
