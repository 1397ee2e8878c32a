//! The turns of the conversation: who speaks, and that each call gets its result in the very next message.

use super::blocks::{self, Block};
use super::cache::Segment;
use super::fields::Fields;
use super::models::Traits;
use super::refusal::Problem;
use super::request::ends_properly;
use crate::model::conversation::ChatMessage;

/// The conversation, checked.
#[derive(Debug, Default)]
pub(super) struct Turns {
    pub(super) messages: Vec<ChatMessage>,
    pub(super) segments: Vec<Segment>,
    /// Place of the assistant's latest message.
    pub(super) latest_answer: Option<usize>,
}

/// Reads `messages`. Blocks about tools need tools to be defined.
pub(super) fn read(fields: &Fields<'_>, traits: &Traits, tools_defined: bool) -> Result<Turns, Problem> {
    let items = fields.list("messages")?;
    if items.is_empty() {
        return Err(fields.problem("messages", "at least one message is required"));
    }
    let mut turns = Turns::default();
    // Calls of the message before, whose results come now or never.
    let mut open: Vec<String> = Vec::new();
    let mut last = (false, String::new());
    for (index, item) in items.iter().enumerate() {
        let at = format!("messages.{index}");
        let message = Fields::of(item, at.clone())?;
        message.only(&["role", "content"])?;
        let role = message.word("role", &["user", "assistant"])?;
        let content = blocks::content(&message, role)?;
        let is_last = index + 1 == items.len();
        if content.is_empty() && !(role == "assistant" && is_last) {
            return Err(Problem::Invalid(format!("{at}: all messages must have non-empty content")));
        }
        if !tools_defined && content.iter().any(|(block, _)| is_of_tools(block)) {
            return Err(Problem::Invalid(
                "tools: requests which include `tool_use` or `tool_result` blocks must define tools".to_owned(),
            ));
        }
        answered(&mut open, &content, index)?;
        if role == "assistant" {
            turns.latest_answer = Some(index);
            for segment in &mut turns.segments {
                segment.seen = true;
            }
        }
        turns.segments.extend(content.iter().map(|(_, segment)| *segment));
        let blocks: Vec<Block> = content.into_iter().map(|(block, _)| block).collect();
        open = calls(&blocks, &at)?;
        last = (role == "assistant", said(&blocks));
        turns.messages.extend(if role == "assistant" { vec![assistant(blocks)] } else { user(blocks) });
    }
    if !open.is_empty() {
        return Err(unanswered(&open, items.len() - 1));
    }
    ends_properly(last.0, &last.1, traits)?;
    Ok(turns)
}

fn is_of_tools(block: &Block) -> bool {
    matches!(block, Block::ToolUse(_) | Block::ToolResult { .. })
}

/// Results stand first in the message after the calls: one for each, none for anything else.
fn answered(open: &mut Vec<String>, content: &[(Block, Segment)], index: usize) -> Result<(), Problem> {
    let mut words_began = false;
    for (place, (block, _)) in content.iter().enumerate() {
        let Block::ToolResult { id, .. } = block else {
            words_began = true;
            continue;
        };
        match open.iter().position(|call| call == id) {
            Some(found) if !words_began => {
                open.swap_remove(found);
            }
            Some(_) => break,
            None => {
                return Err(Problem::Invalid(format!(
                    "messages.{index}.content.{place}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. \
                     Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
                )));
            }
        }
    }
    if open.is_empty() { Ok(()) } else { Err(unanswered(open, index.saturating_sub(1))) }
}

fn unanswered(open: &[String], index: usize) -> Problem {
    Problem::Invalid(format!(
        "messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
         `tool_use` block must have a corresponding `tool_result` block in the next message.",
        open.join(", ")
    ))
}

fn calls(blocks: &[Block], at: &str) -> Result<Vec<String>, Problem> {
    let mut ids: Vec<String> = Vec::new();
    for block in blocks {
        if let Block::ToolUse(call) = block {
            if ids.contains(&call.id) {
                return Err(Problem::Invalid(format!("{at}: `tool_use` ids must be unique")));
            }
            ids.push(call.id.clone());
        }
    }
    Ok(ids)
}

fn said(blocks: &[Block]) -> String {
    let texts: Vec<&str> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.join("\n")
}

fn assistant(blocks: Vec<Block>) -> ChatMessage {
    let text = said(&blocks);
    let calls = blocks
        .into_iter()
        .filter_map(|block| match block {
            Block::ToolUse(call) => Some(call),
            _ => None,
        })
        .collect();
    ChatMessage::Assistant { text, calls }
}

fn user(blocks: Vec<Block>) -> Vec<ChatMessage> {
    let text = said(&blocks);
    let results = blocks.into_iter().filter_map(|block| match block {
        Block::ToolResult { id, text } => Some(ChatMessage::Tool { call_id: id, text }),
        _ => None,
    });
    let mut messages: Vec<ChatMessage> = results.collect();
    if !text.is_empty() {
        messages.push(ChatMessage::User(text));
    }
    messages
}
