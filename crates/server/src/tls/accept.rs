//! Accepts a client: plain HTTP on a TLS port is told apart, the virtual host chosen by SNI, the handshake bounded.

use std::borrow::Borrow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::server::{Acceptor, ServerConnection};
use rustls::sign::CertifiedKey;
use rustls::{HandshakeKind, ProtocolVersion, SignatureScheme};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use wsgate_directives::tls_names::Suite;

use super::client_auth::ClientVerdict;
use super::front::TlsTable;
use super::provider;

/// What a client on a TLS port turned out to be.
pub(crate) enum Accepted<S> {
    /// A TLS client, through its handshake.
    Tls(Box<TlsStream<S>>, Box<TlsInfo>),
    /// A client that speaks HTTP without TLS; nothing was read from it. httpd answers 400.
    PlainHttp(S),
}

/// What a handshake settled; the connection keeps it for `SSL_*` variables and the checks of each request.
#[derive(Clone, Debug)]
pub(crate) struct TlsInfo {
    /// The host that the client named.
    pub(crate) sni: Option<String>,
    /// The virtual host that the name chose, else the first of the address.
    pub(crate) vhost: usize,
    /// TLS 1.2 or 1.3.
    pub(crate) protocol: ProtocolVersion,
    /// The cipher suite.
    pub(crate) suite: Suite,
    /// The protocol selected by ALPN.
    pub(crate) alpn: Option<Vec<u8>>,
    /// The certificate that the client was shown.
    pub(crate) own: Option<Arc<CertifiedKey>>,
    /// What the client sent, its own certificate first.
    pub(crate) peer: Vec<CertificateDer<'static>>,
    /// What its certificate is worth.
    pub(crate) verdict: ClientVerdict,
    /// Whether it resumed an earlier session.
    pub(crate) resumed: bool,
}

/// Why a client did not get through its handshake.
#[derive(Debug)]
pub(crate) enum AcceptError {
    /// The time was up.
    Timeout,
    /// It left before it had said anything.
    Closed,
    /// The connection broke or TLS failed.
    Io(io::Error),
    /// The address has no virtual host with TLS.
    NoTls,
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => write!(f, "TLS handshake timed out"),
            Self::Closed => write!(f, "connection closed before the TLS handshake"),
            Self::Io(error) => write!(f, "TLS handshake failed: {error}"),
            Self::NoTls => write!(f, "no virtual host with TLS"),
        }
    }
}

impl std::error::Error for AcceptError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Accepts a client on a TLS port within `limit`. `choose` gives the virtual host for a server name on this address,
/// and the address's first for none.
///
/// # Errors
/// A client that does not complete the handshake; an alert was sent to it where TLS has one.
pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin + Borrow<TcpStream>>(
    stream: S,
    table: &TlsTable,
    choose: impl Fn(Option<&str>) -> usize,
    limit: Duration,
) -> Result<Accepted<S>, AcceptError> {
    let handshake = async {
        let mut first = [0];
        match stream.borrow().peek(&mut first).await.map_err(AcceptError::Io)? {
            0 => Err(AcceptError::Closed),
            // No TLS record begins with a letter, every HTTP request does.
            _ if first[0].is_ascii_alphabetic() => Ok(Accepted::PlainHttp(stream)),
            _ => {
                let (stream, info) = handshake(stream, table, &choose).await?;
                Ok(Accepted::Tls(Box::new(stream), Box::new(info)))
            }
        }
    };
    timeout(limit, handshake).await.unwrap_or(Err(AcceptError::Timeout))
}

/// The handshake proper, over any stream and without a time limit.
pub(super) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    table: &TlsTable,
    choose: &impl Fn(Option<&str>) -> usize,
) -> Result<(TlsStream<S>, TlsInfo), AcceptError> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.map_err(AcceptError::Io)?;
    let hello = start.client_hello();
    let chosen = choose(hello.server_name());
    // A name that belongs to a virtual host without TLS is served with the first one's, as httpd does.
    let tls = table.vhost(chosen).or_else(|| table.vhost(choose(None))).ok_or(AcceptError::NoTls)?;
    let schemes: Vec<SignatureScheme> = hello.signature_schemes().to_vec();
    let config = tls.config(&hello);
    let stream = start.into_stream(config).await.map_err(AcceptError::Io)?;
    let connection = stream.get_ref().1;
    let suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
    let own = suite.and_then(|suite| tls.presented(suite, &schemes));
    let verdict = |peer: &[CertificateDer<'_>]| match &tls.verifier {
        Some(verifier) => verifier.verdict(peer),
        None => ClientVerdict::None,
    };
    let info = TlsInfo::read(connection, chosen, own, verdict).ok_or_else(|| {
        AcceptError::Io(io::Error::other("the handshake ended without a protocol or cipher suite"))
    })?;
    Ok((stream, info))
}

impl TlsInfo {
    fn read(
        connection: &ServerConnection,
        vhost: usize,
        own: Option<Arc<CertifiedKey>>,
        verdict: impl Fn(&[CertificateDer<'_>]) -> ClientVerdict,
    ) -> Option<Self> {
        let peer = connection.peer_certificates().unwrap_or_default().to_vec();
        Some(Self {
            sni: connection.server_name().map(str::to_owned),
            vhost,
            protocol: connection.protocol_version()?,
            suite: provider::suite_of(connection.negotiated_cipher_suite()?.suite())?,
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            own,
            verdict: verdict(&peer),
            peer,
            resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        })
    }
}
