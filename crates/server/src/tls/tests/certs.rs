//! Certificates for tests, written where the parameters can name them.

use std::fs;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RevokedCertParams,
    RsaKeySize, SerialNumber, date_time_ymd,
};
use tempfile::TempDir;

/// A folder that lives as long as its test.
pub(super) struct Files(TempDir);

impl Files {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Writes a file and gives its path.
    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("a subfolder");
        fs::write(&path, content).expect("a file");
        path
    }

    /// The path of a file or folder inside.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A self-signed certificate for a DNS name, its key in the same file.
    pub(super) fn self_signed(&self, name: &str) -> PathBuf {
        let key = KeyPair::generate().expect("a key");
        let certificate = leaf(name).self_signed(&key).expect("a certificate");
        self.write(&format!("{name}.pem"), &(certificate.pem() + &key.serialize_pem()))
    }
}

/// Parameters of an ordinary certificate: the name as DNS name and common name, good for both sides.
pub(super) fn leaf(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a valid name");
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// A certificate without alternative names.
pub(super) fn common_name_only(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// One that ran out long ago.
pub(super) fn expired(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2001, 1, 1);
    params
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A certification authority.
pub(super) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(ca_params(name), key).expect("a root"))
    }

    pub(super) fn expired(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(expired(ca_params(name)), key).expect("a root"))
    }

    /// An authority under this one.
    pub(super) fn intermediate(&self, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::signed_by(ca_params(name), key, &self.0).expect("an intermediate"))
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key, PEM.
    pub(super) fn issue(&self, params: &CertificateParams) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// The same with an RSA key.
    pub(super) fn issue_rsa(&self, params: &CertificateParams) -> (String, String) {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("an RSA key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// A revocation list with these serial numbers.
    pub(super) fn crl(&self, revoked: &[u64]) -> String {
        let entry = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2120, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.0).expect("a list").pem().expect("PEM")
    }
}

/// A root and a version 1 certificate for `old.test` under it, which rcgen cannot make: `openssl x509 -req -CA` without
/// an extension file. Valid until 2126.
pub(super) const VERSION1_CA: &str = "\
-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIUVW+O+jfNhQ3EngaN8+iBLkoa0REwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMT2xkIHN0eWxlIENBMCAXDTI2MTEyNTEwMzk1OFoYDzIxMjYx
MTAxMTAzOTU4WjAXMRUwEwYDVQQDDAxPbGQgc3R5bGUgQ0EwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQGmBk96++4mpOeEdJFw4eCLbyUkMU7Ek6tyKIXANcEqNQG
Bf1gT7VomlSKW71pcMZneJg6lcOQ0fzcchmK/pW5o1MwUTAdBgNVHQ4EFgQULyg2
vWgqjBCibazrx4cGrrQmZFwwHwYDVR0jBBgwFoAULyg2vWgqjBCibazrx4cGrrQm
ZFwwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAHjgnuTBfk9XXF
L7VePSNMt8vM6ZkHP4VsC3LvnzhysAIhAMUxijIpUnAOJOfK/jpWRKBQ19Pc+w4R
io+ajepAKLST
-----END CERTIFICATE-----
";
/// The certificate and its key.
pub(super) const VERSION1: &str = "\
-----BEGIN CERTIFICATE-----
MIIBEjCBugIBBTAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxPbGQgc3R5bGUgQ0Ew
IBcNMjYxMTI1MTAzOTU4WhgPMjEyNjExMDExMDM5NThaMBMxETAPBgNVBAMMCG9s
ZC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXknC+I1tnD/ERGZJ1hx6
ITcJC85llpRB4jBSPAL7mz6WUv19B+NL0acVeD6Xd9xZj7vlHITrKQjPbPZE5WhJ
BDAKBggqhkjOPQQDAgNHADBEAiBitGbVYQa02get+29Ozts0UYRmUY7X69mG3Xuh
uJ9HNgIgV2q5yw/QSvPNRbklvW63gGDpvIAC4eWnOJ2H520rae0=
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/dQFzCwilgc8TvET
bT9+5M9/x02TQJKEEZwaLH5b4NehRANCAAReScL4jW2cP8REZknWHHohNwkLzmWW
lEHiMFI8AvubPpZS/X0H40vRpxV4Ppd33FmPu+UchOspCM9s9kTlaEkE
-----END PRIVATE KEY-----
";
