//! `holly healthcheck`: whether the server is alive, for containers and scripts.

use std::time::Duration;

use net::Request;

use crate::client::{Address, Client, Runtime};
use crate::failure::{Exit, Failure};
use crate::session::Session;

/// Longer than a probe of a healthy process takes, shorter than the patience of an orchestrator.
const LIMIT: Duration = Duration::from_secs(5);

/// Exit code 0: alive; 1: something else answers; 69: nobody answers. A console of the same process is asked too.
pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    // With an address at hand no setting is needed, and a wrong one is no reason to restart a healthy process.
    let (address, console) = match &session.globals.url {
        Some(url) => (Address::named(url), None),
        None => {
            let config = session.load()?.config;
            let runtime = Runtime::read(&config.data_dir)?;
            let address = session.address(runtime.as_ref(), &config);
            (address, runtime.and_then(|runtime| runtime.console_url))
        }
    };
    let client = Client::new(&address, None, session.clock.clone())?;
    let mut answer = client.ask(Request::get("/health/live").deadline(LIMIT)).await?;
    if answer["status"] != "alive" {
        return Err(Failure::Bad(format!("what answers at {} is not holly", client.url())).into());
    }
    if let Some(url) = console {
        let client = Client::new(&Address::named(&url), None, session.clock.clone())?;
        let console = client.ask(Request::get("/").deadline(LIMIT)).await?;
        if console["service"] != "holly-grace" {
            return Err(Failure::Bad(format!("what answers at {url} is not holly's console")).into());
        }
        answer["console_url"] = url.into();
    }
    session.out.either(&answer, |_| "alive".to_owned())?;
    Ok(Exit::Done)
}
