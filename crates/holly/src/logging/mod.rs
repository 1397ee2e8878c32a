//! Log lines: of a server to stdout, to those who watch, and into the table of recent lines; of a command only warnings
//! to stderr.
//!
//! Every line is redacted on its way out, whoever wrote it: a library that logs a header or an address with a password
//! cannot leak it.

mod keep;
mod redact;
mod tap;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use clock::SystemClock;
use config::{Config, LogFormat, Source};
use domain::guardrails::Redactor;
use secrecy::ExposeSecret as _;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

pub(crate) use tap::Tap;

/// The redactor that knows the secrets of this configuration.
pub(crate) fn redactor(config: &Config) -> Arc<Redactor> {
    let values = config.secret_values().iter().map(|secret| secret.expose_secret().to_owned());
    Arc::new(Redactor::new(values))
}

/// Log lines of a server. Where nobody chose a format, a person in front of a terminal gets lines to read, and
/// everything else JSON. What [`Tap`] hands on does not depend on the level that stdout is set to.
///
/// # Errors
/// When the filter of the settings cannot be read.
pub(crate) fn of_server(config: &Config, format: Option<&Source>) -> anyhow::Result<Tap> {
    let telemetry = &config.groups.telemetry;
    let filter = EnvFilter::try_new(&telemetry.log)?;
    let redactor = redactor(config);
    let unset = matches!(format, None | Some(Source::Default));
    let chosen = if unset && io::stdout().is_terminal() { LogFormat::Pretty } else { telemetry.log_format };
    let writer = redact::Stdout::new(Arc::clone(&redactor), chosen == LogFormat::Json);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = match chosen {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Pretty => lines.with_ansi(io::stdout().is_terminal()).boxed(),
    };
    let tap = Tap::new(redactor, Arc::new(SystemClock::new()));
    let registry = tracing_subscriber::registry();
    // An error means that somebody else was first, whose lines are as good.
    let _ = registry.with(lines.with_filter(filter)).with(tap.layer().with_filter(LevelFilter::INFO)).try_init();
    Ok(tap)
}

/// Log lines of a command, whose stdout belongs to its answer.
pub(crate) fn of_command() {
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(io::stderr);
    let _ = lines.with_ansi(io::stderr().is_terminal()).without_time().with_target(false).try_init();
}
