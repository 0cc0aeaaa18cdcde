//! From names to implementations: which of aws-lc-rs's algorithms an [`Offer`] takes.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{self, cipher_suite, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::{CipherSuite, SupportedCipherSuite, SupportedProtocolVersion};
use wsgate_directives::tls_names::{Group, Suite};

use super::error::{TlsError, TlsErrorKind};
use super::params::Offer;

/// The algorithms and versions of an offer.
pub(super) fn provider(
    offer: &Offer,
) -> Result<(Arc<CryptoProvider>, Vec<&'static SupportedProtocolVersion>), TlsError> {
    let protocols = offer.protocols;
    let versions =
        [(protocols.tls13(), &rustls::version::TLS13), (protocols.tls12(), &rustls::version::TLS12)];
    let versions: Vec<_> = versions.into_iter().filter(|(on, _)| *on).map(|(_, version)| version).collect();
    let tls13 = offer.tls13.iter().filter(|_| protocols.tls13());
    let tls12 = offer.tls12.iter().filter(|_| protocols.tls12());
    let cipher_suites: Vec<_> = tls13.chain(tls12).map(|suite| implementation(*suite)).collect();
    let kx_groups: Vec<_> = offer.groups.iter().map(|group| kx(*group)).collect();
    let empty = |what: &str| TlsError { path: None, kind: TlsErrorKind::NothingToSpeak(what.to_owned()) };
    if versions.is_empty() {
        return Err(empty("only protocol versions before TLS 1.2 are allowed"));
    }
    if cipher_suites.is_empty() {
        return Err(empty("no cipher suite for the allowed versions"));
    }
    if kx_groups.is_empty() {
        return Err(empty("no key exchange group"));
    }
    Ok((Arc::new(CryptoProvider { cipher_suites, kx_groups, ..aws_lc_rs::default_provider() }), versions))
}

/// The name of a suite in use; every suite that is offered has one.
pub(super) fn suite_of(id: CipherSuite) -> Option<Suite> {
    Suite::TLS13.into_iter().chain(Suite::TLS12).find(|suite| implementation(*suite).suite() == id)
}

fn implementation(suite: Suite) -> SupportedCipherSuite {
    match suite {
        Suite::Aes256GcmSha384 => cipher_suite::TLS13_AES_256_GCM_SHA384,
        Suite::ChaCha20Poly1305Sha256 => cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        Suite::Aes128GcmSha256 => cipher_suite::TLS13_AES_128_GCM_SHA256,
        Suite::EcdheEcdsaAes256Gcm => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        Suite::EcdheRsaAes256Gcm => cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        Suite::EcdheEcdsaChaCha20 => cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        Suite::EcdheRsaChaCha20 => cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        Suite::EcdheEcdsaAes128Gcm => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        Suite::EcdheRsaAes128Gcm => cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    }
}

fn kx(group: Group) -> &'static dyn SupportedKxGroup {
    match group {
        Group::X25519MlKem768 => kx_group::X25519MLKEM768,
        Group::X25519 => kx_group::X25519,
        Group::P256 => kx_group::SECP256R1,
        Group::P384 => kx_group::SECP384R1,
    }
}
