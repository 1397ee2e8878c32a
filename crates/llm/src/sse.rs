//! Server-sent events out of bytes that arrive cut anywhere. Keeps the data of an event; no dialect here needs more.

/// Collects bytes and gives the data of each event that is complete.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    data: Option<String>,
    after_cr: bool,
}

impl Events {
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for &byte in bytes {
            // A line ends with CR, LF or both; the two may come in different pieces.
            let second_half = std::mem::replace(&mut self.after_cr, byte == b'\r') && byte == b'\n';
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => out.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        out
    }

    /// The stream is over: the data of complete lines counts although the blank line is missing; half a line does not.
    pub(crate) fn end(&mut self) -> Option<String> {
        self.data.take()
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.data.take();
        }
        // A line is whole here, so no character is cut; what is no UTF-8 was none when it was sent.
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        let value = if line == "data" { "" } else { line.strip_prefix("data:")? };
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        let mut out: Vec<String> = pieces.iter().flat_map(|piece| events.push(piece)).collect();
        out.extend(events.end());
        out
    }

    #[test]
    fn comments_and_other_fields_are_passed_over_and_lines_of_data_joined() {
        let text = b": ping\r\nevent: x\r\nid: 1\r\ndata: a\r\ndata:b\r\n\r\ndata\n\ndata: c\r\r";
        assert_eq!(all(&[text]), ["a\nb", "", "c"]);
    }

    #[test]
    fn half_a_line_at_the_end_is_no_data() {
        assert_eq!(all(&[b"data: a\n\ndata: [DO"]), ["a"]);
        assert_eq!(all(&[b"data: [DONE]\n"]), ["[DONE]"]);
    }

    proptest! {
        #[test]
        fn the_cut_does_not_matter_and_no_bytes_panic(bytes in proptest::collection::vec(
            prop_oneof![Just(b'\n'), Just(b'\r'), Just(b':'), Just(b'd'), any::<u8>()], 0..80), cut in 0_usize..80) {
            let cut = cut.min(bytes.len());
            prop_assert_eq!(all(&[&bytes[..cut], &bytes[cut..]]), all(&[&bytes]));
        }
    }
}
