//! What a person reads in the terminal after a start.

use std::io::Write as _;

use config::{Config, Effects, Mode};
use secrecy::ExposeSecret as _;

use super::first_user::FirstUser;

/// Prints it. A password that was made at this start is in it, this once; it never passes the log.
pub(super) fn print(config: &Config, agents_url: &str, console_url: Option<&str>, first_user: &FirstUser) {
    let text = text(config, agents_url, console_url, first_user);
    // A closed terminal is no reason to stop.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn text(config: &Config, agents_url: &str, console_url: Option<&str>, first_user: &FirstUser) -> String {
    let mode = match config.mode {
        Mode::Rehearsal => "REHEARSAL: the shop, the payments, the printer and the models are simulated",
        Mode::Live => "LIVE",
    };
    let effects = match config.effects {
        Effects::On => "",
        Effects::Off => "\n  effects    OFF: every change is recorded and none is sent",
    };
    let console =
        console_url.map(|url| format!("\n  console    {url}{}", sign_in(config, first_user))).unwrap_or_default();
    let next = match config.mode {
        Mode::Rehearsal => {
            "\n\nAn order arrives by itself within seconds. In another terminal:\n  holly tickets list\n  holly tickets \
             approve <id>\n\n(`cargo xtask run -- tickets list` does the same from the source tree.) Stop with Ctrl-C.\n"
        }
        Mode::Live => "\n\nStop with Ctrl-C.\n",
    };
    format!(
        "\nHolly Grace is running.\n  mode       {mode}{effects}{console}\n  agents API {agents_url}\n  data       {}{next}",
        config.data_dir.display()
    )
}

fn sign_in(config: &Config, first_user: &FirstUser) -> String {
    match first_user {
        FirstUser::Made { email, password } => format!(
            "\n             sign in as {email} with the password {}\n             (shown once; `holly user password --show` \
             shows it again)",
            password.expose_secret()
        ),
        FirstUser::There if config.mode == Mode::Rehearsal => {
            "\n             `holly user password --show` shows how to sign in".to_owned()
        }
        FirstUser::There => String::new(),
        FirstUser::Nobody => {
            "\n             nobody can sign in yet; add somebody with: holly user add EMAIL --role admin".to_owned()
        }
    }
}
