//! Walks over the table: what must hold for every route, whatever it does.

use std::collections::BTreeSet;

use api::route::{Access, BodyKind, Route};
use api::routes::agents;
use axum::body::Body;
use domain::role::Role;
use http::header;
use serde_json::{Value, json};

use crate::app::{TestApp, builder, filled};

const ROLES: [Role; 4] = [Role::Viewer, Role::Operator, Role::Admin, Role::Webhook];

fn body_of(route: &Route) -> Option<Value> {
    route.operation.body.as_ref().map(|body| body.example.clone())
}

fn with_json_body() -> Vec<Route> {
    agents().into_iter().filter(|route| matches!(route.facts.body, BodyKind::Json(_))).collect()
}

#[test]
fn no_route_is_declared_twice_and_no_operation_shares_its_name() {
    let table = agents();
    let routes: BTreeSet<_> = table.iter().map(|route| (route.method.as_str(), route.facts.path)).collect();
    let names: BTreeSet<_> = table.iter().map(|route| route.operation.id).collect();
    assert_eq!((routes.len(), names.len()), (table.len(), table.len()));
}

#[test]
fn only_these_routes_are_open_to_strangers() {
    let open: Vec<_> = agents()
        .iter()
        .filter(|route| route.facts.access.role().is_none())
        .map(|route| (route.method.to_string(), route.facts.path))
        .collect();
    let wanted = [
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", "/health/live"),
        ("POST", "/webhooks/shopify"),
        ("POST", "/webhooks/shopify/{*topic}"),
        ("POST", "/webhooks/stripe"),
        ("POST", "/webhooks/printful"),
    ];
    assert_eq!(open, wanted.map(|(method, path)| (method.to_owned(), path)));
}

#[tokio::test]
async fn every_route_that_needs_a_token_refuses_without_one_before_it_looks_at_the_body() {
    let app = TestApp::new();
    for route in agents().iter().filter(|route| route.facts.access.role().is_some()) {
        let request =
            builder(route.method.as_str(), &filled(route.facts.path)).header(header::CONTENT_TYPE, "application/json");
        let answer = app.send(request.body(Body::from("not json \0")).unwrap()).await;
        let body = answer.assert_error(401, "authentication_required");
        assert_eq!(body["error"], "Authentication required");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn every_route_opens_to_exactly_the_roles_of_the_table() {
    let app = TestApp::new();
    for route in agents() {
        let Some(needed) = route.facts.access.role() else { continue };
        for role in ROLES {
            let answer = app.ask(role, route.method.as_str(), &filled(route.facts.path), body_of(&route)).await;
            let place = format!("{} {} as {}", route.method, route.facts.path, role.as_str());
            if route.facts.access.admits(role) {
                assert!(
                    answer.status.is_success() || [409, 426].contains(&answer.status.as_u16()),
                    "{place}: {} {:?}",
                    answer.status,
                    answer.bytes
                );
                continue;
            }
            let body = answer.assert_error(403, "forbidden");
            let wanted = match (role, needed) {
                (Role::Webhook, _) => "Forbidden",
                (_, Role::Admin) => "Admin role required",
                _ => "Operator role required",
            };
            assert_eq!(body["error"], wanted, "{place}");
        }
    }
}

#[tokio::test]
async fn the_example_of_every_body_is_accepted_and_every_answer_is_documented() {
    let app = TestApp::new();
    for route in agents() {
        if route.facts.access == Access::Signed {
            continue;
        }
        let answer = app.ask(Role::Admin, route.method.as_str(), &filled(route.facts.path), body_of(&route)).await;
        let documented: Vec<u16> = route.operation.answers.iter().map(|answer| answer.status).collect();
        let place = format!("{} {}: {} {:?}", route.method, route.facts.path, answer.status, answer.bytes);
        assert!(
            documented.contains(&answer.status.as_u16()) || [409, 426].contains(&answer.status.as_u16()),
            "{place}"
        );
    }
}

#[tokio::test]
async fn every_body_route_refuses_what_is_no_json_object() {
    let app = TestApp::new();
    for route in with_json_body() {
        let path = filled(route.facts.path);
        for text in ["not json", "{", "{\"a\":}", "{} {}", "\u{feff}{}"] {
            app.post_bytes(&path, text).await.assert_error(400, "invalid_json");
        }
        app.post_bytes(&path, vec![0xff, 0xfe]).await.assert_error(400, "invalid_json");
        for text in ["[]", "1", "null", "\"text\""] {
            app.post_bytes(&path, text).await.assert_error(400, "invalid_body");
        }
        app.post_bytes(&path, "{\"reason\":\"a\\u0000b\"}").await.assert_error(400, "nul_character");
        app.post_bytes(&path, "{\"reason\":\"a\0b\"}").await.assert_error(400, "nul_character");
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(64), "]".repeat(64));
        app.post_bytes(&path, deep).await.assert_error(400, "json_too_deep");
    }
}

#[tokio::test]
async fn every_body_route_names_the_unknown_member() {
    let app = TestApp::new();
    for route in with_json_body() {
        let mut body = body_of(&route).unwrap();
        body["no_such_member"] = json!(1);
        let answer = app.post(Role::Admin, &filled(route.facts.path), body).await.assert_error(400, "invalid_body");
        assert_eq!(answer["details"], json!([{"field": "no_such_member", "message": "is not known here"}]));
    }
}

#[tokio::test]
async fn every_documented_member_of_the_wrong_type_is_refused_by_name() {
    let app = TestApp::new();
    for route in with_json_body() {
        let doc = route.operation.body.as_ref().unwrap();
        for (name, schema) in doc.schema["properties"].as_object().unwrap() {
            if schema.get("type").is_none() && schema.get("anyOf").is_none() {
                continue;
            }
            let mut body = doc.example.clone();
            body[name] = json!([[]]);
            let answer = app.post(Role::Admin, &filled(route.facts.path), body).await.assert_error(400, "invalid_body");
            let field = answer["details"][0]["field"].as_str().unwrap();
            assert!(field == name || field == format!("{name}[0]"), "{}: {field}", route.facts.path);
        }
    }
}

#[tokio::test]
async fn every_required_member_is_asked_for() {
    let app = TestApp::new();
    for route in with_json_body() {
        let doc = route.operation.body.as_ref().unwrap();
        for name in doc.schema["required"].as_array().unwrap() {
            let mut body = doc.example.clone();
            body.as_object_mut().unwrap().remove(name.as_str().unwrap());
            let answer = app.post(Role::Admin, &filled(route.facts.path), body).await.assert_error(400, "invalid_body");
            assert!(answer["error"].as_str().unwrap().contains("required"), "{answer}");
        }
    }
}

#[tokio::test]
async fn every_body_route_refuses_other_media_types_and_oversized_bodies() {
    let app = TestApp::new();
    let token = app.token(Role::Admin);
    for route in with_json_body() {
        let path = filled(route.facts.path);
        let request = || builder("POST", &path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let form = request()
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("a=1"))
            .unwrap();
        app.send(form).await.assert_error(415, "unsupported_media_type");
        app.post_bytes(&path, vec![b' '; route.facts.body.limit() + 1]).await.assert_error(413, "body_too_large");
        let announced = request().header(header::CONTENT_LENGTH, "99999999999").body(Body::from("{}")).unwrap();
        app.send(announced).await.assert_error(413, "body_too_large");
    }
}

#[tokio::test]
async fn every_path_id_of_the_wrong_form_is_not_found() {
    let app = TestApp::new();
    for route in agents() {
        let facts = route.facts;
        if !facts.path.contains('{') || facts.access == Access::Signed {
            continue;
        }
        for wrong in
            ["x", "-1", "0", "run_0123456789ABCDEF", "1;DROP", "%20", "%F0%9F%92%A9", "99999999999999999999999", "run_"]
        {
            if ["thread_id", "agent_id", "workflow_id"].iter().any(|free| facts.path.contains(free))
                && wrong.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            {
                continue;
            }
            let mut path = facts.path.to_owned();
            let (from, to) = (path.find('{').unwrap(), path.find('}').unwrap());
            path.replace_range(from..=to, wrong);
            let answer = app.ask(Role::Admin, route.method.as_str(), &path, body_of(&route)).await;
            assert_eq!(answer.status, 404, "{path}: {:?}", answer.bytes);
            assert!(answer.json()["trace_id"].is_string());
        }
    }
}

#[tokio::test]
async fn every_query_parameter_of_the_wrong_form_is_refused_by_name() {
    let app = TestApp::new();
    for route in agents() {
        if route.facts.body == BodyKind::Socket {
            continue;
        }
        for param in route.operation.params.iter().filter(|param| param.place == "query") {
            let path = filled(route.facts.path);
            app.get(Role::Admin, &format!("{path}?{}=%00", param.name)).await.assert_error(400, "nul_character");
            let answer =
                app.get(Role::Admin, &format!("{path}?{}=", param.name)).await.assert_error(400, "invalid_query");
            assert_eq!(answer["details"][0]["field"], param.name);
            app.get(Role::Admin, &format!("{path}?{0}=1&{0}=2", param.name)).await.assert_error(400, "invalid_query");
        }
    }
}

#[tokio::test]
async fn every_route_that_asks_the_engine_says_so_when_the_database_is_down() {
    let app = TestApp::new();
    app.engine.is_in(crate::engine::Trouble::DatabaseDown);
    for route in agents().iter().filter(|route| {
        ["/tower", "/orders", "/logs", "/agents", "/workflows", "/graph", "/traces", "/costs"]
            .iter()
            .any(|part| route.facts.path.starts_with(part))
    }) {
        // What is shipped needs no database.
        if route.facts.path == "/agents/{agent_id}/default" {
            continue;
        }
        let answer = app.ask(Role::Admin, route.method.as_str(), &filled(route.facts.path), body_of(route)).await;
        let body = answer.assert_error(503, "database_unavailable");
        assert_eq!(body["error"], "Database unavailable");
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    }
}
