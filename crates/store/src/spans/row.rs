//! Writing spans, many with one statement. A span that is there already gets its end.

use std::borrow::Borrow;

use domain::ids::CallId;
use domain::time::to_text;
use domain::trace::{Span, SpanStatus, SpanType};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::bulk;
use crate::engine::{Tx, statements};
use crate::error::{Result, StoreError};

macro_rules! upsert {
    ($select:expr) => {
        concat!(
            "INSERT INTO spans (span_id, trace_id, parent_id, root_id, name, run_type, status, start_time, end_time, model, prompt_tokens,
                completion_tokens, total_tokens, cost_micros, error, inputs_preview, outputs_preview, inputs, outputs, agent_id, channel_id,
                workflow_id, tower_run_id, ticket_id, attempt, attributes) ",
            $select,
            " ON CONFLICT (span_id) DO UPDATE SET status = excluded.status, end_time = excluded.end_time, model = excluded.model,
                prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens, total_tokens = excluded.total_tokens,
                cost_micros = COALESCE(excluded.cost_micros, spans.cost_micros), error = excluded.error, outputs_preview = excluded.outputs_preview, outputs = excluded.outputs,
                inputs = excluded.inputs, ticket_id = excluded.ticket_id, attributes = excluded.attributes"
        )
    };
}

statements! {
    UPSERT = per_engine(
        upsert!("SELECT id, trace, parent, root, name, kind, st, t0, t1, model, pt, ct, pt + ct, cost, err, ip, op, CAST(i AS jsonb),
             CAST(o AS jsonb), agent, channel, wf, run, ticket, attempt, CAST(attrs AS jsonb)
             FROM json_to_recordset(CAST($1 AS json)) AS x(id text, trace text, parent text, root text, name text, kind text, st text,
                t0 timestamptz, t1 timestamptz, model text, pt int, ct int, cost bigint, err text, ip text, op text, i text, o text,
                agent text, channel text, wf text, run text, ticket bigint, attempt int, attrs text)"),
        // The condition tells the parser that ON belongs to the conflict, not to a join.
        upsert!("SELECT value ->> '$.id', value ->> '$.trace', value ->> '$.parent', value ->> '$.root', value ->> '$.name',
             value ->> '$.kind', value ->> '$.st', value ->> '$.t0', value ->> '$.t1', value ->> '$.model', value ->> '$.pt',
             value ->> '$.ct', (value ->> '$.pt') + (value ->> '$.ct'), value ->> '$.cost', value ->> '$.err', value ->> '$.ip',
             value ->> '$.op', value ->> '$.i', value ->> '$.o', value ->> '$.agent', value ->> '$.channel', value ->> '$.wf',
             value ->> '$.run', value ->> '$.ticket', value ->> '$.attempt', value ->> '$.attrs'
             FROM json_each($1) WHERE TRUE"),
    );
}

/// One row about to be written.
#[derive(Debug, Serialize)]
pub(crate) struct SpanRow {
    id: String,
    trace: String,
    parent: Option<String>,
    root: String,
    name: String,
    kind: &'static str,
    st: &'static str,
    t0: String,
    t1: Option<String>,
    model: Option<String>,
    pt: i64,
    ct: i64,
    cost: Option<i64>,
    err: Option<String>,
    ip: String,
    op: String,
    i: Option<String>,
    o: Option<String>,
    agent: Option<String>,
    channel: Option<String>,
    wf: Option<String>,
    run: Option<String>,
    ticket: Option<i64>,
    attempt: Option<i64>,
    #[serde(serialize_with = "as_text")]
    attrs: Map<String, Value>,
}

fn as_text<S: Serializer>(attributes: &Map<String, Value>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let text = serde_json::to_string(attributes).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}

/// Tokens fit the column, whatever a provider says.
fn tokens(count: i64) -> i64 {
    count.clamp(0, i64::from(i32::MAX) / 2)
}

impl SpanRow {
    /// # Errors
    /// When a text holds what no database keeps.
    pub(crate) fn new(span: &Span) -> Result<Self> {
        let row = Self {
            id: span.span_id.clone(),
            trace: span.trace_id.clone(),
            parent: span.parent_id.clone(),
            root: span.root_id.clone(),
            name: span.name.clone(),
            kind: span.kind.as_str(),
            st: span.status.as_str(),
            t0: to_text(span.start_time),
            t1: span.end_time.map(to_text),
            model: span.model.clone(),
            pt: tokens(span.prompt_tokens),
            ct: tokens(span.completion_tokens),
            cost: span.cost_micros,
            err: span.error.clone(),
            ip: span.inputs_preview.clone(),
            op: span.outputs_preview.clone(),
            i: span.inputs.as_ref().map(bulk::json).transpose()?,
            o: span.outputs.as_ref().map(bulk::json).transpose()?,
            agent: span.agent_id.clone(),
            channel: span.channel_id.clone(),
            wf: span.workflow_id.clone(),
            run: span.tower_run_id.clone(),
            ticket: span.ticket_id.map(|id| id.0),
            attempt: span.attempt,
            attrs: span.attributes.clone(),
        };
        let texts = [Some(&row.name), row.model.as_ref(), row.err.as_ref(), Some(&row.ip), Some(&row.op)];
        for text in texts.into_iter().flatten() {
            if text.contains('\0') {
                return Err(StoreError::NulByte);
            }
        }
        bulk::json(&row.attrs)?;
        Ok(row)
    }

    /// Names the row of the ledger. A commit that is written again may get another one, which takes the place of the
    /// first.
    pub(crate) fn link_call(&mut self, call_id: CallId) {
        self.attrs.insert("call_id".to_owned(), Value::from(call_id.0));
    }

    /// The rows of those spans that can be kept.
    pub(crate) fn all(spans: &[Span]) -> Vec<Self> {
        let row = |span| match Self::new(span) {
            Ok(row) => Some(row),
            Err(error) => {
                tracing::warn!(%error, "a span was not written");
                None
            }
        };
        spans.iter().filter_map(row).collect()
    }
}

/// Which of `rows` is the span of the model call that is about to be made.
pub(crate) fn call_to_link(rows: &[SpanRow]) -> Option<usize> {
    rows.iter().rposition(|row| {
        row.kind == SpanType::Llm.as_str()
            && row.st == SpanStatus::Pending.as_str()
            && !row.attrs.contains_key("call_id")
    })
}

pub(crate) async fn insert_rows<R: Borrow<SpanRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&UPSERT, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}
