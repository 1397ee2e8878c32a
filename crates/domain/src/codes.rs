//! The register of error codes: every refusal that leaves the program over its API carries one of these names.
//!
//! A code never changes its meaning and is never reused; a new refusal gets a new one. Each has a page
//! `docs/errors/<code>.md` that says what happened and how to get out of it, and a test holds register and pages
//! together both ways. What status a code is answered with follows from its [`Class`]; no caller chooses it.

use std::fmt;

/// The kind of refusal; decides the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The request is malformed (400).
    Malformed,
    /// Nobody knows who is asking (401).
    Unauthenticated,
    /// The asker may not (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// The thing exists, the method does not (405).
    MethodNotAllowed,
    /// The request did not arrive in time (408).
    TooSlow,
    /// A lost race, or the present state excludes the action (409).
    Conflict,
    /// The body is too large (413).
    TooLarge,
    /// The request line is too long (414).
    LineTooLong,
    /// The body is of another media type (415).
    MediaType,
    /// Well formed, but breaks a rule (422).
    Rule,
    /// Only a WebSocket handshake is answered here (426).
    UpgradeRequired,
    /// Too many requests (429).
    RateLimited,
    /// The headers are too large (431).
    HeadersTooLarge,
    /// A fault of ours (500).
    Internal,
    /// Something that is needed is down (503).
    Unavailable,
    /// The work took longer than its time (504).
    TakesLonger,
}

impl Class {
    /// The HTTP status.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooSlow => 408,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::LineTooLong => 414,
            Self::MediaType => 415,
            Self::Rule => 422,
            Self::UpgradeRequired => 426,
            Self::RateLimited => 429,
            Self::HeadersTooLarge => 431,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::TakesLonger => 504,
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $class:ident, $message:literal;)+) => {
        /// The stable name of one refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// All of them, in the order of the register.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in answers and in the documentation.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The kind of refusal.
            #[must_use]
            pub const fn class(self) -> Class {
                match self {
                    $(Self::$variant => Class::$class,)+
                }
            }

            /// The sentence that is used when nothing more exact is known.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)+
                }
            }
        }
    };
}

codes! {
    /// The path is not one clean path.
    InvalidPath = "invalid_path", Malformed, "The path must not contain `..`, `//`, encoded slashes or control characters";
    /// A query parameter is wrong.
    InvalidQuery = "invalid_query", Malformed, "Invalid query parameter";
    /// A header that the route reads is wrong.
    InvalidHeader = "invalid_header", Malformed, "Invalid request header";
    /// The body is no JSON.
    InvalidJson = "invalid_json", Malformed, "Invalid JSON in request body";
    /// The body is JSON, but a member is missing, of the wrong type or unknown.
    InvalidBody = "invalid_body", Malformed, "Invalid request body";
    /// The body or the query contains a NUL character.
    NulCharacter = "nul_character", Malformed, "NUL characters are not accepted";
    /// The body nests too deep.
    JsonTooDeep = "json_too_deep", Malformed, "JSON is nested more than 64 levels deep";
    /// Edited parameters fail the schema of the tool.
    InvalidParams = "invalid_params", Malformed, "Edited parameters do not fit the tool";

    /// No token came along.
    AuthenticationRequired = "authentication_required", Unauthenticated, "Authentication required";
    /// A token came along that does not count.
    InvalidCredentials = "invalid_credentials", Unauthenticated, "Invalid or expired credentials";
    /// E-mail and password do not belong together, or the user may not sign in.
    LoginRefused = "login_refused", Unauthenticated, "Invalid credentials";
    /// The signature of a webhook is missing or wrong.
    InvalidSignature = "invalid_signature", Unauthenticated, "Missing or invalid signature";
    /// The role is too low.
    Forbidden = "forbidden", Forbidden, "Forbidden";

    /// A page of another origin tried to change something.
    OriginNotAllowed = "origin_not_allowed", Forbidden, "Origin not allowed";

    /// There is no such route or object.
    NotFound = "not_found", NotFound, "Not found";
    /// There is no such run.
    RunNotFound = "run_not_found", NotFound, "Run not found";
    /// There is no such run, or it has no checkpoint yet.
    SnapshotNotAvailable = "snapshot_not_available", NotFound, "Snapshot not available";
    /// The run has no such checkpoint.
    CheckpointNotFound = "checkpoint_not_found", NotFound, "The run has no such checkpoint";
    /// There is no such ticket.
    TicketNotFound = "ticket_not_found", NotFound, "Ticket not found";
    /// There is no such effect.
    EffectNotFound = "effect_not_found", NotFound, "Effect not found";
    /// There is no such order.
    OrderNotFound = "order_not_found", NotFound, "Order not found";
    /// There is no such agent.
    AgentNotFound = "agent_not_found", NotFound, "Agent not found";
    /// There is no such workflow.
    WorkflowNotFound = "workflow_not_found", NotFound, "Workflow not found";
    /// The agent or workflow never had this version.
    VersionNotFound = "version_not_found", NotFound, "Version not found";
    /// The agent did not come with the product.
    DefaultNotFound = "default_not_found", NotFound, "No default";
    /// There is no such job.
    JobNotFound = "job_not_found", NotFound, "Job not found";
    /// There is no such entry, or it came to a good end.
    DeadLetterNotFound = "dead_letter_not_found", NotFound, "DLQ entry not found or already resolved";
    /// No such trace.
    TraceNotFound = "trace_not_found", NotFound, "Trace not found";
    /// No such span, or its contents were not kept.
    SpanNotFound = "span_not_found", NotFound, "Span not found, or its contents are not kept";
    /// The route knows other methods only.
    MethodNotAllowed = "method_not_allowed", MethodNotAllowed, "Method not allowed";
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", TooSlow, "The request body did not arrive in time";

    /// The ticket was decided by somebody else.
    TicketDecided = "ticket_decided", Conflict, "Ticket already decided";
    /// The ticket ran out.
    TicketExpired = "ticket_expired", Conflict, "Ticket expired";
    /// The ticket belongs to another checkpoint than the one looked at.
    TicketStale = "ticket_stale", Conflict, "Stale ticket";
    /// The run does not wait, or waits for another ticket.
    RunNotWaiting = "run_not_waiting", Conflict, "Run is not waiting for this ticket";
    /// The run has ended.
    RunEnded = "run_ended", Conflict, "The run has ended";
    /// The run has not ended.
    RunNotEnded = "run_not_ended", Conflict, "The run has not ended";
    /// The last fire of the job has not ended.
    JobRunning = "job_running", Conflict, "The job is already running";
    /// A retry of the entry is in flight.
    RetryRunning = "retry_running", Conflict, "A retry of this entry is already running";
    /// What would be sent is no longer what the ticket shows.
    PayloadChanged = "payload_changed", Conflict, "The proposed call changed; a new ticket is needed";
    /// The idempotency key belongs to another request.
    IdempotencyKeyReused = "idempotency_key_reused", Conflict, "Idempotency key was used with another body";

    /// The body exceeds the limit of the route.
    BodyTooLarge = "body_too_large", TooLarge, "Request body too large";
    /// The request line exceeds its limit.
    RequestLineTooLong = "request_line_too_long", LineTooLong, "Request line too long";
    /// The headers exceed their limit.
    HeadersTooLarge = "headers_too_large", HeadersTooLarge, "Request headers too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType = "unsupported_media_type", MediaType, "Content-Type must be application/json";

    /// A value breaks a rule; the answer lists which.
    RuleBroken = "rule_broken", Rule, "The request breaks a rule";
    /// The workflow does not exist, is a draft, or cannot be started from outside.
    UnknownWorkflow = "unknown_workflow", Rule, "Unknown workflow";
    /// Edited parameters would make the call riskier than the ticket.
    RiskRaised = "risk_raised", Rule, "The edit raises the risk";

    /// The path only takes WebSocket handshakes.
    UpgradeRequired = "upgrade_required", UpgradeRequired, "This path only takes WebSocket handshakes (version 13)";

    /// Too many requests from one caller.
    RateLimited = "rate_limited", RateLimited, "Rate limit exceeded";

    /// The retry of a dead letter failed; the entry says why.
    RetryFailed = "retry_failed", Internal, "Retry failed";
    /// A fault of ours; the log has the details under the same trace id.
    Internal = "internal", Internal, "Internal error";
    /// The database cannot be reached.
    DatabaseUnavailable = "database_unavailable", Unavailable, "Database unavailable";
    /// Nobody can sign in, because there is no user.
    LoginNotConfigured = "login_not_configured", Unavailable, "Login is not configured";
    /// Too many requests are under way in this process.
    ConsoleBusy = "console_busy", Unavailable, "Console is busy";
    /// The answer was not ready in time.
    TimedOut = "timed_out", TakesLonger, "The answer was not ready in time";
    /// The run goes on; the caller was not kept waiting for it any longer.
    RunNotFinished = "run_not_finished", TakesLonger, "The run is not finished yet; it goes on";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_a_short_lower_case_name_and_stands_once() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            assert!(name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        }
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        let pages: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .collect();
        let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
        assert_eq!(codes, pages, "left: the register in this file; right: the pages in docs/errors");
    }

    #[test]
    fn every_page_opens_with_its_code_and_its_status() {
        for code in Code::ALL {
            let path = format!("{}/../../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
            let page = std::fs::read_to_string(&path).unwrap();
            let title = format!("# {code} ({})\n", code.class().http_status());
            assert!(page.starts_with(&title), "{path} must open with `{}`", title.trim_end());
        }
    }
}
