//! Cutting a whole object down to what a document selects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::document::Field;

/// A document that asks for what is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// A sentence.
    pub(super) message: String,
    /// Where in the document.
    pub(super) path: Vec<String>,
    /// The provider's code.
    pub(super) code: &'static str,
}

impl Refused {
    pub(super) fn field(name: &str, on: &str, key: &str) -> Self {
        Self {
            message: format!("Field '{name}' doesn't exist on type '{on}'"),
            path: vec![key.to_owned()],
            code: "undefinedField",
        }
    }
}

/// A list that is paged: nodes with the text they are sorted by, ascending or descending.
pub(super) fn connection(nodes: Vec<(String, Value)>, reverse: bool) -> Value {
    let mut nodes = nodes;
    nodes.sort_by(|a, b| a.0.cmp(&b.0));
    if reverse {
        nodes.reverse();
    }
    let (keys, nodes): (Vec<String>, Vec<Value>) = nodes.into_iter().unzip();
    json!({"__nodes": nodes, "__keys": keys, "__reverse": reverse})
}

/// What `field` selects of `whole`.
pub(super) fn project(whole: &Value, field: &Field, path: &mut Vec<String>) -> Result<Value, Refused> {
    match whole {
        Value::Array(items) => items.iter().map(|item| project(item, field, path)).collect(),
        Value::Object(members) if members.contains_key("__nodes") => {
            let page = page(members, field, path)?;
            object(&page, "Connection", field, path)
        }
        Value::Object(members) => {
            let kind = members.get("__typename").and_then(Value::as_str).unwrap_or("Object").to_owned();
            object(members, &kind, field, path)
        }
        leaf if field.fields.is_empty() || leaf.is_null() => Ok(leaf.clone()),
        _ => Err(Refused {
            message: format!("Selections can't be made on scalars ('{}')", field.name),
            path: path.clone(),
            code: "selectionMismatch",
        }),
    }
}

fn object(members: &Map<String, Value>, kind: &str, field: &Field, path: &mut Vec<String>) -> Result<Value, Refused> {
    if field.fields.is_empty() {
        return Err(Refused {
            message: format!("Field must have selections (field '{}' returns {kind})", field.name),
            path: path.clone(),
            code: "selectionMismatch",
        });
    }
    let mut answer = Map::new();
    for wanted in &field.fields {
        path.push(wanted.key.clone());
        let value = members
            .get(&wanted.name)
            .ok_or_else(|| Refused { path: path.clone(), ..Refused::field(&wanted.name, kind, &wanted.key) })?;
        answer.insert(wanted.key.clone(), project(value, wanted, path)?);
        path.pop();
    }
    Ok(Value::Object(answer))
}

fn page(members: &Map<String, Value>, field: &Field, path: &[String]) -> Result<Map<String, Value>, Refused> {
    let refused = |message: &str, code| Refused { message: message.to_owned(), path: path.to_vec(), code };
    let known = ["first", "after", "reverse", "sortKey", "query"];
    if let Some(other) = field.args.keys().find(|name| !known.contains(&name.as_str())) {
        let (message, code) = match other.as_str() {
            "last" | "before" => ("The rehearsal shop pages forwards only".to_owned(), "NOT_REHEARSED"),
            other => (format!("Field '{}' doesn't accept argument '{other}'", field.name), "argumentNotAccepted"),
        };
        return Err(refused(&message, code));
    }
    let first = field.args.get("first").and_then(Value::as_u64).filter(|first| (1..=250).contains(first));
    let first =
        first.ok_or_else(|| refused("you must provide one of first or last, between 1 and 250", "BAD_REQUEST"))?;
    let first = usize::try_from(first).unwrap_or(250);
    let empty = Vec::new();
    let nodes = members.get("__nodes").and_then(Value::as_array).unwrap_or(&empty);
    let keys = members.get("__keys").and_then(Value::as_array).unwrap_or(&empty);
    let reverse = members.get("__reverse") == Some(&Value::Bool(true));
    let after = match field.args.get("after").and_then(Value::as_str) {
        None => None,
        Some(cursor) => {
            let key = STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Some(key.ok_or_else(|| refused("Invalid cursor for current pagination sort.", "BAD_REQUEST"))?)
        }
    };
    let mut chosen = keys.iter().filter_map(Value::as_str).zip(nodes).filter(|(key, _)| match &after {
        None => true,
        Some(after) if reverse => *key < after.as_str(),
        Some(after) => *key > after.as_str(),
    });
    let edges: Vec<Value> = chosen
        .by_ref()
        .take(first)
        .map(|(key, node)| json!({"__typename": "Edge", "cursor": STANDARD.encode(key), "node": node}))
        .collect();
    let more = chosen.next().is_some();
    let cursor = |edge: Option<&Value>| edge.map_or(Value::Null, |edge| edge["cursor"].clone());
    let info = json!({"__typename": "PageInfo", "hasNextPage": more, "hasPreviousPage": after.is_some(),
        "startCursor": cursor(edges.first()), "endCursor": cursor(edges.last())});
    let nodes: Vec<Value> = edges.iter().map(|edge| edge["node"].clone()).collect();
    Ok([("edges".to_owned(), edges.into()), ("nodes".to_owned(), nodes.into()), ("pageInfo".to_owned(), info)]
        .into_iter()
        .collect())
}
