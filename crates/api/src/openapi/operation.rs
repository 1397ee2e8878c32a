//! What the document says of one route, built next to its handler.

use domain::codes::Code;
use serde_json::Value;

/// A path or query parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// `path` or `query`.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Its schema.
    pub schema: Value,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub struct BodyDoc {
    /// Its schema.
    pub schema: Value,
    /// Whether it must be there.
    pub required: bool,
    /// A body that is accepted.
    pub example: Value,
}

/// One successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// When it is given.
    pub description: &'static str,
    /// Media type; empty: the answer has no body.
    pub media: &'static str,
    /// Schema of its body.
    pub schema: Value,
}

/// The operation of a route.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Unique name; clients call the function so.
    pub id: &'static str,
    /// Group.
    pub tag: &'static str,
    /// One line.
    pub summary: &'static str,
    /// More, where the line does not suffice.
    pub description: &'static str,
    /// Parameters.
    pub params: Vec<Param>,
    /// Body.
    pub body: Option<BodyDoc>,
    /// Successful answers.
    pub answers: Vec<Answer>,
    /// Refusals of its own; those that follow from the table (token, role, rate, body) are added by the document.
    pub refusals: Vec<Code>,
}

impl Operation {
    /// An operation with its name, group and line.
    #[must_use]
    pub fn new(id: &'static str, tag: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            tag,
            summary,
            description: "",
            params: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// More than a line.
    #[must_use]
    pub fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// A parameter in the path; `refusal` is what a text that is no such id is answered with.
    #[must_use]
    pub fn path(mut self, name: &'static str, description: &'static str, schema: Value, refusal: Code) -> Self {
        self.params.push(Param { place: "path", name, description, schema });
        self.refuses(&[refusal])
    }

    /// A parameter in the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, description: &'static str, schema: Value) -> Self {
        self.params.push(Param { place: "query", name, description, schema });
        self
    }

    /// A header that the route reads.
    #[must_use]
    pub fn header(mut self, name: &'static str, description: &'static str, schema: Value) -> Self {
        self.params.push(Param { place: "header", name, description, schema });
        self.refuses(&[Code::InvalidHeader])
    }

    /// A body that must be there.
    #[must_use]
    pub fn body(mut self, schema: Value, example: Value) -> Self {
        self.body = Some(BodyDoc { schema, required: true, example });
        self
    }

    /// A body that may be left out.
    #[must_use]
    pub fn optional_body(mut self, schema: Value, example: Value) -> Self {
        self.body = Some(BodyDoc { schema, required: false, example });
        self
    }

    /// A successful answer in JSON.
    #[must_use]
    pub fn answer(mut self, status: u16, description: &'static str, schema: Value) -> Self {
        self.answers.push(Answer { status, description, media: "application/json", schema });
        self
    }

    /// A successful answer in HTML.
    #[must_use]
    pub fn html(mut self, description: &'static str) -> Self {
        self.answers.push(Answer { status: 200, description, media: "text/html", schema: super::schema::text() });
        self
    }

    /// A successful answer as server-sent events.
    #[must_use]
    pub fn stream(mut self, description: &'static str) -> Self {
        let schema = super::schema::text();
        self.answers.push(Answer { status: 200, description, media: "text/event-stream", schema });
        self
    }

    /// The connection becomes a WebSocket.
    #[must_use]
    pub fn upgrade(mut self) -> Self {
        let description = "The connection becomes a WebSocket";
        self.answers.push(Answer { status: 101, description, media: "", schema: Value::Null });
        self
    }

    /// Refusals of its own.
    #[must_use]
    pub fn refuses(mut self, codes: &[Code]) -> Self {
        self.refusals.extend_from_slice(codes);
        self
    }
}
