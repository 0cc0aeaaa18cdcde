//! One worker's tunnels: starting them, and the tasks that drive them.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio::task::{spawn_local, yield_now};
use tokio::time::sleep_until;

use crate::engine::Engine;
use crate::entry::{Bell, Subject};
use crate::life::{Cause, LOG, Life, Mode, OnEnd, RouteLabel, TunnelId};
use crate::pump::{Living, Pump, Quiet};
use crate::socket::{Socket, Stream};
use crate::thread::{self, Seat};
use crate::tunnel::Tunnel;
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
    /// Whether the end of one way leaves the other open (`proxy-nohalfclose` unset).
    pub half_close: bool,
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

#[derive(Debug)]
struct Desk {
    table: Arc<Table>,
    engine: RefCell<Engine>,
}

/// What other threads tell a worker.
pub(crate) enum Mail {
    /// End the tunnel that the engine has under this key, if it still is this one.
    Cut(u32, TunnelId),
    /// A thread's tunnel has become quiet.
    Adopt(Tunnel),
    /// The same of two streams, as the task to start.
    Run(Box<dyn FnOnce() + Send>),
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cut(..) => "Cut",
            Self::Adopt(_) => "Adopt",
            Self::Run(_) => "Run",
        })
    }
}

impl Worker {
    /// Makes this thread a worker. To be called within a [`LocalSet`](tokio::task::LocalSet) on a current-thread
    /// runtime with I/O and time enabled, on which the worker's tasks then run until the set is dropped.
    ///
    /// # Errors
    /// When the kernel refuses a descriptor.
    pub fn new(tunnels: &Tunnels) -> io::Result<Self> {
        let table = tunnels.new_table();
        let engine = Engine::new(table.clock.now())?;
        #[expect(
            deprecated,
            reason = "an Rc<OwnedFd> names one open descriptor for life; the successor is unsafe"
        )]
        let epoll = AsyncFd::with_interest(engine.epoll(), Interest::READABLE)?;
        let desk = Rc::new(Desk { table, engine: RefCell::new(engine) });
        spawn_local(Rc::clone(&desk).drive(epoll));
        spawn_local(Rc::clone(&desk).keep(Hours(Arc::clone(&desk.table))));
        Ok(Self { desk })
    }

    /// Starts relaying. The tunnel is in the register from now until `terms.on_end` has been called.
    pub fn start<C: Stream, B: Stream>(&self, client: End<C>, backend: End<B>, terms: Terms) -> TunnelId {
        let early = [client.early, backend.early];
        match (client.stream.into_socket(), backend.stream.into_socket()) {
            (Ok(client), Ok(backend)) => self.start_sockets([client, backend], early, terms),
            (Err(client), Err(backend)) => self.start_streams(client, backend, early, terms),
            (Ok(client), Err(backend)) => self.start_streams(client, backend, early, terms),
            (Err(client), Ok(backend)) => self.start_streams(client, backend, early, terms),
        }
    }

    fn start_sockets(&self, sockets: [Socket; 2], early: [Bytes; 2], terms: Terms) -> TunnelId {
        let start = Start::of(&self.desk.table, terms, Bell::Nobody);
        let id = start.life.entry.id;
        let [client, backend] = sockets.map(Socket::into_fd);
        let ends = match client.and_then(|client| Ok([client, backend?])) {
            Ok(ends) => ends,
            Err(why) => {
                start.life.end(Cause::failed(id, why));
                return id;
            }
        };
        let tunnel = Tunnel::new(ends, early, start.life, start.idle);
        match start.thread.and_then(|thread| seat_for_sockets(id, thread)) {
            Some(seat) => seat.take(tunnel),
            None => self.desk.adopt(tunnel),
        }
        id
    }

    fn start_streams<C: Stream, B: Stream>(
        &self,
        client: C,
        backend: B,
        early: [Bytes; 2],
        terms: Terms,
    ) -> TunnelId {
        let bell = Arc::new(Notify::new());
        let start = Start::of(&self.desk.table, terms, Bell::Task(Arc::clone(&bell)));
        let entry = Arc::clone(&start.life.entry);
        let pump = Box::new(Pump::new(client, backend, early, &entry));
        match start.thread.and_then(|thread| seat_for_streams(&entry.id, thread, bell.clone(), start.idle)) {
            Some(seat) => {
                entry.hand_to(Mode::Thread, Bell::Task(bell));
                seat.take((pump, start.life));
            }
            None => run(pump, start.life, bell, start.idle),
        }
        entry.id
    }
}

/// A tunnel that is in the register and not yet with a driver.
struct Start {
    life: Life,
    idle: Option<u32>,
    thread: Option<Thread>,
}

/// The wish for a thread that may be granted.
struct Thread {
    permit: ThreadPermit,
    until_quiet: Option<u32>,
}

impl Start {
    fn of(table: &Arc<Table>, terms: Terms, bell: Bell) -> Self {
        let Terms { label, client, backend, half_close, .. } = terms;
        let subject = Subject { label, client, backend, half_close };
        let entry = table.insert(subject, bell);
        if table.is_stopping() {
            entry.end_by(Cause::Stopping);
        }
        let until_quiet = match terms.drive {
            Drive::Worker => None,
            Drive::Thread => Some(None),
            Drive::ThreadUntilQuiet(quiet) => Some(millis(Some(quiet))),
        };
        let thread = until_quiet.and_then(|until_quiet| match ThreadPermit::take(&table.gauge) {
            Some(permit) => Some(Thread { permit, until_quiet }),
            None => no_thread(entry.id, "their number is limited"),
        });
        Self { life: Life::begin(entry, terms.on_end), idle: millis(terms.idle), thread }
    }
}

fn no_thread<T>(id: TunnelId, why: impl fmt::Display) -> Option<T> {
    log::warn!(target: LOG, "tunnel {id}: no thread for a synchronous tunnel ({why}), relayed asynchronously");
    None
}

fn seat_for_sockets(id: TunnelId, thread: Thread) -> Option<Seat<Tunnel>> {
    let until_quiet = thread.until_quiet;
    let work = move |tunnel: Tunnel| {
        let Some(table) = tunnel.entry().map(|entry| Arc::clone(entry.table())) else { return };
        if let Some(tunnel) = thread::tunnel(tunnel, until_quiet) {
            table.post(Mail::Adopt(tunnel));
        }
    };
    Seat::new(thread.permit, work).map_or_else(|why| no_thread(id, why), Some)
}

fn seat_for_streams<C: Stream, B: Stream>(
    id: &TunnelId,
    thread: Thread,
    bell: Arc<Notify>,
    idle: Option<u32>,
) -> Option<Seat<Living<C, B>>> {
    let quiet = Quiet { end: idle, hand_over: thread.until_quiet };
    let work = move |(pump, life): Living<C, B>| {
        let table = Arc::clone(life.entry.table());
        if let Some((pump, life)) = thread::pump(pump, life, Arc::clone(&bell), quiet) {
            table.post(Mail::Run(Box::new(move || run(pump, life, bell, idle))));
        }
    };
    Seat::new(thread.permit, work).map_or_else(|why| no_thread(*id, why), Some)
}

/// Relays two streams in a task of this worker.
fn run<C: Stream, B: Stream>(pump: Box<Pump<C, B>>, life: Life, bell: Arc<Notify>, idle: Option<u32>) {
    life.entry.hand_to(Mode::Task, Bell::Task(Arc::clone(&bell)));
    spawn_local(pump.run(life, bell, Quiet { end: idle, hand_over: None }));
}

/// A limit in milliseconds; what does not fit (49 days) is none.
fn millis(limit: Option<Duration>) -> Option<u32> {
    u32::try_from(limit?.as_millis()).ok()
}

impl Desk {
    /// Takes turns as the kernel calls for them.
    async fn drive(self: Rc<Self>, epoll: AsyncFd<Rc<OwnedFd>>) {
        // It fails when the runtime is going, and the tunnels with it.
        while let Ok(mut ready) = epoll.readable().await {
            if self.turn() {
                yield_now().await;
            } else {
                ready.clear_ready();
            }
        }
    }

    /// Reads the mail, and wakes up when a deadline is due; sleeps otherwise.
    async fn keep(self: Rc<Self>, hours: Hours) {
        loop {
            for letter in hours.0.take_mail() {
                match letter {
                    Mail::Cut(key, id) => self.with(|engine| engine.cut_if(key, id)),
                    Mail::Adopt(tunnel) => self.adopt(tunnel),
                    Mail::Run(start) => start(),
                }
            }
            self.with(|engine| engine.expire(hours.0.clock.now()));
            while self.engine.borrow().has_line() && self.turn() {
                yield_now().await;
            }
            let due = self.engine.borrow_mut().plan_expiry();
            let bell = hours.0.bell.notified();
            match due {
                None => bell.await,
                Some(due) => tokio::select! {
                    () = bell => {}
                    () = sleep_until(hours.0.clock.instant(due)) => {}
                },
            }
        }
    }

    fn adopt(&self, tunnel: Tunnel) {
        self.with(|engine| engine.add(tunnel));
    }

    fn turn(&self) -> bool {
        self.with(|engine| engine.turn(self.table.clock.now()))
    }

    /// Works on the engine, then ends the lives that ended by it: their ends may start something new here.
    fn with<T>(&self, work: impl FnOnce(&mut Engine) -> T) -> T {
        let (result, ended, wake) = {
            let mut engine = self.engine.borrow_mut();
            let result = work(&mut engine);
            (result, engine.take_ended(), engine.is_due_earlier())
        };
        if wake {
            self.table.bell.notify_one();
        }
        for (life, cause) in ended {
            life.end(cause);
        }
        result
    }
}

/// As long as they last there is mail; with them goes what nobody will read.
struct Hours(Arc<Table>);

impl Drop for Hours {
    fn drop(&mut self) {
        self.0.close_mail();
    }
}
