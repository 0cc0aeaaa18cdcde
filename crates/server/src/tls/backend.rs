//! TLS towards a backend: verification as httpd's SSLProxy directives order it.
//!
//! The certificate's chain is judged during the handshake; its dates and names after it and before the first byte of
//! a request, on resumed sessions too, as httpd does. Signatures are checked always, whatever is configured.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wsgate_directives::modules::ssl::Verify;

use super::chain::{Chain, Purpose, admit, check_validity};
use super::error::{TlsError, TlsErrorKind};
use super::machine::Machine;
use super::params::{NameCheck, ProxyTls};
use super::x509::Certificate;
use super::{provider, signature};

/// One scope's TLS towards backends, ready to connect.
#[derive(Clone, Debug)]
pub(crate) struct BackendTls {
    /// No other in this process has it, clones aside.
    id: u64,
    config: Arc<ClientConfig>,
    names: NameCheck,
    check_expire: bool,
}

/// Why a backend was not reached by TLS. httpd answers 500 to all of them.
#[derive(Debug)]
pub(crate) enum BackendError {
    /// The certificate is not trusted.
    Untrusted(CertificateError),
    /// The certificate is not valid yet or no longer.
    Expired,
    /// The certificate is not for the host's name.
    Name {
        /// The name that was looked for.
        expected: String,
    },
    /// TLS itself failed: no common version or suite, an alert, or no TLS at all.
    Protocol(io::Error),
    /// The connection broke.
    Io(io::Error),
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted(error) => write!(f, "the backend's certificate is not trusted: {error}"),
            Self::Expired => write!(f, "the backend's certificate has expired or is not valid yet"),
            Self::Name { expected } => write!(f, "the backend's certificate is not for {expected}"),
            Self::Protocol(error) => write!(f, "TLS with the backend failed: {error}"),
            Self::Io(error) => write!(f, "the connection broke in the TLS handshake: {error}"),
        }
    }
}

impl std::error::Error for BackendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Protocol(error) | Self::Io(error) => Some(error),
            Self::Untrusted(_) | Self::Expired | Self::Name { .. } => None,
        }
    }
}

impl BackendTls {
    /// What tells connections made by this TLS from those of any other, of an earlier configuration, too.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Reads the scope's files.
    ///
    /// # Errors
    /// A file that does not work, or an offer that leaves nothing to speak.
    pub(crate) fn build(params: &ProxyTls) -> Result<Self, TlsError> {
        let (provider, versions) = provider::provider(&params.offer)?;
        let chain = Chain::load(&params.trust, provider.signature_verification_algorithms)?;
        let machine = Machine::load(params, &provider)?;
        let builder =
            ClientConfig::builder_with_provider(provider).with_protocol_versions(&versions).map_err(
                |error| TlsError { path: None, kind: TlsErrorKind::NothingToSpeak(error.to_string()) },
            )?;
        let verifier = Arc::new(BackendVerifier { chain, verify: params.verify });
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        let config = match machine {
            Some(machine) => builder.with_client_cert_resolver(Arc::new(machine)),
            None => builder.with_no_client_auth(),
        };
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let id = COUNT.fetch_add(1, Ordering::Relaxed);
        Ok(Self { id, config: Arc::new(config), names: params.names, check_expire: params.check_expire })
    }

    /// Opens TLS over a connected stream. `host` is the name to send and to check: the URL's host or, with
    /// ProxyPreserveHost, the client's, without a port or brackets. The caller bounds the time.
    ///
    /// # Errors
    /// See [`BackendError`]; no byte of a request has been sent then.
    pub(crate) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        host: &str,
    ) -> Result<TlsStream<S>, BackendError> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let stream = connector.connect(server_name(host), stream).await.map_err(connect_error)?;
        let peer = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        self.check_peer(peer, host)?;
        Ok(stream)
    }

    /// The same with another memory of sessions.
    #[cfg(test)]
    pub(super) fn remembering(mut self, resumption: rustls::client::Resumption) -> Self {
        Arc::make_mut(&mut self.config).resumption = resumption;
        self
    }

    /// The same for a client that knows these protocols; nobody asks a backend for any.
    #[cfg(test)]
    pub(super) fn offering(mut self, alpn: Vec<Vec<u8>>) -> Self {
        Arc::make_mut(&mut self.config).alpn_protocols = alpn;
        self
    }

    fn check_peer(&self, peer: Option<&CertificateDer<'_>>, host: &str) -> Result<(), BackendError> {
        if self.check_expire && peer.is_none_or(|der| check_validity(der, UnixTime::now()).is_err()) {
            return Err(BackendError::Expired);
        }
        if peer.is_some_and(|der| names_match(self.names, der, host)) || self.names == NameCheck::Off {
            return Ok(());
        }
        Err(BackendError::Name { expected: host.to_owned() })
    }
}

/// What goes into the handshake as the server's name. An address, and what cannot be a DNS name, sends none.
fn server_name(host: &str) -> ServerName<'static> {
    let nameless = ServerName::IpAddress(IpAddr::from([0, 0, 0, 0]).into());
    ServerName::try_from(host.to_owned()).unwrap_or(nameless)
}

/// Whether a certificate is for `host` (httpd: `modssl_X509_match_name`). Addresses are compared as text with the same
/// names, so an IP address in the URL is not found among the certificate's IP addresses.
fn names_match(check: NameCheck, der: &CertificateDer<'_>, host: &str) -> bool {
    let Some(certificate) = Certificate::parse(der) else { return false };
    let common = certificate.common_names();
    let names = match check {
        NameCheck::AnyName => [certificate.dns_names(), common].concat(),
        NameCheck::CommonName => common.into_iter().take(1).collect(),
        NameCheck::Off => return true,
    };
    names.iter().any(|name| name_matches(name, host))
}

/// Equal but for case, or `*.` for exactly the first label.
fn name_matches(pattern: &str, host: &str) -> bool {
    let wildcard = pattern.strip_prefix('*').filter(|domain| domain.starts_with('.'));
    let domain = host.find('.').map(|dot| &host[dot..]);
    let by_wildcard =
        wildcard.zip(domain).is_some_and(|(wanted, domain)| wanted.eq_ignore_ascii_case(domain));
    by_wildcard || pattern.eq_ignore_ascii_case(host)
}

fn connect_error(error: io::Error) -> BackendError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(why)) => BackendError::Untrusted(why.clone()),
        Some(_) => BackendError::Protocol(error),
        None => BackendError::Io(error),
    }
}

/// Judges a backend's chain as far as SSLProxyVerify asks.
#[derive(Debug)]
struct BackendVerifier {
    chain: Chain,
    verify: Verify,
}

impl ServerCertVerifier for BackendVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.verify != Verify::None {
            admit(self.verify, self.chain.verify(end_entity, intermediates, now, Purpose::Server))?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signature::verify_tls12(message, cert, dss, self.chain.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signature::verify_tls13(message, cert, dss, self.chain.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.algorithms().supported_schemes()
    }
}
