//! The running server: what its workers share; its start, the change to another configuration, its end.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak, mpsc};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use nix::unistd::geteuid;
use tokio::sync::oneshot;
use wsgate_wstunnel::Tunnels;

use crate::admission::Admission;
use crate::generation::Generation;
use crate::listen::{Door, Doorway};
use crate::logs::{OpenLogs, install, notice};
use crate::passwords::Passwords;
use crate::privileges::Identity;
use crate::upstream::REFRESH;
use crate::worker::{self, Order, Orders};

/// How long tunnels may take to end when all are told to, and then the logs to be written.
const FAREWELL: Duration = Duration::from_secs(1);

/// What all workers share.
pub(crate) struct Shared {
    /// The configuration in force.
    pub(crate) generation: ArcSwap<Generation>,
    /// All tunnels.
    pub(crate) tunnels: Tunnels,
    /// The logs that are open.
    pub(crate) logs: OpenLogs,
    /// Lets tunnels in.
    pub(crate) admission: Admission,
    /// Checks passwords.
    pub(crate) passwords: Passwords,
}

/// A server whose workers run. Their number stays what it was at the start.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    /// The addresses that are served.
    held: Vec<SocketAddr>,
    workers: Vec<Hand>,
    /// Who requests are served as; none is whoever started the server.
    identity: Option<Identity>,
}

/// A worker, as the server knows it.
struct Hand {
    orders: Orders,
    thread: thread::JoinHandle<()>,
    /// Closed when the worker is through.
    ended: oneshot::Receiver<()>,
}

impl Server {
    /// Opens the listeners and starts the workers.
    ///
    /// # Errors
    /// An address that cannot be served, a worker that cannot start; nothing is served then.
    pub(crate) fn start(generation: Generation, logs: OpenLogs) -> io::Result<Self> {
        let count = generation.workers();
        let wanted = generation.addresses();
        let doors = Doorway { workers: count, backlog: generation.backlog() }.open(&wanted, &[])?;
        install(&generation.logs, &generation.snapshot);
        let tunnels = Tunnels::new(generation.tunnel_threads());
        let identity = identity(&generation);
        if identity.is_none() && geteuid().is_root() {
            log::warn!("requests are served as root: no User line names anyone else");
        }
        let generation = ArcSwap::from_pointee(generation);
        let (shared, workers) = Identity::within(identity.as_ref(), || {
            let (admission, passwords) = (Admission::by_descriptors(), Passwords::start()?);
            let shared = Arc::new(Shared { generation, tunnels, logs, admission, passwords });
            let workers = (0..count).map(|index| Hand::start(index, &shared)).collect::<io::Result<_>>()?;
            refresh_names(Arc::downgrade(&shared))?;
            Ok((shared, workers))
        })?;
        let server = Self { shared, held: wanted, workers, identity };
        server.hand_out(doors);
        notice("mpm_event", concat!("wsgate/", env!("CARGO_PKG_VERSION"), " serves its configuration"));
        Ok(server)
    }

    /// Goes over to another configuration: new listeners are opened first, those that stay keep their sockets and
    /// whoever waits there, the rest close once the new configuration is in force. No tunnel notices.
    ///
    /// # Errors
    /// An address that cannot be served; nothing has changed then.
    pub(crate) fn reload(&mut self, generation: Generation) -> io::Result<()> {
        if self.identity != identity(&generation) {
            log::warn!("User and Group stay as they were until the server is started anew");
        }
        let (wanted, backlog) = (generation.addresses(), generation.backlog());
        let doors = Doorway { workers: self.workers.len(), backlog }.open(&wanted, &self.held)?;
        install(&generation.logs, &generation.snapshot);
        self.shared.tunnels.limit_threads(generation.tunnel_threads());
        let before = self.shared.generation.swap(Arc::new(generation));
        self.hand_out(doors);
        for address in self.held.iter().filter(|address| !wanted.contains(address)) {
            self.order(|| Order::Close(*address, before.clone()));
        }
        self.order(|| Order::Reloaded(backlog));
        self.held = wanted;
        Ok(())
    }

    /// Accepts nobody any more. The server ends when the last request and the last tunnel have ended.
    pub(crate) fn refuse_clients(&mut self) {
        self.order(|| Order::Drain);
        self.held.clear();
    }

    /// Waits until all workers are through.
    pub(crate) async fn ended(&mut self) {
        for worker in &mut self.workers {
            // Nothing is ever sent: this is the end, or was.
            if !worker.ended.is_terminated() {
                let _ = (&mut worker.ended).await;
            }
        }
    }

    /// How long a graceful stop may take (GracefulShutdownTimeout); none is for ever.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.shared.generation.load().patience()
    }

    /// Ends everything at once.
    pub(crate) async fn stop(self) {
        self.shared.tunnels.stop();
        self.shared.tunnels.drain(FAREWELL).await;
        self.order(|| Order::Stop);
        for worker in self.workers {
            if worker.thread.join().is_err() {
                log::error!("a worker panicked");
            }
        }
        self.shared.logs.flush(FAREWELL);
    }

    fn hand_out(&self, doors: Vec<Door>) {
        for Door { address, sockets } in doors {
            for (worker, socket) in self.workers.iter().zip(sockets) {
                worker.tell(Order::Open(address, socket));
            }
        }
    }

    fn order(&self, order: impl Fn() -> Order) {
        self.workers.iter().for_each(|worker| worker.tell(order()));
    }
}

impl Hand {
    /// Starts a worker and waits until it is ready.
    fn start(index: usize, shared: &Arc<Shared>) -> io::Result<Self> {
        let (orders, received) = worker::orders();
        let (end, ended) = oneshot::channel();
        let (ready, is_ready) = mpsc::sync_channel(1);
        let shared = shared.clone();
        let work = move || {
            worker::run(shared, received, &ready);
            drop(end);
        };
        let thread = thread::Builder::new().name(format!("worker-{index}")).spawn(work)?;
        let outcome = is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("it did not become ready")));
        outcome
            .map_err(|error| io::Error::new(error.kind(), format!("worker {index} cannot start: {error}")))?;
        Ok(Self { orders, thread, ended })
    }

    fn tell(&self, order: Order) {
        // A worker that is through needs no orders.
        let _ = self.orders.send(order);
    }
}

/// Who requests are to be served as; only root can become someone else.
fn identity(generation: &Generation) -> Option<Identity> {
    generation.identity.clone().filter(|_| geteuid().is_root())
}

/// Looks the backends' names up again, for as long as the server lives, on a thread that may block.
fn refresh_names(shared: Weak<Shared>) -> io::Result<()> {
    let watch = move || {
        loop {
            thread::sleep(REFRESH);
            let Some(shared) = shared.upgrade() else { return };
            shared.generation.load().upstreams.refresh();
        }
    };
    thread::Builder::new().name("names".to_owned()).spawn(watch).map(drop)
}
