//! What is counted of one backend over the whole process and across reloads: its open connections, its traffic, its
//! error state, and the numbers that balancers pick by.
//!
//! Shared between threads and between configurations: whoever asks [`Backends`] for the same name gets the same state.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{Error, Kind};
use crate::opening::{Crowded, Openings, Turn};

/// All backends of the process by name.
#[derive(Debug, Default)]
pub struct Backends {
    known: Mutex<HashMap<Box<str>, Weak<BackendState>>>,
}

impl Backends {
    /// The state of the backend called `name`: the one that is in use already, or a new one. `max` connections may be
    /// open to it from now on (`max=`; no limit where absent).
    ///
    /// The name says which backends are the same: a worker's URL, for a member of a balancer with the balancer's name.
    pub fn state(&self, name: &str, max: Option<u32>) -> Arc<BackendState> {
        let mut known = lock(&self.known);
        known.retain(|_, state| state.strong_count() > 0);
        let state = known.get(name).and_then(Weak::upgrade).unwrap_or_else(|| {
            let state = Arc::new(BackendState::new());
            known.insert(name.into(), Arc::downgrade(&state));
            state
        });
        state.set_max(max);
        state
    }
}

/// What is counted of one backend.
#[derive(Debug)]
pub struct BackendState {
    slots: Arc<Semaphore>,
    limit: Mutex<Limit>,
    waiting: AtomicUsize,
    openings: Openings,
    /// Those who hold idle connections and can give them up when somebody waits.
    holders: Mutex<Vec<Weak<Notify>>>,
    sent: AtomicU64,
    received: AtomicU64,
    pub(crate) busy: AtomicUsize,
    pub(crate) elected: AtomicU64,
    pub(crate) standing: AtomicI64,
    failed: Mutex<Option<Instant>>,
}

/// How many slots there are, and how many of them have still to be taken away.
#[derive(Debug)]
struct Limit {
    slots: usize,
    excess: usize,
}

const UNLIMITED: usize = Semaphore::MAX_PERMITS;

impl BackendState {
    fn new() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(UNLIMITED)),
            limit: Mutex::new(Limit { slots: UNLIMITED, excess: 0 }),
            waiting: AtomicUsize::new(0),
            openings: Openings::default(),
            holders: Mutex::default(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            busy: AtomicUsize::new(0),
            elected: AtomicU64::new(0),
            standing: AtomicI64::new(0),
            failed: Mutex::default(),
        }
    }

    /// The right to open a tunnel now, in the order in which it is asked for.
    ///
    /// # Errors
    /// Too many wait already, or it takes too long.
    pub async fn turn(&self) -> Result<Turn, Crowded> {
        self.openings.turn().await
    }

    /// A slot among the `max=` connections of this backend, for a connection that no pool has: a tunnel's.
    ///
    /// # Errors
    /// [`Kind::Exhausted`] if none becomes free within `patience`.
    pub async fn permit(self: &Arc<Self>, patience: Duration) -> Result<Permit, Error> {
        if let Some(permit) = self.try_permit() {
            return Ok(permit);
        }
        let _waiting = Waiting::begin(self);
        match timeout(patience, self.slots.clone().acquire_owned()).await {
            Ok(Ok(slot)) => Ok(self.granted(slot)),
            Ok(Err(_)) | Err(_) => Err(Kind::Exhausted.into()),
        }
    }

    pub(crate) fn try_permit(self: &Arc<Self>) -> Option<Permit> {
        self.slots.clone().try_acquire_owned().ok().map(|slot| self.granted(slot))
    }

    fn granted(self: &Arc<Self>, slot: OwnedSemaphorePermit) -> Permit {
        Permit { slot: Some(slot), state: Arc::clone(self) }
    }

    /// How many wait for a slot: so many idle connections are to be given up.
    pub(crate) fn wanted(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// Asks to be told when a slot is waited for.
    pub(crate) fn hold(&self, holder: &Arc<Notify>) {
        let mut holders = lock(&self.holders);
        holders.retain(|known| known.strong_count() > 0);
        let holder = Arc::downgrade(holder);
        if !holders.iter().any(|known| known.ptr_eq(&holder)) {
            holders.push(holder);
        }
    }

    fn set_max(&self, max: Option<u32>) {
        let slots = max.filter(|max| *max > 0).map_or(UNLIMITED, |max| max as usize);
        let mut limit = lock(&self.limit);
        let (before, owed) = (limit.slots, limit.excess);
        limit.slots = slots;
        // What a smaller max takes away and is in use is taken when it comes back.
        if slots >= before {
            let more = slots - before;
            limit.excess = owed.saturating_sub(more);
            self.slots.add_permits(more.saturating_sub(owed));
        } else {
            let less = before - slots;
            limit.excess = owed + less - self.slots.forget_permits(less);
        }
    }

    /// Counts bytes sent to and received from the backend (`bytraffic`).
    pub fn count_traffic(&self, sent: u64, received: u64) {
        self.sent.fetch_add(sent, Ordering::Relaxed);
        self.received.fetch_add(received, Ordering::Relaxed);
    }

    /// Bytes sent to the backend and received from it.
    pub fn traffic(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }

    /// Requests that a balancer gave to this backend and that are still under way.
    pub fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// How often a balancer has picked this backend.
    pub fn elected(&self) -> u64 {
        self.elected.load(Ordering::Relaxed)
    }

    /// When the backend was put into the error state, if it is in it.
    pub fn failed_at(&self) -> Option<Instant> {
        *lock(&self.failed)
    }

    pub(crate) fn set_failed(&self, at: Option<Instant>) {
        *lock(&self.failed) = at;
    }
}

/// One of the `max=` connections of a backend, for as long as it lives.
#[derive(Debug)]
pub struct Permit {
    slot: Option<OwnedSemaphorePermit>,
    state: Arc<BackendState>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut limit = lock(&self.state.limit);
        if limit.excess > 0 {
            limit.excess -= 1;
            if let Some(slot) = self.slot.take() {
                slot.forget();
            }
        }
    }
}

/// Somebody waits for a slot.
struct Waiting<'a>(&'a BackendState);

impl<'a> Waiting<'a> {
    fn begin(state: &'a BackendState) -> Self {
        state.waiting.fetch_add(1, Ordering::AcqRel);
        for holder in lock(&state.holders).iter().filter_map(Weak::upgrade) {
            holder.notify_one();
        }
        Self(state)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A lock whose holder panicked guards counters only: they are still usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
