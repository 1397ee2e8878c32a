//! The composition root: builds the parts, hands each what it needs, starts them in order and stops them in reverse.
//!
//! Start: database and migrations, seeds, the rehearsal world, upstreams and tools, the Tower's recovery, workers and
//! sweepers, the API. Nothing is decided here.

mod health;
mod ledgers;
mod order_book;
mod port;
mod runtime_file;
mod seed;
mod upstreams;
mod world;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use agents::registry::default_agents;
use agents::{AgentRunner, Toolbox};
use anyhow::{Context, Result};
use clock::{Ids, SharedClock, SystemClock};
use config::{Config, Database, Effects, Loaded, Mode};
use domain::guardrails::Redactor;
use domain::webhook::ParseContext;
use secrecy::ExposeSecret;
use store::writer::Writer;
use store::{Db, Target};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::intake::IntakeSettings;
use tower::services::{EffectsMode, Services, Settings};
use tower::supervisor::Supervisor;
use tower::{sweepers, worker};

use crate::cli::{ProcessRole, Roles};

/// How long a missing database is waited for before the start is given up.
const DATABASE_WAIT: Duration = Duration::from_secs(30);
/// Exit code: something that is needed cannot be reached.
const UNREACHABLE: u8 = 69;

/// Runs the server until it is told to stop.
///
/// # Errors
/// When a part cannot be built.
pub(crate) async fn run(loaded: Loaded, roles: Roles) -> Result<ExitCode> {
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let config = loaded.config;
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
    let address = (config.groups.server.host, config.groups.server.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("could not listen on {}:{}; set PORT to a free port, or 0", address.0, address.1))?;
    let agents_url = format!("http://{}", runtime_file::reachable(listener.local_addr()?));

    let redactor =
        Arc::new(Redactor::new(config.secret_values().iter().map(|secret| secret.expose_secret().to_owned())));
    let breakers = net::Breakers::new(clock.clone());
    let world = match config.mode {
        Mode::Rehearsal => Some(world::start(&config, &agents_url, &clock).await?),
        Mode::Live => None,
    };
    let upstreams = upstreams::build(&config, world.as_ref(), &clock, &breakers)?;

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

    let runner = Arc::new(AgentRunner::new(upstreams.llm.clone(), toolbox.clone(), default_agents()));
    let worker = worker::Worker::new(services.clone(), runner);
    if roles.has(ProcessRole::Worker) {
        let recovered = sweepers::recover_own(&services).await.context("could not take back own leases")?;
        if recovered > 0 {
            tracing::info!(runs = recovered, "runs of the last start are taken up again");
        }
        sweepers::start(&services);
        worker.start();
    }

    let ready = CancellationToken::new();
    let stop_api = CancellationToken::new();
    if roles.has(ProcessRole::Api) {
        let probe = health::Probe::new(db.clone(), &config, ready.clone());
        let app = api::agents_app(api::Parts {
            tower: Arc::new(port::TowerPort::new(services.clone(), worker.clone(), toolbox, intake(&config))),
            ledgers: Arc::new(ledgers::StoreLedgers {
                db: db.clone(),
                clock: clock.clone(),
                content: config.groups.telemetry.trace_content,
                daily_budget_micros: config.groups.autonomy.daily_budget_microusd,
            }),
            health: Arc::new(probe),
            breakers: Arc::new(health::BreakerBoard(breakers.clone())),
            revocations: Arc::new(api::ports::NoRevocations),
            tokens: token_keys(&config)?,
            clock: clock.clone(),
            ids,
            settings: api_settings(&config),
        });
        let stop = stop_api.clone();
        supervisor.spawn_finishing("agents api", async move {
            if let Err(error) = api::serve(listener, app, stop).await {
                tracing::error!(%error, "the agents API ended");
            }
        });
    }
    runtime_file::write(&config, &agents_url, world.as_ref(), clock.now()).context("could not write runtime.json")?;
    ready.cancel();
    let took = clock.monotonic().saturating_sub(began);
    tracing::info!(url = agents_url, mode = mode_name(config.mode), roles = %roles, took_ms = took.as_millis(), "holly is ready");
    greet(&config, &agents_url);

    wait_for_stop().await;
    tracing::info!("stopping");
    stop_api.cancel();
    let grace = config.groups.process.shutdown_grace;
    let stopped = async {
        supervisor.shut_down().await;
        stop_writer.cancel();
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

/// What a person reads in the terminal after a start.
fn greet(config: &Config, url: &str) {
    use std::io::Write;
    let mode = match config.mode {
        Mode::Rehearsal => "REHEARSAL: the shop, the payments, the printer and the models are simulated",
        Mode::Live => "LIVE",
    };
    let effects = match config.effects {
        Effects::On => "",
        Effects::Off => "\n  effects    OFF: every change is recorded and none is sent",
    };
    let text = format!(
        "\nHolly Grace is running.\n  mode       {mode}{effects}\n  agents API {url}\n  data       {}\n\n\
         An order arrives by itself within seconds. In another terminal:\n  holly tickets list\n  holly tickets approve <id>\n\n\
         (`cargo xtask run -- tickets list` does the same from the source tree.) Stop with Ctrl-C.\n",
        config.data_dir.display()
    );
    // A closed terminal is no reason to stop.
    let _ = std::io::stdout().write_all(text.as_bytes());
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
