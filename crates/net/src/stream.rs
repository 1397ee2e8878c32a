//! An answer that arrives bit by bit.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, StatusCode};

use crate::attempt::{classify, within};
use crate::error::NetError;
use crate::upstream::Upstream;

/// The head of a streamed answer, and its body.
#[derive(Debug)]
pub struct StreamReply {
    /// Its status, 200 to 299.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: ByteStream,
}

impl StreamReply {
    pub(crate) fn new(response: reqwest::Response, upstream: &Upstream, until: Duration) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let reading = Reading { response, upstream: upstream.clone(), until, read: 0 };
        let body = stream::unfold(Some(reading), |reading| async move {
            let mut reading = reading?;
            match reading.next().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(reading))),
                Ok(None) => None,
                // One error, then the end.
                Err(error) => Some((Err(error), None)),
            }
        });
        Self { status, headers, body: ByteStream(body.boxed()) }
    }
}

/// The bytes of a streamed answer. An error is the last item. Dropping it ends the call.
pub struct ByteStream(BoxStream<'static, Result<Bytes, NetError>>);

impl ByteStream {
    /// A stream of prepared pieces, for tests of what reads one.
    #[must_use]
    pub fn from_chunks(chunks: Vec<Result<Bytes, NetError>>) -> Self {
        Self(stream::iter(chunks).boxed())
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, NetError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

struct Reading {
    response: reqwest::Response,
    upstream: Upstream,
    until: Duration,
    read: usize,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, NetError> {
        let service = self.upstream.service();
        let clock = self.upstream.clock.clone();
        let idle = self.upstream.settings.idle_timeout;
        let left = self.until.saturating_sub(clock.monotonic());
        let Some(chunk) = within(&*clock, idle.min(left), self.response.chunk()).await else {
            // Silence is the service's failure; a deadline that runs out in mid-stream is only the caller's.
            if idle <= left {
                self.upstream.stream_broke();
            }
            return Err(NetError::Timeout { service, written: true });
        };
        let chunk = chunk.map_err(|error| {
            self.upstream.stream_broke();
            classify(service, error)
        })?;
        self.read += chunk.as_ref().map_or(0, Bytes::len);
        let limit = self.upstream.settings.max_stream_bytes;
        if self.read > limit {
            return Err(NetError::TooLarge { service, limit });
        }
        Ok(chunk)
    }
}
