//! Revocation lists that speak of all certificates of their issuer, asked as OpenSSL asks them.
//!
//! webpki takes neither lists nor certificates of version 1, which is what `openssl ca` makes of both unless its
//! configuration names extensions. Lists that speak of some certificates only are left to webpki.

use std::collections::HashSet;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::Error;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};

use super::signature::{Sealed, is_signed_by};

/// The lists of a scope.
#[derive(Debug)]
pub(super) struct WholeLists {
    lists: Vec<WholeList>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// What a list says, and what vouches for it.
#[derive(Debug)]
pub(super) struct WholeList {
    issuer: Vec<u8>,
    serials: HashSet<Vec<u8>>,
    since: i64,
    until: Option<i64>,
    message: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl WholeList {
    /// A list that webpki has read, too, and found to have no scope.
    pub(super) fn version2(der: &[u8]) -> Option<Self> {
        CertificateRevocationList::from_der(der).ok().map(|(_, list)| Self::of(&list))
    }

    /// A list of version 1: it has no extensions, so there is no more to it than to others.
    pub(super) fn version1(der: &[u8]) -> Option<Self> {
        let (_, list) = CertificateRevocationList::from_der(der).ok()?;
        let mut entries = list.iter_revoked_certificates();
        let plain = list.extensions().is_empty() && entries.all(|entry| entry.extensions().is_empty());
        (list.version().is_none() && plain).then(|| Self::of(&list))
    }

    fn of(list: &CertificateRevocationList<'_>) -> Self {
        Self {
            issuer: list.issuer().as_raw().to_vec(),
            serials: list.iter_revoked_certificates().map(|entry| entry.raw_serial().to_vec()).collect(),
            since: list.last_update().timestamp(),
            until: list.next_update().map(|time| time.timestamp()),
            message: list.tbs_cert_list.as_ref().to_vec(),
            algorithm: list.signature_algorithm.algorithm.as_bytes().to_vec(),
            signature: list.signature_value.data.to_vec(),
        }
    }

    fn sealed(&self) -> Sealed<'_> {
        Sealed { message: &self.message, algorithm: &self.algorithm, signature: &self.signature }
    }

    fn check_dates(&self, time: UnixTime) -> Result<(), Error> {
        let now = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        match self.until {
            _ if now < self.since => Err(Error::UnknownRevocationStatus),
            Some(until) if now > until => {
                let next_update = std::time::Duration::from_secs(u64::try_from(until).unwrap_or(0));
                Err(Error::CrlExpired { time, next_update: UnixTime::since_unix_epoch(next_update) })
            }
            _ => Ok(()),
        }
    }
}

impl WholeLists {
    pub(super) fn new(lists: Vec<WholeList>, algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { lists, algorithms }
    }

    /// Whether a list of the certificate's issuer is there, and does not name it.
    ///
    /// # Errors
    /// The certificate is revoked, or no list of its issuer is in force.
    pub(super) fn clear(
        &self,
        certificate: &CertificateDer<'_>,
        issuer: &CertificateDer<'_>,
        now: UnixTime,
    ) -> Result<bool, Error> {
        let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| Error::BadDer)?;
        let own = |list: &&WholeList| {
            list.issuer == parsed.issuer().as_raw() && is_signed_by(list.sealed(), issuer, &self.algorithms)
        };
        let mut verdict = Ok(false);
        for list in self.lists.iter().filter(own) {
            if !may_sign_lists(issuer) {
                return Err(Error::IssuerNotCrlSigner);
            }
            if list.serials.contains(parsed.raw_serial()) {
                return Err(Error::CertRevoked);
            }
            match list.check_dates(now) {
                Ok(()) => verdict = Ok(true),
                Err(stale) if verdict == Ok(false) => verdict = Err(stale),
                Err(_) => {}
            }
        }
        verdict
    }
}

/// Whether the uses of an issuer's key, where it names any, include lists.
fn may_sign_lists(issuer: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(issuer).is_ok_and(|(_, issuer)| {
        issuer.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.value.crl_sign()))
    })
}
