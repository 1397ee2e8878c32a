//! The door of the console: rate limit, cookie, origin, role, a place at the bench, a limit of time; and on the way out
//! the wording of outages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use domain::role::Role;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, header};

use super::app::Console;
use super::fallback;
use super::files;
use super::origin::{self, Origin};
use super::session::NoSession;
use super::table::Rules;
use crate::app::App;
use crate::error::ApiError;
use crate::layers::client::client_ip;
use crate::layers::gate::{Identity, note_refusal};
use crate::layers::rate::{Caller, Verdict};
use crate::ports::AppError;
use crate::route::{Access, BodyKind, RateClass, RouteFacts};
use crate::socket::{Close, Entry, Pass, is_handshake};
use crate::token::Claims;

const UNREACHABLE: &str = "Cannot reach Holly Grace agents server";
const TOO_LONG: &str = "Agents server did not answer in time";

/// What the door of one route knows.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) app: App,
    pub(super) console: Console,
    pub(super) rules: Rules,
}

/// The door of one declared route.
pub(super) async fn declared(State(door): State<Door>, request: Request, next: Next) -> Response {
    let Door { app, console, rules } = door;
    let (mut response, verdict) = match admit(&app, &console, &rules.facts, request).await {
        Ok((request, verdict)) => (timed(&console, &rules, request, next).await, verdict),
        Err((error, verdict)) => (error.into_response(), verdict),
    };
    reword(&mut response, &rules);
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut());
    }
    response.extensions_mut().insert(rules.facts);
    response
}

/// Runs the handler in its time, when there is a place.
async fn timed(console: &Console, rules: &Rules, request: Request, next: Next) -> Response {
    let Some(seat) = console.bench.enter() else { return ApiError::new(Code::ConsoleBusy).into_response() };
    let work = async {
        match seat.work().await {
            Some(_permit) => next.run(request).await,
            None => ApiError::new(Code::ConsoleBusy).into_response(),
        }
    };
    match tokio::time::timeout(rules.limit, work).await {
        Ok(response) => response,
        Err(_) => ApiError::new(Code::TimedOut).into_response(),
    }
}

/// Gives an outage its sentence and its keys, and refusals of sign-in their member.
fn reword(response: &mut Response, rules: &Rules) {
    if rules.facts.path.starts_with("/api/auth/") {
        if let Some(error) = response.extensions_mut().remove::<ApiError>() {
            response.extensions_mut().insert(error.into_detail());
            response.headers_mut().remove(header::WWW_AUTHENTICATE);
        }
        return;
    }
    let sentence = match response.extensions().get::<ApiError>().map(ApiError::code) {
        Some(Code::DatabaseUnavailable) => UNREACHABLE,
        Some(Code::TimedOut) => TOO_LONG,
        _ => return,
    };
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        response.extensions_mut().insert(error.reworded(sentence, fallback::members(rules.fallback)));
    }
}

/// A path that no route declares: a page or file of the web UI, or, under `/api`, nothing.
pub(super) async fn unknown_path(State((app, console)): State<(App, Console)>, request: Request) -> Response {
    let path = request.uri().path();
    let is_api = ["/api", "/ws"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if is_api {
        return undeclared(&app, &console, request, Code::NotFound).await;
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return files::answer(&app, request.uri().path(), request.headers());
    }
    undeclared(&app, &console, request, Code::MethodNotAllowed).await
}

/// A declared path with a method that no route declares.
pub(super) async fn unknown_method(State((app, console)): State<(App, Console)>, request: Request) -> Response {
    undeclared(&app, &console, request, Code::MethodNotAllowed).await
}

async fn undeclared(app: &App, console: &Console, request: Request, code: Code) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let facts = RouteFacts {
        path: "undeclared",
        access: Access::Role(Role::Viewer),
        rate: if reads { RateClass::Read } else { RateClass::Write },
        body: BodyKind::None,
    };
    let (error, verdict) = match admit(app, console, &facts, request).await {
        Ok((_, verdict)) => (ApiError::new(code), verdict),
        Err(refused) => refused,
    };
    let mut response = error.into_response();
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut());
    }
    response
}

type Admitted = (Request, Option<Verdict>);
type Refused = (ApiError, Option<Verdict>);

async fn admit(app: &App, console: &Console, facts: &RouteFacts, mut request: Request) -> Result<Admitted, Refused> {
    let ip = client_ip(request.extensions(), request.headers(), &app.settings.trusted_proxies);
    // The signature is checked first because the limit counts by the user; only then is the store asked.
    let needed = facts.access.role();
    let peeked = needed.map(|_| console.sessions.peek(request.headers()));
    let subject = peeked.as_ref().and_then(|peeked| peeked.as_ref().ok()).map(|claims| claims.sub.as_str());
    let verdict = app.limiter.count(Caller::new(ip, subject), facts.rate, app.clock.monotonic());
    if let Some(over) = verdict.filter(|verdict| !verdict.allowed) {
        return Err((ApiError::rate_limited(over.reset_s).into_detail(), verdict));
    }
    if let (Some(needed), Some(peeked)) = (needed, peeked) {
        if facts.body == BodyKind::Socket && is_handshake(request.headers()) {
            let entry = entry(app, console, needed, peeked, request.headers()).await;
            let entry = entry.map_err(|error| (ApiError::from(error), verdict))?;
            request.extensions_mut().insert(entry);
            return Ok((request, verdict));
        }
        let claims = signed_in(console, peeked).await.map_err(|error| (error, verdict))?;
        check_origin(app, request.method(), request.headers()).map_err(|error| (error, verdict))?;
        if !claims.role.includes(needed) {
            note_refusal(app, facts, &claims, ip, &request);
            return Err((ApiError::role_too_low(needed), verdict));
        }
        request.extensions_mut().insert(Identity(Arc::new(claims)));
    } else {
        check_origin(app, request.method(), request.headers()).map_err(|error| (error, verdict))?;
    }
    request.extensions_mut().insert(*facts);
    Ok((request, verdict))
}

/// Whether a handshake may become a socket; a refusal is told as a close code. The origin is looked at first, and must
/// be there: a socket is opened by pages.
async fn entry(
    app: &App,
    console: &Console,
    needed: Role,
    peeked: Result<Claims, NoSession>,
    headers: &HeaderMap,
) -> Result<Entry, AppError> {
    if origin::judge(headers, &app.settings.cors_origins) != Origin::Allowed {
        return Ok(Entry(Err(Close::Forbidden)));
    }
    let confirmed = match peeked {
        Ok(claims) => console.sessions.confirm(claims).await,
        Err(none) => Err(none),
    };
    let claims = match confirmed {
        Ok(claims) => claims,
        Err(NoSession::Unknown(error)) => return Err(error),
        Err(NoSession::Missing | NoSession::Invalid) => return Ok(Entry(Err(Close::Unauthenticated))),
    };
    if !claims.role.includes(needed) {
        return Ok(Entry(Err(Close::Forbidden)));
    }
    let until = chrono::DateTime::from_timestamp(claims.exp, 0).unwrap_or_else(|| app.clock.now());
    let console = console.clone();
    let still_good = move || -> BoxFuture<'static, bool> {
        let (console, claims) = (console.clone(), claims.clone());
        Box::pin(async move {
            match console.sessions.confirm(claims).await {
                Ok(claims) => claims.role.includes(needed),
                // While the store is down nobody is thrown out; the socket shows nothing that was not shown before.
                Err(NoSession::Unknown(_)) => true,
                Err(NoSession::Missing | NoSession::Invalid) => false,
            }
        })
    };
    Ok(Entry(Ok(Pass { until, still_good: Arc::new(still_good) })))
}

async fn signed_in(console: &Console, peeked: Result<Claims, NoSession>) -> Result<Claims, ApiError> {
    let confirmed = match peeked {
        Ok(claims) => console.sessions.confirm(claims).await,
        Err(none) => Err(none),
    };
    confirmed.map_err(no_session)
}

/// The answer to somebody who is not signed in.
pub(super) fn no_session(none: NoSession) -> ApiError {
    match none {
        NoSession::Missing => ApiError::because(Code::AuthenticationRequired, "Not authenticated").into_detail(),
        NoSession::Invalid => ApiError::because(Code::InvalidCredentials, "Invalid or expired token").into_detail(),
        NoSession::Unknown(error) => error.into(),
    }
}

/// What changes something must not come from another site's page, nor in a form that such a page can send unasked.
fn check_origin(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if origin::judge(headers, &app.settings.cors_origins) == Origin::Foreign {
        return Err(ApiError::new(Code::OriginNotAllowed).into_detail());
    }
    let is_json = |value: &http::HeaderValue| {
        let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    };
    match headers.get(header::CONTENT_TYPE) {
        Some(kind) if !is_json(kind) => Err(ApiError::new(Code::UnsupportedMediaType).into_detail()),
        _ => Ok(()),
    }
}
