//! One tunnel's life as the rest of the process sees it: what it is, what it moved, why it ended.
//!
//! The driver of a tunnel owns its [`Life`]. A life that is dropped without an end was dropped with its worker: the
//! server is stopping. Or its driver panicked.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::entry::Entry;

/// Names a tunnel for as long as the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TunnelId {
    pub(crate) worker: u16,
    pub(crate) serial: u64,
}

impl fmt::Display for TunnelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.worker, self.serial)
    }
}

impl std::str::FromStr for TunnelId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (worker, serial) = text.split_once('-').unwrap_or((text, ""));
        Ok(Self { worker: worker.parse()?, serial: serial.parse()? })
    }
}

/// What all tunnels of one route have in common. Made once per route, shared by its tunnels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouteLabel {
    /// The virtual host.
    pub vhost: Box<str>,
    /// The route, as the configuration spells it.
    pub route: Box<str>,
    /// Where the configuration sets it.
    pub place: Box<str>,
}

/// Why a tunnel ended: what happened first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The client closed first.
    ClientClosed = 1,
    /// The backend closed first.
    BackendClosed,
    /// The client's connection was reset.
    ClientReset,
    /// The backend's connection was reset.
    BackendReset,
    /// The client no longer answers the kernel.
    ClientVanished,
    /// The backend no longer answers the kernel.
    BackendVanished,
    /// Nothing moved for as long as the route allows.
    Idle,
    /// The operator ended it.
    Killed,
    /// The server is stopping.
    Stopping,
    /// This process could not relay it (descriptors, memory).
    Failed,
}

impl Cause {
    /// All of them, in the order of [`Totals::ended`](crate::Totals).
    pub const ALL: [Self; 10] = [
        Self::ClientClosed,
        Self::BackendClosed,
        Self::ClientReset,
        Self::BackendReset,
        Self::ClientVanished,
        Self::BackendVanished,
        Self::Idle,
        Self::Killed,
        Self::Stopping,
        Self::Failed,
    ];

    /// This process cannot relay a tunnel; the log is told why.
    pub(crate) fn failed(id: TunnelId, why: impl fmt::Display) -> Self {
        log::error!(target: LOG, "tunnel {id} cannot be relayed: {why}");
        Self::Failed
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// As the log and the listing say it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::ClientClosed => "client closed",
            Self::BackendClosed => "backend closed",
            Self::ClientReset => "client reset",
            Self::BackendReset => "backend reset",
            Self::ClientVanished => "client vanished",
            Self::BackendVanished => "backend vanished",
            Self::Idle => "idle timeout",
            Self::Killed => "killed",
            Self::Stopping => "server stopping",
            Self::Failed => "relay failed",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// How a tunnel is relayed at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// By its worker's engine: two plain sockets.
    Engine,
    /// By a task of its worker: a side is more than a socket (TLS).
    Task,
    /// By a thread of its own.
    Thread,
}

impl Mode {
    /// As the log and the listing say it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Task => "task",
            Self::Thread => "thread",
        }
    }

    pub(crate) fn from_code(code: u8) -> Self {
        [Self::Engine, Self::Task, Self::Thread][usize::from(code).min(2)]
    }
}

/// A tunnel as a listing shows it.
#[derive(Debug, Clone)]
pub struct TunnelInfo {
    /// Its name.
    pub id: TunnelId,
    /// Its route.
    pub label: Arc<RouteLabel>,
    /// The client's address.
    pub client: SocketAddr,
    /// The backend as the caller named it.
    pub backend: Arc<str>,
    /// When it opened.
    pub started: SystemTime,
    /// How long it has been open.
    pub age: Duration,
    /// How long nothing has moved.
    pub quiet: Duration,
    /// Bytes received from the client.
    pub from_client: u64,
    /// Bytes received from the backend.
    pub from_backend: u64,
    /// Who relays it.
    pub mode: Mode,
}

/// What the end of a tunnel leaves behind.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The tunnel as it was at its end.
    pub info: TunnelInfo,
    /// Why it ended.
    pub cause: Cause,
}

/// Called once when the tunnel has ended, wherever it was relayed last: release permits, write the access log.
pub type OnEnd = Box<dyn FnOnce(&Ended) + Send>;

/// The driver's hold on the record: as long as it lives the tunnel is open.
pub(crate) struct Life {
    pub(crate) entry: Arc<Entry>,
    on_end: Option<OnEnd>,
}

impl Life {
    pub(crate) fn begin(entry: Arc<Entry>, on_end: OnEnd) -> Self {
        if log::log_enabled!(target: LOG, log::Level::Info) {
            let info = entry.info();
            log::info!(
                target: LOG,
                "tunnel {} open: {} -> {} (host {}, route {}, {})",
                info.id, info.client, info.backend, info.label.vhost, info.label.route, info.label.place,
            );
        }
        Self { entry, on_end: Some(on_end) }
    }

    /// The end: the record is closed, the log told, the caller called.
    pub(crate) fn end(mut self, cause: Cause) {
        self.close(cause);
    }

    fn close(&mut self, cause: Cause) {
        let Some(on_end) = self.on_end.take() else { return };
        let ended = Ended { info: self.entry.info(), cause };
        self.entry.leave(&ended);
        log_end(&ended);
        // A mistake of the caller's must not stop the driver: it has other tunnels.
        if catch_unwind(AssertUnwindSafe(|| on_end(&ended))).is_err() {
            log::error!(target: LOG, "tunnel {}: what was to be done at its end panicked", ended.info.id);
        }
        self.entry.table().gauge.one_ended();
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.close(if std::thread::panicking() {
            Cause::failed(self.entry.id, "its relay panicked")
        } else {
            Cause::Stopping
        });
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Life").field(&self.entry.id).finish()
    }
}

/// The target of all lines about tunnels.
pub(crate) const LOG: &str = "wsgate::tunnel";

fn log_end(ended: &Ended) {
    let info = &ended.info;
    log::info!(
        target: LOG,
        "tunnel {} ended: {} after {:.3} s; {} bytes from the client, {} from the backend; {} -> {} ({}, {})",
        info.id, ended.cause, info.age.as_secs_f64(), info.from_client, info.from_backend,
        info.client, info.backend, info.label.place, info.mode.text(),
    );
}
