//! What must hold for every route of the console, whatever it does.

use api::console::fallback;
use api::console::table::{ConsoleRoute, routes};
use api::console_document;
use api::route::{Access, BodyKind};
use axum::body::Body;
use domain::role::Role;
use http::{Method, header};
use serde_json::{Value, json};

use super::ConsoleApp;
use super::played::{ROLES, email};
use crate::app::{builder, filled};
use crate::engine::Trouble;
use crate::openapi::validator;

fn body_of(entry: &ConsoleRoute) -> Option<Value> {
    entry.route.operation.body.as_ref().map(|body| body.example.clone())
}

fn protected() -> impl Iterator<Item = ConsoleRoute> {
    routes().into_iter().filter(ConsoleRoute::is_protected)
}

/// Protected routes that answer a plain request.
fn plain() -> impl Iterator<Item = ConsoleRoute> {
    protected().filter(|entry| !entry.is_socket())
}

fn place(entry: &ConsoleRoute) -> String {
    format!("{} {}", entry.route.method, entry.route.facts.path)
}

#[test]
fn only_these_routes_are_open_to_strangers() {
    let open: Vec<_> = routes().iter().filter(|entry| !entry.is_protected()).map(place).collect();
    assert_eq!(open, ["POST /api/auth/login", "POST /api/auth/logout", "GET /api/health"]);
}

#[tokio::test]
async fn every_other_route_refuses_who_is_not_signed_in_before_it_looks_at_the_body() {
    let app = ConsoleApp::new();
    let of_agents = app.agents.token_of("owner", Role::Admin);
    let expired = app.token(Role::Admin);
    app.pass(24 * 3600);
    for entry in protected() {
        let method = entry.route.method.as_str();
        let path = filled(entry.route.facts.path);
        let request = builder(method, &path).header(header::CONTENT_TYPE, "application/json");
        let answer = app.send(request.body(Body::from("not json \0")).unwrap()).await;
        answer.assert_detail(401, "authentication_required", "Not authenticated");
        for token in [expired.as_str(), of_agents.as_str(), "nonsense"] {
            let answer = app.with_cookie(token, method, &path, Some(json!({"x": 1}))).await;
            answer.assert_detail(401, "invalid_credentials", "Invalid or expired token");
        }
        // A cookie's token opens nothing as a bearer token.
        let bearer = format!("Bearer {}", app.token(Role::Admin));
        let request = builder(method, &path).header(header::AUTHORIZATION, bearer);
        app.send(request.body(Body::empty()).unwrap()).await.assert_detail(
            401,
            "authentication_required",
            "Not authenticated",
        );
    }
}

#[tokio::test]
async fn the_agents_server_refuses_the_console_s_token() {
    let app = ConsoleApp::new();
    let request =
        builder("GET", "/tower/runs").header(header::AUTHORIZATION, format!("Bearer {}", app.token(Role::Admin)));
    let answer = app.agents.send(request.body(Body::empty()).unwrap()).await;
    answer.assert_error(401, "invalid_credentials");
}

#[tokio::test]
async fn every_route_opens_to_exactly_the_roles_of_the_table() {
    let app = ConsoleApp::new();
    for entry in plain() {
        let Access::Role(needed) = entry.route.facts.access else { continue };
        for role in ROLES {
            let path = filled(entry.route.facts.path);
            let answer = app.ask(role, entry.route.method.as_str(), &path, body_of(&entry)).await;
            let place = format!("{} as {}: {:?}", place(&entry), role.as_str(), answer.bytes);
            if role.includes(needed) {
                assert!(answer.status.is_success() || answer.status == 409, "{place}");
            } else {
                let wanted = if needed == Role::Admin { "Admin role required" } else { "Operator role required" };
                assert_eq!(answer.assert_error(403, "forbidden")["error"], wanted, "{place}");
            }
        }
    }
}

#[tokio::test]
async fn every_answer_and_every_example_fits_the_document() {
    let app = ConsoleApp::new();
    let document = console_document();
    for entry in routes() {
        if let Some(body) = &entry.route.operation.body {
            assert!(validator(&document, &body.schema).is_valid(&body.example), "{}", place(&entry));
        }
        let method = entry.route.method.as_str();
        let path = entry.route.facts.path;
        let answer = app.ask(Role::Admin, method, &filled(path), body_of(&entry)).await;
        let operation = &document["paths"][path][method.to_lowercase()];
        let schema = &operation["responses"][answer.status.as_str()]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{}: {} is not documented", place(&entry), answer.status);
        let value = answer.json();
        let errors: Vec<String> =
            validator(&document, schema).iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?} {value}", place(&entry));
    }
}

#[tokio::test]
async fn every_answer_of_a_store_that_is_down_carries_its_empty_keys_and_its_status() {
    let app = ConsoleApp::new();
    app.agents.engine.is_in(Trouble::DatabaseDown);
    let document = console_document();
    let mut seen = 0;
    for entry in protected() {
        let (Some(agents), method) = (entry.rules.mirrors, entry.route.method.as_str()) else { continue };
        // Some answers are part of the program, and no store is asked for them.
        if app.agents.ask(Role::Admin, method, &filled(agents), body_of(&entry)).await.status != 503 {
            continue;
        }
        let answer = app.ask(Role::Admin, method, &filled(entry.route.facts.path), body_of(&entry)).await;
        let body = answer.assert_error(503, "database_unavailable");
        assert_eq!(body["error"], "Cannot reach Holly Grace agents server", "{}", place(&entry));
        let keys = fallback::members(entry.rules.fallback);
        assert_eq!(body.as_object().unwrap().len(), 3 + keys.len(), "{body}");
        for (key, empty) in keys {
            assert_eq!(body[&key], empty, "{}", place(&entry));
            seen += 1;
        }
        let operation = &document["paths"][entry.route.facts.path][method.to_lowercase()];
        let schema = &operation["responses"]["503"]["content"]["application/json"]["schema"];
        assert!(validator(&document, schema).is_valid(&body), "{}: {body}", place(&entry));
    }
    assert!(seen >= 10, "{seen}");
}

#[tokio::test]
async fn a_session_that_cannot_be_looked_up_is_an_outage_and_not_a_sign_out() {
    let app = ConsoleApp::new();
    app.accounts.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = app.get(Role::Viewer, "/api/tower/runs").await;
    let body = answer.assert_error(503, "database_unavailable");
    assert_eq!((&body["runs"], &body["count"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn whatever_changes_something_refuses_pages_of_other_sites_and_forms() {
    let app = ConsoleApp::new();
    let token = app.token(Role::Admin);
    let cookie = format!("holly_token={token}");
    for entry in routes().iter().filter(|entry| entry.route.method != Method::GET) {
        let path = filled(entry.route.facts.path);
        let request = || builder(entry.route.method.as_str(), &path).header(header::COOKIE, &cookie);
        for origin in ["http://evil.example", "null", "http://console.example.evil"] {
            let foreign = request()
                .header(header::HOST, "console.example")
                .header(header::ORIGIN, origin)
                .header(header::CONTENT_TYPE, "application/json");
            let answer = app.send(foreign.body(Body::from("{}")).unwrap()).await;
            answer.assert_detail(403, "origin_not_allowed", "Origin not allowed");
        }
        for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
            let form = request().header(header::CONTENT_TYPE, kind).body(Body::from("a=1")).unwrap();
            let answer = app.send(form).await;
            answer.assert_detail(415, "unsupported_media_type", "Content-Type must be application/json");
        }
    }
    let decide = |origin: &str| {
        builder("POST", "/api/tower/tickets/42/decide")
            .header(header::COOKIE, &cookie)
            .header(header::HOST, "console.example")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Body::from(r#"{"decision":"approve"}"#))
            .unwrap()
    };
    for origin in ["https://console.example", "http://localhost:3000"] {
        assert_eq!(app.send(decide(origin)).await.status, 200, "{origin}");
    }
    assert_eq!(app.agents.engine.decisions.lock().unwrap().len(), 2, "no refused request decided anything");
}

#[tokio::test]
async fn every_body_route_names_the_unknown_and_the_missing_member() {
    let app = ConsoleApp::new();
    for entry in routes().iter().filter(|entry| matches!(entry.route.facts.body, BodyKind::Json(_))) {
        let (method, path) = (entry.route.method.as_str(), filled(entry.route.facts.path));
        let doc = entry.route.operation.body.as_ref().unwrap();
        let mut body = doc.example.clone();
        body["no_such_member"] = json!(1);
        let answer = app.ask(Role::Admin, method, &path, Some(body)).await;
        assert_eq!(answer.status, 400, "{}: {:?}", place(entry), answer.bytes);
        assert_eq!(answer.json()["details"][0]["field"], "no_such_member");
        for name in doc.schema["required"].as_array().unwrap() {
            let mut body = doc.example.clone();
            body.as_object_mut().unwrap().remove(name.as_str().unwrap());
            let answer = app.ask(Role::Admin, method, &path, Some(body)).await;
            assert_eq!(answer.status, 400, "{}: {:?}", place(entry), answer.bytes);
            let json = answer.json();
            let text = json["error"].as_str().or(json["detail"].as_str()).unwrap();
            assert!(text.contains("required"), "{json}");
        }
    }
}

#[tokio::test]
async fn an_unknown_path_tells_strangers_nothing() {
    let app = ConsoleApp::new();
    let ask = |path: &'static str| builder("GET", path).body(Body::empty()).unwrap();
    for path in ["/api", "/api/", "/api/nothing", "/ws/nothing", "/api/tower/runs/start"] {
        app.send(ask(path)).await.assert_detail(401, "authentication_required", "Not authenticated");
    }
    app.get(Role::Viewer, "/api/nothing").await.assert_error(404, "not_found");
    app.get(Role::Viewer, "/api/tower/runs/start").await.assert_error(405, "method_not_allowed");
    app.send(ask("/nothing.txt")).await.assert_error(404, "not_found");
    let root = app.send(ask("/")).await.json();
    assert_eq!(root["service"], "holly-grace");
    let answer = app.ask(Role::Admin, "POST", "/", Some(json!({}))).await;
    answer.assert_error(405, "method_not_allowed");
}

#[tokio::test]
async fn the_rate_limit_counts_by_user_and_says_detail() {
    let rates = api::settings::Rates { reads: 2, ..api::settings::Rates::default() };
    let app = ConsoleApp::with(api::Settings { rates, ..api::Settings::default() });
    for _ in 0..2 {
        assert_eq!(app.get(Role::Viewer, "/api/auth/me").await.status, 200);
    }
    let answer = app.get(Role::Viewer, "/api/auth/me").await;
    answer.assert_detail(429, "rate_limited", "Rate limit exceeded");
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(app.get(Role::Admin, "/api/auth/me").await.status, 200, "{}", email(Role::Admin));
}
