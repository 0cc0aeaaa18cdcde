//! TLS towards clients: a rustls configuration for each virtual host, and which of them may stand in for another.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerSessionMemoryCache};
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use wsgate_directives::modules::ssl::SniPolicy;

use super::client_auth::ClientVerifier;
use super::error::{TlsError, TlsErrorKind};
use super::params::{Resumption, ServerTls, SuiteOrder, admits};
use super::{pem, provider, signature};

/// Sessions that a virtual host remembers where it gives no tickets.
const REMEMBERED_SESSIONS: usize = 256;

/// The TLS of all virtual hosts of a generation, by their index.
#[derive(Debug, Default)]
pub(crate) struct TlsTable {
    vhosts: Vec<Option<VhostTls>>,
    policy: SniPolicy,
}

/// The answer to a request whose virtual host is not that of its connection's handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SniVerdict {
    /// To be served.
    Serve,
    /// 421: the two virtual hosts differ in what TLS guarantees.
    Misdirected,
    /// 403: SSLStrictSNIVHostCheck, and the client named no host in its handshake.
    Forbidden,
}

impl TlsTable {
    /// Builds the table; `None` stands for a virtual host without `SSLEngine On`.
    ///
    /// # Errors
    /// All virtual hosts whose files do not work, by index.
    pub(crate) fn build(
        vhosts: Vec<Option<ServerTls>>,
        policy: SniPolicy,
    ) -> Result<Self, Vec<(usize, TlsError)>> {
        let mut table = Self { vhosts: Vec::with_capacity(vhosts.len()), policy };
        let mut errors = Vec::new();
        for (index, params) in vhosts.into_iter().enumerate() {
            match params.map(VhostTls::build).transpose() {
                Ok(vhost) => table.vhosts.push(vhost),
                Err(error) => errors.push((index, error)),
            }
        }
        if errors.is_empty() { Ok(table) } else { Err(errors) }
    }

    /// Whether the virtual host speaks TLS.
    pub(crate) fn speaks_tls(&self, vhost: usize) -> bool {
        self.vhost(vhost).is_some()
    }

    /// May a request for virtual host `request` use a connection whose handshake chose `handshake`?
    /// (httpd: `ssl_hook_ReadReq`.)
    pub(crate) fn judge(&self, handshake: usize, named: bool, request: usize) -> SniVerdict {
        let (a, b) = (self.vhost(handshake), self.vhost(request));
        let strict = |vhost: Option<&VhostTls>| vhost.is_some_and(|vhost| vhost.params.strict_sni);
        if !named && (strict(a) || strict(b)) {
            return SniVerdict::Forbidden;
        }
        let compatible = match (a, b) {
            _ if handshake == request => true,
            (Some(a), Some(b)) => admits(self.policy, &a.params, &b.params),
            _ => self.policy == SniPolicy::Insecure,
        };
        if compatible { SniVerdict::Serve } else { SniVerdict::Misdirected }
    }

    pub(super) fn vhost(&self, index: usize) -> Option<&VhostTls> {
        self.vhosts.get(index)?.as_ref()
    }
}

/// One virtual host's TLS, ready to serve.
#[derive(Debug)]
pub(super) struct VhostTls {
    params: ServerTls,
    /// With the virtual host's ALPN protocols.
    config: Arc<ServerConfig>,
    /// Without any, for clients that offer only protocols unknown here: httpd serves them HTTP/1.1.
    without_alpn: Arc<ServerConfig>,
    identities: Arc<Identities>,
    pub(super) verifier: Option<Arc<ClientVerifier>>,
}

impl VhostTls {
    fn build(params: ServerTls) -> Result<Self, TlsError> {
        let (provider, versions) = provider::provider(&params.offer)?;
        let identities = Arc::new(Identities::load(&params, &provider)?);
        let verifier = ClientVerifier::load(&params.client, provider.signature_verification_algorithms)?;
        let unusable = |error: rustls::Error| TlsError {
            path: None,
            kind: TlsErrorKind::NothingToSpeak(error.to_string()),
        };
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_protocol_versions(&versions).map_err(unusable)?;
        let builder = match &verifier {
            Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier) as Arc<_>),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::clone(&identities) as Arc<_>);
        config.ignore_client_order = params.order == SuiteOrder::Server;
        // Sessions are the virtual host's own, so none that began under one client verification goes on under
        // another (CVE-2025-23048).
        match params.resumption {
            Resumption::Tickets => {
                config.session_storage = Arc::new(NoServerSessionStorage {});
                config.ticketer = Ticketer::new().map_err(unusable)?;
            }
            Resumption::Memory => config.session_storage = ServerSessionMemoryCache::new(REMEMBERED_SESSIONS),
        }
        let without_alpn = Arc::new(config.clone());
        config.alpn_protocols.clone_from(&params.alpn);
        Ok(Self { params, config: Arc::new(config), without_alpn, identities, verifier })
    }

    /// The configuration for a client.
    pub(super) fn config(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let known = |offered: &[u8]| self.params.alpn.iter().any(|ours| ours == offered);
        let stranger = hello.alpn().is_some_and(|mut offered| !offered.any(known));
        Arc::clone(if stranger { &self.without_alpn } else { &self.config })
    }

    /// The certificate that the client got, by the suite in use and what it could verify.
    pub(super) fn presented(
        &self,
        suite: CipherSuite,
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let by_suite = provider::suite_of(suite).and_then(|suite| {
            let name = suite.openssl_name();
            let wanted = [("ECDHE-ECDSA", SignatureAlgorithm::ECDSA), ("ECDHE-RSA", SignatureAlgorithm::RSA)];
            wanted.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, algorithm)| algorithm)
        });
        let fits = |key: &&Arc<CertifiedKey>| match by_suite {
            Some(algorithm) => key.key.algorithm() == algorithm,
            None => key.key.choose_scheme(schemes).is_some(),
        };
        self.identities.0.iter().find(fits).or(self.identities.0.first()).cloned()
    }
}

/// The certificates of a virtual host with their keys, in configuration order.
#[derive(Debug)]
struct Identities(Vec<Arc<CertifiedKey>>);

impl Identities {
    fn load(params: &ServerTls, provider: &CryptoProvider) -> Result<Self, TlsError> {
        if params.certificates.is_empty() {
            return Err(TlsError { path: None, kind: TlsErrorKind::NoCertificate });
        }
        let pairs = params.certificates.iter().enumerate();
        let pairs =
            pairs.map(|(index, certificate)| (certificate, params.keys.get(index).unwrap_or(certificate)));
        let loaded = pairs.map(|(certificate, key)| {
            let mut chain = pem::certificates(certificate)?;
            if let Some(file) = &params.chain {
                chain.truncate(1);
                chain.extend(pem::certificates(file)?);
            }
            certified_key((chain, certificate), (pem::private_key(key)?, key), provider)
        });
        loaded.collect::<Result<_, _>>().map(Self)
    }
}

impl ResolvesServerCert for Identities {
    /// The first that the client can verify; failing that the first, so that the client gets the alert of what is
    /// really missing (a common suite or scheme).
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let usable = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(hello.signature_schemes()).is_some();
        self.0.iter().find(usable).or(self.0.first()).cloned()
    }
}

/// A chain with the key of its first certificate, each with its file.
pub(super) fn certified_key(
    (chain, path): (Vec<CertificateDer<'static>>, &Path),
    (key, key_path): (PrivateKeyDer<'static>, &Path),
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let signer = provider.key_provider.load_private_key(key);
    let signer = signer.map_err(|error| TlsError::at(key_path, TlsErrorKind::BadKey(error.to_string())))?;
    let public = signature::public_key(&chain[0]);
    let public = public.map_err(|_| TlsError::at(path, TlsErrorKind::BadCertificate))?;
    match signer.public_key() {
        Some(of_key) if of_key != public => Err(TlsError::at(key_path, TlsErrorKind::KeyMismatch)),
        _ => Ok(Arc::new(CertifiedKey::new(chain, signer))),
    }
}
