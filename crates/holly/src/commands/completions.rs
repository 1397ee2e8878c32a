//! `holly completions`: prints a completion script.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script; a shell sources it.
pub(crate) fn run(session: &Session, args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "holly", &mut script);
    session.out.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
