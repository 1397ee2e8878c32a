//! Rate limit, then authentication, then authorisation; whoever passes may have the body read.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use domain::codes::Code;
use domain::role::Role;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, header};

use crate::app::App;
use crate::error::ApiError;
use crate::layers::client::client_ip;
use crate::layers::offered::{self, Offered};
use crate::layers::rate::{Caller, Verdict};
use crate::layers::trace::RequestId;
use crate::ports::AuditEvent;
use crate::route::{Access, BodyKind, RateClass, RouteFacts};
use crate::socket::{Close, Entry, Pass, is_handshake};
use crate::token::Claims;

/// Stands for the path of a request that no route declares.
const UNDECLARED: &str = "undeclared";

/// Who a good token belongs to; in the extensions of every request behind an authenticated route.
#[derive(Debug, Clone)]
pub struct Identity(pub Arc<Claims>);

/// The gate of one declared route.
pub async fn declared(State((app, facts)): State<(App, RouteFacts)>, request: Request, next: Next) -> Response {
    let (mut response, verdict) = match admit(&app, &facts, request) {
        Ok((request, verdict)) => (next.run(request).await, verdict),
        Err((error, verdict)) => (error.into_response(), verdict),
    };
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut());
    }
    response.extensions_mut().insert(facts);
    response
}

/// The gate of a path that no route declares: strangers learn nothing, not even that it does not exist.
pub async fn unknown_path(State(app): State<App>, request: Request) -> Response {
    undeclared(&app, request, Code::NotFound)
}

/// The gate of a declared path with a method that no route declares.
pub async fn unknown_method(State(app): State<App>, request: Request) -> Response {
    undeclared(&app, request, Code::MethodNotAllowed)
}

fn undeclared(app: &App, request: Request, code: Code) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let facts = RouteFacts {
        path: UNDECLARED,
        access: Access::Role(Role::Viewer),
        rate: if reads { RateClass::Read } else { RateClass::Write },
        body: BodyKind::None,
    };
    let (error, verdict) = match admit(app, &facts, request) {
        Ok((_, verdict)) => (ApiError::new(code), verdict),
        // A role that may do next to nothing still learns that there is no such thing.
        Err((error, verdict)) if error.code() == Code::Forbidden => (ApiError::new(code), verdict),
        Err((error, verdict)) => (error, verdict),
    };
    let mut response = error.into_response();
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut());
    }
    response
}

type Admitted = (Request, Option<Verdict>);
type Refused = (ApiError, Option<Verdict>);

fn admit(app: &App, facts: &RouteFacts, mut request: Request) -> Result<Admitted, Refused> {
    // The token is read first because the limit counts by its subject; whether it is needed is asked afterwards.
    let identity = identify(app, facts, &request);
    let ip = client_ip(request.extensions(), request.headers(), &app.settings.trusted_proxies);
    let subject = identity.as_ref().ok().map(|claims| claims.sub.as_str());
    let verdict = app.limiter.count(Caller::new(ip, subject), facts.rate, app.clock.monotonic());
    if let Some(over) = verdict.filter(|verdict| !verdict.allowed) {
        return Err((ApiError::rate_limited(over.reset_s), verdict));
    }
    if let Some(needed) = facts.access.role() {
        if facts.body == BodyKind::Socket && is_handshake(request.headers()) {
            if let Ok(claims) = &identity
                && !facts.access.admits(claims.role)
            {
                note_refusal(app, facts, claims, ip, &request);
            }
            let entry = entry(app, needed, identity, request.headers());
            request.extensions_mut().insert(entry);
            return Ok((request, verdict));
        }
        let claims = identity.map_err(|code| (ApiError::new(code), verdict))?;
        if !facts.access.admits(claims.role) {
            let error = if claims.role == Role::Webhook {
                ApiError::new(Code::Forbidden)
            } else {
                ApiError::role_too_low(needed)
            };
            note_refusal(app, facts, &claims, ip, &request);
            return Err((error, verdict));
        }
        request.extensions_mut().insert(Identity(Arc::new(claims)));
    }
    request.extensions_mut().insert(*facts);
    Ok((request, verdict))
}

/// Writes down that somebody known asked for more than their role allows. Strangers and unknown paths leave no row, so
/// that nobody without a token can fill the table.
pub(crate) fn note_refusal(app: &App, facts: &RouteFacts, claims: &Claims, ip: IpAddr, request: &Request) {
    if facts.path == UNDECLARED {
        return;
    }
    app.audit.record(AuditEvent {
        action: "role.refused",
        actor: Some(claims.sub.clone()),
        role: Some(claims.role),
        ip: Some(ip),
        target: format!("{} {}", request.method(), facts.path),
        outcome: "denied",
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()),
    });
}

/// Whether a handshake may become a socket. The origin is looked at first: a page of somebody else learns nothing of
/// the token that the browser may have added.
fn entry(app: &App, needed: Role, identity: Result<Claims, Code>, headers: &HeaderMap) -> Entry {
    let listed = |origin: &http::HeaderValue| {
        app.settings.cors_origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes())
    };
    if headers.get_all(header::ORIGIN).iter().any(|origin| !listed(origin)) {
        return Entry(Err(Close::Forbidden));
    }
    Entry(match identity {
        Err(_) => Err(Close::Unauthenticated),
        Ok(claims) if !claims.role.includes(needed) => Err(Close::Forbidden),
        Ok(claims) => {
            let app = app.clone();
            let until = DateTime::from_timestamp(claims.exp, 0).unwrap_or_default();
            let still_good = move || -> BoxFuture<'static, bool> {
                Box::pin(std::future::ready(!app.revocations.is_revoked(&claims.jti)))
            };
            Ok(Pass { until, still_good: Arc::new(still_good) })
        }
    })
}

fn identify(app: &App, facts: &RouteFacts, request: &Request) -> Result<Claims, Code> {
    let mut sent = request.headers().get_all(header::AUTHORIZATION).iter();
    let token = match sent.next() {
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "))
            .ok_or(Code::InvalidCredentials)?
            .to_owned(),
        None if facts.body == BodyKind::Socket => offered_token(request).ok_or(Code::AuthenticationRequired)?,
        None => return Err(Code::AuthenticationRequired),
    };
    if sent.next().is_some() {
        return Err(Code::InvalidCredentials);
    }
    let claims = app.tokens.verify(&token, app.clock.now()).map_err(|_| Code::InvalidCredentials)?;
    if app.revocations.is_revoked(&claims.jti) { Err(Code::InvalidCredentials) } else { Ok(claims) }
}

/// The token of a client that can set no header.
fn offered_token(request: &Request) -> Option<String> {
    let protocol = offered::subprotocol(request.headers());
    let by_protocol = protocol.as_deref().and_then(|name| name.strip_prefix(offered::SUBPROTOCOL)).map(str::to_owned);
    by_protocol.or_else(|| request.extensions().get::<Offered>().map(|offered| offered.token().to_owned()))
}
