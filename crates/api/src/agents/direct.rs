//! `/agent/direct`: start a run and stay until it has ended or waits for a person.
//!
//! Events are hints here as everywhere: after each one that may matter, and twice a second without any, the row of the
//! run is read.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::codes::Code;
use domain::ids::RunId;
use domain::run::{Run, RunStatus};
use futures_util::{FutureExt, Stream, stream};
use http::StatusCode;
use serde_json::{Value, json};

use crate::agents::invoke::{InvokeBody, with_input};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body};
use crate::layers::trace::RequestId;
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, LiveFrame, LiveFrames};

/// How long a caller is kept waiting.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often the row is read when no event says that it changed.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a silent stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Whether a caller has nothing more to wait for.
fn is_settled(run: &Run) -> bool {
    run.status.is_terminal() || run.status == RunStatus::WaitingApproval
}

/// Whether an event may mean that the row of its run changed.
fn may_settle(kind: &str) -> bool {
    matches!(kind, "tower_run" | "tower_ticket")
}

/// POST `/agent/direct/invoke`
pub async fn invoke(
    State(app): State<App>,
    By(by): By,
    Extension(request_id): Extension<RequestId>,
    body: Body<InvokeBody>,
) -> Result<Response, ApiError> {
    let mut frames = app.live.subscribe();
    let run_id = app.tower.start_run(&by, body.value.check(&by.subject)?).await?.run_id;
    let Some(run) = settled(&app, &run_id, frames.as_mut()).await? else {
        return Ok(goes_on(&run_id, &request_id));
    };
    if run.status == RunStatus::WaitingApproval {
        let parked = json!({"run_id": run_id, "status": run.status, "ticket_id": run.last_ticket_id});
        return Ok((StatusCode::ACCEPTED, Json(parked)).into_response());
    }
    let output = match app.tower.run_snapshot(&run_id).await {
        Ok(snapshot) => snapshot.values,
        // A run that was cancelled before a worker took it has only what it was started with.
        Err(AppError { code: Code::SnapshotNotAvailable, .. }) => run.input_state,
        Err(error) => return Err(error.into()),
    };
    let ended = json!({"output": output, "run_id": run_id, "status": run.status, "error": run.last_error});
    Ok(Json(ended).into_response())
}

/// The run once it is settled; none when the time is over or the server stops.
async fn settled(app: &App, run_id: &RunId, frames: &mut dyn LiveFrames) -> Result<Option<Run>, ApiError> {
    let mut deadline = app.clock.sleep(PATIENCE);
    loop {
        let run = app.tower.get_run(run_id).await?;
        if is_settled(&run) {
            return Ok(Some(run));
        }
        tokio::select! {
            () = news_of(run_id, frames) => {}
            () = app.clock.sleep(LOOK_EVERY) => {}
            () = &mut deadline => return Ok(None),
            () = app.sockets.stopping() => return Ok(None),
        }
    }
}

async fn news_of(run_id: &RunId, frames: &mut dyn LiveFrames) {
    loop {
        match frames.next().await {
            LiveFrame::Event(event) if !may_settle(event.kind) || !concerns(&event, run_id) => {}
            LiveFrame::Event(_) | LiveFrame::Dropped(_) => return,
        }
    }
}

fn concerns(event: &domain::live::LiveEvent, run_id: &RunId) -> bool {
    event.thread_id.as_deref() == Some(run_id.as_str())
}

/// The answer of a run that takes longer. Unlike other server-side errors it carries the one thing that its caller
/// needs to go on.
fn goes_on(run_id: &RunId, request_id: &RequestId) -> Response {
    let code = Code::RunNotFinished;
    let body = json!({"error": code.message(), "code": code.as_str(), "trace_id": request_id.0, "run_id": run_id});
    (StatusCode::GATEWAY_TIMEOUT, Json(body)).into_response()
}

pub(crate) fn invoke_doc() -> Operation {
    let parked = schema::object(&[
        ("run_id", schema::run_id()),
        ("status", schema::run_status()),
        ("ticket_id", schema::or_null(schema::whole())),
    ]);
    let ended = schema::object(&[
        ("output", schema::any_object()),
        ("run_id", schema::run_id()),
        ("status", schema::run_status()),
        ("error", schema::or_null(schema::text())),
    ]);
    with_input(Operation::new("invoke_agent_directly", "Invocation", "The same, and waits for the run"))
        .describe(
            "Waits up to 300 s. A run that takes longer goes on: the 504 carries its `run_id`. `status` says whether the \
             run is completed, failed or cancelled; `error` why it failed.",
        )
        .answer(200, "The run has ended; `output` is its final state", ended)
        .answer(202, "The run waits for a person", parked)
        .refuses(&[Code::RunNotFinished])
}

/// POST `/agent/direct/stream`
pub async fn stream(
    State(app): State<App>,
    By(by): By,
    body: Body<InvokeBody>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let frames = app.live.subscribe();
    let run_id = app.tower.start_run(&by, body.value.check(&by.subject)?).await?.run_id;
    let ends_at = app.clock.monotonic() + PATIENCE;
    let watch = Watch { app, run_id, frames, ends_at, ready: VecDeque::new(), begun: false, over: false };
    let events = stream::unfold(watch, |mut watch| async move { watch.next().await.map(|event| (Ok(event), watch)) });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The events of one run, in order, with the end after them.
struct Watch {
    app: App,
    run_id: RunId,
    frames: Box<dyn LiveFrames>,
    ends_at: Duration,
    ready: VecDeque<Event>,
    begun: bool,
    over: bool,
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            self.advance().await;
        }
    }

    /// Waits for something and looks at the row when that may have changed.
    async fn advance(&mut self) {
        let begins = !std::mem::replace(&mut self.begun, true);
        let look = begins
            || tokio::select! {
                frame = self.frames.next() => self.take(&frame),
                () = self.app.clock.sleep(LOOK_EVERY) => true,
                () = self.app.sockets.stopping() => return self.end(json!({"run_id": self.run_id, "status": null})),
            };
        if !look {
            return;
        }
        match self.app.tower.get_run(&self.run_id).await {
            Ok(run) if is_settled(&run) || self.app.clock.monotonic() >= self.ends_at => {
                // What was published before the row changed belongs before the end.
                while let Some(frame) = self.frames.next().now_or_never() {
                    self.take(&frame);
                }
                let ticket_id = run.last_ticket_id.filter(|_| run.status == RunStatus::WaitingApproval);
                self.end(json!({"run_id": run.run_id, "status": run.status, "ticket_id": ticket_id}));
            }
            // A store that is away for a moment does not end the stream; its patience does.
            Err(_) if self.app.clock.monotonic() >= self.ends_at => {
                self.end(json!({"run_id": self.run_id, "status": null}));
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// Puts a frame of this run into line; says whether the row may have changed.
    fn take(&mut self, frame: &LiveFrame) -> bool {
        let kind = match frame {
            LiveFrame::Event(event) if concerns(event, &self.run_id) => event.kind,
            LiveFrame::Event(_) => return false,
            LiveFrame::Dropped(_) => "events_dropped",
        };
        self.ready.push_back(Event::default().event(kind).data(frame.to_text()));
        may_settle(kind)
    }

    fn end(&mut self, how: Value) {
        self.ready.push_back(Event::default().event("end").data(how.to_string()));
        self.over = true;
    }
}

pub(crate) fn stream_doc() -> Operation {
    with_input(Operation::new("stream_agent", "Invocation", "The same, and streams the events of the run"))
        .describe(
            "Server-sent events: one for each live event of the run, named by its `type`. The last one is `end` with \
             `run_id`, `status` and, when the run waits for a person, `ticket_id`. After 300 s the stream ends with the \
             status of that moment; the run goes on.",
        )
        .stream("The events of the run until it has ended or waits for a person")
}
