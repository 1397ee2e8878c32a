//! The rehearsal world.

use crate::parse;
use crate::setting::Setting;
use crate::upstream::Upstream;

settings! {
    /// The simulated world; read in rehearsal only.
    Rehearsal, "Rehearsal" {
        /// Upstreams that are real although the mode is rehearsal; each needs its own keys.
        value live: Vec<Upstream> = Setting::new("HOLLY_REHEARSAL_LIVE").default(""), parse::UPSTREAMS;
        /// Decides everything that happens by chance in the world.
        value seed: u64 = Setting::new("HOLLY_REHEARSAL_SEED").default("1"), parse::SEED;
        /// Orders per hour of world time that arrive by themselves.
        value pace: f64 = Setting::new("HOLLY_REHEARSAL_PACE").default("12"), parse::PACE;
        /// How many times faster than the clock the world's time runs.
        value speed: f64 = Setting::new("HOLLY_REHEARSAL_SPEED").default("1"), parse::SPEED;
        /// Whether the world also plays an Ollama server.
        value ollama: bool = Setting::new("HOLLY_REHEARSAL_OLLAMA").default("0"), parse::BOOL;
    }
}
