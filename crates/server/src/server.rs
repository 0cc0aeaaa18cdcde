//! The running server: what its workers share, and its start and end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use wsgate_wstunnel::Tunnels;

use crate::generation::Generation;
use crate::listen;
use crate::passwords::Passwords;
use crate::upstream::REFRESH;
use crate::worker;

/// What all workers share.
pub(crate) struct Shared {
    /// The configuration in force.
    pub(crate) generation: ArcSwap<Generation>,
    /// All tunnels.
    pub(crate) tunnels: Tunnels,
    /// Checks passwords.
    pub(crate) passwords: Passwords,
}

/// What the workers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Serve.
    Running,
    /// Stop at once.
    Stopped,
}

/// A server whose workers run.
pub(crate) struct Server {
    /// What they share.
    pub(crate) shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    workers: Vec<thread::JoinHandle<()>>,
}

/// httpd's default MaxRequestWorkers for mpm_event.
const MAX_REQUEST_WORKERS: u32 = 400;

impl Server {
    /// Opens the listeners and starts the workers.
    ///
    /// # Errors
    /// An address that cannot be served; none is served then.
    pub(crate) fn start(generation: Generation) -> io::Result<Self> {
        let main = &generation.snapshot.servers[0].conf.mpm;
        let threads = main.max_request_workers.as_ref().map_or(MAX_REQUEST_WORKERS, |number| **number);
        let backlog = main.listen_backlog.as_ref().map_or(listen::BACKLOG, |length| **length);
        let addresses: Vec<SocketAddr> =
            generation.listens.iter().map(|listen| Generation::address(&listen.value)).collect();
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let most = main
            .server_limit
            .as_ref()
            .map_or(usize::MAX, |limit| usize::try_from(**limit).unwrap_or(usize::MAX));
        let count = processors.min(most);
        let listeners = open_all(&addresses, count, backlog)?;
        let tunnels = Tunnels::new(usize::try_from(threads).unwrap_or(usize::MAX));
        let passwords = Passwords::start()?;
        let shared = Arc::new(Shared { passwords, generation: ArcSwap::from_pointee(generation), tunnels });
        let (phase, watching) = watch::channel(Phase::Running);
        let mut workers = Vec::with_capacity(count);
        for (index, own) in listeners.into_iter().enumerate() {
            let (shared, watching) = (shared.clone(), watching.clone());
            let work = move || worker::run(&shared, own, watching);
            workers.push(thread::Builder::new().name(format!("worker-{index}")).spawn(work)?);
        }
        refresh_names(Arc::downgrade(&shared))?;
        Ok(Self { shared, phase, workers })
    }

    /// Ends everything at once.
    pub(crate) fn stop(self) {
        self.shared.tunnels.stop();
        self.phase.send_replace(Phase::Stopped);
        for worker in self.workers {
            if worker.join().is_err() {
                log::error!("a worker panicked");
            }
        }
    }
}

/// For each worker a listener on each address.
fn open_all(addresses: &[SocketAddr], workers: usize, backlog: u32) -> io::Result<Vec<Vec<TcpListener>>> {
    let named = |address: &SocketAddr, error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    };
    for (index, address) in addresses.iter().enumerate() {
        if addresses[..index].contains(address) {
            let twice = io::Error::from(io::ErrorKind::AddrInUse);
            return Err(named(address, twice));
        }
        listen::probe(*address).map_err(|error| named(address, error))?;
    }
    (0..workers)
        .map(|_| {
            let open =
                |address: &SocketAddr| listen::open(*address, backlog).map_err(|error| named(address, error));
            addresses.iter().map(open).collect()
        })
        .collect()
}

/// Looks the backends' names up again, for as long as the server lives, on a thread that may block.
fn refresh_names(shared: std::sync::Weak<Shared>) -> io::Result<()> {
    let watch = move || {
        loop {
            thread::sleep(REFRESH);
            let Some(shared) = shared.upgrade() else { return };
            shared.generation.load().upstreams.refresh();
        }
    };
    thread::Builder::new().name("names".to_owned()).spawn(watch).map(drop)
}
