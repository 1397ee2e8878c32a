//! `runtime.json` of the data folder: where a running server is.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use anyhow::Context as _;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the file.
const FILE: &str = "runtime.json";

/// What a server writes when it answers, and removes when it stops.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Runtime {
    /// Process id.
    #[serde(default)]
    pub(crate) pid: Option<u32>,
    /// When it began to answer.
    #[serde(default)]
    pub(crate) started_at: Option<Timestamp>,
    /// `rehearsal` or `live`.
    #[serde(default)]
    pub(crate) mode: Option<String>,
    /// `on` or `off`.
    #[serde(default)]
    pub(crate) effects: Option<String>,
    /// The agents API.
    pub(crate) agents_url: String,
    /// The console.
    #[serde(default)]
    pub(crate) console_url: Option<String>,
    /// Control of the rehearsal world.
    #[serde(default)]
    pub(crate) rehearsal_url: Option<String>,
    /// Upstreams played by the world, with their addresses.
    #[serde(default)]
    pub(crate) upstreams: BTreeMap<String, String>,
}

impl Runtime {
    /// Reads the file; none when no server runs on that folder.
    pub(crate) fn read(data_dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = data_dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let runtime = serde_json::from_str(&text);
        runtime.map(Some).with_context(|| format!("{} is not what a running server writes", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_running_server_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Runtime::read(folder.path()).unwrap(), None);
        let text = r#"{"pid":7,"started_at":"2026-01-01T00:00:00Z","mode":"rehearsal","effects":"on",
            "agents_url":"http://127.0.0.1:1","console_url":null,"rehearsal_url":"http://127.0.0.1:2",
            "upstreams":{"shopify":"http://127.0.0.1:3"},"later":1}"#;
        fs::write(folder.path().join(FILE), text).unwrap();
        let runtime = Runtime::read(folder.path()).unwrap().unwrap();
        assert_eq!((runtime.pid, runtime.agents_url.as_str()), (Some(7), "http://127.0.0.1:1"));
        assert_eq!(runtime.upstreams["shopify"], "http://127.0.0.1:3");
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(Runtime::read(folder.path()).unwrap_err().to_string().contains(FILE));
    }
}
