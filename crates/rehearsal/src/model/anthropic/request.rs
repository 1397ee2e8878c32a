//! A Messages request, checked as strictly as the provider checks it.

use serde_json::Value;

use super::cache::{self, Counted, Segment};
use super::fields::Fields;
use super::models::{self, Traits};
use super::refusal::Problem;
use super::{blocks, parameters, tools, turns};
use crate::model::conversation::{ChatMessage, Conversation};

/// Most places that may carry a mark for the cache.
const MOST_MARKS: usize = 4;

/// One request, checked.
#[derive(Debug, Clone)]
pub struct MessagesRequest {
    /// Name of the model that is asked.
    pub model: String,
    /// What is asked.
    pub conversation: Conversation,
    /// Most tokens the answer may have; 0 when only the tokens are counted.
    pub max_tokens: u64,
    /// Texts at which the answer is to end.
    pub stops: Vec<String>,
    /// The answer is to come as events.
    pub stream: bool,
    /// What the request costs, by kind of token.
    pub counted: Counted,
    segments: Vec<Segment>,
}

impl MessagesRequest {
    /// Reads the body of `POST /v1/messages`.
    ///
    /// # Errors
    /// The provider's refusal when the body is no valid request, or asks for what is not rehearsed.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        Self::read(body, true)
    }

    /// Reads the body of `POST /v1/messages/count_tokens`.
    ///
    /// # Errors
    /// As [`MessagesRequest::parse`].
    pub fn parse_to_count(body: &[u8]) -> Result<Self, Problem> {
        Self::read(body, false)
    }

    /// Characters of everything that was sent as text, tools included.
    #[must_use]
    pub fn chars(&self) -> u64 {
        self.segments.iter().map(|segment| segment.chars).sum()
    }

    fn read(body: &[u8], to_answer: bool) -> Result<Self, Problem> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| Problem::Invalid(format!("The request body is not valid JSON: {error}")))?;
        let fields = Fields::of(&body, "")?;
        parameters::only_known(&fields, to_answer)?;
        let model = fields.text("model")?.to_owned();
        let traits = models::traits(&model).ok_or_else(|| Problem::UnknownModel(model.clone()))?;
        let max_tokens = if to_answer { fields.integer("max_tokens", 1)? } else { 0 };
        let stream = fields.flag("stream")?.unwrap_or_default();
        let stops = parameters::stop_sequences(&fields)?;
        let wants_json = parameters::check(&fields, &traits, to_answer.then_some(max_tokens))?;
        let offered = tools::read(&fields)?;
        let system = blocks::system(&fields)?;
        let turns = turns::read(&fields, &traits, fields.get("tools").is_some())?;

        let answered_before = turns.latest_answer.is_some();
        let seen = |segment: Segment| Segment { seen: answered_before, ..segment };
        let mut segments: Vec<Segment> = offered.segments.iter().copied().map(seen).collect();
        segments.extend(system.segments.iter().copied().map(seen));
        segments.extend(turns.segments);
        marks_in_order(&segments)?;

        let mut messages = Vec::new();
        if !system.text.is_empty() {
            messages.push(ChatMessage::System(system.text));
        }
        messages.extend(turns.messages);
        Ok(Self {
            counted: cache::count(&segments, traits.cached_from),
            conversation: Conversation { messages, tools: offered.names, wants_json },
            model,
            max_tokens,
            stops,
            stream,
            segments,
        })
    }
}

fn marks_in_order(segments: &[Segment]) -> Result<(), Problem> {
    let marks: Vec<cache::Ttl> = segments.iter().filter_map(|segment| segment.mark).collect();
    if marks.len() > MOST_MARKS {
        return Err(Problem::Invalid(format!(
            "A maximum of {MOST_MARKS} blocks with cache_control may be provided. Found {}.",
            marks.len()
        )));
    }
    if marks.windows(2).any(|pair| pair == [cache::Ttl::Minutes, cache::Ttl::Hour]) {
        return Err(Problem::Invalid(
            "cache_control.ttl: a ttl='1h' block must not come after a ttl='5m' block".to_owned(),
        ));
    }
    Ok(())
}

/// What the conversation may end with, and what must follow what, depends on the model.
pub(super) fn ends_properly(last_is_assistant: bool, last_text: &str, traits: &Traits) -> Result<(), Problem> {
    if !last_is_assistant {
        return Ok(());
    }
    if !traits.prefill {
        return Err(Problem::Invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
                .to_owned(),
        ));
    }
    if last_text.ends_with(char::is_whitespace) {
        return Err(Problem::Invalid(
            "messages: final assistant content cannot end with trailing whitespace".to_owned(),
        ));
    }
    Ok(())
}
