//! What every command is handed: settings, output, clock, and the ways to server and world.

use std::sync::Arc;

use clock::{SharedClock, SystemClock};
use config::{Config, EnvSource, Loaded};

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

    /// The server, called in the role that was asked for.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let config = self.load()?.config;
        let runtime = if self.globals.url.is_some() { None } else { Runtime::read(&config.data_dir)? };
        let caller = Caller::new(&config.secrets, &self.env, self.globals.role)?;
        Client::new(&self.address(runtime.as_ref(), &config), Some(caller), self.clock.clone())
    }

    /// The rehearsal world of the running server.
    pub(crate) fn world(&self) -> anyhow::Result<World> {
        let data_dir = self.load()?.config.data_dir;
        World::of(&data_dir, Runtime::read(&data_dir)?.as_ref(), self.clock.clone())
    }
}
