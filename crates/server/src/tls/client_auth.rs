//! Asks clients for certificates and judges what they send: SSLVerifyClient.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use wsgate_directives::modules::ssl::Verify;

use super::chain::{Chain, Purpose, admit};
use super::error::TlsError;
use super::params::{ClientAuth, Trust};
use super::signature;

/// The verifier of one virtual host.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    chain: Chain,
    verify: Verify,
    hints: Vec<DistinguishedName>,
}

/// What became of a client's certificate, as `SSL_CLIENT_VERIFY` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientVerdict {
    /// None was asked for or sent.
    None,
    /// Valid.
    Success,
    /// Let through by `optional_no_ca`: it signed itself.
    SelfSigned,
    /// Let through by `optional_no_ca`: nobody known issued it.
    UnknownIssuer,
}

impl ClientVerifier {
    /// Reads what it needs; `None` where clients are not asked.
    pub(super) fn load(
        auth: &ClientAuth,
        algorithms: rustls::crypto::WebPkiSupportedAlgorithms,
    ) -> Result<Option<Arc<Self>>, TlsError> {
        if auth.verify == Verify::None {
            return Ok(None);
        }
        let chain = Chain::load(&auth.trust, algorithms)?;
        let hints = match &auth.names {
            None => chain.subjects().map(DistinguishedName::from).collect(),
            Some(files) => {
                let told = Chain::load(&Trust { ca: files.clone(), ..Trust::default() }, algorithms)?;
                told.subjects().map(DistinguishedName::from).collect()
            }
        };
        Ok(Some(Arc::new(Self { chain, verify: auth.verify, hints })))
    }

    /// What an accepted certificate is worth. Asked again after the handshake, because one verifier serves all
    /// connections and rustls hands on no more than yes or no.
    pub(super) fn verdict(&self, sent: &[CertificateDer<'_>]) -> ClientVerdict {
        let Some((certificate, chain)) = sent.split_first() else { return ClientVerdict::None };
        if self.verify != Verify::OptionalNoCa {
            return ClientVerdict::Success;
        }
        match self.chain.verify(certificate, chain, UnixTime::now(), Purpose::Client) {
            Ok(()) => ClientVerdict::Success,
            Err(_) if super::x509::is_self_signed(certificate) => ClientVerdict::SelfSigned,
            Err(_) => ClientVerdict::UnknownIssuer,
        }
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.verify == Verify::Require
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        admit(self.verify, self.chain.verify(end_entity, intermediates, now, Purpose::Client))?;
        Ok(ClientCertVerified::assertion())
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
