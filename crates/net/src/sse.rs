//! Server-sent events, read from a stream of bytes that is cut anywhere.

use futures_util::{Stream, StreamExt};
use sse_stream::SseByteStream;

use crate::error::NetError;
use crate::stream::ByteStream;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its type, when it names one.
    pub event: Option<String>,
    /// Its data, lines joined by line feeds.
    pub data: String,
}

/// Why events could not be read on.
#[derive(Debug, thiserror::Error)]
pub enum SseError {
    /// The stream failed.
    #[error(transparent)]
    Net(NetError),
    /// The bytes are no event stream.
    #[error("the answer is not a valid event stream")]
    Malformed,
}

/// The events of `body` that carry data. A last event without its blank line was cut off and is left out; an error is
/// the last item.
pub fn events(body: ByteStream) -> impl Stream<Item = Result<Event, SseError>> + Send {
    SseByteStream::new(body).filter_map(|item| async move {
        match item {
            Ok(block) => block.data.map(|data| Ok(Event { event: block.event, data })),
            Err(sse_stream::Error::Body(error)) => {
                Some(Err(error.downcast::<NetError>().map_or(SseError::Malformed, |error| SseError::Net(*error))))
            }
            Err(_) => Some(Err(SseError::Malformed)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}: hello\r\nevent: delta\r\ndata: {\"t\":\"ü\"}\r\n\r\ndata: a\ndata: b\n\nretry: 9\n\ndata:last\r\rdata: cut";

    #[tokio::test]
    async fn events_are_the_same_wherever_the_bytes_are_cut() {
        let want: Vec<_> = [(Some("delta"), "{\"t\":\"ü\"}"), (None, "a\nb"), (None, "last")]
            .map(|(event, data)| Event { event: event.map(str::to_owned), data: data.to_owned() })
            .into();
        for cut in 0..=TEXT.len() {
            let parts = [&TEXT.as_bytes()[..cut], &TEXT.as_bytes()[cut..]];
            let chunks = parts.map(|part| Ok(bytes::Bytes::copy_from_slice(part))).into();
            let seen: Vec<_> = events(ByteStream::from_chunks(chunks)).map(|event| event.unwrap()).collect().await;
            assert_eq!(seen, want, "cut at {cut}");
        }
        let single = TEXT.bytes().map(|byte| Ok(bytes::Bytes::copy_from_slice(&[byte]))).collect();
        let seen: Vec<_> = events(ByteStream::from_chunks(single)).map(|event| event.unwrap()).collect().await;
        assert_eq!(seen, want);
    }

    #[tokio::test]
    async fn a_broken_stream_keeps_its_typed_error() {
        let broken = NetError::Timeout { service: "x", written: true };
        let chunks = vec![Ok("data: 1\n\nda".into()), Err(broken)];
        let seen: Vec<_> = events(ByteStream::from_chunks(chunks)).collect().await;
        assert!(matches!(&seen[..], [Ok(_), Err(SseError::Net(NetError::Timeout { .. }))]));
    }
}
