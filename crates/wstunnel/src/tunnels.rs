//! All tunnels of the process: listing, ending, draining.
//!
//! Each worker has a table of its own, locked when a tunnel opens or ends and when somebody lists, never for a
//! message. Counters are atomics that one thread writes with plain loads and stores.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use slab::Slab;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::entry::{Bell, Entry, Subject};
use crate::life::{Cause, Ended, TunnelId, TunnelInfo};
use crate::worker::Mail;

/// The tunnels of all workers. Cheap to clone; made once, before the workers.
#[derive(Debug, Clone)]
pub struct Tunnels {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tables: RwLock<Vec<Arc<Table>>>,
    gauge: Arc<Gauge>,
    clock: Clock,
}

/// What the tunnels of the process amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Open now.
    pub open: usize,
    /// Relayed by a thread of its own now.
    pub threads: usize,
    /// Opened since the start.
    pub opened: u64,
    /// Ended since the start, by [`Cause::ALL`].
    pub ended: [u64; Cause::ALL.len()],
    /// Bytes from clients, ended and open tunnels.
    pub from_clients: u64,
    /// Bytes from backends, ended and open tunnels.
    pub from_backends: u64,
}

impl Tunnels {
    /// At most `threads` tunnels are relayed synchronously, each on a thread of its own.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let gauge = Arc::new(Gauge { most_threads: AtomicUsize::new(threads), ..Gauge::default() });
        Self { shared: Arc::new(Shared { tables: RwLock::default(), gauge, clock: Clock::start() }) }
    }

    /// From now on so many tunnels are relayed on threads of their own; those that are already stay.
    pub fn limit_threads(&self, threads: usize) {
        self.shared.gauge.most_threads.store(threads, Relaxed);
    }

    /// Every open tunnel, by worker and age.
    #[must_use]
    pub fn list(&self) -> Vec<TunnelInfo> {
        let mut all: Vec<_> = self.entries().map(|e| e.info()).collect();
        all.sort_by_key(|info| info.id);
        all
    }

    /// One tunnel, if it is open.
    #[must_use]
    pub fn find(&self, id: TunnelId) -> Option<TunnelInfo> {
        self.entry(id).map(|e| e.info())
    }

    /// Ends one tunnel; false if there is none of that name. Its end is seen by its `on_end`.
    #[must_use]
    pub fn kill(&self, id: TunnelId) -> bool {
        let entry = self.entry(id);
        entry.iter().for_each(|e| e.end_by(Cause::Killed));
        entry.is_some()
    }

    /// Ends all tunnels of which `condemned` says so; returns their number.
    pub fn kill_where(&self, condemned: impl Fn(&TunnelInfo) -> bool) -> usize {
        self.entries().filter(|e| condemned(&e.info())).map(|e| e.end_by(Cause::Killed)).count()
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.gauge.open.load(Relaxed)
    }

    /// The figures of all workers.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut sum = Totals { threads: self.shared.gauge.threads.load(Relaxed), ..Totals::default() };
        for table in self.tables() {
            table.add_to(&mut sum);
        }
        sum
    }

    /// Waits until no tunnel is open, or for `patience` at most; returns how many are left. It ends none.
    pub async fn drain(&self, patience: Duration) -> usize {
        let gauge = &self.shared.gauge;
        let empty = async {
            loop {
                let notified = gauge.empty.notified();
                if gauge.open.load(Relaxed) == 0 {
                    return;
                }
                notified.await;
            }
        };
        let _ = tokio::time::timeout(patience, empty).await;
        gauge.open.load(Relaxed)
    }

    /// Ends all tunnels, those that open from now on included, as [`Cause::Stopping`]. Follow with [`Self::drain`]
    /// to let the workers do it.
    pub fn stop(&self) {
        self.shared.gauge.stopping.store(true, Relaxed);
        self.entries().for_each(|e| e.end_by(Cause::Stopping));
    }

    pub(crate) fn new_table(&self) -> Arc<Table> {
        let mut tables = self.shared.tables.write().unwrap_or_else(PoisonError::into_inner);
        let table = Arc::new(Table {
            worker: u16::try_from(tables.len()).expect("a worker is a core: far fewer than 65,536"),
            clock: self.shared.clock,
            gauge: Arc::clone(&self.shared.gauge),
            rows: Mutex::default(),
            mail: Mutex::new(Some(Vec::new())),
            bell: Notify::new(),
        });
        tables.push(Arc::clone(&table));
        table
    }

    fn tables(&self) -> Vec<Arc<Table>> {
        self.shared.tables.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn entries(&self) -> impl Iterator<Item = Arc<Entry>> {
        self.tables().into_iter().flat_map(|table| table.entries())
    }

    fn entry(&self, id: TunnelId) -> Option<Arc<Entry>> {
        let table = self.tables().into_iter().nth(usize::from(id.worker))?;
        table.entries().into_iter().find(|e| e.id == id)
    }
}

/// What all workers share: a few figures, touched when a tunnel opens or ends.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    open: AtomicUsize,
    empty: Notify,
    stopping: AtomicBool,
    most_threads: AtomicUsize,
    threads: AtomicUsize,
}

impl Gauge {
    /// A tunnel has ended, and all that was to be told of it is told.
    pub(crate) fn one_ended(&self) {
        if self.open.fetch_sub(1, Relaxed) == 1 {
            self.empty.notify_waiters();
        }
    }
}

/// The right to relay one tunnel on a thread.
#[derive(Debug)]
pub(crate) struct ThreadPermit(Arc<Gauge>);

impl ThreadPermit {
    pub(crate) fn take(gauge: &Arc<Gauge>) -> Option<Self> {
        let more = |taken: usize| (taken < gauge.most_threads.load(Relaxed)).then_some(taken + 1);
        gauge.threads.fetch_update(Relaxed, Relaxed, more).ok()?;
        Some(Self(Arc::clone(gauge)))
    }
}

impl Drop for ThreadPermit {
    fn drop(&mut self) {
        self.0.threads.fetch_sub(1, Relaxed);
    }
}

/// One worker's tunnels and its letter box.
#[derive(Debug)]
pub(crate) struct Table {
    worker: u16,
    pub(crate) clock: Clock,
    pub(crate) gauge: Arc<Gauge>,
    rows: Mutex<Rows>,
    mail: Mutex<Option<Vec<Mail>>>,
    /// Rung when there is mail, or when the worker must look at its deadlines anew.
    pub(crate) bell: Notify,
}

#[derive(Debug, Default)]
struct Rows {
    entries: Slab<Arc<Entry>>,
    done: Totals,
}

impl Table {
    pub(crate) fn insert(self: &Arc<Self>, subject: Subject, bell: Bell) -> Arc<Entry> {
        self.gauge.open.fetch_add(1, Relaxed);
        let mut rows = self.rows();
        let id = TunnelId { worker: self.worker, serial: rows.done.opened };
        rows.done.opened += 1;
        let place = rows.entries.vacant_entry();
        let slot = u32::try_from(place.key()).expect("fewer tunnels than descriptors");
        let entry = Arc::new(Entry::new(Arc::clone(self), id, slot, subject, bell));
        place.insert(Arc::clone(&entry));
        entry
    }

    pub(crate) fn remove(&self, slot: u32, ended: &Ended) {
        let mut rows = self.rows();
        rows.entries.remove(slot as usize);
        rows.done.ended[ended.cause as usize - 1] += 1;
        rows.done.from_clients += ended.info.from_client;
        rows.done.from_backends += ended.info.from_backend;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.gauge.stopping.load(Relaxed)
    }

    /// Leaves a letter. If the worker is gone the letter is dropped, and with it the tunnel it may hold.
    pub(crate) fn post(&self, letter: Mail) {
        let undeliverable = match &mut *self.mail() {
            Some(letters) => {
                letters.push(letter);
                None
            }
            None => Some(letter),
        };
        drop(undeliverable);
        self.bell.notify_one();
    }

    pub(crate) fn post_cut(&self, key: u32, id: TunnelId) {
        self.post(Mail::Cut(key, id));
    }

    pub(crate) fn take_mail(&self) -> Vec<Mail> {
        self.mail().as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The worker is going: nothing is delivered any more, and what lies there is dropped.
    pub(crate) fn close_mail(&self) {
        let left = self.mail().take();
        drop(left);
    }

    fn mail(&self) -> MutexGuard<'_, Option<Vec<Mail>>> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        self.rows().entries.iter().map(|(_, e)| Arc::clone(e)).collect()
    }

    fn add_to(&self, sum: &mut Totals) {
        let rows = self.rows();
        sum.open += rows.entries.len();
        sum.opened += rows.done.opened;
        for (all, own) in sum.ended.iter_mut().zip(rows.done.ended) {
            *all += own;
        }
        sum.from_clients += rows.done.from_clients;
        sum.from_backends += rows.done.from_backends;
        for (_, entry) in &rows.entries {
            let info = entry.info();
            sum.from_clients += info.from_client;
            sum.from_backends += info.from_backend;
        }
    }
}

/// Milliseconds since the process began to count, and what they are on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    base: Instant,
    wall: SystemTime,
}

impl Clock {
    fn start() -> Self {
        Self { base: Instant::now(), wall: SystemTime::now() }
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn instant(&self, at: u64) -> Instant {
        self.base + Duration::from_millis(at)
    }

    pub(crate) fn wall(&self, at: u64) -> SystemTime {
        self.wall + Duration::from_millis(at)
    }
}
