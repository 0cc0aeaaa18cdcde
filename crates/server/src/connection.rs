//! One client's connection, from accept to the last answer or to a tunnel.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use wsgate_core::request::Connection;

use crate::counted::{Counted, Wire};
use crate::exchange::{self, Exchange};
use crate::generation::Generation;
use crate::http1::{self, ClientIo, Handle};
use crate::logs::{ConnectionLog, Scope};
use crate::proxy_header;
use crate::secure::Facts;
use crate::stream::ClientStream;
use crate::tls::{self, AcceptError, Accepted};
use crate::worker::{Phase, Worker};

/// How long a connection that has to end is kept for one more request, where a client may just be sending one. As long
/// as httpd's KeepAliveTimeout unless configured.
const LAST_CALL: Duration = Duration::from_secs(5);

/// Serves a client until it or we close. `came_for` is the configuration that it came for, if that is in force no more.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    stream: TcpStream,
    (local, peer): (SocketAddr, SocketAddr),
    came_for: Option<Arc<Generation>>,
) {
    let log = ConnectionLog::new(peer, local);
    let generation = came_for.clone().unwrap_or_else(|| worker.shared.generation.load_full());
    let errors = generation.logs.errors(generation.default_server(local)).clone();
    let (stream, wire) = Counted::new(stream);
    let arrival = Arrival { worker: worker.clone(), ends: (local, peer), generation, came_for, wire };
    Scope::connection(errors, log.clone()).run(arrival.serve(stream, log)).await;
}

/// A client that has not said anything yet.
struct Arrival {
    worker: Rc<Worker>,
    /// Our address and the client's.
    ends: (SocketAddr, SocketAddr),
    generation: Arc<Generation>,
    came_for: Option<Arc<Generation>>,
    wire: Arc<Wire>,
}

impl Arrival {
    async fn serve(self, mut stream: Counted<TcpStream>, log: Arc<ConnectionLog>) {
        let Self { worker, ends: (local, peer), generation, came_for, wire } = self;
        let phase = worker.watch();
        let default = generation.default_server(local);
        let limit = generation.fronts[default].handshake;
        let proxied = if generation.snapshot.proxy_protocol.expected(local, peer) {
            match timeout(limit, proxy_header::read(&mut stream)).await {
                // A proxy that speaks for itself is its own client.
                Ok(Ok(client)) => Some(client.unwrap_or(peer)),
                Ok(Err(error)) => {
                    log::error!(target: "remoteip", "no PROXY header: {error}");
                    return turn_away(stream).await;
                }
                Err(_) => return log::info!(target: "remoteip", "no PROXY header in time"),
            }
        } else {
            None
        };
        let (stream, tls) = if generation.tls.speaks_tls(default) {
            match tls::accept(stream, &generation.tls, |name| generation.server_of(local, name), limit).await
            {
                Ok(Accepted::Tls(stream, info)) => (ClientStream::Tls(stream), Some(info)),
                Ok(Accepted::PlainHttp(stream)) => (ClientStream::Plain(stream), None),
                Err(AcceptError::Closed) => return,
                Err(error) => return log::info!("{error}"),
            }
        } else {
            (ClientStream::Plain(stream), None)
        };
        let settings = generation.fronts[default].settings.clone();
        let bound = if tls.is_some() { Some(generation) } else { came_for };
        let tls = tls.map(|info| Box::new(Facts::new(info)) as _);
        let connection = Arc::new(Connection { local, peer, proxied, tls });
        let (io, handle) = ClientIo::new(stream, settings);
        Line { worker, connection, handle, bound, wire, log }.converse(io, phase).await;
    }
}

/// Closes a connection so that its end is seen, and not a reset for what it sent.
async fn turn_away(mut stream: Counted<TcpStream>) {
    let drained = async {
        let mut rest = [0; 1024];
        stream.shutdown().await?;
        while stream.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    // Whoever does not close either is not waited for.
    let _ = timeout(http1::LINGER_BRIEFLY, drained).await;
}

/// Waits until a server that is ending has no more patience with a client that does not close.
async fn no_more(mut phase: watch::Receiver<Phase>) {
    // The sender lives as long as the worker, longer than this.
    let _ = phase.wait_for(|now| *now == Phase::Draining).await;
    tokio::time::sleep(http1::LINGER_BRIEFLY).await;
}

/// What the exchanges of a connection have in common.
struct Line {
    worker: Rc<Worker>,
    connection: Arc<Connection>,
    handle: Handle<ClientStream>,
    /// The configuration that all its requests are served by: what a TLS handshake settled means nothing to another.
    /// A plain connection has none and goes over to a new one with its next request.
    bound: Option<Arc<Generation>>,
    /// What its socket carries.
    wire: Arc<Wire>,
    /// What the error log knows of it.
    log: Arc<ConnectionLog>,
}

impl Line {
    async fn converse(self, io: ClientIo<ClientStream>, phase: watch::Receiver<Phase>) {
        let service = service_fn(|request: hyper::Request<Incoming>| {
            exchange::serve(self.exchange(), request.into_body())
        });
        let mut served = pin!(http1::builder().serve_connection(TokioIo::new(io), service));
        let outcome = tokio::select! {
            outcome = served.as_mut() => outcome,
            () = self.outlived(phase.clone()) => {
                self.handle.close_when_idle();
                served.await
            }
        };
        match outcome {
            Ok(()) => tokio::select! {
                () = self.handle.linger() => {}
                () = no_more(phase) => {}
            },
            // The client's end, a tunnel, or an answer that is cut short: the connection is closed as it is.
            Err(error) => log::debug!("{error}"),
        }
    }

    /// The next request's.
    fn exchange(&self) -> Exchange {
        let current = self.worker.shared.generation.load();
        let local = self.connection.local;
        let (generation, last) = match &self.bound {
            Some(bound) => (bound.clone(), !Arc::ptr_eq(bound, &current)),
            None => {
                let default = current.default_server(local);
                self.handle.settle(&current.fronts[default].settings);
                (Arc::clone(&current), !current.listens_at(local))
            }
        };
        Exchange {
            last: last || self.worker.is_draining(),
            worker: self.worker.clone(),
            generation,
            connection: self.connection.clone(),
            handle: self.handle.clone(),
            wire: self.wire.clone(),
            log: self.log.clone(),
        }
    }

    /// Waits until the connection is to end as soon as it is idle.
    async fn outlived(&self, mut phase: watch::Receiver<Phase>) {
        let start = *phase.borrow_and_update();
        let over = |now: &Phase| match now {
            Phase::Draining => true,
            Phase::Serving(_) => self.bound.is_some() && *now != start,
        };
        // The sender lives as long as the worker, longer than this.
        let drains = phase.wait_for(over).await.is_ok_and(|now| *now == Phase::Draining);
        if !drains || self.handle.served() == 0 {
            let drained = phase.wait_for(|now| !drains && *now == Phase::Draining);
            let _ = timeout(LAST_CALL, drained).await;
        }
    }
}
