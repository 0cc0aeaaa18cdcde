//! Handshakes between the two sides of `tls` over real sockets and in memory, with certificates made on the spot.

mod backend;
mod certs;
mod from_config;
mod front;
mod resumption;
mod vars;
mod version1;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_rustls::client::TlsStream;

use super::accept::handshake;
use super::backend::BackendError;
use super::{AcceptError, BackendTls, ProxyTls, ServerTls, TlsInfo, TlsTable};
use certs::Files;
use wsgate_directives::modules::ssl::SniPolicy;

/// Far more than any handshake takes: only a test that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A table of these virtual hosts.
fn table(vhosts: Vec<ServerTls>) -> TlsTable {
    TlsTable::build(vhosts.into_iter().map(Some).collect(), SniPolicy::Secure).expect("valid parameters")
}

/// Chooses among virtual hosts by their names in order; the first is the default.
fn by_name<'a>(names: &'a [&'a str]) -> impl Fn(Option<&str>) -> usize + 'a {
    move |sni| names.iter().position(|name| Some(*name) == sni).unwrap_or(0)
}

/// What both ends say about one handshake.
struct Outcome {
    server: Result<TlsInfo, AcceptError>,
    client: Result<(), BackendError>,
}

impl Outcome {
    fn info(self) -> TlsInfo {
        if let Err(error) = self.client {
            panic!("the client failed: {error}");
        }
        self.server.expect("the server's side went through")
    }

    /// The client's complaint, or the alert that it got.
    fn complaint(self) -> String {
        match (self.client, self.server) {
            (Err(error), _) => error.to_string(),
            (Ok(()), Err(error)) => error.to_string(),
            (Ok(()), Ok(_)) => "none".to_owned(),
        }
    }
}

/// One connection of `client` to `host` over a pipe. A line goes each way, so that what TLS 1.3 says only after the
/// client's part of the handshake (refused certificates, tickets) arrives.
async fn meet(table: &TlsTable, names: &[&str], client: &BackendTls, host: &str) -> Outcome {
    let (near, far) = duplex(64 * 1024);
    let choose = by_name(names);
    let server = async {
        let (mut stream, info) = handshake(far, table, &choose).await?;
        let mut line = [0; 4];
        stream.read_exact(&mut line).await.map_err(AcceptError::Io)?;
        stream.write_all(b"pong").await.map_err(AcceptError::Io)?;
        stream.shutdown().await.map_err(AcceptError::Io)?;
        Ok(info)
    };
    let client = async { ping(client.connect(near, host).await?).await };
    let both = async { tokio::join!(server, client) };
    let (server, client) = tokio::time::timeout(PATIENCE, both).await.expect("no handshake hangs");
    Outcome { server, client }
}

async fn ping(mut stream: TlsStream<DuplexStream>) -> Result<(), BackendError> {
    let mut answer = Vec::new();
    stream.write_all(b"ping").await.map_err(BackendError::Io)?;
    stream.read_to_end(&mut answer).await.map_err(BackendError::Io)?;
    assert_eq!(answer, b"pong");
    Ok(())
}

/// A client that believes everything.
fn trusting() -> ProxyTls {
    ProxyTls { names: super::params::NameCheck::Off, check_expire: false, ..ProxyTls::default() }
}

fn backend(params: &ProxyTls) -> BackendTls {
    BackendTls::build(params).expect("valid parameters")
}

/// A virtual host with a certificate of its own for `name`.
fn vhost(files: &Files, name: &str) -> ServerTls {
    ServerTls { certificates: vec![files.self_signed(name)], ..ServerTls::default() }
}
