//! A worker: one thread, one current-thread runtime, its own listeners. A connection and its tunnel stay on it.

use std::cell::Cell;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::LocalSet;
use wsgate_proxy::Pools;
use wsgate_wstunnel::Worker as Relay;

use crate::connection;
use crate::server::{Phase, Shared};
use crate::stream::BackendStream;

/// How long accepting rests when the process is out of descriptors.
const BREATHER: Duration = Duration::from_millis(50);

/// What the connections of a worker share.
pub(crate) struct Worker {
    /// What all workers share.
    pub(crate) shared: Arc<Shared>,
    /// Its tunnels.
    pub(crate) relay: Relay,
    /// Its idle connections to backends.
    pub(crate) pools: Pools<BackendStream>,
    /// A descriptor in reserve, for telling clients that there are no more.
    spare: Cell<Option<std::fs::File>>,
}

/// Runs a worker until the server ends.
pub(crate) fn run(shared: &Arc<Shared>, listeners: Vec<TcpListener>, phase: watch::Receiver<Phase>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => LocalSet::new().block_on(&runtime, serve(shared.clone(), listeners, phase)),
        Err(error) => log::error!("a worker cannot start: {error}"),
    }
}

async fn serve(shared: Arc<Shared>, listeners: Vec<TcpListener>, mut phase: watch::Receiver<Phase>) {
    let relay = match Relay::new(&shared.tunnels) {
        Ok(relay) => relay,
        Err(error) => return log::error!("a worker cannot start: {error}"),
    };
    let spare = Cell::new(std::fs::File::open("/dev/null").ok());
    let pools = Pools::new();
    tokio::task::spawn_local(pools.clone().tend());
    let worker = Rc::new(Worker { shared, relay, pools, spare });
    for listener in listeners {
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => drop(tokio::task::spawn_local(accept(worker.clone(), listener))),
            Err(error) => log::error!("a listener cannot be watched: {error}"),
        }
    }
    // An error means that the server is gone, and then this is over, too.
    let _ = phase.wait_for(|phase| *phase == Phase::Stopped).await;
}

async fn accept(worker: Rc<Worker>, listener: tokio::net::TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => start(&worker, stream, peer),
            Err(error) if is_exhausted(&error) => {
                log::error!("out of descriptors: new clients are turned away ({error})");
                worker.turn_away(&listener).await;
                tokio::time::sleep(BREATHER).await;
            }
            // The client left before it was accepted.
            Err(error) => log::debug!("accept: {error}"),
        }
    }
}

fn start(worker: &Rc<Worker>, stream: TcpStream, peer: SocketAddr) {
    // The relay and small answers must not wait for more bytes.
    if let Err(error) = stream.set_nodelay(true) {
        return log::debug!("{peer} is gone: {error}");
    }
    let Ok(local) = stream.local_addr() else { return };
    tokio::task::spawn_local(connection::serve(worker.clone(), stream, local, peer));
}

fn is_exhausted(error: &std::io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(nix::libc::EMFILE | nix::libc::ENFILE | nix::libc::ENOBUFS | nix::libc::ENOMEM)
    )
}

impl Worker {
    /// Accepts one client with the spare descriptor, tells it 503 and closes: else it would wait in the queue for
    /// its own timeout.
    async fn turn_away(&self, listener: &tokio::net::TcpListener) {
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
