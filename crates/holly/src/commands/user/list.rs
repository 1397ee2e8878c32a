//! `holly user list`.

use domain::time::to_text;
use serde_json::json;
use store::console_users::{self, ConsoleUser};

use super::Desk;
use crate::failure::Exit;
use crate::output::{Cell, Table, age};

pub(super) async fn run(desk: &Desk<'_>) -> anyhow::Result<Exit> {
    let users = console_users::list(desk.db).await?;
    let value: Vec<_> = users
        .iter()
        .map(|user| {
            json!({
                "email": user.email, "role": user.role, "disabled": user.disabled_at.is_some(),
                "created_at": to_text(user.created_at), "last_login_at": user.last_login_at.map(to_text),
            })
        })
        .collect();
    let out = &desk.session.out;
    out.either(&json!({"users": value, "count": users.len()}), |out| {
        let mut table = Table::new(&["E-MAIL", "ROLE", "STATE", "LAST SIGN-IN"]);
        for user in &users {
            table.row(vec![
                Cell::new(&user.email),
                Cell::new(user.role.as_str()),
                Cell::new(state(user)),
                Cell::maybe(user.last_login_at.map(|at| age(at, out.now))),
            ]);
        }
        table.render(out.style, "nobody can sign in; add somebody with: holly user add EMAIL --role admin")
    })?;
    Ok(Exit::Done)
}

fn state(user: &ConsoleUser) -> &'static str {
    if user.disabled_at.is_some() { "disabled" } else { "active" }
}
