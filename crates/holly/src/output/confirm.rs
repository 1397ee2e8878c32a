//! Asking before something that cannot be undone.

use std::io::{self, BufRead, IsTerminal as _, Write as _};

/// What the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes.
    Yes,
    /// Anything else.
    No,
    /// Nobody is there to ask.
    Nobody,
}

/// Asks on the terminal. The question goes to stderr, so that stdout stays what a program reads.
pub(crate) fn confirm(question: &str) -> io::Result<Answer> {
    if !io::stdin().is_terminal() {
        return Ok(Answer::Nobody);
    }
    let mut err = io::stderr().lock();
    write!(err, "{question} [yes/no] ")?;
    err.flush()?;
    read(&mut io::stdin().lock())
}

fn read(input: &mut impl BufRead) -> io::Result<Answer> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(if matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes") { Answer::Yes } else { Answer::No })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_is_a_yes() {
        for (line, answer) in [
            ("yes\n", Answer::Yes),
            (" Y \n", Answer::Yes),
            ("\n", Answer::No),
            ("", Answer::No),
            ("yess\n", Answer::No),
        ] {
            assert_eq!(read(&mut line.as_bytes()).unwrap(), answer, "{line:?}");
        }
    }
}
