//! Newline-delimited JSON, read from a stream of bytes that is cut anywhere.

use bytes::BytesMut;
use futures_util::{Stream, StreamExt, stream};

use crate::error::NetError;
use crate::stream::ByteStream;

/// The lines of `body` without their ends, empty ones left out; a last line without an end counts. An error of the
/// stream is the last item.
pub fn lines(body: ByteStream) -> impl Stream<Item = Result<Vec<u8>, NetError>> + Send {
    stream::unfold((Some(body), Lines::default()), |(mut body, mut lines)| async move {
        loop {
            if let Some(line) = lines.next() {
                return Some((Ok(line), (body, lines)));
            }
            match body.as_mut()?.next().await {
                Some(Ok(chunk)) => lines.0.extend_from_slice(&chunk),
                Some(Err(error)) => return Some((Err(error), (None, Lines::default()))),
                None => {
                    let rest = lines.rest();
                    return rest.map(|line| (Ok(line), (None, lines)));
                }
            }
        }
    })
}

/// What has arrived and is not yet handed out.
#[derive(Debug, Default)]
struct Lines(BytesMut);

impl Lines {
    fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let end = self.0.iter().position(|byte| *byte == b'\n')?;
            let line = self.0.split_to(end + 1);
            if let Some(line) = content(&line) {
                return Some(line);
            }
        }
    }

    fn rest(&mut self) -> Option<Vec<u8>> {
        let rest = self.0.split();
        content(&rest)
    }
}

fn content(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii();
    (!line.is_empty()).then(|| line.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_the_same_wherever_the_bytes_are_cut() {
        let text = "{\"a\":1}\r\n\n{\"b\":\"ü\"}\n{\"c\":3}".as_bytes();
        for cut in 0..=text.len() {
            let chunks = [&text[..cut], &text[cut..]].map(|part| Ok(bytes::Bytes::copy_from_slice(part))).into();
            let seen: Vec<_> = lines(ByteStream::from_chunks(chunks)).map(|line| line.unwrap()).collect().await;
            let want: Vec<_> = ["{\"a\":1}", "{\"b\":\"ü\"}", "{\"c\":3}"].map(|line| line.as_bytes().to_vec()).into();
            assert_eq!(seen, want, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn an_error_ends_the_lines() {
        let broken = NetError::Timeout { service: "x", written: true };
        let chunks = vec![Ok("{}\n{".into()), Err(broken)];
        let seen: Vec<_> = lines(ByteStream::from_chunks(chunks)).collect().await;
        assert!(seen.len() == 2 && seen[0].is_ok() && seen[1].is_err());
    }
}
