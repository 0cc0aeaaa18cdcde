//! The shared record of one tunnel: written by its driver, read by whoever lists, and the bell by which it is ended.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::life::{Cause, Ended, Mode, RouteLabel, TunnelId, TunnelInfo};
use crate::tunnels::Table;

/// The shared record of one tunnel. Its driver is the only writer, so a plain load and store count.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: TunnelId,
    label: Arc<RouteLabel>,
    backend: Arc<str>,
    client: SocketAddr,
    table: Arc<Table>,
    started: u64,
    moved: AtomicU64,
    bytes: [AtomicU64; 2],
    slot: u32,
    half_close: bool,
    mode: AtomicU8,
    cut: AtomicU8,
    bell: Mutex<Bell>,
}

/// How to reach the driver that has the tunnel now.
#[derive(Debug)]
pub(crate) enum Bell {
    /// It is not with a driver yet; the driver will look.
    Nobody,
    /// The worker's engine, under this key.
    Engine(u32),
    /// A task or thread that waits in tokio.
    Task(Arc<Notify>),
    /// A thread that waits in poll(2).
    Thread(Arc<OwnedFd>),
}

/// What the caller says of a new tunnel, for the record.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) label: Arc<RouteLabel>,
    pub(crate) client: SocketAddr,
    pub(crate) backend: Arc<str>,
    pub(crate) half_close: bool,
}

impl Entry {
    pub(crate) fn new(table: Arc<Table>, id: TunnelId, slot: u32, subject: Subject, bell: Bell) -> Self {
        let now = table.clock.now();
        Self {
            id,
            label: subject.label,
            backend: subject.backend,
            client: subject.client,
            table,
            started: now,
            moved: AtomicU64::new(now),
            bytes: [AtomicU64::new(0), AtomicU64::new(0)],
            slot,
            half_close: subject.half_close,
            mode: AtomicU8::new(Mode::Engine as u8),
            cut: AtomicU8::new(0),
            bell: Mutex::new(bell),
        }
    }

    /// `length` bytes came from side `from` (0 the client, 1 the backend) at `now`.
    pub(crate) fn count(&self, from: usize, length: usize, now: u64) {
        let bytes = &self.bytes[from];
        bytes.store(bytes.load(Relaxed) + length as u64, Relaxed);
        self.moved.store(now, Relaxed);
    }

    /// Bytes that were kept back went out at `now`.
    pub(crate) fn touch(&self, now: u64) {
        self.moved.store(now, Relaxed);
    }

    /// When bytes last moved, on the clock of [`Self::now`].
    pub(crate) fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    /// Whether the end of one way leaves the other open.
    pub(crate) fn half_close(&self) -> bool {
        self.half_close
    }

    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    pub(crate) fn now(&self) -> u64 {
        self.table.clock.now()
    }

    pub(crate) fn instant(&self, at: u64) -> tokio::time::Instant {
        self.table.clock.instant(at)
    }

    /// Why somebody outside wants it ended, if so.
    pub(crate) fn cut(&self) -> Option<Cause> {
        Cause::from_code(self.cut.load(Relaxed))
    }

    /// Another driver takes over; a cut that came before it reached the old one is seen by [`Self::cut`] after this.
    pub(crate) fn hand_to(&self, mode: Mode, bell: Bell) {
        *self.bell.lock().unwrap_or_else(PoisonError::into_inner) = bell;
        self.mode.store(mode as u8, Relaxed);
    }

    /// Takes it off the list.
    pub(crate) fn leave(&self, ended: &Ended) {
        self.table.remove(self.slot, ended);
    }

    /// Asks the driver to end it.
    pub(crate) fn end_by(&self, cause: Cause) {
        let _ = self.cut.compare_exchange(0, cause as u8, Relaxed, Relaxed);
        match &*self.bell.lock().unwrap_or_else(PoisonError::into_inner) {
            Bell::Nobody => {}
            Bell::Engine(key) => self.table.post_cut(*key, self.id),
            Bell::Task(notify) => notify.notify_one(),
            // An eventfd takes a write unless its count is at the limit, and then it is readable anyway.
            Bell::Thread(eventfd) => drop(rustix::io::write(eventfd, &1_u64.to_ne_bytes())),
        }
    }

    pub(crate) fn info(&self) -> TunnelInfo {
        let clock = self.table.clock;
        let now = clock.now();
        TunnelInfo {
            id: self.id,
            label: Arc::clone(&self.label),
            client: self.client,
            backend: Arc::clone(&self.backend),
            started: clock.wall(self.started),
            age: Duration::from_millis(now.saturating_sub(self.started)),
            quiet: Duration::from_millis(now.saturating_sub(self.moved())),
            from_client: self.bytes[0].load(Relaxed),
            from_backend: self.bytes[1].load(Relaxed),
            mode: Mode::from_code(self.mode.load(Relaxed)),
        }
    }
}
