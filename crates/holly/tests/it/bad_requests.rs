//! Every bad request that the table of routes gives rise to, sent to the real binary over a socket.

use api::routes::agents;
use domain::role::Role;

use crate::bad_input::{Sender, cases};
use crate::http::send;
use crate::server::Server;

/// Ids of the right form; whether such things exist does not matter to a bad request.
fn filled(template: &str) -> String {
    template
        .replace("{run_id}", "run_0123456789abcdef")
        .replace("{ticket_id}", "42")
        .replace("{effect_id}", "0123456789abcdef0123456789abcdef")
        .replace("{thread_id}", "run_0123456789abcdef")
        .replace("{order_id}", "5830137741322")
        .replace("{job_id}", "order_check")
        .replace("{dlq_id}", "1")
        .replace("{agent_id}", "revenue")
        .replace("{workflow_id}", "default")
        .replace("{version}", "1")
        .replace("{*topic}", "orders/paid")
}

#[test]
fn no_bad_request_is_accepted_or_breaks_anything() {
    let server = Server::start(&[("HOLLY_RATE_READS", "0"), ("HOLLY_RATE_WRITES", "0"), ("HOLLY_RATE_COSTLY", "0")]);
    let tokens: Vec<(Role, String)> = [Role::Viewer, Role::Operator, Role::Admin, Role::Webhook]
        .map(|role| (role, format!("Bearer {}", server.cli(&["token", "--role", role.as_str()]).trim())))
        .into();
    let mut problems = Vec::new();
    for case in cases(&agents(), &filled) {
        let bearer = match case.sender {
            Sender::Stranger => None,
            Sender::Forger => Some("Bearer eyJhbGciOiJub25lIn0.e30."),
            Sender::Known(role) => tokens.iter().find(|(known, _)| *known == role).map(|(_, bearer)| bearer.as_str()),
        };
        let mut headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("authorization", *bearer)).collect();
        headers.extend(case.headers.iter().map(|(name, value)| (*name, value.as_str())));
        match send(&server.url, &case.method, &case.path, &headers, &case.body) {
            Some(answer) => problems.extend(case.judge(answer.status, &answer.body).err()),
            None => problems.push(format!("{} {} ({}): no answer", case.method, case.path, case.what)),
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    let healthy = send(&server.url, "GET", "/health", &[], b"").map(|answer| answer.status);
    assert_eq!(healthy, Some(200), "and the server is as well as before");
    assert!(!server.log().contains("\"level\":\"ERROR\""), "{}", server.log());
}
