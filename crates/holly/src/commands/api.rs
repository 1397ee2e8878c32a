//! `holly api`: calls the running server with a fresh token.

use std::io::Read as _;

use anyhow::Context as _;
use clap::Args;
use net::{HeaderName, Idempotency, Method, Request};

use crate::failure::{Exit, Failure};
use crate::session::Session;

/// Arguments of `api`.
#[derive(Debug, Args)]
pub(crate) struct ApiArgs {
    /// GET, POST, PUT, PATCH or DELETE
    method: String,
    /// Path with its query, such as /tower/runs?limit=5
    path: String,
    /// JSON to send; - reads it from stdin
    body: Option<String>,
    /// A header more, such as 'Idempotency-Key: 7f0c'
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    headers: Vec<String>,
}

/// Prints the body of the answer as it is; an error status ends with exit code 1.
pub(crate) async fn run(session: &Session, args: ApiArgs) -> anyhow::Result<Exit> {
    let body = match args.body.as_deref() {
        Some("-") => {
            let mut text = Vec::new();
            std::io::stdin().lock().read_to_end(&mut text).context("stdin cannot be read")?;
            Some(text)
        }
        body => body.map(|text| text.as_bytes().to_vec()),
    };
    let mut request = request(&args.method, &args.path, &args.headers)?;
    if let Some(body) = body {
        request = request.body("application/json", body);
    }
    let reply = session.client()?.exchange(request).await?;
    let text = String::from_utf8_lossy(&reply.body);
    if !text.is_empty() {
        session.out.text(&text)?;
    }
    match reply.status.as_u16() {
        status @ 400.. => Err(Failure::Answered(status).into()),
        _ => Ok(Exit::Done),
    }
}

fn request(method: &str, path: &str, headers: &[String]) -> Result<Request, Failure> {
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
        .map_err(|_| Failure::Usage(format!("`{method}` is no HTTP method")))?;
    if path.contains("://") {
        return Err(Failure::Usage("PATH is a path on the server, such as /health; name the server with --url".into()));
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let idempotency = if method == Method::GET { Idempotency::Safe } else { Idempotency::Unsafe };
    let mut request = Request::new(method, path, idempotency);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        request = request.query(name, value);
    }
    for header in headers {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        let name: HeaderName =
            name.trim().parse().map_err(|_| Failure::Usage(format!("`{header}` is no header; write NAME: VALUE")))?;
        request = request.header(name, value.trim());
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_the_server_itself_is_called() {
        assert!(request("get", "tower/runs?limit=5&q=a%20b", &["X-A: b".into()]).is_ok());
        for (method, path, headers) in [
            ("GET", "https://evil.example/x", vec![]),
            ("G T", "/x", vec![]),
            ("GET", "/x", vec!["no name: x".to_owned()]),
        ] {
            assert!(matches!(request(method, path, &headers), Err(Failure::Usage(_))), "{method} {path}");
        }
    }
}
