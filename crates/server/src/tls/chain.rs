//! Is a certificate one that the configuration trusts? OpenSSL's answer, found by webpki.
//!
//! What webpki does differently from OpenSSL as httpd sets it up is levelled here: only self-signed certificates of
//! the CA file are roots (the others merely help to find one), roots expire, depth counts, a trusted self-signed
//! certificate may be the peer's own, and version 1 is taken. Knows no names and no handshake.

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
use super::pem;
use super::revocation::{WholeList, WholeLists};
use super::signature::{Sealed, is_signed_by};

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
    crls: Crls,
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

/// The revocation lists of a scope.
#[derive(Debug)]
struct Crls {
    /// Those of version 2.
    webpki: Vec<CertRevocationList<'static>>,
    /// Those that speak of all certificates of their issuer.
    whole: WholeLists,
    /// Whether some are of version 1, which webpki does not know of.
    version1: bool,
    /// Whether some speak of some certificates only.
    partial: bool,
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
        let crls = Crls::load(trust, algorithms)?;
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
        let crls: Vec<_> = self.crls.webpki.iter().collect();
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
    /// nobody, OpenSSL takes them. Only straight from a root.
    fn verify_version1(
        &self,
        certificate: &CertificateDer<'_>,
        now: UnixTime,
    ) -> Result<(), CertificateError> {
        check_validity(certificate, now)?;
        let (_, leaf) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
        let signed_by = |root: &Root| {
            let subject = subject(&root.der);
            subject.is_some_and(|subject| subject == leaf.issuer().as_raw())
                && check_validity(&root.der, now).is_ok()
                && is_signed_by(Sealed::of(&leaf), &root.der, &self.algorithms)
        };
        let mut roots = self.roots.iter().filter(|_| self.depth > 0);
        let root = roots.find(|root| signed_by(root)).ok_or(CertificateError::UnknownIssuer)?;
        if self.revocation.check == CrlCheck::None {
            return Ok(());
        }
        self.check_revocation(certificate, &root.der, now).map_err(certificate_error)
    }

    /// Whether the lists that speak of all certificates of an issuer clear this one. Where others are there as well,
    /// they might not.
    fn check_revocation(
        &self,
        certificate: &CertificateDer<'_>,
        issuer: &CertificateDer<'_>,
        now: UnixTime,
    ) -> Result<(), webpki::Error> {
        let excused = self.revocation.no_crl_ok && !self.crls.partial;
        let cleared = self.crls.whole.clear(certificate, issuer, now)? || excused;
        if cleared { Ok(()) } else { Err(webpki::Error::UnknownRevocationStatus) }
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
        // Where there are lists that webpki does not know of, accept_path finds out what is unknown.
        let lenient = self.revocation.no_crl_ok || self.crls.version1;
        let unknown = if lenient { UnknownStatusPolicy::Allow } else { UnknownStatusPolicy::Deny };
        let builder = RevocationOptionsBuilder::new(crls).ok()?;
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
        let root = same.find(|root| check_validity(&root.der, now).is_ok());
        let root = root.ok_or(webpki::Error::UnknownIssuer)?;
        if !self.crls.version1 {
            return Ok(());
        }
        let leaf = std::iter::once(path.end_entity().der());
        let whole: Vec<_> = leaf.chain(path.intermediate_certificates().map(webpki::Cert::der)).collect();
        let asked = if self.revocation.check == CrlCheck::Leaf { 1 } else { whole.len() };
        (0..asked).try_for_each(|place| {
            let issuer = whole.get(place + 1).unwrap_or(&root.der);
            self.check_revocation(&whole[place], issuer, now)
        })
    }
}

/// What a verdict means for the handshake, as far as SSLVerifyClient or SSLProxyVerify asks.
pub(super) fn admit(asked: Verify, verdict: Result<(), CertificateError>) -> Result<(), Error> {
    match verdict {
        Err(CertificateError::UnknownIssuer) if asked == Verify::OptionalNoCa => Ok(()),
        verdict => verdict.map_err(Error::from),
    }
}

impl Crls {
    fn load(trust: &Trust, algorithms: WebPkiSupportedAlgorithms) -> Result<Self, TlsError> {
        let (mut webpki, mut whole, mut version1, mut partial) = (Vec::new(), Vec::new(), false, false);
        if trust.revocation.check != CrlCheck::None {
            let path = trust.crl.file.as_ref().or(trust.crl.path.as_ref());
            let path = path.ok_or(TlsError { path: None, kind: TlsErrorKind::CrlMissing })?;
            for der in pem::crls(&trust.crl)? {
                match OwnedCertRevocationList::from_der(&der).map(CertRevocationList::from) {
                    Ok(list) => {
                        let all = list.issuing_distribution_point().is_none();
                        let found = WholeList::version2(&der).filter(|_| all);
                        partial |= found.is_none();
                        whole.extend(found);
                        webpki.push(list);
                    }
                    Err(error) => {
                        let bad = || TlsError::at(path, TlsErrorKind::BadCrl(error.to_string()));
                        whole.push(WholeList::version1(&der).ok_or_else(bad)?);
                        version1 = true;
                    }
                }
            }
            // An empty folder would make every certificate's status unknown.
            if webpki.is_empty() && !version1 {
                return Err(TlsError::at(path, TlsErrorKind::NoCrl));
            }
        }
        Ok(Self { webpki, whole: WholeLists::new(whole, algorithms), version1, partial })
    }
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
