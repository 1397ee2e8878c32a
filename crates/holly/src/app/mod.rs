//! The composition root: builds the parts, hands each what it needs, starts them in order and stops them in reverse.
//!
//! Start: database and migrations, seeds, the rehearsal world, upstreams and tools, the Tower's recovery, workers and
//! sweepers, the API. Nothing is decided here.

mod audit;
mod catalog;
mod console;
mod first_user;
mod greeting;
mod health;
mod jobs;
mod ledgers;
mod live;
mod log_book;
pub(crate) mod models;
mod order_book;
mod port;
mod revocations;
mod runtime_file;
mod scheduled;
mod seed;
pub(crate) mod upstreams;
mod world;

use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use agents::registry::default_agents;
use agents::{AgentRunner, Toolbox};
use anyhow::{Context, Result};
use clock::{Ids, SharedClock, SystemClock};
use config::{Config, Database, Effects, Loaded, Mode};
use domain::webhook::ParseContext;
use secrecy::ExposeSecret;
use store::writer::Writer;
use store::{Db, Target};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::intake::IntakeSettings;
use tower::scheduler::Scheduler;
use tower::services::{EffectsMode, Services, Settings};
use tower::supervisor::Supervisor;
use tower::{sweepers, worker};

use crate::cli::{ProcessRole, Roles};
use crate::logging::{self, Tap};

/// How long a missing database is waited for before the start is given up.
const DATABASE_WAIT: Duration = Duration::from_secs(30);
/// Exit code: something that is needed cannot be reached.
const UNREACHABLE: u8 = 69;
/// Exit code: a setting cannot be used.
const CONFIGURATION: u8 = 78;

/// Runs the server until it is told to stop.
///
/// # Errors
/// When a part cannot be built.
pub(crate) async fn run(loaded: Loaded, roles: Roles, tap: Tap) -> Result<ExitCode> {
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let password_source = loaded.sources.get("HOLLY_CONSOLE_USER_PASSWORD").copied();
    let config = loaded.config;
    let zone = match config.groups.work.time_zone.parse() {
        Ok(zone) => zone,
        Err(error) => {
            tracing::error!(error, "SCHEDULER_TZ cannot be used");
            return Ok(ExitCode::from(CONFIGURATION));
        }
    };
    net::install_crypto();
    let clock: SharedClock = Arc::new(SystemClock::new());
    let began = clock.monotonic();
    let ids = Ids::random();
    let supervisor = Supervisor::new();

    let db = match open_database(&config, &clock).await {
        Ok(db) => db,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the database cannot be reached");
            return Ok(ExitCode::from(UNREACHABLE));
        }
    };
    seed::built_ins(&db, clock.now()).await.context("could not write the built-in workflows and agents")?;

    // The listener is bound before the world starts, so that the world knows where its webhooks go.
    let (listener, agents_url) = listen(config.groups.server.host, config.groups.server.port, "PORT").await?;
    let console = match roles.has(ProcessRole::Console) {
        true => {
            let groups = &config.groups.console;
            Some(listen(groups.host, groups.port, "HOLLY_CONSOLE_PORT").await?)
        }
        false => None,
    };
    let console_url = console.as_ref().map(|(_, url)| url.clone());

    let redactor = logging::redactor(&config);
    let breakers = net::Breakers::new(clock.clone());
    let world = match config.mode {
        Mode::Rehearsal => Some(world::start(&config, &agents_url, &clock).await?),
        Mode::Live => None,
    };
    let upstreams = upstreams::build(&config, world.as_ref(), &clock, &breakers)?;
    upstreams::warn_of_old_version(&config, clock.now());
    models::watch(&upstreams.llm, &supervisor, &clock);

    // The writer outlives everything that writes: it is stopped last.
    let (writer_tasks, stop_writer) = (TaskTracker::new(), CancellationToken::new());
    let writer = Writer::start(db.clone(), ids.clone(), clock.clone(), &writer_tasks, stop_writer.clone());
    let orders = Arc::new(order_book::StoreOrderBook::default());
    let tools = connect::tools::all(&upstreams.clients, &upstreams::tool_settings(&config), orders.clone());
    let toolbox = Arc::new(Toolbox::new(tools).context("the tools are not declared correctly")?);
    seed::tools(&db, &toolbox, clock.now()).await.context("could not write the tool catalogue")?;
    let settings = Settings {
        instance: config.instance.clone(),
        workers: config.groups.work.workers as usize,
        effects: effects_mode(config.effects),
        shutdown_grace: Duration::from_secs(20),
        trace_content: config.groups.telemetry.trace_content,
    };
    let services = Services {
        db: db.clone(),
        writer,
        clock: clock.clone(),
        ids: ids.clone(),
        tools: toolbox.clone(),
        redactor: redactor.clone(),
        settings: Arc::new(settings),
        supervisor: supervisor.clone(),
        live: tower::live::Hub::new(redactor),
    };
    orders.connect(services.clone());

    tap.publish_to(services.live.clone());
    let stop_logs = CancellationToken::new();
    writer_tasks.spawn(tap.keep(db.clone(), clock.clone(), stop_logs.clone()));

    let runner = Arc::new(AgentRunner::new(upstreams.llm.clone(), toolbox.clone(), default_agents()));
    let worker = worker::Worker::new(services.clone(), runner);
    let host = scheduled::ScheduledWork { services: services.clone(), shop: upstreams.clients.shopify.clone() };
    let scheduler = Scheduler::new(services.clone(), Arc::new(host), zone);
    scheduler.prepare().await.context("could not plan the scheduled jobs")?;
    if roles.has(ProcessRole::Worker) {
        let recovered = sweepers::recover_own(&services).await.context("could not take back own leases")?;
        if recovered > 0 {
            tracing::info!(runs = recovered, "runs of the last start are taken up again");
        }
        sweepers::start(&services);
        worker.start();
    }
    if roles.has(ProcessRole::Scheduler) {
        scheduler.recover().await;
        scheduler.start();
    }

    let ready = CancellationToken::new();
    let stop_api = CancellationToken::new();
    let revoked = revocations::RevokedTokens::read(&db, &clock).await.context("revoked tokens cannot be read")?;
    supervisor.spawn("revoked tokens", revoked.clone().keep_up(db.clone(), clock.clone()));
    let (trail, entries) = audit::Trail::new(clock.clone());
    writer_tasks.spawn(audit::write(db.clone(), entries, stop_logs.clone()));
    let probe = health::Probe::new(db.clone(), &config, clock.clone(), upstreams.llm.clone(), ready.clone());
    let parts = api::Parts {
        tower: Arc::new(port::TowerPort::new(services.clone(), worker.clone(), toolbox.clone(), intake(&config))),
        ledgers: Arc::new(ledgers::StoreLedgers {
            db: db.clone(),
            clock: clock.clone(),
            content: config.groups.telemetry.trace_content,
            daily_budget_micros: config.groups.autonomy.daily_budget_microusd,
        }),
        health: Arc::new(probe),
        breakers: Arc::new(health::BreakerBoard(breakers.clone())),
        jobs: Arc::new(jobs::SchedulerPort(scheduler.clone())),
        catalog: Arc::new(catalog::StoreCatalog { db: db.clone(), toolbox }),
        logs: Arc::new(log_book::StoreLogBook(db.clone())),
        live: Arc::new(live::HubFeed(services.live.clone())),
        sockets: api::socket::Sockets::new(stop_api.clone()),
        audit: Arc::new(trail),
        revocations: Arc::new(revoked),
        tokens: token_keys(&config)?,
        clock: clock.clone(),
        ids: ids.clone(),
        settings: api_settings(&config),
    };
    let mut first_user = first_user::FirstUser::There;
    if let Some((listener, _)) = console {
        first_user = first_user::put(&config, password_source.as_ref(), &db, &ids, &clock).await?;
        let mut parts = parts.clone();
        parts.sockets = api::socket::Sockets::new(stop_api.clone());
        parts.settings.cors_origins = config.groups.console.cors_origins.clone();
        let bridge = api::console::Bridge::new(&ids);
        supervisor.spawn("console bridge", bridge.clone().run(parts.live.clone()));
        let console = api::ConsoleParts {
            accounts: Arc::new(console::StoreAccounts::new(db.clone(), clock.clone())),
            desk: Arc::new(console::StoreDesk::new(db.clone(), upstreams.llm.catalog())),
            keys: console_keys(&config)?,
            bridge,
            cookie_secure: config.groups.console.cookie_secure.unwrap_or(false),
        };
        let sockets = parts.sockets.clone();
        serve(&supervisor, "console", listener, api::console_app(parts, console), sockets, &stop_api);
    }
    if roles.has(ProcessRole::Api) {
        let sockets = parts.sockets.clone();
        serve(&supervisor, "agents api", listener, api::agents_app(parts), sockets, &stop_api);
    }
    runtime_file::write(&config, &agents_url, console_url.as_deref(), world.as_ref(), clock.now())
        .context("could not write runtime.json")?;
    ready.cancel();
    let took = clock.monotonic().saturating_sub(began);
    tracing::info!(url = agents_url, mode = mode_name(config.mode), roles = %roles, took_ms = took.as_millis(), "holly is ready");
    greeting::print(&config, &agents_url, console_url.as_deref(), &first_user);

    wait_for_stop().await;
    tracing::info!("stopping");
    stop_api.cancel();
    let grace = config.groups.process.shutdown_grace;
    let stopped = async {
        supervisor.shut_down().await;
        stop_writer.cancel();
        stop_logs.cancel();
        writer_tasks.close();
        writer_tasks.wait().await;
        if let Some(world) = world {
            world.handle.shutdown().await;
        }
        db.close().await;
    };
    tokio::select! {
        () = stopped => {}
        () = clock.sleep(grace) => tracing::warn!("the grace is over; what still runs is taken up at the next start"),
        () = wait_for_stop() => tracing::warn!("second signal; stopping at once"),
    }
    runtime_file::remove(&config);
    Ok(ExitCode::SUCCESS)
}

/// Opens and migrates the database. A server that is not there yet is waited for.
///
/// # Errors
/// When it cannot be reached within the wait, or a migration fails.
pub(crate) async fn open_database(config: &Config, clock: &SharedClock) -> Result<Db> {
    let target = match &config.database {
        Database::Sqlite { path } => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
            }
            Target::Sqlite { path: path.clone() }
        }
        Database::Postgres { url, .. } => {
            Target::Postgres { url: url.expose_secret().to_owned(), pool_size: config.groups.storage.pool_size }
        }
    };
    let began = clock.monotonic();
    loop {
        let opened = match Db::open(&target).await {
            Ok(db) => db.migrate(clock.now()).await.map(|_| db),
            Err(error) => Err(error),
        };
        match opened {
            Ok(db) => return Ok(db),
            Err(error) if error.is_unavailable() && clock.monotonic().saturating_sub(began) < DATABASE_WAIT => {
                tracing::warn!(%error, "database not reachable; trying again");
                clock.sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn effects_mode(effects: Effects) -> EffectsMode {
    match effects {
        Effects::On => EffectsMode::On,
        Effects::Off => EffectsMode::Off,
    }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Rehearsal => "rehearsal",
        Mode::Live => "live",
    }
}

fn api_settings(config: &Config) -> api::Settings {
    let server = &config.groups.server;
    api::Settings {
        mode: mode_name(config.mode),
        effects: if config.effects == Effects::On { "on" } else { "off" },
        version: env!("CARGO_PKG_VERSION"),
        cors_origins: server.cors_origins.clone(),
        trusted_proxies: server.trusted_proxies.clone(),
        rates: api::settings::Rates {
            costly: server.rate_costly,
            writes: server.rate_writes,
            reads: server.rate_reads,
        },
    }
}

/// The keys that sign and check tokens.
///
/// # Errors
/// When the key is too short.
pub(crate) fn token_keys(config: &Config) -> Result<api::token::TokenKeys> {
    let previous = config.secrets.auth_key_previous.as_ref().map(|key| key.expose_secret().to_owned());
    Ok(api::token::TokenKeys::new(config.secrets.auth_key.expose_secret(), previous.as_deref())?)
}

/// The keys of the console's cookies.
fn console_keys(config: &Config) -> Result<api::token::TokenKeys> {
    let own = config.groups.console.jwt_secret.as_ref().map(|key| key.expose_secret().to_owned());
    let previous = config.secrets.auth_key_previous.as_ref().map(|key| key.expose_secret().to_owned());
    let agents = config.secrets.auth_key.expose_secret();
    Ok(api::token::TokenKeys::for_console(own.as_deref(), agents, previous.as_deref())?)
}

/// Takes an address, and says at which URL clients on this machine find it.
async fn listen(host: IpAddr, port: u16, setting: &str) -> Result<(TcpListener, String)> {
    let listener = TcpListener::bind((host, port))
        .await
        .with_context(|| format!("could not listen on {host}:{port}; set {setting} to a free port, or 0"))?;
    let url = format!("http://{}", runtime_file::reachable(listener.local_addr()?));
    Ok((listener, url))
}

fn serve(
    supervisor: &Supervisor,
    name: &'static str,
    listener: TcpListener,
    app: api::Router,
    sockets: api::socket::Sockets,
    stop: &CancellationToken,
) {
    let stop = stop.clone();
    supervisor.spawn_finishing(name, async move {
        if let Err(error) = api::serve(listener, app, stop).await {
            tracing::error!(%error, server = name, "a server ended");
        }
        sockets.closed().await;
    });
}

fn intake(config: &Config) -> IntakeSettings {
    let list = |secret: &Option<secrecy::SecretString>| -> Vec<String> {
        let text = secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default();
        text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let live_key = config.groups.payments.secret_key.as_ref().map(|key| key.expose_secret().contains("_live_"));
    IntakeSettings {
        shopify_secrets: list(&config.secrets.shopify_webhook),
        stripe_secrets: list(&config.secrets.stripe_webhook),
        printful_secrets: list(&config.secrets.printful_webhook),
        context: ParseContext {
            shop_domain: Some(world::shop_domain(config)),
            stripe_livemode: live_key.filter(|_| config.mode == Mode::Live),
            printful_store_id: config.groups.print.store_id.and_then(|id| i64::try_from(id).ok()),
        },
    }
}

async fn wait_for_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a way to hear signals the process runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
