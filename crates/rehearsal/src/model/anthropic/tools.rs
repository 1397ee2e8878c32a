//! The tools on offer and the choice among them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::blocks::mark;
use super::cache::Segment;
use super::fields::Fields;
use super::refusal::Problem;
use crate::model::conversation::{chars, is_tool_name};

/// What is offered.
#[derive(Debug, Default)]
pub(super) struct Offered {
    /// Names of the tools that may be called now.
    pub(super) names: BTreeSet<String>,
    /// What they cost to read.
    pub(super) segments: Vec<Segment>,
}

/// Reads `tools` and `tool_choice`.
pub(super) fn read(fields: &Fields<'_>) -> Result<Offered, Problem> {
    let mut offered = Offered::default();
    let tools = if fields.get("tools").is_some() { fields.list("tools")? } else { &[] };
    for (index, item) in tools.iter().enumerate() {
        let tool = Fields::of(item, format!("tools.{index}"))?;
        tool.only(&["type", "name", "description", "input_schema", "cache_control", "strict"])?;
        if tool.get("type").is_some_and(|kind| kind != "custom" && !kind.is_null()) {
            return Err(tool.problem("type", "the rehearsal offers tools of type 'custom' only"));
        }
        tool.flag("strict")?;
        let name = tool.text("name")?;
        if !is_tool_name(name) {
            return Err(tool.problem("name", "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"));
        }
        if tool.get("description").is_some() {
            tool.text("description")?;
        }
        let schema = Fields::of(tool.required("input_schema")?, tool.place("input_schema"))?;
        schema.word("type", &["object"])?;
        if !offered.names.insert(name.to_owned()) {
            return Err(Problem::Invalid("tools: Tool names must be unique.".to_owned()));
        }
        offered.segments.push(Segment { chars: chars(&item.to_string()), mark: mark(&tool)?, seen: false });
    }
    choose(fields, &mut offered)?;
    Ok(offered)
}

fn choose(fields: &Fields<'_>, offered: &mut Offered) -> Result<(), Problem> {
    let Some(value) = fields.get("tool_choice") else { return Ok(()) };
    let choice = Fields::of(value, "tool_choice")?;
    let kind = choice.word("type", &["auto", "any", "tool", "none"])?;
    if fields.get("tools").is_none_or(|tools| tools == &Value::Array(Vec::new())) {
        return Err(Problem::Invalid("tool_choice: may only be specified while providing tools.".to_owned()));
    }
    choice.flag("disable_parallel_tool_use")?;
    match kind {
        "none" => {
            choice.only(&["type"])?;
            offered.names.clear();
        }
        "tool" => {
            choice.only(&["type", "name", "disable_parallel_tool_use"])?;
            let name = choice.text("name")?;
            if !offered.names.contains(name) {
                return Err(Problem::Invalid(format!("tool_choice: Tool '{name}' not found in provided tools")));
            }
            return Err(not_rehearsed());
        }
        "any" => return Err(not_rehearsed()),
        _ => choice.only(&["type", "disable_parallel_tool_use"])?,
    }
    Ok(())
}

/// Nothing is called because it must be: a policy that decides cannot be forced.
fn not_rehearsed() -> Problem {
    Problem::Invalid("tool_choice: the rehearsal model takes 'auto' and 'none' only".to_owned())
}
