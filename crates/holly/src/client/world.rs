//! The control server of the rehearsal world.

use std::path::Path;
use std::{fs, io};

use anyhow::Context as _;
use clock::SharedClock;
use net::{Request, Upstream};
use secrecy::SecretString;
use serde_json::Value;

use super::refusal;
use super::runtime::Runtime;
use crate::failure::Failure;

const WORLD: &str = "the rehearsal world";
/// File of the data folder with the bearer token.
const TOKEN_FILE: &str = "rehearsal.token";

/// The simulated world of a running server.
#[derive(Debug)]
pub(crate) struct World {
    upstream: Upstream,
    token: SecretString,
    url: String,
}

impl World {
    /// The world of the server that runs on `data_dir`.
    pub(crate) fn of(data_dir: &Path, runtime: Option<&Runtime>, clock: SharedClock) -> anyhow::Result<Self> {
        let url = match runtime {
            None => return Err(none(&format!("no server runs on the data folder {}", data_dir.display()))),
            Some(Runtime { rehearsal_url: Some(url), .. }) => url.clone(),
            Some(_) => return Err(none("the running server has no rehearsal world: it runs live")),
        };
        let path = data_dir.join(TOKEN_FILE);
        let token = match fs::read_to_string(&path) {
            Ok(token) => SecretString::from(token.trim().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(none(&format!("{} is missing", path.display())));
            }
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        Ok(Self { upstream: super::upstream("rehearsal", &url, clock)?, token, url })
    }

    /// Sends `request` and reads the JSON of its answer.
    pub(crate) async fn ask(&self, request: Request) -> Result<Value, Failure> {
        let reply = self.upstream.send("control", request.bearer(&self.token)).await;
        reply.map_err(|error| refusal::of(WORLD, &self.url, error))?.json().map_err(Failure::Strange)
    }
}

fn none(message: &str) -> anyhow::Error {
    Failure::NotRunning(message.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clock::SystemClock;

    use super::*;
    use crate::failure::report;

    fn exit(runtime: Option<&Runtime>) -> u8 {
        let folder = tempfile::tempdir().unwrap();
        let world = World::of(folder.path(), runtime, Arc::new(SystemClock::new()));
        report(&world.unwrap_err()).exit as u8
    }

    #[test]
    fn without_a_world_the_exit_code_says_not_reachable() {
        assert_eq!(exit(None), 69);
        assert_eq!(exit(Some(&Runtime { agents_url: "http://127.0.0.1:1".into(), ..Runtime::default() })), 69);
        let url = Some("http://127.0.0.1:1".to_owned());
        assert_eq!(exit(Some(&Runtime { rehearsal_url: url, ..Runtime::default() })), 69, "no token file");
    }
}
