//! What the rehearsal model may ask of the world that hosts it: nothing but faults, the books and the time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use domain::time::Timestamp;

use crate::fault::{Fault, FaultBook, FaultRefused, Planted};

/// The host of a model. Reads no world data on purpose: the model decides from the request alone.
///
/// To close the connection without an answer (`drop_reply`), a handler returns [`crate::model_host::hang_up`].
/// `delay` and `refuse` are the host's own business and never come out of [`ModelHost::take_fault`].
pub trait ModelHost: Send + Sync + fmt::Debug {
    /// The planted fault that hits this request to `upstream` (`openai`, `anthropic`, `ollama`), if one is due.
    fn take_fault(&self, upstream: &str) -> Option<Fault>;
    /// Counts one call of `model`.
    fn record_call(&self, model: &str);
    /// World time.
    fn now(&self) -> Timestamp;
    /// Real time: the caller's clock, by which it waits until a limit resets.
    fn real_now(&self) -> Timestamp;
}

/// A host shared by the handlers of a model server.
pub type SharedModelHost = Arc<dyn ModelHost>;

/// An answer that the server never sends: it closes the connection instead.
#[must_use]
pub fn hang_up() -> axum::response::Response {
    let mut response = axum::response::Response::default();
    response.extensions_mut().insert(HangUp);
    response
}

/// The mark of an answer that is not to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangUp;

/// A host in memory, for tests of a model without a world.
#[derive(Debug)]
pub struct MemoryHost {
    now: Timestamp,
    faults: Mutex<FaultBook>,
    calls: Mutex<BTreeMap<String, u64>>,
}

impl MemoryHost {
    /// A host at which no fault is planted and whose time stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now, faults: Mutex::default(), calls: Mutex::default() }
    }

    /// Plants a fault.
    ///
    /// # Errors
    /// When the upstream is unknown or cannot fail in that way.
    pub fn plant(&self, fault: Planted) -> Result<(), FaultRefused> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).plant(fault)
    }

    /// The calls counted so far, by model.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Default for MemoryHost {
    fn default() -> Self {
        Self::new(Timestamp::from_timestamp(1_780_000_000, 0).unwrap_or_default())
    }
}

impl ModelHost for MemoryHost {
    fn take_fault(&self, upstream: &str) -> Option<Fault> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).take(upstream)
    }

    fn record_call(&self, model: &str) {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(model.to_owned()).or_default() += 1;
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn real_now(&self) -> Timestamp {
        self.now
    }
}
