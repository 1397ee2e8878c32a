//! Content blocks: the pieces messages and instructions are made of.

use serde_json::Value;

use super::cache::{Segment, Ttl};
use super::fields::Fields;
use super::refusal::Problem;
use crate::model::conversation::{AskedCall, chars};

/// A block, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// Words.
    Text(String),
    /// A call the assistant asked for.
    ToolUse(AskedCall),
    /// What a call returned.
    ToolResult {
        /// Id of the call.
        id: String,
        /// The result as text.
        text: String,
    },
    /// What the assistant thought; nothing is made of it.
    Thinking(u64),
}

impl Block {
    fn chars(&self) -> u64 {
        match self {
            Self::Text(text) | Self::ToolResult { text, .. } => chars(text),
            Self::ToolUse(call) => chars(&call.name) + chars(&call.args.to_string()),
            Self::Thinking(chars) => *chars,
        }
    }
}

/// The instructions.
#[derive(Debug, Default)]
pub(super) struct System {
    /// Their text.
    pub(super) text: String,
    /// What they cost to read.
    pub(super) segments: Vec<Segment>,
}

/// Reads `system`: a text or a list of text blocks.
pub(super) fn system(fields: &Fields<'_>) -> Result<System, Problem> {
    match fields.get("system") {
        None => Ok(System::default()),
        Some(Value::String(text)) => {
            let segment = Segment { chars: chars(text), mark: None, seen: false };
            Ok(System { text: text.clone(), segments: vec![segment] })
        }
        Some(Value::Array(items)) => {
            let mut system = System::default();
            for (index, item) in items.iter().enumerate() {
                let block = Fields::of(item, format!("system.{index}"))?;
                block.word("type", &["text"])?;
                let text = text(&block)?;
                if index > 0 {
                    system.text.push('\n');
                }
                system.text.push_str(&text);
                system.segments.push(Segment { chars: chars(&text), mark: mark(&block)?, seen: false });
            }
            Ok(system)
        }
        Some(_) => Err(fields.problem("system", "Input should be a valid string or a list of text blocks")),
    }
}

/// Reads the content of a message: a text or a list of blocks that `role` may have.
pub(super) fn content(message: &Fields<'_>, role: &str) -> Result<Vec<(Block, Segment)>, Problem> {
    let items = match message.required("content")? {
        Value::String(text) => {
            let block = Block::Text(text.clone());
            let segment = Segment { chars: block.chars(), mark: None, seen: false };
            return Ok(if text.is_empty() { Vec::new() } else { vec![(block, segment)] });
        }
        Value::Array(items) => items,
        _ => return Err(message.problem("content", "Input should be a valid string or a list of blocks")),
    };
    let kinds: &[&str] = match role {
        "user" => &["text", "tool_result"],
        _ => &["text", "tool_use", "thinking", "redacted_thinking"],
    };
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let fields = Fields::of(item, message.place(&format!("content.{index}")))?;
            let kind = fields.text("type")?;
            if !kinds.contains(&kind) {
                let message = format!("the rehearsal reads {} in a message of the role '{role}'", kinds.join(", "));
                return Err(fields.problem("type", &message));
            }
            let block = block(&fields, kind)?;
            let mark = if matches!(block, Block::Thinking(_)) { None } else { mark(&fields)? };
            let segment = Segment { chars: block.chars(), mark, seen: false };
            Ok((block, segment))
        })
        .collect()
}

fn block(fields: &Fields<'_>, kind: &str) -> Result<Block, Problem> {
    match kind {
        "text" => Ok(Block::Text(text(fields)?)),
        "tool_use" => {
            fields.only(&["type", "id", "name", "input", "cache_control", "caller"])?;
            let args = fields.required("input")?;
            Fields::of(args, fields.place("input"))?;
            let call = AskedCall { id: id(fields, "id")?, name: fields.text("name")?.to_owned(), args: args.clone() };
            Ok(Block::ToolUse(call))
        }
        "tool_result" => {
            fields.only(&["type", "tool_use_id", "content", "is_error", "cache_control"])?;
            fields.flag("is_error")?;
            Ok(Block::ToolResult { id: id(fields, "tool_use_id")?, text: result(fields)? })
        }
        "thinking" => {
            fields.only(&["type", "thinking", "signature"])?;
            fields.text("signature")?;
            Ok(Block::Thinking(chars(fields.text("thinking")?)))
        }
        _ => {
            fields.only(&["type", "data"])?;
            Ok(Block::Thinking(chars(fields.text("data")?)))
        }
    }
}

fn text(block: &Fields<'_>) -> Result<String, Problem> {
    block.only(&["type", "text", "cache_control", "citations"])?;
    let text = block.text("text")?;
    if text.trim().is_empty() {
        return Err(block.problem("text", "text content blocks must contain non-whitespace text"));
    }
    Ok(text.to_owned())
}

fn result(block: &Fields<'_>) -> Result<String, Problem> {
    match block.get("content") {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(items)) => {
            let mut all = String::new();
            for (index, item) in items.iter().enumerate() {
                let part = Fields::of(item, block.place(&format!("content.{index}")))?;
                part.word("type", &["text"])?;
                all.push_str(&text(&part)?);
            }
            Ok(all)
        }
        Some(_) => Err(block.problem("content", "Input should be a valid string or a list of blocks")),
    }
}

fn id(fields: &Fields<'_>, name: &str) -> Result<String, Problem> {
    let id = fields.text(name)?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Err(fields.problem(name, "String should match pattern '^[a-zA-Z0-9_-]+$'"));
    }
    Ok(id.to_owned())
}

/// The mark for the cache on a block or a tool.
pub(super) fn mark(fields: &Fields<'_>) -> Result<Option<Ttl>, Problem> {
    let value = match fields.get("cache_control") {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let control = Fields::of(value, fields.place("cache_control"))?;
    control.only(&["type", "ttl"])?;
    control.word("type", &["ephemeral"])?;
    if control.get("ttl").is_none() {
        return Ok(Some(Ttl::Minutes));
    }
    Ok(Some(if control.word("ttl", &["5m", "1h"])? == "1h" { Ttl::Hour } else { Ttl::Minutes }))
}
