//! Log lines: of a server to stdout as its settings say, of a command only warnings to stderr.

use std::io::{self, IsTerminal as _};

use config::{LogFormat, Source, Telemetry};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Log lines of a server. Does nothing when they are set up already. Where nobody chose a format, a person in front of a
/// terminal gets lines to read, and everything else JSON.
pub(crate) fn of_server(telemetry: &Telemetry, format: Option<&Source>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&telemetry.log)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stdout);
    // An error means that somebody else was first, whose lines are as good.
    let unset = matches!(format, None | Some(Source::Default));
    let chosen = if unset && io::stdout().is_terminal() { LogFormat::Pretty } else { telemetry.log_format };
    let _ = match chosen {
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
