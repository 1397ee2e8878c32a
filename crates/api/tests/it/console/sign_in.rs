//! Signing in and out, and what ends a session.

use api::console::password;
use axum::body::Body;
use clock::Ids;
use domain::role::Role;
use http::header;
use serde_json::json;

use super::ConsoleApp;
use super::played::{PASSWORD, email};
use crate::app::builder;

fn assert_signed_out(answer: &crate::app::Answer) {
    answer.assert_detail(401, "invalid_credentials", "Invalid or expired token");
}

#[tokio::test]
async fn the_right_password_sets_a_cookie_that_opens_the_console() {
    let app = ConsoleApp::new();
    let answer = app.login("  Admin@Shop.Example ", PASSWORD).await;
    let body = answer.json();
    assert_eq!((&body["email"], &body["role"]), (&json!(email(Role::Admin)), &json!("admin")));
    let line = answer.header("set-cookie").unwrap().to_owned();
    assert!(line.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400"), "{line}");
    let me = app.with_cookie(&answer.cookie().unwrap(), "GET", "/api/auth/me", None).await;
    assert_eq!(me.json(), body);
    let attempts = app.accounts.attempts.lock().unwrap();
    assert_eq!((attempts[0].action, attempts[0].outcome), ("console.login", "ok"));
    assert_eq!((attempts[0].ip.as_str(), attempts[0].role), ("203.0.113.1", Some(Role::Admin)));
}

#[tokio::test]
async fn every_way_not_to_be_let_in_looks_the_same() {
    let app = ConsoleApp::new();
    app.accounts.change(&email(Role::Viewer), |user| user.disabled = true);
    let long = "x".repeat(5_000);
    for (who, secret) in [
        (email(Role::Admin), "wrong"),
        ("nobody@shop.example".to_owned(), PASSWORD),
        (email(Role::Viewer), PASSWORD),
        (email(Role::Operator), long.as_str()),
        (format!("{}@x", "a".repeat(300)), PASSWORD),
    ] {
        let answer = app.login(&who, secret).await;
        answer.assert_detail(401, "login_refused", "Invalid credentials");
        assert_eq!((answer.cookie(), answer.json().as_object().unwrap().len()), (None, 3));
    }
    let attempts = app.accounts.attempts.lock().unwrap();
    assert_eq!(attempts.len(), 5);
    assert!(attempts.iter().all(|attempt| attempt.outcome == "denied" && attempt.role.is_none()));
    assert!(!format!("{attempts:?}").contains(PASSWORD));
}

#[tokio::test]
async fn the_sixth_attempt_within_a_minute_waits_even_with_the_right_password() {
    let app = ConsoleApp::new();
    for _ in 0..5 {
        app.login(&email(Role::Admin), "wrong").await.assert_detail(401, "login_refused", "Invalid credentials");
    }
    let answer = app.login(&email(Role::Admin), PASSWORD).await;
    answer.assert_detail(429, "rate_limited", "Rate limit exceeded");
    assert_eq!((answer.header("retry-after"), &answer.json()["retry_after"]), (Some("60"), &json!(60)));
    app.pass(60);
    assert_eq!(app.login(&email(Role::Admin), PASSWORD).await.status, 200);
}

#[tokio::test]
async fn without_a_user_signing_in_is_off() {
    let app = ConsoleApp::new();
    app.accounts.users.lock().unwrap().clear();
    app.login("owner@shop.example", PASSWORD).await.assert_detail(
        503,
        "login_not_configured",
        "Login is not configured",
    );
}

#[tokio::test]
async fn a_login_without_its_members_is_told_which() {
    let app = ConsoleApp::new();
    let request = builder("POST", "/api/auth/login").header(header::CONTENT_TYPE, "application/json");
    let answer = app.send(request.body(Body::from(r#"{"email":"a@b.cd"}"#)).unwrap()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["details"], json!([{"field": "password", "message": "is required"}]));
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_holds_the_cookie() {
    let app = ConsoleApp::new();
    let token = app.token(Role::Viewer);
    assert_eq!(app.with_cookie(&token, "GET", "/api/auth/me", None).await.status, 200);
    let answer = app.with_cookie(&token, "POST", "/api/auth/logout", None).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"status": "logged_out"})));
    let line = answer.header("set-cookie").unwrap();
    assert_eq!(line, "holly_token=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
    assert_signed_out(&app.with_cookie(&token, "GET", "/api/auth/me", None).await);
    app.pass(10);
    assert_signed_out(&app.with_cookie(&token, "GET", "/api/auth/me", None).await);
    for nobody in ["nonsense", token.as_str()] {
        let again = app.with_cookie(nobody, "POST", "/api/auth/logout", None).await;
        assert_eq!(again.json(), json!({"status": "logged_out"}), "signed in or not");
    }
}

#[tokio::test]
async fn a_disabled_user_a_new_password_and_another_role_count_within_seconds() {
    let app = ConsoleApp::new();
    let operator = app.token(Role::Operator);
    let path = "/api/tower/tickets/42/decide";
    let approve = || Some(json!({"decision": "approve"}));
    assert_eq!(app.with_cookie(&operator, "POST", path, approve()).await.status, 200);
    app.accounts.change(&email(Role::Operator), |user| user.role = Role::Viewer);
    app.pass(3);
    app.with_cookie(&operator, "POST", path, approve()).await.assert_error(403, "forbidden");
    {
        let noted = app.agents.audit.0.lock().unwrap();
        assert_eq!((noted[0].action, noted[0].actor.as_deref()), ("role.refused", Some("operator@shop.example")));
    }
    app.accounts.change(&email(Role::Operator), |user| user.disabled = true);
    app.pass(3);
    assert_signed_out(&app.with_cookie(&operator, "GET", "/api/auth/me", None).await);

    let admin = app.token(Role::Admin);
    assert_eq!(app.with_cookie(&admin, "GET", "/api/auth/me", None).await.status, 200);
    let new = password::hash("another password", &Ids::random()).unwrap();
    app.accounts.change(&email(Role::Admin), |user| user.password_hash = new);
    app.pass(3);
    assert_signed_out(&app.with_cookie(&admin, "GET", "/api/auth/me", None).await);
}

#[tokio::test]
async fn an_old_cookie_is_exchanged_until_the_session_is_seven_days_old() {
    let app = ConsoleApp::new();
    let mut token = app.token(Role::Viewer);
    let young = app.with_cookie(&token, "POST", "/api/auth/refresh", None).await;
    assert_eq!((young.status.as_u16(), young.cookie()), (200, None), "younger than an hour: kept");
    for _ in 0..7 {
        app.pass(23 * 3600);
        let answer = app.with_cookie(&token, "POST", "/api/auth/refresh", None).await;
        let new = answer.cookie().unwrap();
        assert_signed_out(&app.with_cookie(&token, "GET", "/api/auth/me", None).await);
        token = new;
    }
    // 161 of 168 hours are over: the last cookie ends with the session.
    app.pass(7 * 3600);
    assert_signed_out(&app.with_cookie(&token, "POST", "/api/auth/refresh", None).await);
}

#[tokio::test]
async fn the_cookie_is_secure_when_the_browser_came_over_https() {
    let app = ConsoleApp::new();
    let request = builder("POST", "/api/auth/logout").header("x-forwarded-proto", "https, http");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.header("set-cookie").unwrap().ends_with("; Secure"));
}
