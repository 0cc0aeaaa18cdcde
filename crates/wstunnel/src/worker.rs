//! One worker's tunnels: starting them, and the worker's side of everything that comes from outside.

use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::life::{Bell, LOG, Life, Mode, OnEnd, RouteLabel, Subject, TunnelId};
use crate::pump::{Pump, Quiet};
use crate::socket::Stream;
use crate::thread;
use crate::tunnels::{Table, ThreadPermit, Tunnels};

/// A side of a new tunnel: its stream, and what was already read from it that belongs to the tunnel.
#[derive(Debug)]
pub struct End<S> {
    /// The stream.
    pub stream: S,
    /// Bytes read ahead; they go to the other side first.
    pub early: Bytes,
}

/// Who relays a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drive {
    /// Its worker, with all others.
    #[default]
    Worker,
    /// A thread of its own.
    Thread,
    /// A thread of its own until nothing moved for so long, then its worker.
    ThreadUntilQuiet(Duration),
}

/// What is known of a new tunnel besides its streams.
pub struct Terms {
    /// The route.
    pub label: Arc<RouteLabel>,
    /// The client's address.
    pub client: SocketAddr,
    /// The backend's name, for the log and the listing.
    pub backend: Arc<str>,
    /// The tunnel ends when nothing moved for so long. `None`: no limit.
    pub idle: Option<Duration>,
    /// Who relays it.
    pub drive: Drive,
    /// Called at its end.
    pub on_end: OnEnd,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("label", &self.label).field("idle", &self.idle).finish_non_exhaustive()
    }
}

/// A worker's tunnels. Stays on the thread that made it; cheap to clone.
#[derive(Debug, Clone)]
pub struct Worker {
    desk: Rc<Desk>,
}

/// What the clones share; the last one gone, the worker is gone.
#[derive(Debug)]
struct Desk {
    table: Arc<Table>,
}

/// What other threads tell a worker.
pub(crate) enum Mail {
    /// End the tunnel that the engine has under this key, if it still is this one.
    Cut(u32, TunnelId),
    /// Do this on the worker's thread.
    Do(Box<dyn FnOnce() + Send>),
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(_, id) => f.debug_tuple("Cut").field(id).finish(),
            Self::Do(_) => f.write_str("Do"),
        }
    }
}

impl Worker {
    /// Makes this thread a worker. To be called within a [`LocalSet`](tokio::task::LocalSet) on a current-thread
    /// runtime with I/O and time enabled, on which the worker's tasks then run.
    ///
    /// # Errors
    /// When the kernel refuses a descriptor.
    pub fn new(tunnels: &Tunnels) -> std::io::Result<Self> {
        let desk = Rc::new(Desk { table: tunnels.new_table() });
        tokio::task::spawn_local(house(Arc::clone(&desk.table)));
        Ok(Self { desk })
    }

    /// Starts relaying. The tunnel is in the register from now until `terms.on_end` is called.
    pub fn start<C: Stream, B: Stream>(&self, client: End<C>, backend: End<B>, terms: Terms) -> TunnelId {
        let table = &self.desk.table;
        let subject = Subject { label: terms.label, client: terms.client, backend: terms.backend };
        let bell = Arc::new(Notify::new());
        let entry = table.insert(subject, Bell::Task(Arc::clone(&bell)));
        let life = Life::begin(Arc::clone(&entry), terms.on_end);
        if table.is_stopping() {
            entry.end_by(crate::Cause::Stopping);
        }
        let pump = Pump::new(client, backend, &entry);
        let end = millis(terms.idle);
        let on_thread = match terms.drive {
            Drive::Worker => None,
            Drive::Thread => Some(None),
            Drive::ThreadUntilQuiet(quiet) => Some(millis(Some(quiet))),
        };
        let id = entry.id;
        match on_thread.and_then(|quiet| Some((quiet, permit(table, id)?))) {
            Some((hand_over, permit)) => thread::pump(pump, life, bell, Quiet { end, hand_over }, permit),
            None => run(pump, life, bell, end),
        }
        id
    }
}

fn run<C: Stream, B: Stream>(pump: Pump<C, B>, life: Life, bell: Arc<Notify>, end: Option<u32>) {
    life.entry.hand_to(Mode::Task, Bell::Task(Arc::clone(&bell)));
    tokio::task::spawn_local(pump.run(life, bell, Quiet { end, hand_over: None }));
}

/// Back from its thread.
pub(crate) fn hand_over<C: Stream, B: Stream>(
    pump: Pump<C, B>,
    life: Life,
    bell: Arc<Notify>,
    end: Option<u32>,
) {
    let table = Arc::clone(life.entry.table());
    table.post(Mail::Do(Box::new(move || run(pump, life, bell, end))));
}

fn permit(table: &Table, id: TunnelId) -> Option<ThreadPermit> {
    let permit = ThreadPermit::take(&table.gauge);
    if permit.is_none() {
        log::warn!(target: LOG, "tunnel {id}: no thread left for a synchronous tunnel, relayed asynchronously");
    }
    permit
}

/// A limit in milliseconds; what does not fit (49 days) is none.
fn millis(limit: Option<Duration>) -> Option<u32> {
    u32::try_from(limit?.as_millis()).ok()
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.table.close_mail();
    }
}

/// Reads the worker's mail.
async fn house(table: Arc<Table>) {
    loop {
        for letter in table.take_mail() {
            match letter {
                Mail::Cut(key, id) => log::debug!(target: LOG, "no tunnel {id} under {key}"),
                Mail::Do(work) => work(),
            }
        }
        table.bell.notified().await;
    }
}
