//! A worker: one thread, one current-thread runtime, its own listeners. A connection and its tunnel stay on it.

use std::cell::Cell;
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{AbortHandle, LocalSet};
use wsgate_proxy::Pools;
use wsgate_wstunnel::Worker as Relay;

use crate::connection;
use crate::generation::Generation;
use crate::server::Shared;
use crate::stream::BackendStream;

/// How long accepting rests when the process is out of descriptors.
const BREATHER: Duration = Duration::from_millis(50);

/// What a worker is told.
pub(crate) enum Order {
    /// Serve one more address.
    Open(SocketAddr, StdListener),
    /// Serve an address no more. Clients that wait there already are served by the configuration that they came for.
    Close(SocketAddr, Arc<Generation>),
    /// Another configuration is in force; the length of its queues.
    Reloaded(u32),
    /// Accept nobody any more; end when the last client has gone.
    Drain,
    /// End.
    Stop,
}

/// Where orders are given. Only the few that reloads give wait there.
pub(crate) type Orders = mpsc::UnboundedSender<Order>;

/// A way to give orders, and to receive them.
pub(crate) fn orders() -> (Orders, mpsc::UnboundedReceiver<Order>) {
    mpsc::unbounded_channel()
}

/// What has become of the server since a connection was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// This many configurations have come into force.
    Serving(u64),
    /// Nobody is accepted any more.
    Draining,
}

/// What the connections of a worker share.
pub(crate) struct Worker {
    /// What all workers share.
    pub(crate) shared: Arc<Shared>,
    /// Its tunnels.
    pub(crate) relay: Relay,
    /// Its idle connections to backends.
    pub(crate) pools: Pools<BackendStream>,
    phase: watch::Sender<Phase>,
    /// How many connections there are that are no tunnels.
    clients: Cell<usize>,
    /// Rung when there are none.
    deserted: Notify,
    /// A descriptor in reserve, for telling clients that there are no more.
    spare: Cell<Option<std::fs::File>>,
}

/// Runs a worker until the server ends; tells when it is ready for orders, or that it will not be.
pub(crate) fn run(
    shared: Arc<Shared>,
    orders: mpsc::UnboundedReceiver<Order>,
    ready: &SyncSender<io::Result<()>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.and_then(|runtime| {
        LocalSet::new().block_on(&runtime, async {
            let worker = Rc::new(Worker::new(shared)?);
            // Who waits for this has given up if it cannot be sent.
            let _ = ready.send(Ok(()));
            tokio::task::spawn_local(worker.pools.clone().tend());
            worker.obey(orders).await;
            Ok(())
        })
    });
    if let Err(error) = outcome {
        let _ = ready.send(Err(error));
    }
}

/// A listener with the task that accepts from it.
struct Door {
    listener: Rc<TcpListener>,
    task: AbortHandle,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Worker {
    fn new(shared: Arc<Shared>) -> io::Result<Self> {
        Ok(Self {
            relay: Relay::new(&shared.tunnels)?,
            pools: Pools::new(),
            shared,
            phase: watch::Sender::new(Phase::Serving(0)),
            clients: Cell::new(0),
            deserted: Notify::new(),
            spare: Cell::new(std::fs::File::open("/dev/null").ok()),
        })
    }

    /// What becomes of the server from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Whether nobody is accepted any more.
    pub(crate) fn is_draining(&self) -> bool {
        *self.phase.borrow() == Phase::Draining
    }

    async fn obey(self: &Rc<Self>, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut doors: HashMap<SocketAddr, Door> = HashMap::new();
        let mut draining = false;
        loop {
            let order = tokio::select! {
                order = orders.recv() => order,
                () = self.emptied(), if draining => return,
            };
            match order {
                Some(Order::Open(address, socket)) => match self.open(socket) {
                    Ok(door) => drop(doors.insert(address, door)),
                    Err(error) => log::error!("{address} cannot be watched: {error}"),
                },
                Some(Order::Close(address, came_for)) => {
                    if let Some(door) = doors.remove(&address) {
                        self.close(&door, &came_for);
                    }
                }
                Some(Order::Reloaded(backlog)) => {
                    self.phase.send_modify(|phase| {
                        if let Phase::Serving(count) = phase {
                            *count += 1;
                        }
                    });
                    doors.values().for_each(|door| door.lengthen(backlog));
                    self.pools.clear();
                }
                Some(Order::Drain) => {
                    let generation = self.shared.generation.load_full();
                    doors.drain().for_each(|(_, door)| self.close(&door, &generation));
                    self.phase.send_replace(Phase::Draining);
                    draining = true;
                }
                // Without the server there is nothing to do.
                Some(Order::Stop) | None => return,
            }
        }
    }

    fn open(self: &Rc<Self>, socket: StdListener) -> io::Result<Door> {
        let listener = Rc::new(TcpListener::from_std(socket)?);
        let task = tokio::task::spawn_local(self.clone().accept(listener.clone())).abort_handle();
        Ok(Door { listener, task })
    }

    /// Takes in who waits at the door; the kernel would reset them.
    fn close(self: &Rc<Self>, door: &Door, came_for: &Arc<Generation>) {
        while let Ok((socket, _)) = SockRef::from(&*door.listener).accept() {
            let stream = socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket.into()));
            let ends = |stream: &TcpStream| Ok((stream.local_addr()?, stream.peer_addr()?));
            match stream.and_then(|stream| ends(&stream).map(|ends| (stream, ends))) {
                Ok((stream, ends)) => self.start(stream, ends, Some(came_for.clone())),
                Err(error) => log::debug!("accept: {error}"),
            }
        }
    }

    async fn accept(self: Rc<Self>, listener: Rc<TcpListener>) {
        // Only a wildcard has to ask each connection for its own address.
        let local = listener.local_addr().ok().filter(|local| !local.ip().is_unspecified());
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => match local.map_or_else(|| stream.local_addr(), Ok) {
                    Ok(local) => self.start(stream, (local, peer), None),
                    Err(error) => log::debug!("accept: {error}"),
                },
                Err(error) if is_exhausted(&error) => {
                    log::error!("out of descriptors: new clients are turned away ({error})");
                    self.turn_away(&listener).await;
                    tokio::time::sleep(BREATHER).await;
                }
                // The client left before it was accepted.
                Err(error) => log::debug!("accept: {error}"),
            }
        }
    }

    /// Serves a connection between our address and the client's.
    fn start(
        self: &Rc<Self>,
        stream: TcpStream,
        ends: (SocketAddr, SocketAddr),
        came_for: Option<Arc<Generation>>,
    ) {
        let client = Client::of(self);
        tokio::task::spawn_local(async move {
            connection::serve(&client.0, stream, ends, came_for).await;
        });
    }

    /// Waits until no connection is left here, and no tunnel anywhere: a thread's may come back to its worker.
    async fn emptied(&self) {
        loop {
            let rung = self.deserted.notified();
            if self.clients.get() == 0 {
                break;
            }
            rung.await;
        }
        self.shared.tunnels.drain(Duration::MAX).await;
    }

    /// Accepts one client with the spare descriptor, tells it 503 and closes: else it would wait in the queue for
    /// its own timeout.
    async fn turn_away(&self, listener: &TcpListener) {
        const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        drop(self.spare.take());
        let client = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        if let Ok(Ok((stream, _))) = client {
            // It may take it or not: it is closed either way.
            let _ = stream.try_write(BUSY);
        }
        self.spare.set(std::fs::File::open("/dev/null").ok());
    }
}

impl Door {
    /// Linux takes another length for a queue at any time.
    fn lengthen(&self, backlog: u32) {
        if let Err(error) = SockRef::from(&*self.listener).listen(i32::try_from(backlog).unwrap_or(i32::MAX))
        {
            log::warn!("ListenBacklog stays as it was: {error}");
        }
    }
}

/// A connection that counts.
struct Client(Rc<Worker>);

impl Client {
    fn of(worker: &Rc<Worker>) -> Self {
        worker.clients.set(worker.clients.get() + 1);
        Self(worker.clone())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let left = self.0.clients.get() - 1;
        self.0.clients.set(left);
        if left == 0 {
            self.0.deserted.notify_waiters();
        }
    }
}

fn is_exhausted(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(nix::libc::EMFILE | nix::libc::ENFILE | nix::libc::ENOBUFS | nix::libc::ENOMEM)
    )
}
