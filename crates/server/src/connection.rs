//! One client's connection, from accept to the last answer or to a tunnel.

use std::borrow::Borrow;
use std::cell::Cell;
use std::future::ready;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use wsgate_core::request::Connection;

use crate::client_body::ClientBody;
use crate::counted::{Counted, Wire};
use crate::exchange::{self, Channel, Exchange, Outcome, Recorded, Taken};
use crate::generation::Generation;
use crate::http1::{self, ClientIo, Handle, Settings};
use crate::http2::{self, Flow, Over, Watched};
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
        let mut streams = false;
        let (stream, tls) = if generation.tls.speaks_tls(default) {
            let fresh = generation.fronts[default].settings.timeouts.fresh;
            let server_of = |name: Option<&str>| generation.server_of(local, name);
            // Boxed, so that a plain connection is not as large as one with TLS.
            if !Box::pin(speaks_in_time(&stream, fresh, phase.clone())).await {
                return;
            }
            match Box::pin(tls::accept(stream, &generation.tls, server_of, limit)).await {
                Ok(Accepted::Tls(stream, info)) => (ClientStream::Tls(stream), Some(info)),
                Ok(Accepted::PlainHttp(stream)) => (ClientStream::Plain(stream), None),
                Err(AcceptError::Closed) => return,
                Err(error) => return log::info!("{error}"),
            }
        } else {
            if generation.fronts[default].h2c {
                let fresh = generation.fronts[default].settings.timeouts.fresh;
                match timeout(fresh, http2::begins(&stream)).await {
                    Ok(Ok(begins)) => streams = begins,
                    Ok(Err(_)) | Err(_) => return,
                }
            }
            (ClientStream::Plain(stream), None)
        };
        let front = &generation.fronts[default];
        let by_alpn = tls.as_ref().is_some_and(|info| info.alpn.as_deref() == Some(b"h2"));
        let settings = front.settings.clone();
        let bound = if tls.is_some() { Some(generation) } else { came_for };
        let tls = tls.map(|info| Box::new(Facts::new(info)) as _);
        let connection = Arc::new(Connection { local, peer, proxied, tls });
        let line = Line { worker, connection, bound, wire, log };
        if by_alpn || streams {
            Box::pin(Rc::new(line).converse_by_streams(stream, &settings, phase)).await;
        } else {
            let (io, handle) = ClientIo::new(stream, settings);
            // Boxed, as the task that it is in is moved about while it begins.
            Box::pin(line.converse(io, &handle, phase)).await;
        }
    }
}

/// Whether a client says anything in time, and before the server ends.
async fn speaks_in_time(stream: &Counted<TcpStream>, limit: Duration, phase: watch::Receiver<Phase>) -> bool {
    let stream: &TcpStream = stream.borrow();
    tokio::select! {
        readable = timeout(limit, stream.readable()) => readable.is_ok_and(|readable| readable.is_ok()),
        () = no_more(phase) => false,
    }
}

/// Closes a connection so that its end is seen, and not a reset for what it sent.
async fn turn_away(mut stream: Counted<TcpStream>) {
    let closed = async {
        if stream.shutdown().await.is_ok() {
            http1::drain(&mut stream).await;
        }
    };
    // Whoever does not close either is not waited for.
    let _ = timeout(http1::LINGER_BRIEFLY, closed).await;
}

/// Waits until a server that is ending has no more patience with a client that does not close.
async fn no_more(mut phase: watch::Receiver<Phase>) {
    // The sender lives as long as the worker, longer than this.
    let _ = phase.wait_for(|now| *now == Phase::Draining).await;
    tokio::time::sleep(http1::LINGER_BRIEFLY).await;
}

/// An exchange that is under way.
type Serving = Pin<Box<dyn Future<Output = Outcome>>>;

/// What the exchanges of a connection have in common.
struct Line {
    worker: Rc<Worker>,
    connection: Arc<Connection>,
    /// The configuration that all its requests are served by: what a TLS handshake settled means nothing to another.
    /// A plain connection has none and goes over to a new one with its next request.
    bound: Option<Arc<Generation>>,
    /// What its socket carries.
    wire: Arc<Wire>,
    /// What the error log knows of it.
    log: Arc<ConnectionLog>,
}

impl Line {
    /// HTTP/1: one request after the other.
    async fn converse(
        self,
        io: ClientIo<ClientStream>,
        handle: &Handle<ClientStream>,
        phase: watch::Receiver<Phase>,
    ) {
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let exchange = self.exchange(Channel::Http1(handle.clone()));
            if self.bound.is_none() {
                let default = exchange.generation.default_server(self.connection.local);
                handle.settle(&exchange.generation.fronts[default].settings);
            }
            let received = handle.take_head();
            let body = ClientBody::gated(request.into_body());
            // Boxed: hyper keeps room for one as long as the connection lives, and moves it about.
            match received {
                Some(received) => Box::pin(exchange::serve(exchange, received, body)) as Serving,
                None => Box::pin(ready(Err(Taken))),
            }
        });
        let mut served = pin!(http1::builder().serve_connection(TokioIo::new(io), service));
        let last_call = || if handle.served() == 0 { LAST_CALL } else { Duration::ZERO };
        let outcome = tokio::select! {
            outcome = served.as_mut() => outcome,
            () = self.outlived(phase.clone(), last_call) => {
                handle.close_when_idle();
                served.await
            }
        };
        match outcome {
            Ok(()) => tokio::select! {
                () = handle.linger() => {}
                () = no_more(phase) => {}
            },
            // The client's end, a tunnel, or an answer that is cut short: the connection is closed as it is.
            Err(error) => log::debug!("{error}"),
        }
    }

    /// HTTP/2: as many at once as the client likes, within bounds.
    async fn converse_by_streams(
        self: Rc<Self>,
        stream: ClientStream,
        settings: &Settings,
        phase: watch::Receiver<Phase>,
    ) {
        let flow = Rc::new(Flow::default());
        let service = service_fn(|request: hyper::Request<Incoming>| {
            Box::pin(self.clone().stream(request, flow.clone()))
        });
        let mut served = pin!(http2::builder().serve_connection(TokioIo::new(stream), service));
        let (idle, patience) = (settings.timeouts.idle, settings.timeouts.io);
        let mut leaving = false;
        loop {
            tokio::select! {
                outcome = served.as_mut() => {
                    return outcome.unwrap_or_else(|error| log::debug!("{error}"));
                }
                // Streams that are open go on, others find the client told to go elsewhere.
                () = self.outlived(phase.clone(), || Duration::ZERO), if !leaving => leaving = true,
                over = flow.over(idle, patience) => {
                    if leaving || over == Over::Stalled {
                        return log::debug!("the connection is given up: {over:?}");
                    }
                    leaving = true;
                }
            }
            served.as_mut().graceful_shutdown();
        }
    }

    /// One stream.
    async fn stream(
        self: Rc<Self>,
        request: hyper::Request<Incoming>,
        flow: Rc<Flow>,
    ) -> Result<hyper::Response<Watched<Recorded>>, Taken> {
        let (served, turn) = flow.begin();
        let flaw = Rc::<Cell<Option<u16>>>::default();
        let exchange = self.exchange(Channel::Http2(http2::Stream { served, flaw: flaw.clone() }));
        let default = exchange.generation.default_server(self.connection.local);
        let settings = &exchange.generation.fronts[default].settings;
        let (rules, limit) = (&settings.rules, settings.timeouts.io);
        let (parts, body) = request.into_parts();
        let received = http2::received(&parts, !body.is_end_stream(), rules);
        let body = ClientBody::paced(body, limit, flaw, flow);
        let answer = exchange::serve(exchange, received, body).await?;
        Ok(answer.map(|body| Watched::new(body, turn)))
    }

    /// The next request's.
    fn exchange(&self, channel: Channel) -> Exchange {
        let current = self.worker.shared.generation.load();
        let (generation, last) = match &self.bound {
            Some(bound) => (bound.clone(), !Arc::ptr_eq(bound, &current)),
            None => (Arc::clone(&current), !current.listens_at(self.connection.local)),
        };
        Exchange {
            last: Cell::new(last || self.worker.is_draining()),
            worker: self.worker.clone(),
            generation,
            connection: self.connection.clone(),
            channel,
            wire: self.wire.clone(),
            log: self.log.clone(),
        }
    }

    /// Waits until the connection is to end as soon as it is idle: some time after another configuration is in force, so
    /// that a request that is under way still finds it; in a server that ends after `last_call`.
    async fn outlived(&self, mut phase: watch::Receiver<Phase>, last_call: impl Fn() -> Duration) {
        let start = *phase.borrow_and_update();
        let over = |now: &Phase| match now {
            Phase::Draining => true,
            Phase::Serving(_) => self.bound.is_some() && *now != start,
        };
        // The sender lives as long as the worker, longer than this.
        let drains = phase.wait_for(over).await.is_ok_and(|now| *now == Phase::Draining);
        let wait = if drains { last_call() } else { LAST_CALL };
        let drained = phase.wait_for(|now| !drains && *now == Phase::Draining);
        let _ = timeout(wait, drained).await;
    }
}
