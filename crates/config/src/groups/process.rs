//! The process itself: what it is wired to, where it keeps things, what it is called.

use std::path::PathBuf;
use std::time::Duration;

use crate::mode::{Effects, Mode};
use crate::parse;
use crate::setting::Setting;

settings! {
    /// What the process is wired to, where it keeps its files and what it is called.
    Process, "Process" {
        /// Live runs on the real shop, rehearsal on a simulated one; when it is unset the start says so.
        value mode: Mode = Setting::new("HOLLY_MODE").default("rehearsal"), parse::MODE;
        /// `off` is look-only: reads are real, each mutation is recorded as `not_sent` and not made.
        value effects: Effects = Setting::new("HOLLY_EFFECTS").default("on"), parse::EFFECTS;
        /// Folder of the SQLite file, the generated secrets and `runtime.json` with the real addresses and pid.
        value data_dir: PathBuf = Setting::new("HOLLY_DATA_DIR").default(".holly"), parse::FOLDER;
        /// Name of this process for its leases; two processes on one data folder need two names.
        option instance: String = Setting::new("HOLLY_INSTANCE").derived("host name and data folder"), parse::NAME;
        /// Base of the links in alerts, so that a ticket opens on a phone.
        option public_url: String = Setting::new("HOLLY_PUBLIC_URL"), parse::PUBLIC_URL;
        /// How long requests and model calls in flight get when the process is asked to stop.
        value shutdown_grace: Duration = Setting::new("HOLLY_SHUTDOWN_GRACE_S").default("25"), parse::GRACE;
    }
}
