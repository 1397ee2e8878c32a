//! `holly healthcheck`: whether the server is alive, for containers and scripts.

use std::time::Duration;

use net::Request;

use crate::client::{Address, Client, Runtime};
use crate::failure::{Exit, Failure};
use crate::session::Session;

/// Longer than a probe of a healthy process takes, shorter than the patience of an orchestrator.
const LIMIT: Duration = Duration::from_secs(5);

/// Exit code 0: alive; 1: something else answers; 69: nobody answers.
pub(crate) async fn run(session: &Session) -> anyhow::Result<Exit> {
    // With an address at hand no setting is needed, and a wrong one is no reason to restart a healthy process.
    let address = match &session.globals.url {
        Some(url) => Address::named(url),
        None => {
            let config = session.load()?.config;
            session.address(Runtime::read(&config.data_dir)?.as_ref(), &config)
        }
    };
    let client = Client::new(&address, None, session.clock.clone())?;
    let answer = client.ask(Request::get("/health/live").deadline(LIMIT)).await?;
    if answer["status"] != "alive" {
        return Err(Failure::Bad(format!("what answers at {} is not holly", client.url())).into());
    }
    session.out.either(&answer, |_| "alive".to_owned())?;
    Ok(Exit::Done)
}
