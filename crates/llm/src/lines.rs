//! JSON lines out of bytes that arrive cut anywhere.

/// Collects bytes and gives each line that is complete.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<u8>);

impl Lines {
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                out.extend(self.end());
            } else {
                self.0.push(byte);
            }
        }
        out
    }

    /// The stream is over: a last line counts without its end, because half a JSON object is none.
    pub(crate) fn end(&mut self) -> Option<String> {
        // A line is whole here, so no character is cut; what is no UTF-8 was none when it was sent.
        let line = std::mem::take(&mut self.0);
        let line = String::from_utf8_lossy(line.trim_ascii()).into_owned();
        (!line.is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_wherever_the_bytes_are_cut() {
        let text = "{\"a\":1}\r\n\n{\"b\":\"ü\"}\n{\"c\":3}".as_bytes();
        for cut in 0..=text.len() {
            let mut lines = Lines::default();
            let mut seen = lines.push(&text[..cut]);
            seen.extend(lines.push(&text[cut..]));
            seen.extend(lines.end());
            assert_eq!(seen, ["{\"a\":1}", "{\"b\":\"ü\"}", "{\"c\":3}"], "cut at {cut}");
        }
    }
}
