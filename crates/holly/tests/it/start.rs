//! Starting and stopping.

use crate::server::{Server, command};

#[test]
fn live_mode_without_settings_is_refused_with_the_whole_list() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), &[("HOLLY_MODE".into(), "live".into())]).arg("serve").output().unwrap();
    assert_eq!(output.status.code(), Some(78));
    let errors = String::from_utf8_lossy(&output.stderr);
    for name in [
        "DATABASE_URL",
        "REDIS_URL",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "SHOPIFY_SHOP_URL",
        "STRIPE_SECRET_KEY",
        "PRINTFUL_API_KEY",
        "AUTH_SECRET_KEY",
    ] {
        assert!(errors.contains(name), "{name} is not in the list:\n{errors}");
    }
}

#[test]
fn a_terminated_server_stops_cleanly_and_goes_on_at_the_next_start() {
    let mut server = Server::start(&[]);
    let order = server.order("paid");
    let ticket = server.ticket_of(&order);
    assert_eq!(server.terminate(), Some(0), "{}", server.log());
    assert!(!server.data().join("runtime.json").exists());
    server.up();
    assert_eq!(server.ticket_of(&order)["id"], ticket["id"]);
    assert_eq!(server.decide(&ticket, &serde_json::json!({"decision": "approve"})).status, 200);
    server.until(&ticket["run_id"], "completed");
    assert_eq!(server.arrivals(&order), 1);
}
