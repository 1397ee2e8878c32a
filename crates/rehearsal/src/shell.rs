//! The world as a running thing: its file, its clock, its servers and its deliveries.

mod deliveries;
mod faults;
mod requests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::{Entropy as _, SharedClock};
use domain::time::Timestamp;
use store::world_file::{WorldFile, WorldFileError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::deliver::Deliver;
use crate::fault::{Fault, FaultBook, FaultKind, Planted};
use crate::model_host::ModelHost;
use crate::serve::{Listener, serve};
use crate::world::{Changes, Settings, State, WorldTime};
use crate::{control, model, printful, shopify, stripe};

pub(crate) use faults::{Told, layer as fault_layer};
pub use requests::Seen;
use requests::{Outcome, RequestLog};

/// The secrets the world signs its webhooks with.
#[derive(Clone)]
pub struct WorldSecrets {
    /// Of the shop.
    pub shopify: String,
    /// Of the payments.
    pub stripe: String,
    /// Of the printer.
    pub printful: String,
}

impl fmt::Debug for WorldSecrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WorldSecrets(***)")
    }
}

/// What a start needs.
#[derive(Debug, Clone)]
pub struct WorldConfig {
    /// Folder for `rehearsal.db` and `rehearsal.token`.
    pub data_dir: PathBuf,
    /// Decides everything that chance decides, in a new world.
    pub seed: u64,
    /// Orders per hour of world time; 0: none arrive by themselves.
    pub pace: f64,
    /// World seconds per real second.
    pub speed: f64,
    /// Webhook secrets.
    pub secrets: WorldSecrets,
    /// The shop's name, `….myshopify.com`.
    pub shop_domain: String,
    /// Whether an Ollama server is played too.
    pub ollama: bool,
    /// Where webhooks go, for example `http://127.0.0.1:8050`; may be set later.
    pub agents_url: Option<String>,
    /// Real time.
    pub clock: SharedClock,
    /// How webhooks are posted.
    pub deliver: Arc<dyn Deliver>,
}

/// Why the world did not start, or could not act.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Its file.
    #[error("the rehearsal world's file failed")]
    File(#[from] WorldFileError),
    /// A row in its file.
    #[error("the rehearsal world's file holds a row that is not understood")]
    Row(#[source] serde_json::Error),
    /// A port or the token file.
    #[error("the rehearsal world could not open a port or write its token")]
    Io(#[from] std::io::Error),
}

/// The world.
#[derive(Debug)]
pub struct World;

impl World {
    /// Starts the world: reads its file, opens its servers, begins to let time pass.
    ///
    /// # Errors
    /// When the file is damaged or in use by another process, or no port can be opened.
    pub async fn start(config: WorldConfig) -> Result<WorldHandle, WorldError> {
        std::fs::create_dir_all(&config.data_dir)?;
        let file = WorldFile::open(&config.data_dir.join("rehearsal.db")).await?;
        let rows = file.load().await?;
        let faults = match rows.iter().find(|row| row.kind == "faults") {
            Some(row) => serde_json::from_value(row.body.clone()).map_err(WorldError::Row)?,
            None => FaultBook::default(),
        };
        let settings = Settings {
            seed: config.seed,
            pace: config.pace,
            speed: config.speed,
            shop_domain: config.shop_domain.clone(),
        };
        let real_now = config.clock.now();
        let mut state = match State::restore(rows).map_err(WorldError::Row)? {
            Some(state) => state,
            None => State::new(&settings, real_now),
        };
        state.open(&settings, real_now);
        let token = control::token::make(&config.data_dir, &mut |bytes| clock::OsEntropy.fill(bytes))?;

        let shared = Arc::new(Shared {
            time: Mutex::new(state.meta().time),
            inner: tokio::sync::Mutex::new(Inner { state, file, unwritten: Changes::default() }),
            faults: Mutex::new(Faults { book: faults, touched: true }),
            calls: Mutex::default(),
            requests: Mutex::default(),
            shop_points: Mutex::new(shopify::Bucket::full()),
            target: Mutex::new(config.agents_url.clone()),
            wake: Notify::new(),
            listeners: Mutex::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            token,
            config,
        });
        shared.act(|_, _| ()).await?;

        let host = || Arc::clone(&shared) as Arc<dyn ModelHost>;
        let mut routers = vec![
            ("shopify", shopify::router(Arc::clone(&shared))),
            ("stripe", stripe::router(Arc::clone(&shared))),
            ("printful", printful::router(Arc::clone(&shared))),
            ("anthropic", model::anthropic::router(host())),
            ("openai", model::openai::router(host())),
        ];
        if shared.config.ollama {
            routers.push(("ollama", model::ollama::router(host())));
        }
        for (name, router) in routers {
            let router = fault_layer(router, name, Arc::clone(&shared));
            let listener = serve(router, &shared.tasks, shared.stop.clone(), Arc::clone(&shared.config.clock)).await?;
            shared.listeners().insert(name, listener);
        }
        let control = serve(
            control::router(Arc::clone(&shared)),
            &shared.tasks,
            shared.stop.clone(),
            Arc::clone(&shared.config.clock),
        )
        .await?;
        shared.tasks.spawn(deliveries::run(Arc::clone(&shared)));
        let urls = shared.listeners().iter().map(|(name, listener)| ((*name).to_owned(), url(listener))).collect();
        Ok(WorldHandle { urls, control_url: url(&control), control_token: shared.token.clone(), shared })
    }
}

fn url(listener: &Listener) -> String {
    format!("http://{}", listener.address)
}

/// The running world. Dropping it does not stop it; [`WorldHandle::shutdown`] does.
#[derive(Debug)]
pub struct WorldHandle {
    /// Base address of each upstream: `shopify`, `stripe`, `printful`, `anthropic`, `openai` (whose version path is
    /// `/v1`) and, when it is played, `ollama`.
    pub urls: BTreeMap<String, String>,
    /// Base address of the control server.
    pub control_url: String,
    /// Bearer token of the control server.
    pub control_token: String,
    shared: Arc<Shared>,
}

impl WorldHandle {
    /// Says where webhooks go from now on; those that wait go at once.
    ///
    /// # Errors
    /// When the file failed.
    pub async fn set_target(&self, agents_url: &str) -> Result<(), WorldError> {
        *self.shared.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(agents_url.to_owned());
        self.shared.act(|state, now| state.deliver_now(now)).await?;
        self.shared.wake.notify_one();
        Ok(())
    }

    /// The world's own books.
    ///
    /// # Errors
    /// When the file failed.
    pub async fn books(&self) -> Result<serde_json::Value, WorldError> {
        self.shared.act(|state, now| state.books(now)).await
    }

    /// Stops the servers and the deliveries and lets go of the file.
    pub async fn shutdown(self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
        self.shared.inner.lock().await.file.close().await;
    }
}

/// What all servers of one world share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// World time for readers that cannot wait for the state.
    time: Mutex<WorldTime>,
    inner: tokio::sync::Mutex<Inner>,
    faults: Mutex<Faults>,
    calls: Mutex<Vec<String>>,
    requests: Mutex<RequestLog>,
    /// Points that are left for documents to the shop.
    pub(crate) shop_points: Mutex<shopify::Bucket>,
    target: Mutex<Option<String>>,
    wake: Notify,
    listeners: Mutex<BTreeMap<&'static str, Listener>>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Token of the control server.
    pub(crate) token: String,
    pub(crate) config: WorldConfig,
}

#[derive(Debug)]
struct Inner {
    state: State,
    file: WorldFile,
    /// Changes that an earlier commit could not write.
    unwritten: Changes,
}

#[derive(Debug)]
struct Faults {
    book: FaultBook,
    touched: bool,
}

impl Shared {
    /// Lets the world catch up with the clock, does `what` at that moment of world time, and returns only after
    /// everything that changed is on disk.
    ///
    /// # Errors
    /// When the commit failed. The change stays in memory and is written with the next one.
    pub(crate) async fn act<R>(&self, what: impl FnOnce(&mut State, Timestamp) -> R) -> Result<R, WorldError> {
        let mut inner = self.inner.lock().await;
        let inner = &mut *inner;
        let now = inner.state.world_now(self.config.clock.now());
        inner.state.step(now);
        let result = what(&mut inner.state, now);
        for model in std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner)) {
            *inner.state.meta_mut().model_calls.entry(model).or_default() += 1;
        }
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = inner.state.meta().time;
        let mut changes = std::mem::take(&mut inner.unwritten);
        let fresh = inner.state.changes();
        // Rows of a failed commit may have changed or gone since.
        changes.puts.retain(|old| !fresh.deletes.iter().any(|(kind, id)| *kind == old.kind && *id == old.id));
        changes.puts.extend(fresh.puts);
        changes.deletes.extend(fresh.deletes);
        self.faults_into(&mut changes);
        if !changes.is_empty() {
            if let Err(error) = inner.file.commit(&changes.puts, &changes.deletes).await {
                inner.unwritten = changes;
                return Err(error.into());
            }
            self.wake.notify_one();
        }
        Ok(result)
    }

    /// Real time.
    pub(crate) fn real_now(&self) -> Timestamp {
        self.config.clock.now()
    }

    fn listeners(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults_into(&self, changes: &mut Changes) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut faults.touched) {
            changes.put_raw("faults", "all", serde_json::to_value(&faults.book).unwrap_or_default());
        }
    }

    /// Works on the log of requests.
    pub(crate) fn with_requests<R>(&self, what: impl FnOnce(&mut RequestLog) -> R) -> R {
        what(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a request arrived; returns its number.
    fn arrived(&self, upstream: &str, method: &str, path: &str) -> u64 {
        let (at, real_at) = (ModelHost::now(self), self.real_now());
        self.with_requests(|log| log.arrived(upstream, method, path, at, real_at))
    }

    /// Notes how a request ended.
    fn ended(&self, number: u64, outcome: Outcome) {
        self.with_requests(|log| log.ended(number, outcome));
    }

    /// Takes all points of the shop's bucket away.
    fn drain_shop(&self) {
        let now = ModelHost::now(self);
        self.shop_points.lock().unwrap_or_else(PoisonError::into_inner).drain(now);
    }

    /// Works on the planted faults.
    pub(crate) fn with_faults<R>(&self, what: impl FnOnce(&mut FaultBook) -> R) -> R {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let before = faults.book.clone();
        let result = what(&mut faults.book);
        faults.touched |= before != faults.book;
        result
    }

    /// Plants a fault; a `refuse` without `after` closes its listener at once.
    pub(crate) fn plant(&self, fault: Planted) -> Result<(), crate::fault::FaultRefused> {
        let refusals = self.with_faults(|book| book.plant(fault).map(|()| book.take_refusals()))?;
        for (upstream, fault) in refusals {
            self.refuse(&upstream, fault);
        }
        Ok(())
    }

    /// Closes the listener of `upstream`.
    pub(crate) fn refuse(&self, upstream: &str, fault: Fault) {
        if let Some(listener) = self.listeners().get(upstream) {
            listener.refuse_for(Duration::from_secs(fault.seconds.into()));
        }
    }
}

impl ModelHost for Shared {
    fn take_fault(&self, upstream: &str) -> Option<Fault> {
        // Late answers, dropped ones and closed doors are the matter of the server around the model.
        self.with_faults(|book| book.take_if(upstream, |kind| kind != FaultKind::Duplicate && !kind.is_of_the_server()))
    }

    fn record_call(&self, model: &str) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(model.to_owned());
    }

    fn real_now(&self) -> Timestamp {
        self.config.clock.now()
    }

    fn now(&self) -> Timestamp {
        self.time.lock().unwrap_or_else(PoisonError::into_inner).at(self.config.clock.now())
    }
}
