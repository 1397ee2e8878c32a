//! A conversation in the form that every dialect can take: each call with an id and a name that all providers accept,
//! and exactly one result for each call, in the order of the calls.
//!
//! A conversation may have passed through several providers (a fallback within a run), and one may give ids that another
//! refuses, or the same id in every answer. The ids here are unique within the request; they depend on what stands before
//! them only, so a longer conversation keeps its prefix and with it the provider's cache.

use std::collections::HashSet;

use domain::message::{Message, Speaker, ToolCall};
use serde_json::Value;

use crate::request::is_tool_name;

/// One step of a conversation.
#[derive(Debug, PartialEq)]
pub(super) enum Turn<'a> {
    /// The program speaks.
    System(&'a str),
    /// A person speaks.
    User(&'a str),
    /// The model speaks, and may call tools.
    Assistant { text: &'a str, calls: Vec<Call<'a>> },
    /// The results of the calls of the turn before.
    Results(Vec<Outcome<'a>>),
}

/// A call that the model made.
#[derive(Debug, PartialEq)]
pub(super) struct Call<'a> {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) args: &'a Value,
}

/// The result of a call.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome<'a> {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) text: &'a str,
}

/// What stands for a result that is not there.
const NO_RESULT: &str = "no result";

/// A call whose result is awaited.
struct Open<'a> {
    original: &'a str,
    result: Option<&'a str>,
    id: String,
    name: String,
}

/// Puts `messages` in order.
pub(super) fn turns(messages: &[Message]) -> Vec<Turn<'_>> {
    let (mut turns, mut used, mut open) = (Vec::new(), HashSet::new(), Vec::<Open<'_>>::new());
    for message in messages {
        if message.speaker == Speaker::Tool {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            if let Some(call) = open.iter_mut().find(|call| call.original == id && call.result.is_none()) {
                call.result = Some(&message.content);
            }
            continue;
        }
        close(&mut turns, &mut open);
        let text = message.content.as_str();
        match message.speaker {
            Speaker::System => turns.push(Turn::System(text)),
            Speaker::Human => turns.push(Turn::User(text)),
            Speaker::Ai | Speaker::Tool => {
                open.extend(message.tool_calls.iter().map(|call| awaited(call, &mut used)));
                let calls = message.tool_calls.iter().zip(&open);
                let calls =
                    calls.map(|(call, open)| Call { id: open.id.clone(), name: open.name.clone(), args: &call.args });
                turns.push(Turn::Assistant { text, calls: calls.collect() });
            }
        }
    }
    close(&mut turns, &mut open);
    turns
}

fn close<'a>(turns: &mut Vec<Turn<'a>>, open: &mut Vec<Open<'a>>) {
    if open.is_empty() {
        return;
    }
    let outcome = |call: Open<'a>| Outcome { id: call.id, name: call.name, text: call.result.unwrap_or(NO_RESULT) };
    turns.push(Turn::Results(open.drain(..).map(outcome).collect()));
}

fn awaited<'a>(call: &'a ToolCall, used: &mut HashSet<String>) -> Open<'a> {
    // The rules for an id are those for a name.
    let mut id = call.id.clone();
    let mut number = used.len();
    while !is_tool_name(&id) || used.contains(&id) {
        id = format!("call_{number}");
        number += 1;
    }
    used.insert(id.clone());
    Open { original: &call.id, result: None, id, name: acceptable(&call.name) }
}

/// A name that every provider accepts, as near as possible to the one that a model made up.
fn acceptable(name: &str) -> String {
    if is_tool_name(name) {
        return name.to_owned();
    }
    let fit = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let fitted: String = name.chars().take(64).map(fit).collect();
    if fitted.is_empty() { "unnamed".to_owned() } else { fitted }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calling(calls: &[(&str, &str)]) -> Message {
        let call = |(id, name): &(&str, &str)| ToolCall { id: (*id).into(), name: (*name).into(), args: json!({}) };
        Message { tool_calls: calls.iter().map(call).collect(), ..Message::ai("") }
    }

    fn ids(turn: &Turn<'_>) -> Vec<String> {
        match turn {
            Turn::Assistant { calls, .. } => calls.iter().map(|call| call.id.clone()).collect(),
            Turn::Results(results) => results.iter().map(|result| result.id.clone()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_calls_whatever_order_they_were_made_in() {
        let messages = [calling(&[("a", "x"), ("b", "y")]), Message::tool("b", "2"), Message::tool("a", "1")];
        let turns = turns(&messages);
        let outcome = |id: &str, name: &str, text| Outcome { id: id.into(), name: name.into(), text };
        assert_eq!(turns[1], Turn::Results(vec![outcome("a", "x", "1"), outcome("b", "y", "2")]));
    }

    #[test]
    fn an_id_that_a_provider_refuses_or_that_comes_again_is_replaced_in_call_and_result() {
        let messages = [
            calling(&[("call.1", "x"), ("same", "x")]),
            Message::tool("call.1", "1"),
            Message::tool("same", "2"),
            calling(&[("same", "x"), ("", "x")]),
            Message::tool("same", "3"),
            Message::tool("", "4"),
        ];
        let turns = turns(&messages);
        assert_eq!(ids(&turns[0]), ["call_0", "same"]);
        assert_eq!(ids(&turns[2]), ["call_2", "call_3"]);
        assert_eq!((ids(&turns[0]), ids(&turns[2])), (ids(&turns[1]), ids(&turns[3])));
        assert_eq!(super::turns(&messages[..3])[..], turns[..2], "a longer conversation keeps its prefix");
    }

    #[test]
    fn a_call_without_a_result_gets_one_that_says_so() {
        let messages = [calling(&[("a", "x y")]), Message::human("?")];
        let turns = turns(&messages);
        let missing = Outcome { id: "a".into(), name: "x_y".into(), text: NO_RESULT };
        assert_eq!(turns[1..], [Turn::Results(vec![missing]), Turn::User("?")]);
    }
}
