//! The peer's handshake signature, checked with the bare public key of its certificate.
//!
//! rustls's own check parses the certificate by the rules of the public web (RFC 5280, version 3 only). Backends and
//! in-house clients also hold version 1 certificates, which OpenSSL takes; their signatures are checked all the same.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use webpki::RawPublicKeyEntity;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// TLS 1.2: any algorithm that fits both the scheme and the key.
pub(super) fn verify_tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let only_tls13 = [SignatureScheme::ML_DSA_44, SignatureScheme::ML_DSA_65, SignatureScheme::ML_DSA_87];
    let usable = |scheme: SignatureScheme| scheme == signed.scheme && !only_tls13.contains(&scheme);
    let candidates = algorithms.mapping.iter().find(|(scheme, _)| usable(*scheme));
    let (_, candidates) = candidates.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    let key = public_key(certificate)?;
    let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
    // Several curves share a scheme in TLS 1.2, so a key that does not fit the first candidate may fit the next.
    let valid = candidates
        .iter()
        .any(|algorithm| key.verify_signature(*algorithm, message, signed.signature()).is_ok());
    if valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
}

/// TLS 1.3.
pub(super) fn verify_tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    verify_tls13_signature_with_raw_key(message, &public_key(certificate)?, signed, algorithms)
}

/// What is signed in a certificate or revocation list, by which algorithm (the content of its OID), and how.
#[derive(Clone, Copy)]
pub(super) struct Sealed<'a> {
    pub(super) message: &'a [u8],
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// A certificate.
    pub(super) fn of(certificate: &'a X509Certificate<'_>) -> Self {
        Self {
            message: certificate.tbs_certificate.as_ref(),
            algorithm: certificate.signature_algorithm.algorithm.as_bytes(),
            signature: &certificate.signature_value.data,
        }
    }
}

/// Whether the key of `issuer` signed it.
pub(super) fn is_signed_by(
    sealed: Sealed<'_>,
    issuer: &CertificateDer<'_>,
    algorithms: &WebPkiSupportedAlgorithms,
) -> bool {
    let Ok(key) = public_key(issuer) else { return false };
    let Ok(key) = RawPublicKeyEntity::try_from(&key) else { return false };
    let Sealed { message, algorithm: oid, signature } = sealed;
    // An AlgorithmIdentifier begins with its OID: tag, length, content.
    let candidates = algorithms.all.iter().filter(|algorithm| {
        let id = algorithm.signature_alg_id();
        id.as_ref().get(2..).is_some_and(|content| content.starts_with(oid))
    });
    candidates.into_iter().any(|algorithm| key.verify_signature(*algorithm, message, signature).is_ok())
}

/// The public key of a certificate, as it stands in it.
pub(super) fn public_key(
    certificate: &CertificateDer<'_>,
) -> Result<SubjectPublicKeyInfoDer<'static>, Error> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    Ok(SubjectPublicKeyInfoDer::from(parsed.public_key().raw.to_vec()))
}
