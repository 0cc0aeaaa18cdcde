//! What TLS must know of a configuration: plain values, paths and all, before any file is read.
//!
//! One [`ServerTls`] per virtual host with `SSLEngine On`, one [`ProxyTls`] per scope with its own SSLProxy settings.

use std::path::PathBuf;

use wsgate_directives::modules::ssl::{Revocation, SniPolicy, Verify};
use wsgate_directives::tls_names::{Group, Protocols, Suite};

/// TLS towards clients for one virtual host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerTls {
    /// SSLCertificateFile, several for several key types; each may hold its chain and its key.
    pub(crate) certificates: Vec<PathBuf>,
    /// SSLCertificateKeyFile: the n-th belongs to the n-th certificate, which else holds the key itself.
    pub(crate) keys: Vec<PathBuf>,
    /// SSLCertificateChainFile: replaces the chains in the certificates' own files.
    pub(crate) chain: Option<PathBuf>,
    /// SSLProtocol, the suites and the groups.
    pub(crate) offer: Offer,
    /// SSLHonorCipherOrder.
    pub(crate) order: SuiteOrder,
    /// SSLSessionTickets.
    pub(crate) resumption: Resumption,
    /// SSLVerifyClient and what belongs to it.
    pub(crate) client: ClientAuth,
    /// Protocols to select from by ALPN, preferred first; empty where only HTTP/1.1 is spoken.
    pub(crate) alpn: Vec<Vec<u8>>,
    /// SSLStrictSNIVHostCheck.
    pub(crate) strict_sni: bool,
}

impl Default for ServerTls {
    fn default() -> Self {
        Self {
            certificates: Vec::new(),
            keys: Vec::new(),
            chain: None,
            offer: Offer::default(),
            order: SuiteOrder::Client,
            resumption: Resumption::Tickets,
            client: ClientAuth::default(),
            alpn: Vec::new(),
            strict_sni: false,
        }
    }
}

/// Protocol versions, cipher suites and groups of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// SSLProtocol or SSLProxyProtocol.
    pub(crate) protocols: Protocols,
    /// The suites of TLS 1.2, preferred first.
    pub(crate) tls12: Vec<Suite>,
    /// The suites of TLS 1.3, preferred first.
    pub(crate) tls13: Vec<Suite>,
    /// Key exchange groups, preferred first.
    pub(crate) groups: Vec<Group>,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            protocols: Protocols::default(),
            tls12: Suite::TLS12.to_vec(),
            tls13: Suite::TLS13.to_vec(),
            groups: Group::DEFAULT.to_vec(),
        }
    }
}

/// Whose preference decides among the common suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SuiteOrder {
    /// The client's (httpd's default).
    Client,
    /// The server's: `SSLHonorCipherOrder On`.
    Server,
}

/// How a client may resume its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resumption {
    /// By tickets under keys that only this virtual host has and that change every few hours.
    Tickets,
    /// From a small memory on the server: `SSLSessionTickets Off`.
    Memory,
}

/// Client certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientAuth {
    /// SSLVerifyClient.
    pub(crate) verify: Verify,
    /// Who is believed.
    pub(crate) trust: Trust,
    /// SSLCADNRequestFile/-Path: whose names the client is told instead of the trusted ones.
    pub(crate) names: Option<CaFiles>,
}

/// Whom to believe about a peer's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trust {
    /// SSLCACertificateFile/-Path.
    pub(crate) ca: CaFiles,
    /// SSLCARevocationFile/-Path.
    pub(crate) crl: CaFiles,
    /// SSLCARevocationCheck.
    pub(crate) revocation: Revocation,
    /// SSLVerifyDepth: how far above the certificate its root may lie; 0 admits only trusted certificates themselves.
    pub(crate) depth: usize,
}

impl Default for Trust {
    fn default() -> Self {
        let (ca, crl) = (CaFiles::default(), CaFiles::default());
        Self { ca, crl, revocation: Revocation::default(), depth: 1 }
    }
}

/// A PEM file and a folder of hashed names (c_rehash), each of them optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CaFiles {
    /// The file.
    pub(crate) file: Option<PathBuf>,
    /// The folder.
    pub(crate) path: Option<PathBuf>,
}

impl CaFiles {
    /// Whether neither is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.file.is_none() && self.path.is_none()
    }
}

/// TLS towards backends for one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxyTls {
    /// SSLProxyVerify.
    pub(crate) verify: Verify,
    /// SSLProxyCACertificateFile and its kin.
    pub(crate) trust: Trust,
    /// SSLProxyCheckPeerName and SSLProxyCheckPeerCN.
    pub(crate) names: NameCheck,
    /// SSLProxyCheckPeerExpire.
    pub(crate) check_expire: bool,
    /// SSLProxyMachineCertificateFile/-Path: certificates with their keys.
    pub(crate) machine: CaFiles,
    /// SSLProxyMachineCertificateChainFile.
    pub(crate) machine_chain: Option<PathBuf>,
    /// SSLProxyProtocol and SSLProxyCipherSuite.
    pub(crate) offer: Offer,
}

impl Default for ProxyTls {
    fn default() -> Self {
        Self {
            verify: Verify::None,
            trust: Trust::default(),
            names: NameCheck::AnyName,
            check_expire: true,
            machine: CaFiles::default(),
            machine_chain: None,
            offer: Offer::default(),
        }
    }
}

/// Which names of a backend's certificate must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameCheck {
    /// One of its DNS names or common names.
    AnyName,
    /// Its first common name.
    CommonName,
    /// None.
    Off,
}

impl NameCheck {
    /// From SSLProxyCheckPeerName and SSLProxyCheckPeerCN, each set or not (httpd: `ssl_io_filter_handshake`).
    pub(crate) fn from_settings(name: Option<bool>, cn: Option<bool>) -> Self {
        match (name, cn) {
            (Some(true), _) | (None, None | Some(true)) => Self::AnyName,
            (Some(false), Some(true)) => Self::CommonName,
            (Some(false), _) | (None, Some(false)) => Self::Off,
        }
    }
}

/// Whether a connection that was opened for `a` may ask for the virtual host `b` (httpd: `ssl_server_compatible`).
pub(crate) fn admits(policy: SniPolicy, a: &ServerTls, b: &ServerTls) -> bool {
    match policy {
        SniPolicy::Strict => false,
        SniPolicy::Secure => same_policy(a, b),
        SniPolicy::AuthOnly => a.client == b.client,
        SniPolicy::Insecure => true,
    }
}

/// Whether two virtual hosts' TLS is interchangeable. The order of suites, tickets and strictness do not count in httpd.
pub(crate) fn same_policy(a: &ServerTls, b: &ServerTls) -> bool {
    let same = |a: &[PathBuf], b: &[PathBuf]| a.len() == b.len() && a.iter().all(|path| b.contains(path));
    same(&a.certificates, &b.certificates)
        && same(&a.keys, &b.keys)
        && a.offer == b.offer
        && a.client == b.client
}
