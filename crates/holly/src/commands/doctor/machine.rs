//! This machine: data folder, secrets, clock, ports.

use std::fs;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use config::{Config, Mode, Upstream, Warning, Wiring};
use domain::time::Timestamp;
use net::{NetError, Reply, Request};

use super::check::{Check, Part, Who};
use super::server::Server;
use super::ways::{self, Way};
use crate::session::Session;

/// Webhooks carry their moment; one that is further off is refused.
const CLOCK_FAIL: TimeDelta = TimeDelta::seconds(300);
/// Further off, it is worth setting right.
const CLOCK_WARN: TimeDelta = TimeDelta::seconds(30);
/// No clock of a machine that runs this version shows an earlier moment.
const RELEASED: i64 = 1_767_225_600;

fn real(name: &'static str, found: impl Into<String>) -> Check {
    Check::ok(Part::Machine, name, Who::Real, found)
}

/// The settings as they were loaded. That nothing says which mode is the normal state of a rehearsal.
pub(super) fn settings(warnings: &[Warning]) -> Check {
    let worth: Vec<_> = warnings.iter().filter(|warning| warning.name != "HOLLY_MODE").collect();
    let check = real("settings", "complete");
    match worth.as_slice() {
        [] => check,
        [one] => check.warn("1 warning", told(one)),
        many => {
            let text = many.iter().map(|warning| told(warning)).collect::<Vec<_>>().join("; ");
            check.warn(format!("{} warnings", many.len()), text)
        }
    }
}

/// The text of a warning goes on from the name of its setting.
fn told(warning: &Warning) -> String {
    format!("{} {}", warning.name, warning.text)
}

/// Whether this user may write there, and only this user may read.
pub(super) fn data_folder(config: &Config) -> Check {
    let folder = &config.data_dir;
    let check = real("data folder", "writable, for this user alone");
    let shown = folder.display();
    match writable(folder) {
        Ok(true) => {}
        Ok(false) => return real("data folder", "made by the first start"),
        Err(error) => {
            let remedy = format!("give this user the folder {shown}, or name another with HOLLY_DATA_DIR");
            return check.fail(format!("cannot be written ({})", error.kind()), remedy);
        }
    }
    let open = [folder.to_path_buf(), folder.join("secrets.json")].into_iter().find(|path| others_may_read(path));
    match open {
        Some(path) => check.warn("others on this machine may read it", format!("chmod go-rwx {}", path.display())),
        None => check,
    }
}

/// Writes and removes a file; false when there is no folder yet.
fn writable(folder: &Path) -> io::Result<bool> {
    if !folder.try_exists()? {
        return Ok(false);
    }
    let file = folder.join(format!("doctor-{}.tmp", std::process::id()));
    fs::write(&file, b"")?;
    fs::remove_file(&file)?;
    Ok(true)
}

#[cfg(unix)]
fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_path: &Path) -> bool {
    false
}

/// Our own signing keys. The keys of the upstreams are tried where the upstreams are.
pub(super) fn secrets(config: &Config) -> Check {
    let secrets = &config.secrets;
    let webhooks = [
        (Upstream::Shopify, &secrets.shopify_webhook, "SHOPIFY_WEBHOOK_SECRET"),
        (Upstream::Stripe, &secrets.stripe_webhook, "STRIPE_WEBHOOK_SECRET"),
        (Upstream::Printful, &secrets.printful_webhook, "PRINTFUL_WEBHOOK_SECRET"),
    ];
    let missing: Vec<_> = webhooks.iter().filter(|(_, secret, _)| secret.is_none()).map(|(_, _, name)| *name).collect();
    if missing.is_empty() {
        let from = if config.mode == Mode::Rehearsal {
            "signing key and webhook secrets"
        } else {
            "signing key and 3 webhook secrets"
        };
        return real("secrets", format!("{from} are there"));
    }
    let check = real("secrets", "");
    let names = missing.join(", ");
    check.warn(
        format!("{} of 3 webhook secrets are missing", missing.len()),
        format!(
            "set {names}: without it each webhook of that sender is refused, and orders are found by polling alone"
        ),
    )
}

/// The clock, against an upstream's when a real one is at hand.
pub(super) async fn clock(session: &Session, config: &Config) -> Check {
    let now = session.clock.now();
    if now.timestamp() < RELEASED {
        return real("clock", "")
            .fail(format!("shows {}", now.date_naive()), "set the clock of this machine, e.g. by NTP");
    }
    let check = real("clock", "plausible; no real upstream to compare it with");
    let Some((name, way)) = reference(session, config) else { return check };
    let began = session.clock.monotonic();
    let Some(theirs) = date_of(&way).await else { return check.note(format!("{name} told no time to compare with")) };
    let took = session.clock.monotonic().saturating_sub(began);
    judge_clock(check, session.clock.now() - theirs, took, name).took(took)
}

fn judge_clock(check: Check, off: TimeDelta, took: Duration, name: &str) -> Check {
    let seconds = off.num_seconds();
    // Their second was cut, and the answer was on its way.
    let off = off.abs() - TimeDelta::from_std(took).unwrap_or_default() - TimeDelta::seconds(1);
    let found = format!("{} s {} {name}'s", seconds.abs(), if seconds < 0 { "behind" } else { "ahead of" });
    let remedy = "set the clock of this machine, e.g. by NTP: webhooks more than 300 s off are refused";
    match off {
        off if off > CLOCK_FAIL => check.fail(found, remedy),
        off if off > CLOCK_WARN => check.warn(found, remedy),
        _ => Check { found: format!("agrees with {name}'s"), ..check },
    }
}

/// A real upstream, whose answers carry its time.
fn reference(session: &Session, config: &Config) -> Option<(&'static str, Way)> {
    let all = [Upstream::Stripe, Upstream::Shopify, Upstream::Printful, Upstream::OpenAi, Upstream::Anthropic];
    let real = all.into_iter().find(|upstream| matches!(config.wiring(*upstream), Wiring::Real { .. }))?;
    let way = ways::of(session, config, real, None).ok().flatten()?;
    Some((real.as_str(), way))
}

/// The `Date` of whatever answer comes; no credential is sent.
async fn date_of(way: &Way) -> Option<Timestamp> {
    let read = |reply: &Reply| DateTime::parse_from_rfc2822(reply.header("date")?).ok().map(|at| at.to_utc());
    match tokio::time::timeout(ways::LIMIT, way.upstream.send("date", Request::get("/"))).await.ok()? {
        Ok(reply) => read(&reply),
        Err(NetError::Status { reply, .. }) => read(&reply),
        Err(_) => None,
    }
}

/// The two ports: held by the running server, or free for the next one.
pub(super) fn ports(config: &Config, server: &Server) -> Vec<Check> {
    let (agents, console) = (&config.groups.server, &config.groups.console);
    vec![
        port("agents port", (agents.host, agents.port), "PORT", server.agents_url()),
        port("console port", (console.host, console.port), "HOLLY_CONSOLE_PORT", server.console_url()),
    ]
}

fn port(name: &'static str, address: (IpAddr, u16), setting: &str, held: Option<&str>) -> Check {
    if let Some(url) = held {
        return real(name, format!("the running server is at {url}"));
    }
    let (host, number) = address;
    match TcpListener::bind(address) {
        Ok(_) if number == 0 => real(name, "any free one will be taken"),
        Ok(_) => real(name, format!("{host}:{number} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => real(name, "").fail(
            format!("{host}:{number} is taken by another program"),
            format!("stop that program, or set {setting} to a free port (0 takes any)"),
        ),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => real(name, "").fail(
            format!("{host}:{number} may not be opened by this user"),
            format!("set {setting} to a port above 1023, or grant this user the right to open it"),
        ),
        Err(error) => real(name, "").fail(
            format!("{host}:{number} cannot be opened ({})", error.kind()),
            format!("see that {host} is an address of this machine, and set {setting}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_clock_is_judged_by_what_webhooks_tolerate() {
        let of = |seconds| judge_clock(real("clock", ""), TimeDelta::seconds(seconds), Duration::ZERO, "stripe");
        for (seconds, state) in
            [(0, State::Ok), (-31, State::Ok), (60, State::Warn), (-200, State::Warn), (400, State::Fail)]
        {
            assert_eq!(of(seconds).state, state, "{seconds}");
        }
        assert_eq!(of(-400).found, "400 s behind stripe's");
    }

    #[test]
    fn a_taken_port_comes_with_its_remedy() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = held.local_addr().unwrap();
        let check = port("agents port", (address.ip(), address.port()), "PORT", None);
        assert_eq!(check.state, State::Fail);
        assert!(check.remedy.unwrap().contains("set PORT to a free port"));
        assert_eq!(port("agents port", (address.ip(), 0), "PORT", None).state, State::Ok);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_read_is_worth_a_warning() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let source = config::EnvSource::fixed(folder.path(), [("HOLLY_DATA_DIR", "data")]);
        let config = Config::load(&source).unwrap().config;
        assert_eq!(data_folder(&config).state, State::Ok);
        fs::set_permissions(&config.data_dir, fs::Permissions::from_mode(0o755)).unwrap();
        let check = data_folder(&config);
        assert_eq!(check.state, State::Warn);
        assert!(check.remedy.unwrap().starts_with("chmod go-rwx "));
    }
}
