//! A chat's answer, as one body or line by line.

use chrono::{SecondsFormat, TimeDelta};
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::model::policy::Answer;
use crate::model::said::{End, Said, pieces, tokens};

/// A finished answer with everything the server says about it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Model that was asked.
    pub model: String,
    /// What it says.
    pub said: Said,
    /// Characters read.
    pub prompt_chars: u64,
    /// World time.
    pub at: Timestamp,
}

impl Answered {
    /// The body of an answer that is not streamed.
    #[must_use]
    pub fn to_body(&self) -> Value {
        self.done(self.message())
    }

    /// The lines of a streamed answer; the last one carries the counts.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut bodies: Vec<Value> = match &self.said.answer {
            Answer::Text(text) => pieces(text)
                .into_iter()
                .map(|piece| self.body(json!({"role": "assistant", "content": piece})))
                .collect(),
            Answer::Calls(_) => vec![self.body(self.message())],
        };
        bodies.push(self.done(json!({"role": "assistant", "content": ""})));
        bodies.into_iter().map(|body| format!("{body}\n")).collect()
    }

    fn message(&self) -> Value {
        match &self.said.answer {
            Answer::Text(text) => json!({"role": "assistant", "content": text}),
            Answer::Calls(calls) => {
                let calls: Vec<Value> =
                    calls.iter().map(|call| json!({"function": {"name": call.name, "arguments": call.args}})).collect();
                json!({"role": "assistant", "content": "", "tool_calls": calls})
            }
        }
    }

    fn body(&self, message: Value) -> Value {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        json!({"model": self.model, "created_at": at, "message": message, "done": false})
    }

    fn done(&self, message: Value) -> Value {
        let read = tokens(self.prompt_chars);
        // So many nanoseconds a token; nobody measures a rehearsal.
        let nanos = |tokens: u64| TimeDelta::microseconds(i64::try_from(tokens).unwrap_or(i64::MAX)).num_nanoseconds();
        let (load, reading, writing) = (nanos(50), nanos(read), nanos(self.said.tokens));
        let mut body = self.body(message);
        body["done"] = true.into();
        body["done_reason"] = if self.said.end == End::Length { "length" } else { "stop" }.into();
        body["total_duration"] = [load, reading, writing].into_iter().flatten().sum::<i64>().into();
        body["load_duration"] = load.into();
        body["prompt_eval_count"] = read.into();
        body["prompt_eval_duration"] = reading.into();
        body["eval_count"] = self.said.tokens.into();
        body["eval_duration"] = writing.into();
        body
    }
}
