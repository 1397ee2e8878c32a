//! Stdout behind the redactor.

use std::io;
use std::sync::Arc;

use domain::guardrails::Redactor;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

/// Writes whole lines, redacted.
#[derive(Debug, Clone)]
pub(super) struct Stdout {
    redactor: Arc<Redactor>,
    json: bool,
}

impl Stdout {
    /// `json`: the lines are JSON and are to stay so.
    pub(super) fn new(redactor: Arc<Redactor>, json: bool) -> Self {
        Self { redactor, json }
    }
}

impl<'a> MakeWriter<'a> for Stdout {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Stdout {
    /// Takes one line at a time, as the formatter hands them over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::Write::write_all(&mut io::stdout().lock(), redacted(&self.redactor, self.json, &text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut io::stdout().lock())
    }
}

/// `line` without secrets. JSON is redacted member by member, because a shape found across members would break it.
fn redacted(redactor: &Redactor, json: bool, line: &str) -> String {
    if json && let Ok(mut value) = serde_json::from_str::<Value>(line) {
        // Without a finding the line stays as it was written, order of members included.
        return if redactor.redact_json(&mut value).is_empty() { line.to_owned() } else { format!("{value}\n") };
    }
    redactor.redact(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(["a-very-secret-value".to_owned()])
    }

    #[test]
    fn a_secret_leaves_neither_in_json_nor_in_text() {
        let key = format!("sk_{}_{}", "test", "F".repeat(24));
        let json =
            format!("{{\"level\":\"INFO\",\"message\":\"key {key}\",\"span\":{{\"x\":\"a-very-secret-value\"}}}}\n");
        let line = redacted(&redactor(), true, &json);
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["message"], "key [REDACTED_STRIPE_KEY]");
        assert!(!line.contains("a-very-secret-value") && line.ends_with('\n'), "{line}");
        assert!(!redacted(&redactor(), false, &format!("INFO key {key}\n")).contains(&key));
    }

    #[test]
    fn a_line_without_secrets_is_not_touched() {
        let line = "{\"timestamp\":\"t\",\"level\":\"INFO\",\"fields\":1}\n";
        assert_eq!(redacted(&redactor(), true, line), line);
    }
}
