//! The console of the real binary: signing in, deciding, watching, managing users.

use serde_json::{Value, json};

use crate::http::{Answer, send};
use crate::server::{Server, wait_for};

/// Somebody at the console.
struct Visitor<'s> {
    server: &'s Server,
    url: String,
    cookie: String,
}

fn post_login(url: &str, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password}).to_string();
    let headers = [("content-type", "application/json")];
    send(url, "POST", "/api/auth/login", &headers, body.as_bytes()).expect("the console did not answer")
}

impl<'s> Visitor<'s> {
    fn sign_in(server: &'s Server, email: &str, password: &str) -> Self {
        let url = console_url(server);
        let answer = post_login(&url, email, password);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let line = answer.header("set-cookie").expect("a cookie");
        let cookie = line.split(';').next().unwrap_or_default().to_owned();
        Self { server, url, cookie }
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("content-type", "application/json")];
        let text = body.map(Value::to_string).unwrap_or_default();
        let headers = if body.is_some() { &headers[..] } else { &headers[..1] };
        send(&self.url, method, path, headers, text.as_bytes()).expect("the console did not answer")
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, None);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }
}

fn console_url(server: &Server) -> String {
    let text = std::fs::read_to_string(server.data().join("runtime.json")).unwrap();
    let runtime: Value = serde_json::from_str(&text).unwrap();
    runtime["console_url"].as_str().expect("the console listens").to_owned()
}

/// E-mail and password as the greeting prints them.
fn printed(server: &Server) -> (String, String) {
    wait_for("the greeting", || {
        let log = server.log();
        let line = log.lines().find(|line| line.contains("sign in as "))?.to_owned();
        let (email, password) = line.split_once("sign in as ")?.1.split_once(" with the password ")?;
        Some((email.to_owned(), password.trim().to_owned()))
    })
}

#[test]
fn the_owner_signs_in_with_the_printed_password_approves_and_the_run_completes() {
    let server = Server::start(&[]);
    let (email, password) = printed(&server);
    assert_eq!(password.len(), 19, "four groups of four");
    assert_eq!(post_login(&console_url(&server), &email, "not the password").status, 401);
    let owner = Visitor::sign_in(&server, &email, &password);

    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    let inbox = owner.get("/api/tower/inbox");
    assert_eq!(inbox["tickets"][0]["id"], ticket["id"]);
    assert_eq!(owner.get("/api/overview")["tickets"]["pending"], 1);

    let path = format!("/api/tower/tickets/{}/decide", ticket["id"]);
    let body = json!({
        "decision": "approve", "decided_by": "somebody@else.example",
        "expected_checkpoint_id": ticket["checkpoint_id"],
    });
    assert_eq!(owner.call("POST", &path, Some(&body)).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
    let decided = owner.get(&format!("/api/tower/tickets/{}", ticket["id"]));
    assert_eq!((&decided["status"], &decided["decided_by"]), (&json!("approved"), &json!(email)));
    let run = ticket["run_id"].as_str().unwrap();
    assert_eq!(owner.get(&format!("/api/tower/runs/{run}")), server.get(&format!("/tower/runs/{run}")));

    assert_eq!(owner.call("POST", "/api/auth/logout", None).status, 200);
    assert_eq!(owner.call("GET", "/api/tower/inbox", None).status, 401);
}

#[test]
fn users_are_added_shut_out_and_given_new_passwords_while_the_server_runs() {
    let server = Server::start(&[]);
    let added: Value = serde_json::from_str(&server.cli(&["user", "add", "Eve@Shop.Example", "--json"])).unwrap();
    assert_eq!((&added["email"], &added["role"]), (&json!("eve@shop.example"), &json!("viewer")));
    let eve = Visitor::sign_in(&server, "eve@shop.example", added["password"].as_str().unwrap());
    assert_eq!(eve.get("/api/auth/me")["role"], "viewer");
    let refused = eve.call("POST", "/api/execute", Some(&json!({"task": "print everything"})));
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("Operator role required")));

    server.cli(&["user", "role", "eve@shop.example", "operator"]);
    wait_for("the new role", || {
        (eve.call("POST", "/api/execute", Some(&json!({"task": "how are things?"}))).status == 200).then_some(())
    });
    server.cli(&["user", "disable", "eve@shop.example"]);
    wait_for("the end of the session", || (eve.call("GET", "/api/auth/me", None).status == 401).then_some(()));
    let again = post_login(&eve.url, "eve@shop.example", added["password"].as_str().unwrap());
    assert_eq!((again.status, &again.body["detail"]), (401, &json!("Invalid credentials")));

    let listed: Value = serde_json::from_str(&eve.server.cli(&["user", "list", "--json"])).unwrap();
    let emails: Vec<_> = listed["users"].as_array().unwrap().iter().map(|user| user["email"].clone()).collect();
    assert_eq!(emails, [json!("eve@shop.example"), json!("owner@holly.localhost")]);
    assert_eq!((&listed["users"][0]["disabled"], &listed["users"][1]["disabled"]), (&json!(true), &json!(false)));
    assert!(!listed.to_string().contains("argon2"));
}

#[test]
fn the_generated_password_is_shown_again_until_it_is_changed_and_a_change_outlives_a_restart() {
    let mut server = Server::start(&[]);
    let (email, password) = printed(&server);
    assert!(server.cli(&["user", "password", "--show"]).contains(&password));
    let changed: Value = serde_json::from_str(&server.cli(&["user", "password", &email, "--json"])).unwrap();
    let new = changed["password"].as_str().unwrap();
    assert_ne!(new, password);
    assert!(!server.command().args(["user", "password", "--show"]).output().unwrap().status.success());
    assert_eq!(server.terminate(), Some(0));
    server.up();
    Visitor::sign_in(&server, &email, new);
    assert_eq!(post_login(&console_url(&server), &email, &password).status, 401);
    assert_eq!(server.log().matches("with the password").count(), 1, "shown once");
}

#[test]
fn a_password_from_the_settings_signs_in_and_is_not_printed() {
    let secret = ["a-long", "enough", "secret"].join("-");
    let settings =
        [("HOLLY_CONSOLE_USER_EMAIL", "Boss@Shop.Example"), ("HOLLY_CONSOLE_USER_PASSWORD", secret.as_str())];
    let server = Server::start(&settings);
    let boss = Visitor::sign_in(&server, "boss@shop.example", &secret);
    assert_eq!(boss.get("/api/auth/me")["role"], "admin");
    assert!(!server.log().contains(&secret));
}

#[test]
fn a_taken_console_port_names_the_setting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let settings = [("HOLLY_CONSOLE_PORT".to_owned(), port)];
    let output = crate::server::command(folder.path(), &settings).arg("serve").output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("set HOLLY_CONSOLE_PORT to a free port, or 0"), "{text}");
}

#[test]
fn a_process_without_the_console_role_has_no_console() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = crate::server::command(folder.path(), &[]).args(["serve", "--role", "api,worker"]).spawn().unwrap();
    let runtime = wait_for("the start", || {
        let text = std::fs::read_to_string(folder.path().join("data/runtime.json")).ok()?;
        serde_json::from_str::<Value>(&text).ok()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(runtime["console_url"], Value::Null);
}
