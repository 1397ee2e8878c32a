//! Logs and traces.

use secrecy::SecretString;

use crate::mode::LogFormat;
use crate::parse;
use crate::setting::Setting;

settings! {
    /// Logs and traces. Traces and costs in the console come from our own tables and need none of these.
    Telemetry, "Logs and traces" {
        /// Which log lines are written.
        value log: String = Setting::new("HOLLY_LOG").default("info"), parse::LOG_FILTER;
        /// Shape of the log lines.
        value log_format: LogFormat = Setting::new("HOLLY_LOG_FORMAT").default("json"), parse::LOG_FORMAT;
        /// Puts prompts and answers, redacted, into traces.
        value trace_content: bool = Setting::new("HOLLY_TRACE_CONTENT").default("0"), parse::BOOL;
        /// Key of LangSmith.
        option langsmith_api_key: SecretString = Setting::new("LANGSMITH_API_KEY").secret(), parse::API_KEY;
        /// Sends traces to LangSmith.
        value langsmith_tracing_v2: bool = Setting::new("LANGSMITH_TRACING_V2").default("0"), parse::BOOL;
        /// The same; either one suffices.
        value langsmith_tracing: bool = Setting::new("LANGSMITH_TRACING").default("0"), parse::BOOL;
        /// Project in LangSmith.
        value langsmith_project: String = Setting::new("LANGSMITH_PROJECT").default("holly-grace"), parse::TEXT;
        /// Address of LangSmith; regions have their own.
        value langsmith_endpoint: String = Setting::new("LANGSMITH_ENDPOINT")
            .default("https://api.smith.langchain.com"), parse::SERVICE_URL;
        /// A further collector of traces.
        option otlp_endpoint: String = Setting::new("OTEL_EXPORTER_OTLP_ENDPOINT"), parse::SERVICE_URL;
        /// Headers for that collector, `name=value` with commas.
        option otlp_headers: SecretString = Setting::new("OTEL_EXPORTER_OTLP_HEADERS").secret(), parse::LOGIN;
    }
}
