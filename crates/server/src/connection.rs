//! One client's connection, from accept to the last answer or to a tunnel.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use wsgate_core::request::Connection;

use crate::exchange::{self, Exchange};
use crate::generation::Generation;
use crate::http1::{self, ClientIo};
use crate::secure::Facts;
use crate::stream::ClientStream;
use crate::tls::{self, AcceptError, Accepted};
use crate::worker::Worker;

/// Serves a client until it or we close.
pub(crate) async fn serve(worker: Rc<Worker>, stream: TcpStream, local: SocketAddr, peer: SocketAddr) {
    let generation = worker.shared.generation.load_full();
    let default = generation.default_server(local);
    if !generation.tls.speaks_tls(default) {
        let connection = Connection { local, peer, tls: None };
        return exchanges(worker, generation, ClientStream::Plain(stream), connection, Speaks::Expected)
            .await;
    }
    let limit = generation.fronts[default].settings.timeouts.io;
    match tls::accept(stream, &generation.tls, |name| generation.server_of(local, name), limit).await {
        Ok(Accepted::Tls(stream, info)) => {
            let connection = Connection { local, peer, tls: Some(Box::new(Facts::new(info))) };
            exchanges(worker, generation, ClientStream::Tls(stream), connection, Speaks::Expected).await;
        }
        Ok(Accepted::PlainHttp(stream)) => {
            let connection = Connection { local, peer, tls: None };
            exchanges(worker, generation, ClientStream::Plain(stream), connection, Speaks::PlainOnTls).await;
        }
        Err(AcceptError::Closed) => {}
        Err(error) => log::info!("{peer}: {error}"),
    }
}

/// Whether a client speaks what its port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// It does.
    Expected,
    /// HTTP without TLS on a port for TLS: each request is answered 400.
    PlainOnTls,
}

async fn exchanges(
    worker: Rc<Worker>,
    generation: Arc<Generation>,
    stream: ClientStream,
    connection: Connection,
    speaks: Speaks,
) {
    let settings = generation.fronts[generation.default_server(connection.local)].settings.clone();
    let peer = connection.peer;
    let connection = Arc::new(connection);
    let (io, handle) = ClientIo::new(stream, settings);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let exchange = Exchange {
            worker: worker.clone(),
            generation: generation.clone(),
            connection: connection.clone(),
            handle: handle.clone(),
            speaks,
        };
        exchange::serve(exchange, request.into_body())
    });
    match http1::builder().serve_connection(TokioIo::new(io), service).await {
        Ok(()) => handle.linger().await,
        // The client's end, a tunnel, or an answer that is cut short: the connection is closed as it is.
        Err(error) => log::debug!("{peer}: {error}"),
    }
}
