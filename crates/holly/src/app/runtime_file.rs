//! `runtime.json` in the data folder: where this process listens, for the command line and for scripts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use config::{Config, Effects};
use domain::time::{Timestamp, to_text};
use serde_json::json;

use super::world::Rehearsed;

/// An address that clients on this machine can use: a wildcard becomes loopback.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

fn path(config: &Config) -> PathBuf {
    config.data_dir.join("runtime.json")
}

/// Writes the file, whole or not at all.
pub(super) fn write(
    config: &Config,
    agents_url: &str,
    console_url: Option<&str>,
    world: Option<&Rehearsed>,
    now: Timestamp,
) -> io::Result<()> {
    let upstreams: BTreeMap<String, String> = world.map(|world| world.handle.urls.clone()).unwrap_or_default();
    let text = json!({
        "pid": std::process::id(),
        "started_at": to_text(now),
        "mode": super::mode_name(config.mode),
        "effects": if config.effects == Effects::On { "on" } else { "off" },
        "agents_url": agents_url,
        "console_url": console_url,
        "rehearsal_url": world.map(|world| world.handle.control_url.clone()),
        "upstreams": upstreams,
    });
    fs::create_dir_all(&config.data_dir)?;
    let temporary = config.data_dir.join("runtime.json.new");
    fs::write(&temporary, text.to_string())?;
    fs::rename(temporary, path(config))
}

/// Removes the file after a clean stop.
pub(super) fn remove(config: &Config) {
    if let Err(error) = fs::remove_file(path(config)) {
        tracing::debug!(%error, "runtime.json was not removed");
    }
}
