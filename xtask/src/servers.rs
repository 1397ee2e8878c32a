//! Private throwaway servers for the tests: PostgreSQL and Redis on free ports, gone when the value is dropped.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::{find, is_root};

/// A server that is stopped when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
    // Dropped after `child` has been stopped: the files outlive the process.
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown, and Redis ends on it too. Under runuser our child is only the wrapper,
        // which does not hand the signal on; PostgreSQL's own pid file names the process that matters.
        let pid_file = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap_or_default();
        let pid = pid_file.lines().next().map_or_else(|| self.child.id().to_string(), str::to_owned);
        #[cfg(unix)]
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where Debian keeps PostgreSQL's programs, newest first.
pub(crate) fn postgres_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// A fresh cluster without fsync; its superuser is `holly`.
pub(crate) fn postgres() -> Result<Server> {
    postgres_with(&["-c", "fsync=off", "-c", "max_connections=300"])
}

/// A fresh cluster as a shop would run it: every commit reaches the disk.
pub(crate) fn durable_postgres() -> Result<Server> {
    postgres_with(&[])
}

/// What the server that [`postgres`] starts calls itself, e.g. `15.14`.
pub(crate) fn postgres_version() -> Option<String> {
    let answer = Command::new(find("postgres", &postgres_folders())?).arg("--version").output().ok()?;
    String::from_utf8(answer.stdout).ok()?.split_whitespace().nth(2).map(str::to_owned)
}

fn postgres_with(settings: &[&str]) -> Result<Server> {
    let folders = postgres_folders();
    let initdb = find("initdb", &folders).context("initdb is missing")?;
    let postgres = find("postgres", &folders).context("postgres is missing")?;
    let folder = TempDir::with_prefix("holly-pg-")?;
    let data = folder.path().join("data");
    fs::create_dir(&data)?;
    if is_root() {
        let status = Command::new("chown").arg("-R").arg("postgres").arg(folder.path()).status();
        if !status.is_ok_and(|status| status.success()) {
            bail!("cannot give {} to the user postgres, as whom PostgreSQL must run", folder.path().display());
        }
    }
    let mut make = as_server(&initdb);
    make.args(["--username=holly", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]).arg(&data);
    let made = make.current_dir(folder.path()).output().context("cannot start initdb")?;
    if !made.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr));
    }
    let port = free_port()?;
    let mut serve = as_server(&postgres);
    serve.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    serve.args(settings).current_dir(folder.path());
    let url = format!("postgres://holly@127.0.0.1:{port}/postgres");
    started(&mut serve, url, port, folder, "PostgreSQL")
}

/// A Redis that writes nothing to disk.
pub(crate) fn redis() -> Result<Server> {
    let program = find("redis-server", &[]).context("redis-server is missing")?;
    let folder = TempDir::with_prefix("holly-redis-")?;
    let port = free_port()?;
    let mut serve = Command::new(program);
    serve.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
    serve.arg(folder.path());
    started(&mut serve, format!("redis://127.0.0.1:{port}"), port, folder, "Redis")
}

/// PostgreSQL refuses to run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn started(command: &mut Command, url: String, port: u16, folder: TempDir, name: &str) -> Result<Server> {
    let log = fs::File::create(folder.path().join("server.log"))?;
    let log_path = folder.path().join("server.log");
    // Its own process group: Ctrl-C reaches us alone, and we stop it in order.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
    let mut server = Server { url, child: child.with_context(|| format!("cannot start {name}"))?, folder };
    for _ in 0..300 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            eprintln!("==> private {name} at port {port}");
            return Ok(server);
        }
        if server.child.try_wait()?.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("{name} did not start: {}", fs::read_to_string(log_path).unwrap_or_default())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
