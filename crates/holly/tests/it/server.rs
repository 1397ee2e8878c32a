//! The binary on a data folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{Answer, send};

/// Longest wait for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Asks again until there is an answer.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A server under test. Dropping kills it.
pub(crate) struct Server {
    folder: TempDir,
    settings: Vec<(String, String)>,
    child: Option<Child>,
    token: String,
    pub(crate) url: String,
    world: String,
}

impl Server {
    /// Starts one on an empty folder, with no orders arriving by themselves.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut server = Self {
            folder: TempDir::new().unwrap(),
            settings,
            child: None,
            token: String::new(),
            url: String::new(),
            world: String::new(),
        };
        server.up();
        server.token = server.cli(&["token", "--role", "admin"]).trim().to_owned();
        server
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command with the settings of this server and nothing of the surroundings.
    pub(crate) fn command(&self) -> Command {
        command(self.folder.path(), &self.settings)
    }

    /// Runs a command of the binary and gives its output.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "holly {arguments:?} failed: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Starts the process and waits until it answers.
    pub(crate) fn up(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.command();
        command.arg("serve").stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        let pid = child.id();
        let runtime = wait_for("the start", || {
            assert!(child.try_wait().unwrap().is_none(), "the server ended: {}", self.log());
            let text = std::fs::read_to_string(self.data().join("runtime.json")).ok()?;
            let runtime: Value = serde_json::from_str(&text).ok()?;
            (runtime["pid"] == pid).then_some(runtime)
        });
        self.child = Some(child);
        self.url = runtime["agents_url"].as_str().unwrap().to_owned();
        self.world = runtime["rehearsal_url"].as_str().unwrap_or_default().to_owned();
        wait_for("the first answer", || {
            send(&self.url, "GET", "/health", &[], b"").filter(|answer| answer.status == 200)
        });
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let mut child = self.child.take()?;
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        child.wait().unwrap().code()
    }

    pub(crate) fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        self.try_call_as(&self.token, method, path, body)
    }

    fn try_call_as(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let text = body.map(Value::to_string).unwrap_or_default();
        let headers = if body.is_some() { &headers[..] } else { &headers[..1] };
        send(&self.url, method, path, headers, text.as_bytes())
    }

    /// Calls as another role.
    pub(crate) fn call_as(&self, role: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let token = self.cli(&["token", "--role", role]);
        self.try_call_as(token.trim(), method, path, body).expect("the server did not answer")
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.try_call("GET", path, None).expect("the server did not answer");
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_call("POST", path, Some(body)).expect("the server did not answer")
    }

    /// Asks the rehearsal world.
    pub(crate) fn try_world(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let token = std::fs::read_to_string(self.data().join("rehearsal.token")).ok()?;
        let authorization = format!("Bearer {}", token.trim());
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let text = body.map(Value::to_string).unwrap_or_default();
        send(&self.world, method, path, &headers, text.as_bytes())
    }

    pub(crate) fn world(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.try_world(method, path, body).expect("the world did not answer");
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// Lets one order arrive and gives its id.
    pub(crate) fn order(&self, kind: &str) -> String {
        let made = self.world("POST", "/control/orders", Some(&json!({"count": 1, "kind": kind})));
        made["shopify_order_ids"][0].as_str().unwrap().to_owned()
    }

    pub(crate) fn fault(&self, upstream: &str, kind: &str, times: u32) {
        self.world("POST", "/control/faults", Some(&json!({"upstream": upstream, "kind": kind, "times": times})));
    }

    pub(crate) fn books(&self) -> Value {
        self.world("GET", "/control/status", None)
    }

    /// How often the print of this order was really started.
    pub(crate) fn arrivals(&self, order: &str) -> u64 {
        let books = self.books();
        let prints = books["prints"].as_array().unwrap();
        prints
            .iter()
            .filter(|print| print["external_id"] == order)
            .map(|print| print["arrivals"].as_u64().unwrap())
            .sum()
    }

    pub(crate) fn runs(&self) -> Vec<Value> {
        self.get("/tower/runs?limit=200")["runs"].as_array().unwrap().clone()
    }

    /// The run of this order whose name ends so, once there is one.
    pub(crate) fn run_of(&self, order: &str, ending: &str) -> Value {
        let key = format!("order:{order}");
        wait_for(&format!("a run {ending}"), || {
            self.runs().into_iter().find(|run| {
                run["serial_key"] == key.as_str() && run["run_name"].as_str().unwrap_or_default().ends_with(ending)
            })
        })
    }

    pub(crate) fn run(&self, id: &Value) -> Value {
        self.get(&format!("/tower/runs/{}", id.as_str().unwrap()))
    }

    /// Waits until the run has this status.
    pub(crate) fn until(&self, id: &Value, status: &str) -> Value {
        wait_for(&format!("{id} {status}"), || Some(self.run(id)).filter(|run| run["status"] == status))
    }

    pub(crate) fn events(&self, id: &Value) -> Vec<String> {
        let path = format!("/tower/runs/{}/events?limit=1000", id.as_str().unwrap());
        let events = self.get(&path);
        events["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["event_type"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn effects(&self, id: &Value) -> Vec<Value> {
        self.get(&format!("/tower/runs/{}/effects", id.as_str().unwrap()))["effects"].as_array().unwrap().clone()
    }

    /// The pending ticket of this order, once there is one.
    pub(crate) fn ticket_of(&self, order: &str) -> Value {
        wait_for("a ticket", || {
            let inbox = self.get("/tower/inbox?limit=200");
            let key = format!("shopify:{order}");
            inbox["tickets"]
                .as_array()
                .unwrap()
                .iter()
                .find(|ticket| ticket["context_pack"]["subject"]["order_key"] == key.as_str())
                .cloned()
        })
    }

    pub(crate) fn decide(&self, ticket: &Value, body: &Value) -> Answer {
        self.post(&format!("/tower/tickets/{}/decide", ticket["id"]), body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            eprintln!("last lines of the server:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        self.kill();
    }
}

/// The binary with these settings alone, in `folder`.
pub(crate) fn command(folder: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holly"));
    command.env_clear().current_dir(folder);
    for name in ["PATH", "SystemRoot", "TMPDIR"] {
        if let Ok(value) = std::env::var(name) {
            command.env(name, value);
        }
    }
    command
        .env("HOLLY_DATA_DIR", folder.join("data"))
        .env("PORT", "0")
        .env("HOLLY_CONSOLE_PORT", "0")
        .env("HOLLY_REHEARSAL_PACE", "0")
        .env("HOLLY_RATE_COSTLY", "0")
        .env("HOLLY_RATE_WRITES", "0")
        .env("HOLLY_RATE_READS", "0")
        .envs(settings.iter().map(|(name, value)| (name, value)));
    command
}
