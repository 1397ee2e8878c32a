//! Bad requests for every route of a table, made from what the table declares. Nothing here knows a server: whoever has
//! one sends the cases and lets each judge its answer. Both the in-process tests and those of the real binary do.

use api::openapi::Operation;
use api::route::{Access, BodyKind, Route};
use domain::role::Role;
use serde_json::{Map, Value, json};

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Nobody known.
    Stranger,
    /// Somebody with a token that is none.
    Forger,
    /// Somebody with a good token.
    Known(Role),
}

/// One bad request and what it must be answered with.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What is wrong with it.
    pub(crate) what: String,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) sender: Sender,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    status: Vec<u16>,
    /// What the answer must name: a member, a parameter.
    names: Option<String>,
}

impl Case {
    /// What is wrong with an answer, if anything is.
    pub(crate) fn judge(&self, status: u16, body: &Value) -> Result<(), String> {
        let problem = |text: String| Err(format!("{} {} ({}): {text}", self.method, self.path, self.what));
        if !self.status.contains(&status) {
            return problem(format!("{status} instead of {:?}: {body}", self.status));
        }
        if status < 400 || self.method == "HEAD" {
            return Ok(());
        }
        // The console says `detail` where the agents server says `error`.
        let Some(sentence) = body.get("error").or(body.get("detail")).and_then(Value::as_str) else {
            return problem(format!("{status} without a sentence: {body}"));
        };
        if sentence.is_empty() || !body["code"].is_string() || !body["trace_id"].is_string() {
            return problem(format!("not the standard body: {body}"));
        }
        match &self.names {
            Some(name) if !sentence.contains(name.as_str()) => problem(format!("`{name}` is not named: {body}")),
            _ => Ok(()),
        }
    }
}

/// All bad requests for `table`; `fill` puts ids that exist into a path.
pub(crate) fn cases(table: &[Route], fill: &dyn Fn(&str) -> String) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in table {
        let maker = Maker { route, path: fill(route.facts.path) };
        maker.senders(&mut cases);
        maker.methods(table, &mut cases);
        maker.ids(&mut cases);
        maker.queries(&mut cases);
        maker.bodies(&mut cases);
    }
    cases
}

struct Maker<'a> {
    route: &'a Route,
    path: String,
}

impl Maker<'_> {
    fn operation(&self) -> &Operation {
        &self.route.operation
    }

    /// The valid request, to be spoilt in one place.
    fn valid(&self, what: impl Into<String>, status: &[u16]) -> Case {
        let body = self.operation().body.as_ref().map(|body| body.example.to_string());
        let headers = body.iter().map(|_| ("content-type", "application/json".to_owned())).collect();
        Case {
            what: what.into(),
            method: self.route.method.to_string(),
            path: self.path.clone(),
            sender: Sender::Known(Role::Admin),
            headers,
            body: body.unwrap_or_default().into_bytes(),
            status: status.to_vec(),
            names: None,
        }
    }

    fn senders(&self, cases: &mut Vec<Case>) {
        if self.route.facts.access.role().is_none() {
            return;
        }
        cases.push(Case { sender: Sender::Stranger, ..self.valid("no token", &[401]) });
        cases.push(Case { sender: Sender::Forger, ..self.valid("a token that is none", &[401]) });
        let hostile = b"not json \0".to_vec();
        cases.push(Case { sender: Sender::Stranger, body: hostile, ..self.valid("no token, bad body", &[401]) });
        for role in [Role::Viewer, Role::Operator, Role::Webhook] {
            if !self.route.facts.access.admits(role) {
                cases.push(Case { sender: Sender::Known(role), ..self.valid(format!("as {}", role.as_str()), &[403]) });
            }
        }
    }

    fn methods(&self, table: &[Route], cases: &mut Vec<Case>) {
        let declared = |method: &str| {
            let named = table.iter().filter(|route| route.facts.path == self.route.facts.path);
            named.into_iter().any(|route| route.method == method || (method == "HEAD" && route.method == "GET"))
        };
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if !declared(method) {
                cases.push(Case { method: method.into(), ..self.valid("a method the path does not know", &[405]) });
            }
        }
        if self.route.method == "GET" && self.route.facts.body != BodyKind::Socket {
            cases.push(Case { method: "HEAD".into(), ..self.valid("HEAD", &[200, 404]) });
        }
    }

    fn ids(&self, cases: &mut Vec<Case>) {
        let template = self.route.facts.path;
        let (Some(from), Some(to)) = (template.find('{'), template.find('}')) else { return };
        if self.route.facts.access == Access::Signed {
            return;
        }
        let long = "a".repeat(4_000);
        for (wrong, status) in [
            ("-1", 404),
            ("RUN_0123456789ABCDEF", 404),
            ("1;DROP%20TABLE", 404),
            ("%F0%9F%92%A9", 404),
            ("99999999999999999999999999", 404),
            (long.as_str(), 404),
            ("a%00b", 400),
            ("%FF", 400),
            ("..%2F..", 400),
            ("%2e%2e", 400),
        ] {
            // The parts around the wrong one keep ids that exist.
            let filled_tail = &self.path[self.path.len() - tail_len(&template[to + 1..], &self.path)..];
            let path = format!("{}{wrong}{filled_tail}", &template[..from]);
            // A form that is right for an id without more rules may also be unknown to the engine, or be empty.
            let statuses: &[u16] = if status == 404 { &[404] } else { &[400] };
            let free = template.contains("{thread_id}") && wrong.bytes().all(|byte| byte.is_ascii_digit());
            let statuses = if free { &[200, 404][..] } else { statuses };
            cases.push(Case { path, ..self.valid(format!("id {:.40}", wrong), statuses) });
        }
    }

    fn queries(&self, cases: &mut Vec<Case>) {
        if self.route.facts.body == BodyKind::Socket {
            return;
        }
        for param in self.operation().params.iter().filter(|param| param.place == "query") {
            let mut refused = |what: &str, query: String, status: &[u16], named: bool| {
                let names = named.then(|| param.name.to_owned());
                let what = format!("parameter {} {what}", param.name);
                cases.push(Case { path: format!("{}?{query}", self.path), names, ..self.valid(what, status) });
            };
            let name = param.name;
            refused("with NUL", format!("{name}=a%00b"), &[400], false);
            refused("twice", format!("{name}=1&{name}=2"), &[400], true);
            refused("empty", format!("{name}="), &[400], true);
            refused("of bytes that are no text", format!("{name}=%FF%FE"), &[200, 400, 404], false);
            for wrong in wrong_texts(&param.schema) {
                refused("of the wrong form", format!("{name}={wrong}"), &[400], true);
            }
            if param.schema["type"] == "integer" {
                let huge = "9".repeat(60);
                refused("huge", format!("{name}={huge}"), &[200, 400, 404], false);
            }
        }
    }

    fn bodies(&self, cases: &mut Vec<Case>) {
        let (BodyKind::Json(limit), Some(doc)) = (self.route.facts.body, &self.operation().body) else { return };
        let raw = |what: &str, bytes: Vec<u8>, status: u16| Case { body: bytes, ..self.valid(what, &[status]) };
        for text in
            ["not json", "{", "{\"a\":}", "{} {}", "{'a':1}", "\u{feff}{}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}"]
        {
            cases.push(raw(&format!("not JSON: {text}"), text.into(), 400));
        }
        cases.push(raw("bytes that are no text", vec![0xff, 0xfe, 0x00], 400));
        for text in ["[]", "null", "1", "true", "\"text\""] {
            cases.push(raw(&format!("no object: {text}"), text.into(), 400));
        }
        cases.push(raw("too large", vec![b' '; limit + 1], 413));
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=latin1",
        ] {
            let headers = vec![("content-type", kind.to_owned())];
            cases.push(Case { headers, ..self.valid(format!("declared as {kind}"), &[415]) });
        }

        let members = doc.schema["properties"].as_object().cloned().unwrap_or_default();
        let with = |what: String, name: &str, value: Value, status: &[u16], named: bool| {
            let mut body = doc.example.clone();
            body[name] = value;
            let names = named.then(|| name.to_owned());
            Case { body: body.to_string().into_bytes(), names, ..self.valid(what, status) }
        };
        cases.push(with("an unknown member".into(), "no_such_member", json!(1), &[400], true));
        for depth in [65, 10_000] {
            let deep = format!("{{\"no_such_member\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            cases.push(raw(&format!("{depth} levels deep"), deep.into_bytes(), 400));
        }
        let required: Vec<&str> =
            doc.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for name in &required {
            let mut body = doc.example.clone();
            body.as_object_mut().map(|body| body.remove(*name));
            let names = Some((*name).to_owned());
            cases.push(Case {
                body: body.to_string().into_bytes(),
                names,
                ..self.valid(format!("without {name}"), &[400])
            });
            cases.push(with(format!("{name} is null"), name, Value::Null, &[400], true));
        }
        for (name, schema) in &members {
            for value in wrong_values(schema) {
                cases.push(with(format!("{name} is {value:.60}"), name, value, &[400, 422], true));
            }
            cases.push(with(format!("{name} with NUL"), name, json!("a\0b"), &[400], true));
            cases.push(with(format!("{name} with NUL below"), name, json!({"x": ["a\0b"]}), &[400], true));
            cases.push(with(format!("{name} with NUL in a name"), name, json!({"a\0b": 1}), &[400], false));
        }
        for param in self.operation().params.iter().filter(|param| param.place == "header") {
            for value in ["", "has space", &"k".repeat(256)] {
                let mut case = self.valid(format!("header {} is {value:.20}", param.name), &[400]);
                case.headers.push((leak(param.name), value.to_owned()));
                case.names = Some(param.name.to_owned());
                cases.push(case);
            }
        }
    }
}

/// Header names of the table are static already; this only lowers their case for clients that insist.
fn leak(name: &'static str) -> &'static str {
    match name {
        "Idempotency-Key" => "idempotency-key",
        other => other,
    }
}

/// How much of the end of `path` belongs to what follows the first id of a template.
fn tail_len(template_tail: &str, path: &str) -> usize {
    let parts = template_tail.split('/').count() - 1;
    let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
    parts.checked_sub(1).map_or(0, |_| path.len() - ends[ends.len() - parts])
}

/// Values of a parameter that its schema excludes.
fn wrong_texts(schema: &Value) -> Vec<String> {
    let mut wrong: Vec<String> = match schema["type"].as_str() {
        Some("integer") => ["x", "1.5", "1e3", "0x10", "-1", "%2B1", "1%201"].map(str::to_owned).to_vec(),
        Some("boolean") => ["maybe", "TRUE", "2"].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    };
    if schema["format"] == "date-time" {
        wrong.extend(["yesterday", "2026-13-01T00:00:00Z", "1780000000", "2026-01-01"].map(str::to_owned));
    }
    if schema["enum"].is_array() || schema["pattern"].is_string() {
        wrong.extend(["nonsense!", "%27%20OR%201=1"].map(str::to_owned));
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        wrong.push("x".repeat(usize::try_from(most).unwrap_or_default() + 1));
    }
    wrong
}

/// Values of a member that its schema excludes.
fn wrong_values(schema: &Value) -> Vec<Value> {
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Vec::new(),
    };
    let samples = [
        ("boolean", json!(true)),
        ("integer", json!(7)),
        ("number", json!(1.5)),
        ("string", json!("text")),
        ("array", json!([])),
        ("object", json!({})),
    ];
    let fits = |kind: &str| kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"));
    let mut wrong: Vec<Value> =
        samples.iter().filter(|(kind, _)| !fits(kind)).map(|(_, value)| value.clone()).collect();
    wrong.push(json!([[]]));
    if kinds.contains(&"integer") {
        wrong.extend([json!(1e300), json!(u64::MAX)]);
        wrong.extend(schema["minimum"].as_i64().filter(|least| *least > i64::MIN).map(|least| json!(least - 1)));
        wrong.extend(schema["maximum"].as_i64().filter(|most| *most < i64::MAX).map(|most| json!(most + 1)));
    }
    if kinds.contains(&"string") {
        if schema["enum"].is_array() || schema["pattern"].is_string() {
            wrong.extend([json!(""), json!("nonsense!")]);
        }
        if let Some(most) = schema["maxLength"].as_u64() {
            wrong.push(json!("x".repeat(usize::try_from(most).unwrap_or_default() + 1)));
        }
    }
    if let Some(most) = schema["maxItems"].as_u64() {
        wrong.push(json!(vec![Map::new(); usize::try_from(most).unwrap_or_default() + 1]));
    }
    wrong
}
