//! What every command is handed: settings, output, clock, and the ways to server and world.

use std::path::PathBuf;
use std::sync::Arc;

use clock::{SharedClock, SystemClock};
use config::{Config, EnvSource, Loaded, Mode, Source, explain};

use crate::cli::Globals;
use crate::client::{Address, Caller, Client, Runtime, World, agents_address};
use crate::failure::Failure;
use crate::output::{Form, Output};

/// One invocation.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Environment and `.env`, with what the command line overrides.
    pub(crate) env: EnvSource,
    /// Options of every command.
    pub(crate) globals: Globals,
    /// Standard output.
    pub(crate) out: Output,
    /// Time.
    pub(crate) clock: SharedClock,
}

impl Session {
    /// The invocation with these options.
    pub(crate) fn new(env: EnvSource, globals: Globals) -> Result<Self, Failure> {
        let env = match &globals.data_dir {
            Some(folder) => {
                let text = folder.to_str().ok_or_else(|| Failure::Usage("--data-dir is not valid UTF-8".into()))?;
                env.with("HOLLY_DATA_DIR", text)
            }
            None => env,
        };
        let clock: SharedClock = Arc::new(SystemClock::new());
        let form = if globals.json { Form::Json } else { Form::Words };
        let out = Output::standard(&env, form, clock.now());
        Ok(Self { env, globals, out, clock })
    }

    /// Reads the configuration.
    pub(crate) fn load(&self) -> anyhow::Result<Loaded> {
        Ok(Config::load(&self.env)?)
    }

    /// Where the server is: as named by `--url`, else by the running server, else by the settings.
    pub(crate) fn address(&self, runtime: Option<&Runtime>, config: &Config) -> Address {
        match &self.globals.url {
            Some(url) => Address::named(url),
            None => agents_address(runtime, config),
        }
    }

    /// Reads the configuration for a call. Loading makes the secrets of a rehearsal that has none; a command that only
    /// calls must not do that in whatever folder it is typed in, and no server would accept what it signs with them.
    pub(crate) fn load_for_call(&self) -> anyhow::Result<Loaded> {
        match unused_folder(&self.env).filter(|_| self.globals.url.is_none()) {
            Some(folder) => {
                let text = format!("no server has run on the data folder {}", folder.display());
                Err(Failure::NotRunning(text).into())
            }
            None => self.load(),
        }
    }

    /// The server, called in the role that was asked for.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let config = self.load_for_call()?.config;
        let runtime = if self.globals.url.is_some() { None } else { Runtime::read(&config.data_dir)? };
        let caller = Caller::new(&config.secrets, &self.env, self.globals.role)?;
        Client::new(&self.address(runtime.as_ref(), &config), Some(caller), self.clock.clone())
    }

    /// The rehearsal world of the running server.
    pub(crate) fn world(&self) -> anyhow::Result<World> {
        let data_dir = self.load_for_call()?.config.data_dir;
        World::of(&data_dir, Runtime::read(&data_dir)?.as_ref(), self.clock.clone())
    }
}

/// The data folder of a rehearsal that never was: absent, and no key to sign with comes from elsewhere. None also when
/// that cannot be told without loading (a name set in `.env`).
fn unused_folder(env: &EnvSource) -> Option<PathBuf> {
    const MODE: &str = "HOLLY_MODE";
    const FOLDER: &str = "HOLLY_DATA_DIR";
    let rows = explain(env).rows;
    let source = |name: &str| rows.iter().find(|row| row.name == name).map(|row| row.source);
    let readable = |name: &str| matches!(source(name), Some(Source::Environment | Source::Default));
    let rehearses = readable(MODE) && env.get(MODE).is_none_or(|mode| mode == Mode::Rehearsal.as_str());
    if !rehearses || !readable(FOLDER) || source("AUTH_SECRET_KEY") != Some(Source::Unset) {
        return None;
    }
    // Relative to the working directory, as the settings are.
    let folder = PathBuf::from(env.get(FOLDER).unwrap_or(".holly"));
    (!folder.exists()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_on_which_nothing_ran_is_told_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent").to_str().unwrap().to_owned();
        let source = |folder: &str| EnvSource::fixed("/", [("HOLLY_DATA_DIR", folder)]);
        assert_eq!(unused_folder(&source(&absent)), Some(PathBuf::from(&absent)));
        assert_eq!(unused_folder(&source(folder.path().to_str().unwrap())), None);
        assert_eq!(unused_folder(&source(&absent).with("HOLLY_MODE", "live")), None);
        assert_eq!(unused_folder(&source(&absent).with("AUTH_SECRET_KEY", "k".repeat(32))), None);
        let dot_env =
            EnvSource::fixed("/", std::iter::empty::<(String, String)>()).with_dot_env("HOLLY_DATA_DIR=/no/such");
        assert_eq!(unused_folder(&dot_env), None, "only loading can tell");
    }
}
