//! Is a certificate one that the configuration trusts? OpenSSL's answer, found by webpki.
//!
//! What webpki does differently from OpenSSL as httpd sets it up is levelled here: only self-signed certificates of
//! the CA file are roots (the others merely help to find one), roots expire, depth counts, and a trusted self-signed
//! certificate may be the peer's own. Knows no names and no handshake.

use std::sync::Arc;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::{CertificateError, Error, OtherError};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationCheckDepth, RevocationOptions, RevocationOptionsBuilder, UnknownStatusPolicy, VerifiedPath,
};
use wsgate_directives::modules::ssl::{CrlCheck, Revocation, Verify};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::error::{TlsError, TlsErrorKind};
use super::params::Trust;
use super::{pem, signature};

/// What a peer uses its certificate for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A backend's.
    Server,
    /// A client's.
    Client,
}

/// The roots and rules of one scope, read from its files.
#[derive(Debug)]
pub(super) struct Chain {
    roots: Vec<Root>,
    /// `roots` again, in the form that webpki takes as a slice.
    anchors: Vec<TrustAnchor<'static>>,
    helpers: Vec<CertificateDer<'static>>,
    crls: Vec<CertRevocationList<'static>>,
    revocation: Revocation,
    depth: usize,
    algorithms: WebPkiSupportedAlgorithms,
}

/// A self-signed certificate of the CA file.
#[derive(Debug)]
struct Root {
    der: CertificateDer<'static>,
    anchor: TrustAnchor<'static>,
}

impl Chain {
    /// Reads the files of a scope.
    pub(super) fn load(trust: &Trust, algorithms: WebPkiSupportedAlgorithms) -> Result<Self, TlsError> {
        let mut roots = Vec::new();
        let mut helpers = Vec::new();
        for der in pem::ca_certificates(&trust.ca)? {
            match root(&der) {
                Some(root) => roots.push(root),
                None => helpers.push(der),
            }
        }
        let anchors = roots.iter().map(|root| root.anchor.clone()).collect();
        let crls = if trust.revocation.check == CrlCheck::None { Vec::new() } else { load_crls(trust)? };
        let Trust { revocation, depth, .. } = *trust;
        Ok(Self { roots, anchors, helpers, crls, revocation, depth, algorithms })
    }

    /// The subjects of the CA certificates, DER, to be told to clients.
    pub(super) fn subjects(&self) -> impl Iterator<Item = Vec<u8>> {
        self.roots.iter().map(|root| &root.der).chain(&self.helpers).filter_map(subject)
    }

    /// The algorithms for signatures in certificates and handshakes.
    pub(super) fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.algorithms
    }

    /// Whether the peer's certificate is trusted now.
    pub(super) fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        now: UnixTime,
        purpose: Purpose,
    ) -> Result<(), CertificateError> {
        if let Some(root) = self.roots.iter().find(|root| root.der == *certificate) {
            return trusted_itself(&root.der, now, purpose);
        }
        let crls: Vec<_> = self.crls.iter().collect();
        let leaf = match EndEntityCert::try_from(certificate) {
            Err(webpki::Error::UnsupportedCertVersion) => return self.verify_version1(certificate, now),
            leaf => leaf.map_err(certificate_error)?,
        };
        let usage = match purpose {
            Purpose::Server => KeyUsage::server_auth(),
            Purpose::Client => KeyUsage::client_auth(),
        };
        let helpers: Vec<_> = sent.iter().chain(&self.helpers).cloned().collect();
        let path = |path: &VerifiedPath<'_>| self.accept_path(path, now);
        let options = self.revocation_options(&crls);
        leaf.verify_for_usage(self.algorithms.all, &self.anchors, &helpers, now, usage, options, Some(&path))
            .map(drop)
            .map_err(certificate_error)
    }

    /// A version 1 certificate, as `openssl x509 -req` makes it without an extension file: webpki leaves them to
    /// nobody, OpenSSL takes them. Only straight from a root, and not where revocation lists are to be asked.
    fn verify_version1(
        &self,
        certificate: &CertificateDer<'_>,
        now: UnixTime,
    ) -> Result<(), CertificateError> {
        if self.revocation.check != CrlCheck::None {
            return Err(CertificateError::UnknownRevocationStatus);
        }
        check_validity(certificate, now)?;
        let (_, leaf) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
        let signed_by = |root: &Root| {
            let subject = subject(&root.der);
            subject.is_some_and(|subject| subject == leaf.issuer().as_raw())
                && check_validity(&root.der, now).is_ok()
                && signature::is_signed_by(&leaf, &root.der, &self.algorithms)
        };
        let found = self.depth > 0 && self.roots.iter().any(signed_by);
        if found { Ok(()) } else { Err(CertificateError::UnknownIssuer) }
    }

    fn revocation_options<'a>(
        &self,
        crls: &'a [&'a CertRevocationList<'a>],
    ) -> Option<RevocationOptions<'a>> {
        let depth = match self.revocation.check {
            CrlCheck::None => return None,
            CrlCheck::Leaf => RevocationCheckDepth::EndEntity,
            CrlCheck::Chain => RevocationCheckDepth::Chain,
        };
        let unknown =
            if self.revocation.no_crl_ok { UnknownStatusPolicy::Allow } else { UnknownStatusPolicy::Deny };
        let builder = RevocationOptionsBuilder::new(crls).expect("load refuses a check without lists");
        let builder = builder.with_depth(depth).with_status_policy(unknown);
        Some(builder.with_expiration_policy(ExpirationPolicy::Enforce).build())
    }

    /// What webpki leaves open about a path that it verified: its length, and whether its root is still valid.
    fn accept_path(&self, path: &VerifiedPath<'_>, now: UnixTime) -> Result<(), webpki::Error> {
        if path.intermediate_certificates().count() + 1 > self.depth {
            return Err(webpki::Error::MaximumPathDepthExceeded);
        }
        let anchor = path.anchor();
        let mut same = self.roots.iter().filter(|root| {
            root.anchor.subject == anchor.subject
                && root.anchor.subject_public_key_info == anchor.subject_public_key_info
        });
        // A renewed root stands in the file beside the old one, under the same name and key.
        if same.any(|root| check_validity(&root.der, now).is_ok()) {
            Ok(())
        } else {
            Err(webpki::Error::UnknownIssuer)
        }
    }
}

/// What a verdict means for the handshake, as far as SSLVerifyClient or SSLProxyVerify asks.
pub(super) fn admit(asked: Verify, verdict: Result<(), CertificateError>) -> Result<(), Error> {
    match verdict {
        Err(CertificateError::UnknownIssuer) if asked == Verify::OptionalNoCa => Ok(()),
        verdict => verdict.map_err(Error::from),
    }
}

fn load_crls(trust: &Trust) -> Result<Vec<CertRevocationList<'static>>, TlsError> {
    let path = trust.crl.file.as_ref().or(trust.crl.path.as_ref());
    let Some(path) = path else { return Err(TlsError { path: None, kind: TlsErrorKind::CrlMissing }) };
    let lists = pem::crls(&trust.crl)?.into_iter().map(|der| {
        OwnedCertRevocationList::from_der(&der)
            .map(CertRevocationList::from)
            .map_err(|error| TlsError::at(path, TlsErrorKind::BadCrl(error.to_string())))
    });
    let lists = lists.collect::<Result<Vec<_>, _>>()?;
    // An empty folder would make every certificate's status unknown; webpki wants at least one list.
    if lists.is_empty() { Err(TlsError::at(path, TlsErrorKind::NoCrl)) } else { Ok(lists) }
}

fn root(der: &CertificateDer<'static>) -> Option<Root> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    if parsed.subject().as_raw() != parsed.issuer().as_raw() {
        return None;
    }
    let anchor = webpki::anchor_from_trusted_cert(der).ok()?.to_owned();
    Some(Root { der: der.clone(), anchor })
}

fn subject(der: &CertificateDer<'static>) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.subject().as_raw().to_vec())
}

/// The peer holds the key of a certificate that the CA file names: a chain of one.
fn trusted_itself(der: &CertificateDer<'_>, now: UnixTime, purpose: Purpose) -> Result<(), CertificateError> {
    check_validity(der, now)?;
    let (_, parsed) = X509Certificate::from_der(der).map_err(|_| CertificateError::BadEncoding)?;
    let usage = parsed.extended_key_usage().map_err(|_| CertificateError::BadEncoding)?;
    let allowed = usage.is_none_or(|usage| {
        usage.value.any
            || match purpose {
                Purpose::Server => usage.value.server_auth,
                Purpose::Client => usage.value.client_auth,
            }
    });
    if allowed { Ok(()) } else { Err(CertificateError::InvalidPurpose) }
}

/// Whether a certificate's dates include `now`.
pub(super) fn check_validity(der: &CertificateDer<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let (_, parsed) = X509Certificate::from_der(der).map_err(|_| CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).map_err(|_| CertificateError::Expired)?;
    let validity = parsed.validity();
    if now < validity.not_before.timestamp() {
        Err(CertificateError::NotValidYet)
    } else if now > validity.not_after.timestamp() {
        Err(CertificateError::Expired)
    } else {
        Ok(())
    }
}

/// webpki's verdict in rustls's words, which decide the alert that the peer gets.
fn certificate_error(error: webpki::Error) -> CertificateError {
    use webpki::Error as E;
    match error {
        E::BadDer | E::BadDerTime | E::TrailingData(_) => CertificateError::BadEncoding,
        E::CertNotValidYet { time, not_before } => CertificateError::NotValidYetContext { time, not_before },
        E::CertExpired { time, not_after } => CertificateError::ExpiredContext { time, not_after },
        E::InvalidCertValidity => CertificateError::Expired,
        // OpenSSL's "self-signed certificate": an issuer that nobody vouches for.
        E::UnknownIssuer | E::CaUsedAsEndEntity => CertificateError::UnknownIssuer,
        E::CertRevoked => CertificateError::Revoked,
        E::UnknownRevocationStatus => CertificateError::UnknownRevocationStatus,
        E::CrlExpired { time, next_update } => {
            CertificateError::ExpiredRevocationListContext { time, next_update }
        }
        E::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        E::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        other => CertificateError::Other(OtherError(Arc::new(other))),
    }
}
