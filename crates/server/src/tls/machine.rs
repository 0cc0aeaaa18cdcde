//! The certificates that wsgate shows to backends: SSLProxyMachineCertificateFile.

use std::path::Path;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::error::{TlsError, TlsErrorKind};
use super::front::certified_key;
use super::params::ProxyTls;
use super::pem;

/// Longest chain that is put together for a certificate.
const MAX_CHAIN: usize = 10;

/// Certificates with keys, in configuration order.
#[derive(Debug)]
pub(super) struct Machine(Vec<Arc<CertifiedKey>>);

/// One file's or folder's sections, paired.
#[derive(Default)]
struct Found {
    pairs: Vec<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
    /// Certificates without a key: they complete chains.
    issuers: Vec<CertificateDer<'static>>,
}

impl Machine {
    /// Reads a scope's certificates; `None` where it has none.
    pub(super) fn load(params: &ProxyTls, provider: &CryptoProvider) -> Result<Option<Self>, TlsError> {
        let mut files: Vec<_> = params.machine.file.iter().cloned().collect();
        if let Some(folder) = &params.machine.path {
            files.extend(pem::files_in(folder)?);
        }
        let mut keys = Vec::new();
        for file in &files {
            let mut found = Found::read(file)?;
            if let Some(chain) = &params.machine_chain {
                found.issuers.extend(pem::certificates(chain)?);
            }
            for (certificate, key) in found.pairs {
                let chain = chain_of(certificate, &found.issuers);
                keys.push(certified_key((chain, file), (key, file), provider)?);
            }
        }
        Ok(if keys.is_empty() { None } else { Some(Self(keys)) })
    }
}

impl Found {
    /// Certificate and key may come in either order; what is followed by another certificate stands alone.
    fn read(path: &Path) -> Result<Self, TlsError> {
        let mut found = Self::default();
        let mut certificate: Option<CertificateDer<'static>> = None;
        let mut key: Option<PrivateKeyDer<'static>> = None;
        for (kind, der) in pem::sections(path)? {
            if kind == SectionKind::Certificate {
                found.issuers.extend(certificate.replace(CertificateDer::from(der)));
            } else if let Some(read) = PrivateKeyDer::from_pem(kind, der) {
                key = Some(read);
            }
            if let (Some(_), Some(_)) = (&certificate, &key) {
                found.pairs.extend(certificate.take().zip(key.take()));
            }
        }
        found.issuers.extend(certificate);
        match key {
            Some(_) => Err(TlsError::at(path, TlsErrorKind::NoCertificate)),
            None => Ok(found),
        }
    }
}

/// The certificate and its issuers, as far as they are known, without the root.
fn chain_of(
    certificate: CertificateDer<'static>,
    issuers: &[CertificateDer<'static>],
) -> Vec<CertificateDer<'static>> {
    let mut chain = vec![certificate];
    while chain.len() < MAX_CHAIN {
        let Some((subject, issuer)) = chain.last().and_then(names) else { break };
        let above = issuers.iter().find(|der| names(der).is_some_and(|(name, _)| name == issuer));
        match above {
            Some(above) if subject != issuer => chain.push(above.clone()),
            _ => break,
        }
    }
    chain
}

/// Subject and issuer, DER.
fn names(der: &CertificateDer<'static>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some((parsed.subject().as_raw().to_vec(), parsed.issuer().as_raw().to_vec()))
}

impl ResolvesClientCert for Machine {
    /// The first whose chain leads to a CA that the backend named, the first of all if it named none (httpd:
    /// `ssl_callback_proxy_cert`).
    fn resolve(&self, wanted: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let usable = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(schemes).is_some();
        let leads_to = |key: &Arc<CertifiedKey>, ca: &[u8]| {
            key.cert.iter().any(|der| names(der).is_some_and(|(_, issuer)| issuer == ca))
        };
        let mut keys = self.0.iter().filter(usable);
        if wanted.is_empty() {
            return keys.next().cloned();
        }
        keys.find(|key| wanted.iter().any(|ca| leads_to(key, ca))).cloned()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
