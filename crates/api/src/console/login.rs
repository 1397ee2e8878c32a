//! `/api/auth`: signing in and out.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::codes::Code;
use domain::time::{Timestamp, to_text};
use http::{Extensions, HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::app::Console;
use super::password;
use super::ports::{Account, Attempt};
use super::session::{LIFE, Made, set_cookie};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Json as Body;
use crate::layers::client::{came_over_https, client_ip};
use crate::layers::gate::Identity;
use crate::layers::trace::RequestId;
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, FieldError};
use crate::token::{Claims, TokenError};

/// Longest e-mail address, RFC 5321 section 4.5.3.1.
pub(super) const MAX_EMAIL_BYTES: usize = 254;
/// A cookie younger than this is not refreshed.
const FRESH_SECONDS: i64 = 3600;

/// Who wants to sign in.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    email: Option<String>,
    password: Option<String>,
}

impl std::fmt::Debug for LoginBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginBody").field("email", &self.email).finish_non_exhaustive()
    }
}

/// POST `/api/auth/login`
pub async fn login(
    State(app): State<App>,
    Extension(console): Extension<Console>,
    scene: Scene,
    Body { value: body, .. }: Body<LoginBody>,
) -> Result<Response, ApiError> {
    let missing: Vec<FieldError> = [("email", body.email.is_none()), ("password", body.password.is_none())]
        .into_iter()
        .filter(|(_, missing)| *missing)
        .map(|(name, _)| FieldError::new(name, "is required"))
        .collect();
    let (Some(email), Some(secret)) = (body.email, body.password) else {
        return Err(ApiError::fields(Code::InvalidBody, missing));
    };
    let email = email.trim().to_lowercase();
    if !console.accounts.any().await? {
        return Err(ApiError::new(Code::LoginNotConfigured));
    }
    let ip = client_ip(&scene.extensions, &scene.headers, &app.settings.trusted_proxies);
    let attempt = |outcome, account: Option<&Account>| Attempt {
        action: "console.login",
        email: Some(email.chars().take(MAX_EMAIL_BYTES).collect()),
        role: account.map(|account| account.role),
        ip: ip.to_string(),
        outcome,
        request_id: scene.request_id(),
    };
    let began = app.clock.monotonic();
    if let Err(seconds) = console.lockout.begin(ip, &email, began) {
        // Not written down each time: a flood must not fill the table. The failures before it are there.
        return Err(ApiError::rate_limited(seconds));
    }
    let account = match checked(&console, &email, secret).await {
        Ok(account) => account,
        Err(error) => {
            // An attempt that could not be judged is nobody's failure.
            console.lockout.succeeded(ip, &email, began);
            return Err(error.into());
        }
    };
    let Some(account) = account else {
        console.accounts.record(attempt("denied", None)).await?;
        return Err(ApiError::new(Code::LoginRefused));
    };
    console.lockout.succeeded(ip, &email, began);
    let made = console.sessions.open(&account, app.clock.now()).map_err(AppError::internal)?;
    console.accounts.record(attempt("ok", Some(&account))).await?;
    Ok(with_cookie(&app, &console, &scene, &made.token, LIFE, who(&made.claims)))
}

/// The user whose password this is. The work is the same whether or not there is such a user.
async fn checked(console: &Console, email: &str, secret: String) -> Result<Option<Account>, AppError> {
    let plausible = email.len() <= MAX_EMAIL_BYTES && secret.chars().count() <= password::MAX_CHARS;
    let account = if plausible { console.accounts.find(email).await? } else { None };
    let account = account.filter(|account| !account.disabled);
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let _turn = console.hashing.acquire().await.map_err(AppError::internal)?;
    let secret = if plausible { secret } else { String::new() };
    let fits = tokio::task::spawn_blocking(move || password::verify(&secret, hash.as_deref()));
    let fits = fits.await.map_err(AppError::internal)?;
    Ok(account.filter(|_| fits))
}

pub(super) fn login_doc() -> Operation {
    Operation::new("login", "Sign-in", "Signs in and sets the cookie `holly_token`")
        .describe(
            "Five failures a minute from one address, or twenty an hour on one account, and further attempts wait.",
        )
        .body(
            schema::request(
                &["email", "password"],
                &[
                    ("email", schema::text_up_to(MAX_EMAIL_BYTES)),
                    ("password", schema::text_up_to(password::MAX_CHARS)),
                ],
            ),
            json!({"email": "owner@holly.localhost", "password": "a password"}),
        )
        .answer(200, "Signed in", identity_schema())
        .refuses(&[Code::LoginRefused, Code::LoginNotConfigured, Code::DatabaseUnavailable])
}

/// GET `/api/auth/me`
pub async fn me(Extension(Identity(claims)): Extension<Identity>) -> Json<Value> {
    Json(who(&claims))
}

pub(super) fn me_doc() -> Operation {
    Operation::new("show_me", "Sign-in", "Who is signed in").answer(200, "The user", identity_schema())
}

/// POST `/api/auth/logout`
pub async fn logout(State(app): State<App>, Extension(console): Extension<Console>, scene: Scene) -> Response {
    // A cookie that no longer counts was signed out before; writing that down again would let anybody fill the table.
    let signed_in = match console.sessions.peek(&scene.headers) {
        Ok(claims) => console.sessions.confirm(claims).await,
        Err(none) => Err(none),
    };
    if let Ok(claims) = signed_in {
        let ip = client_ip(&scene.extensions, &scene.headers, &app.settings.trusted_proxies);
        let attempt = Attempt {
            action: "console.logout",
            email: Some(claims.sub.clone()),
            role: Some(claims.role),
            ip: ip.to_string(),
            outcome: "ok",
            request_id: scene.request_id(),
        };
        // The person is signed out in this browser whatever the store says; the log tells that it did not hear of it.
        let written = match console.sessions.close(&claims).await {
            Ok(()) => console.accounts.record(attempt).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::error!(%error, "a sign-out could not be written down");
        }
    }
    with_cookie(&app, &console, &scene, "", Duration::ZERO, json!({"status": "logged_out"}))
}

pub(super) fn logout_doc() -> Operation {
    Operation::new("logout", "Sign-in", "Signs out: clears the cookie, and it counts nowhere any more").answer(
        200,
        "Signed out, signed in or not",
        schema::object(&[("status", schema::one_of(&["logged_out"]))]),
    )
}

/// POST `/api/auth/refresh`
pub async fn refresh(
    State(app): State<App>,
    Extension(console): Extension<Console>,
    Extension(Identity(claims)): Extension<Identity>,
    scene: Scene,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    if now.timestamp() - claims.iat < FRESH_SECONDS {
        return Ok(Json(who(&claims)).into_response());
    }
    let account = console.accounts.find(&claims.sub).await?.filter(|account| !account.disabled);
    let expired = || ApiError::because(Code::InvalidCredentials, "Invalid or expired token");
    let account = account.ok_or_else(expired)?;
    let since = moment(claims.auth_time.unwrap_or(claims.iat)).ok_or_else(expired)?;
    let Made { claims: new, token } = match console.sessions.open(&account, since) {
        Ok(made) => made,
        Err(TokenError::Life) => return Err(expired()),
        Err(error) => return Err(AppError::internal(error).into()),
    };
    console.sessions.close(&claims).await?;
    let life = u64::try_from(new.exp - new.iat).unwrap_or_default();
    Ok(with_cookie(&app, &console, &scene, &token, Duration::from_secs(life), who(&new)))
}

pub(super) fn refresh_doc() -> Operation {
    Operation::new("refresh_session", "Sign-in", "A new cookie for one that is older than an hour")
        .describe("A session lives seven days at most, however often it is refreshed. A younger cookie stays as it is.")
        .answer(200, "The user", identity_schema())
}

/// What the handlers here need of a request besides its body.
#[derive(Debug, Clone)]
pub struct Scene {
    headers: HeaderMap,
    extensions: Extensions,
}

impl Scene {
    fn request_id(&self) -> Option<String> {
        self.extensions.get::<RequestId>().map(|id| id.0.clone())
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Scene {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self { headers: parts.headers.clone(), extensions: parts.extensions.clone() })
    }
}

fn with_cookie(app: &App, console: &Console, scene: &Scene, token: &str, life: Duration, body: Value) -> Response {
    // Believing a stranger here only keeps the stranger's own cookie off plain HTTP.
    let says_https = scene
        .headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(',').next())
        .is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"));
    let secure = console.cookie_secure
        || says_https
        || came_over_https(&scene.extensions, &scene.headers, &app.settings.trusted_proxies);
    let mut response = Json(body).into_response();
    if let Some(line) = set_cookie(token, life, secure) {
        response.headers_mut().insert(header::SET_COOKIE, line);
    }
    response
}

fn moment(seconds: i64) -> Option<Timestamp> {
    chrono::DateTime::from_timestamp(seconds, 0)
}

fn who(claims: &Claims) -> Value {
    json!({"email": claims.sub, "role": claims.role, "expires_at": moment(claims.exp).map(to_text)})
}

fn identity_schema() -> Value {
    schema::object(&[
        ("email", schema::text()),
        ("role", schema::one_of(&["viewer", "operator", "admin"])),
        ("expires_at", schema::moment()),
    ])
}
