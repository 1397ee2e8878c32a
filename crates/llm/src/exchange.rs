//! One attempt on the wire: post, read, decode.

use std::time::Duration;

use clock::Clock;
use futures_util::StreamExt;
use serde_json::Value;

use crate::classify::{Detail, ErrorClass, Failure, classify};
use crate::client::OnEvent;
use crate::codec::{Answer, Codec, CodecError, Framing};
use crate::lines::Lines;
use crate::provider::Provider;
use crate::response::{StreamEvent, Usage};
use crate::sse::Events;
use crate::transport::{Body, Transport};

/// An error body is read no further than this.
const ERROR_BODY_MAX: usize = 64 * 1024;

/// What is known of an attempt even when it is cut off from outside.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) first: Option<Duration>,
    pub(crate) delivered: bool,
    pub(crate) partial_text: String,
    pub(crate) usage: Option<Usage>,
    pub(crate) request_id: Option<String>,
}

/// What an attempt needs.
pub(crate) struct Exchange<'a> {
    pub(crate) transport: &'a dyn Transport,
    pub(crate) codec: &'static dyn Codec,
    pub(crate) provider: Provider,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) listener: Option<&'a OnEvent>,
}

fn broken(error: CodecError) -> Failure {
    match error {
        CodecError::Provider(failure) => failure,
        // A cut or garbled answer is trouble on the way, not a fault of the request.
        other => Failure { detail: Detail::Malformed, ..Failure::new(ErrorClass::ServerError, other.to_string()) },
    }
}

/// Cuts a body into what a decoder takes.
enum Pieces {
    Events(Events),
    Lines(Lines),
}

impl From<Framing> for Pieces {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::ServerSentEvents => Self::Events(Events::default()),
            Framing::JsonLines => Self::Lines(Lines::default()),
        }
    }
}

impl Pieces {
    fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        match self {
            Self::Events(events) => events.push(bytes),
            Self::Lines(lines) => lines.push(bytes),
        }
    }

    fn end(&mut self) -> Option<String> {
        match self {
            Self::Events(events) => events.end(),
            Self::Lines(lines) => lines.end(),
        }
    }
}

impl Exchange<'_> {
    pub(crate) async fn run(&self, body: &Value, left: Duration, progress: &mut Progress) -> Result<Answer, Failure> {
        let incoming = self.transport.post(self.codec.path(), body, left).await.map_err(|error| error.failure())?;
        let header = |name: &str| incoming.headers.get(name).and_then(|value| value.to_str().ok());
        progress.request_id = header("x-request-id").or_else(|| header("request-id")).map(str::to_owned);
        if !(200..300).contains(&incoming.status) {
            // What of the body cannot be read is left out; the status alone says enough.
            let text = read(incoming.body, ERROR_BODY_MAX).await.0;
            return Err(classify(self.provider, incoming.status, &incoming.headers, &text, self.clock.now()));
        }
        // A server that ignores the wish for a stream answers with one JSON body; among lines that is one of them.
        let framing = self.codec.framing();
        if framing == Framing::ServerSentEvents
            && header("content-type").is_some_and(|kind| kind.starts_with("application/json"))
        {
            let (text, broke) = read(incoming.body, usize::MAX).await;
            if let Some(failure) = broke {
                return Err(failure);
            }
            return self.whole(&text, progress);
        }
        self.stream(incoming.body, framing.into(), progress).await
    }

    fn whole(&self, text: &[u8], progress: &mut Progress) -> Result<Answer, Failure> {
        let answer = self.codec.decode(text).map_err(broken)?;
        progress.usage = answer.usage;
        if !answer.message.content.is_empty() {
            self.deliver(&StreamEvent::Text(answer.message.content.clone()), progress);
        }
        for (index, call) in answer.message.tool_calls.iter().enumerate() {
            self.deliver(&StreamEvent::ToolCallStart { index, id: call.id.clone(), name: call.name.clone() }, progress);
            self.deliver(&StreamEvent::ToolCallDelta { index, arguments: call.args.to_string() }, progress);
        }
        if let Some(usage) = answer.usage {
            self.deliver(&StreamEvent::Usage(usage), progress);
        }
        self.deliver(&StreamEvent::Done(answer.finish), progress);
        Ok(answer)
    }

    async fn stream(&self, mut body: Body, mut pieces: Pieces, progress: &mut Progress) -> Result<Answer, Failure> {
        let mut decoder = self.codec.decoder();
        while !decoder.is_done() {
            let (data, over) = match body.next().await {
                Some(bytes) => (pieces.push(&bytes.map_err(|error| error.failure())?), false),
                None => (pieces.end().into_iter().collect(), true),
            };
            for data in data {
                let pushed = decoder.push(&data);
                progress.usage = decoder.usage();
                for event in pushed.map_err(broken)? {
                    self.deliver(&event, progress);
                }
            }
            if over {
                break;
            }
        }
        decoder.finish().map_err(broken)
    }

    fn deliver(&self, event: &StreamEvent, progress: &mut Progress) {
        let piece = !matches!(event, StreamEvent::Usage(_) | StreamEvent::Done(_));
        if piece && progress.first.is_none() {
            progress.first = Some(self.clock.monotonic());
        }
        if let StreamEvent::Text(text) = event {
            progress.partial_text.push_str(text);
        }
        if let Some(listener) = self.listener {
            progress.delivered |= piece;
            listener(event);
        }
    }
}

/// Reads a body up to `max` bytes; the second part tells how it broke off, if it did.
async fn read(mut body: Body, max: usize) -> (Vec<u8>, Option<Failure>) {
    let mut text = Vec::new();
    while let Some(bytes) = body.next().await {
        match bytes {
            Ok(bytes) => text.extend_from_slice(&bytes[..bytes.len().min(max - text.len())]),
            Err(error) => return (text, Some(error.failure())),
        }
        if text.len() >= max {
            break;
        }
    }
    (text, None)
}
