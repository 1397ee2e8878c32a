//! `holly doctor`, with and without a server.

use std::net::TcpListener;

use serde_json::Value;
use tempfile::TempDir;

use crate::server::{Server, command};

/// Exit code and findings.
fn doctor(mut command: std::process::Command) -> (Option<i32>, Value) {
    let output = command.args(["doctor", "--json"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let findings = serde_json::from_str(&text);
    let findings = findings.unwrap_or_else(|_| panic!("no JSON: {text}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), findings)
}

fn check<'a>(findings: &'a Value, name: &str) -> &'a Value {
    let checks = findings["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name} in {findings}"))
}

fn not_ok(findings: &Value) -> Vec<&Value> {
    findings["checks"].as_array().unwrap().iter().filter(|check| check["state"] != "ok").collect()
}

#[test]
fn a_fresh_folder_is_well_and_gets_no_database() {
    let folder = TempDir::new().unwrap();
    let (code, findings) = doctor(command(folder.path(), &[]));
    assert_eq!((code, not_ok(&findings)), (Some(0), Vec::<&Value>::new()));
    assert_eq!((&findings["mode"], &findings["server"]["running"]), (&"rehearsal".into(), &false.into()));
    assert_eq!(
        (&check(&findings, "shopify")["who"], &check(&findings, "redis")["who"]),
        (&"rehearsed".into(), &"absent".into())
    );
    assert!(!folder.path().join("data/holly.db").exists());
}

#[test]
fn beside_a_running_server_everything_is_asked_and_timed() {
    let mut server = Server::start(&[]);
    let (code, findings) = doctor(server.command());
    assert_eq!((code, not_ok(&findings)), (Some(0), Vec::<&Value>::new()));
    for name in ["server", "database", "shopify", "stripe", "printful", "anthropic", "openai"] {
        assert!(check(&findings, name)["took_ms"].is_u64(), "{name}: {findings}");
    }
    assert!(check(&findings, "agents port")["found"].as_str().unwrap().contains(&server.url));
    assert!(check(&findings, "printful")["found"].as_str().unwrap().starts_with("store "));
    let page = server.cli(&["doctor"]);
    assert!(page.contains("CHECK") && page.trim_end().ends_with("All is well."), "{page}");

    // A server that was killed left its address behind.
    server.kill();
    let (code, findings) = doctor(server.command());
    assert_eq!((code, &check(&findings, "server")["state"]), (Some(1), &"fail".into()));
    assert!(check(&findings, "server")["remedy"].as_str().unwrap().contains("start it again"));
}

#[test]
fn what_fails_is_named_with_its_remedy_and_without_its_secret() {
    let folder = TempDir::new().unwrap();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let key = "sk_test_".to_owned() + &"a1b2".repeat(6);
    let settings = [
        ("PORT", port.as_str()),
        ("STRIPE_BASE_URL", "http://127.0.0.1:1"),
        ("STRIPE_SECRET_KEY", &key),
        ("PRINTFUL_BASE_URL", "http://127.0.0.1:1"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("SHOPIFY_API_VERSION", "2025-10"),
        ("SHOPIFY_BASE_URL", "http://127.0.0.1:1"),
        ("SHOPIFY_ACCESS_TOKEN", "shpat-of-a-test"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (code, findings) = doctor(command(folder.path(), &settings));
    assert_eq!((code, &findings["well"]), (Some(1), &false.into()));
    for (name, remedy) in [
        ("agents port", "set PORT to a free port"),
        ("stripe", "STRIPE_BASE_URL"),
        ("printful", "set PRINTFUL_API_KEY"),
        ("redis", "REDIS_URL"),
        ("shopify", "SHOPIFY_BASE_URL"),
        ("shopify API", "set SHOPIFY_API_VERSION"),
    ] {
        let check = check(&findings, name);
        assert_eq!(check["state"], "fail", "{check}");
        assert!(check["remedy"].as_str().unwrap().contains(remedy), "{check}");
    }
    assert_eq!(check(&findings, "openai")["state"], "ok");
    assert!(!findings.to_string().contains(&key));
}
