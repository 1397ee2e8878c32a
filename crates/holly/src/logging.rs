//! Log lines: of a server to stdout as its settings say, of a command only warnings to stderr.

use std::io::{self, IsTerminal as _};

use config::{LogFormat, Telemetry};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Log lines of a server. Does nothing when they are set up already.
pub(crate) fn of_server(telemetry: &Telemetry) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&telemetry.log)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stdout);
    // An error means that somebody else was first, whose lines are as good.
    let _ = match telemetry.log_format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Pretty => lines.with_ansi(io::stdout().is_terminal()).try_init(),
    };
    Ok(())
}

/// Log lines of a command, whose stdout belongs to its answer.
pub(crate) fn of_command() {
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(io::stderr);
    let _ = lines.with_ansi(io::stderr().is_terminal()).without_time().with_target(false).try_init();
}
