//! Why a command ends badly: what the person reads and what the shell gets to know.

use std::io;

use config::ConfigErrors;
use net::NetError;

use crate::output::plain;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The server does not answer.
    Unreachable = 69,
    /// The configuration is wrong.
    Configuration = 78,
}

/// A failure that knows its exit code or its remedy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Arguments that fit one by one and not together.
    #[error("{0}")]
    Usage(String),
    /// No connection, or no answer on it.
    #[error("{what} does not answer at {url}")]
    Unreachable {
        /// `the server`, `the rehearsal world`.
        what: &'static str,
        /// Where it was looked for.
        url: String,
        /// What the client saw.
        #[source]
        source: NetError,
    },
    /// There is nothing to call.
    #[error("{0}")]
    NotRunning(String),
    /// The server said no.
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    /// An answer with an error status whose body was already shown.
    #[error("the server answered {0}")]
    Answered(u16),
    /// An answer in a shape that is not understood.
    #[error("the answer is not understood")]
    Strange(#[source] serde_json::Error),
    /// It went as told above, which is not well.
    #[error("{0}")]
    Bad(String),
}

/// What the server's error body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The sentence.
    pub(crate) message: String,
    /// HTTP status.
    pub(crate) status: u16,
    /// Stable name; empty when the body had none.
    pub(crate) code: String,
    /// By which the log line is found.
    pub(crate) trace_id: Option<String>,
    /// Members or rules that are wrong.
    pub(crate) details: Vec<String>,
}

/// A failure as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// Lines for stderr; empty when there is nothing to say.
    pub(crate) lines: Vec<String>,
    /// The exit code.
    pub(crate) exit: Exit,
}

/// Turns a failure into its report. The whole chain is rendered here and nowhere else.
pub(crate) fn report(error: &anyhow::Error) -> Report {
    if is_closed_pipe(error) {
        // Whoever read our output has seen enough (`holly runs list | head`).
        return Report { lines: Vec::new(), exit: Exit::Done };
    }
    if let Some(errors) = error.chain().find_map(|cause| cause.downcast_ref::<ConfigErrors>()) {
        return configuration(errors);
    }
    let mut lines = vec![format!("error: {}", plain(&error.to_string()))];
    lines.extend(causes(error).into_iter().map(|cause| format!("cause: {}", plain(&cause))));
    let failure = error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
    let exit = failure.map_or(Exit::Failed, Failure::exit);
    if let Some(failure) = failure {
        lines.extend(failure.causes().into_iter().map(|cause| format!("cause: {}", plain(&cause))));
        lines.extend(failure.remedy().map(|remedy| format!("remedy: {remedy}")));
    }
    Report { lines, exit }
}

fn configuration(errors: &ConfigErrors) -> Report {
    let count = errors.problems.len();
    let noun = if count == 1 { "problem" } else { "problems" };
    let mut lines = vec![format!("error: the configuration has {count} {noun}")];
    for problem in &errors.problems {
        lines.push(format!("cause: {} {}", problem.name, problem.what));
        lines.push(format!("remedy: {}", problem.remedy));
    }
    lines.push("remedy: see docs/configuration.md, or run `holly config --explain`".to_owned());
    Report { lines, exit: Exit::Configuration }
}

/// The chain below the error itself. What a client library says between its own failure and the system's is left out:
/// it names layers that nobody can act on.
fn causes(error: &anyhow::Error) -> Vec<String> {
    let chain: Vec<_> = error.chain().skip(1).collect();
    let net = chain.iter().position(|cause| cause.downcast_ref::<NetError>().is_some());
    let told = net.map_or(chain.len(), |at| at + 1);
    let root = chain.last().filter(|_| chain.len() > told);
    chain[..told].iter().chain(root).map(ToString::to_string).collect()
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let pipe = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<OutputClosed>().is_some() || error.downcast_ref::<io::Error>().is_some_and(pipe)
}

/// The reader of our output went away.
#[derive(Debug, thiserror::Error)]
#[error("the output was closed")]
pub(crate) struct OutputClosed;

impl Failure {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Unreachable { .. } | Self::NotRunning(_) => Exit::Unreachable,
            Self::Refused(_) | Self::Answered(_) | Self::Strange(_) | Self::Bad(_) => Exit::Failed,
        }
    }

    fn causes(&self) -> Vec<String> {
        let Self::Refused(refusal) = self else { return Vec::new() };
        let mut causes = refusal.details.clone();
        let code = if refusal.code.is_empty() { String::new() } else { format!(" ({})", refusal.code) };
        let trace = refusal.trace_id.as_ref().map_or_else(String::new, |id| format!(", trace {id}"));
        causes.push(format!("the server answered {}{code}{trace}", refusal.status));
        causes
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } | Self::NotRunning(_) => {
                Some("is it running? start it with: holly (or name it with --data-dir or --url)".to_owned())
            }
            Self::Usage(_) => Some("see holly --help".to_owned()),
            Self::Strange(_) => Some("server and command should be of the same version".to_owned()),
            Self::Refused(refusal) => refusal.remedy(),
            Self::Answered(_) | Self::Bad(_) => None,
        }
    }
}

impl Refusal {
    fn remedy(&self) -> Option<String> {
        Some(match self.code.as_str() {
            "invalid_credentials" | "authentication_required" => {
                "tokens are signed with this folder's AUTH_SECRET_KEY; name the server's own folder with --data-dir"
                    .to_owned()
            }
            "forbidden" => "call it with a higher role: --as admin".to_owned(),
            "ticket_stale" | "ticket_decided" | "ticket_expired" | "payload_changed" => {
                "look at it again with: holly tickets show NUMBER".to_owned()
            }
            "rate_limited" => "wait a minute, or raise HOLLY_RATE_READS and its sisters".to_owned(),
            _ if self.status >= 500 => "the server's log says more; look for the trace".to_owned(),
            // The rehearsal world says all it has to say in its sentence.
            "" => return None,
            code => format!("see docs/errors/{code}.md"),
        })
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use net::NotSent;

    use super::*;

    fn refused() -> NetError {
        NetError::NotSent { service: "holly", reason: NotSent::Connect, source: None }
    }

    fn exit_of(failure: Failure) -> Exit {
        report(&anyhow::Error::new(failure)).exit
    }

    fn refusal(code: &str, details: &[&str]) -> Failure {
        Failure::Refused(Box::new(Refusal {
            message: "Ticket already decided".into(),
            status: 409,
            code: code.into(),
            trace_id: Some("t1".into()),
            details: details.iter().map(|text| (*text).to_owned()).collect(),
        }))
    }

    #[test]
    fn every_kind_of_failure_has_the_exit_code_that_scripts_rely_on() {
        let unreachable = Failure::Unreachable { what: "the server", url: "http://x".into(), source: refused() };
        assert_eq!(exit_of(unreachable) as u8, 69);
        assert_eq!(exit_of(Failure::NotRunning("no world".into())) as u8, 69);
        assert_eq!(exit_of(Failure::Usage("no".into())) as u8, 2);
        assert_eq!(exit_of(refusal("ticket_decided", &[])) as u8, 1);
        assert_eq!(exit_of(Failure::Answered(500)) as u8, 1);
        assert_eq!(report(&anyhow::anyhow!("anything else")).exit as u8, 1);
    }

    #[test]
    fn the_chain_is_printed_once_with_its_remedy() {
        let failure = Failure::Unreachable { what: "the server", url: "http://x".into(), source: refused() };
        let error = Err::<(), _>(failure).context("cannot list runs").unwrap_err();
        assert_eq!(
            report(&error).lines,
            [
                "error: cannot list runs",
                "cause: the server does not answer at http://x",
                "cause: holly: no connection",
                "remedy: is it running? start it with: holly (or name it with --data-dir or --url)",
            ]
        );
    }

    #[test]
    fn a_refusal_tells_members_status_code_and_trace() {
        let lines = report(&anyhow::Error::new(refusal("ticket_decided", &["size: is required"]))).lines;
        assert_eq!(
            lines,
            [
                "error: Ticket already decided",
                "cause: size: is required",
                "cause: the server answered 409 (ticket_decided), trace t1",
                "remedy: look at it again with: holly tickets show NUMBER",
            ]
        );
    }

    #[test]
    fn a_wrong_configuration_lists_every_problem_with_its_remedy() {
        let source = config::EnvSource::fixed("/nowhere", [("PORT", "many"), ("HOLLY_MODE", "sometimes")]);
        let error = anyhow::Error::new(config::Config::load(&source).unwrap_err());
        let report = report(&error);
        assert_eq!(report.exit as u8, 78);
        assert_eq!(report.lines[0], "error: the configuration has 2 problems");
        assert_eq!(report.lines.iter().filter(|line| line.starts_with("cause: ")).count(), 2);
        assert!(report.lines.iter().all(|line| !line.contains("sometimes")), "{:?}", report.lines);
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        let report = report(&anyhow::Error::new(OutputClosed));
        assert_eq!((report.exit, report.lines.len()), (Exit::Done, 0));
    }

    #[test]
    fn text_of_a_server_cannot_break_out_of_its_line() {
        let lines = report(&anyhow::anyhow!("a\nerror: b\u{1b}[2J")).lines;
        assert_eq!(lines, ["error: a error: b [2J"]);
    }
}
