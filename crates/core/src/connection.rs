//! What is known of a client's connection before its first request.

use std::net::{IpAddr, SocketAddr};

/// What is known of a client's connection.
#[derive(Debug)]
pub struct Connection {
    /// The address that the client connected to.
    pub local: SocketAddr,
    /// The address that it came from.
    pub peer: SocketAddr,
    /// The client that a PROXY header named.
    pub proxied: Option<SocketAddr>,
    /// What TLS knows; none on a plain connection.
    pub tls: Option<Box<dyn Tls>>,
}

impl Connection {
    /// Whether the client is on this machine: it comes from an address of loopback, or from the one that it went to.
    pub(crate) fn is_local(&self, client: IpAddr) -> bool {
        client.to_canonical().is_loopback() || client.to_canonical() == self.local.ip().to_canonical()
    }
}

/// What a TLS connection tells about itself.
pub trait Tls: std::fmt::Debug + Send + Sync {
    /// The name that the client asked for.
    fn sni(&self) -> Option<&str>;

    /// The server, by its place in the snapshot, whose certificate was presented.
    fn server(&self) -> usize;

    /// A variable of mod_ssl: `SSL_PROTOCOL`, `SSL_CLIENT_S_DN`.
    fn var(&self, name: &str, names: DnStyle) -> Option<String>;

    /// The texts of an extension, by OID, of the certificate that the client sent. `None` where nobody here can say how
    /// OpenSSL writes it.
    fn extensions(&self, oid: &str) -> Option<Vec<String>>;
}

/// How a whole distinguished name is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DnStyle {
    /// `CN=x,O=y,C=DE`: RFC 2253.
    #[default]
    Rfc2253,
    /// `/C=DE/O=y/CN=x`: `SSLOptions +LegacyDNStringFormat`.
    Legacy,
}
