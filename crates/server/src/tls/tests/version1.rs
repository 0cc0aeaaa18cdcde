//! Certificates and lists as `openssl ca` makes them, which rcgen cannot: version 1 unless extensions are asked for.
//! Valid until 2126.

use std::time::Duration;

use rustls::CertificateError;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use wsgate_directives::modules::ssl::{CrlCheck, Revocation};

use super::certs::{Ca, Files};
use crate::tls::chain::{Chain, Purpose};
use crate::tls::params::{CaFiles, Trust};

/// The root.
const CA: &str = "\
-----BEGIN CERTIFICATE-----
MIIBjDCCATOgAwIBAgIUFL/Rat9hZ2a6DLWCh8jQnJTFh/cwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIUGxhaW4gQ0EwIBcNMjYxMTI1MTUyMjQxWhgPMjEyNjExMDEx
NTIyNDFaMBMxETAPBgNVBAMMCFBsYWluIENBMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEoMc4wJ7LgJJI6X3NQT7lcyClVTSUMr7tJPICHc8xtTuYOuHTJBKB8oul
wPEJf6ERnP2IhNsOpNF2kyciVXxXGaNjMGEwHQYDVR0OBBYEFJ5+vVFqgdOUrdmO
rG+TBACd1uzIMB8GA1UdIwQYMBaAFJ5+vVFqgdOUrdmOrG+TBACd1uzIMA8GA1Ud
EwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0cAMEQCIDs7
uQOde6DYipQ3MqyEEqsfpx0okkJiSckS1aG3CAQ+AiBpQK6HzJVUs7kgmwVq+Sx0
XoqfOQu1bc+DqxI2u7z2xQ==
-----END CERTIFICATE-----
";
/// Its list, with GONE and GONE3.
const LIST: &str = "\
-----BEGIN X509 CRL-----
MIHEMGswCgYIKoZIzj0EAwIwEzERMA8GA1UEAwwIUGxhaW4gQ0EXDTI2MTEyNTE1
MjI0MloYDzIxMjYxMTAxMTUyMjQyWjAoMBICAQYXDTI2MTEyNTE1MjI0MlowEgIB
CBcNMjYxMTI1MTUyMjQyWjAKBggqhkjOPQQDAgNJADBGAiEAp4B5U/wftZq9b2BY
aegm2BVCPEwsMVt2gtK1VqcgM+gCIQD8bL/wIHX5r/NRpc44vpYigg1U/y6gWogC
CG64ciJoKg==
-----END X509 CRL-----
";
/// A certificate of version 1.
const KEPT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBCzCBsgIBBTAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhQbGFpbiBDQTAgFw0y
NjExMjUxNTIyNDFaGA8yMTI2MTEwMTE1MjI0MVowDzENMAsGA1UEAwwEa2VwdDBZ
MBMGByqGSM49AgEGCCqGSM49AwEHA0IABEhN5geqBOCIZVlqA3yUSlt36bSgR7ua
cmznMEQ2Vhx9Hjr4mk6nLIBvfMAFsMFtPqCLoqBbzWnM3Ls6QEN8Ce4wCgYIKoZI
zj0EAwIDSAAwRQIgVO8Dd0BE41DHzxHrU1j3i2BOyeOPONDtVljWzlEIbrkCIQDv
rEqInbww7/UPwfTReD0U73Xht291SFu5/yAhYIQsnw==
-----END CERTIFICATE-----
";
/// Another.
const GONE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBDDCBsgIBBjAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhQbGFpbiBDQTAgFw0y
NjExMjUxNTIyNDFaGA8yMTI2MTEwMTE1MjI0MVowDzENMAsGA1UEAwwEZ29uZTBZ
MBMGByqGSM49AgEGCCqGSM49AwEHA0IABJRDtT7eOAxgxTzMCU/9BGF90EEuhbKz
AR8hiBPBs6BNbL1B+A6JfW6BHP6MJeYgbXsigUoapYqNhCJB98bpMOkwCgYIKoZI
zj0EAwIDSQAwRgIhAIVOIcy+rnXAZSZCCt0bBjW20dkpRgVJf4wX5Ki6Wt7+AiEA
mCWDPMzfJ+OkF904ChXCkja8ONmhvuGiKr8YTr6g2D8=
-----END CERTIFICATE-----
";
/// A certificate of version 3.
const KEPT3: &str = "\
-----BEGIN CERTIFICATE-----
MIIBdjCCARygAwIBAgIBBzAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhQbGFpbiBD
QTAgFw0yNjExMjUxNTIyNDJaGA8yMTI2MTEwMTE1MjI0MlowEDEOMAwGA1UEAwwF
a2VwdDMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASZvaBo1sg6DsT18rOPO68Z
WeMj2m+/lx6WJSu6hMl9718BzHN7zlExKOK155Y8h6h0KlKwsNrtcvmVrCJahBiA
o2IwYDAJBgNVHRMEAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0GA1UdDgQWBBSk
fZV6dpZwDis1YGZbl7myIGmACzAfBgNVHSMEGDAWgBSefr1RaoHTlK3ZjqxvkwQA
ndbsyDAKBggqhkjOPQQDAgNIADBFAiASZdjsSAMVocFwQ+slTywmDnxXdtiEzCxZ
k9T3bu0qIgIhAMezUbHnZq3fVEV71AtcFJz+rZO8fJ7t3paE0tHbPiVY
-----END CERTIFICATE-----
";
/// Another.
const GONE3: &str = "\
-----BEGIN CERTIFICATE-----
MIIBdjCCARygAwIBAgIBCDAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhQbGFpbiBD
QTAgFw0yNjExMjUxNTIyNDJaGA8yMTI2MTEwMTE1MjI0MlowEDEOMAwGA1UEAwwF
Z29uZTMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARphbkDKAY+WlvAHVh9ZpzR
VmBQ/3tgRNLgtiOyGvBKKEnwmVvcA9r3juQ4nhfbuaS1tr/9GM0QAQ64XQhDrjbA
o2IwYDAJBgNVHRMEAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0GA1UdDgQWBBTn
UsLo8BsLgAIPv+vGY6lvrh4EKzAfBgNVHSMEGDAWgBSefr1RaoHTlK3ZjqxvkwQA
ndbsyDAKBggqhkjOPQQDAgNIADBFAiEAlitBs69KR+qWc3GAPjsXMlJkEAlv4/UK
e3ca1hXw0b8CIEKofG9UGzkYKAhbCzMsujdpJCt6SUitBocCoPiyT+Rw
-----END CERTIFICATE-----
";

/// When the certificates and the list are in force.
const TODAY: u64 = 1_800_000_000;

#[test]
fn lists_and_certificates_of_version_1_count() {
    let files = Files::new();
    let (none, revoked) = (Ok(()), Err(CertificateError::Revoked));
    let unknown = Err(CertificateError::UnknownRevocationStatus);
    let foreign = Ca::new("Other CA").crl(&[]);
    let both = format!("{LIST}{foreign}");
    // 6 becomes 4 in it: GONE would be free, were the list signed.
    let forged = LIST.replacen("ICAQYX", "ICAQQX", 1);
    for (certificate, lists, check, no_crl_ok, expected) in [
        (KEPT, LIST, CrlCheck::Chain, false, &none),
        (GONE, LIST, CrlCheck::Chain, false, &revoked),
        (KEPT3, LIST, CrlCheck::Chain, false, &none),
        (GONE3, LIST, CrlCheck::Chain, false, &revoked),
        (GONE3, LIST, CrlCheck::Leaf, false, &revoked),
        (GONE, LIST, CrlCheck::Leaf, true, &revoked),
        (GONE, &both, CrlCheck::Leaf, false, &revoked),
        (GONE3, &both, CrlCheck::Leaf, false, &revoked),
        (KEPT3, &both, CrlCheck::Leaf, false, &none),
        (KEPT, &foreign, CrlCheck::Leaf, false, &unknown),
        (KEPT3, &foreign, CrlCheck::Leaf, false, &unknown),
        (KEPT, &foreign, CrlCheck::Leaf, true, &none),
        (GONE, &forged, CrlCheck::Leaf, false, &unknown),
        (GONE3, &forged, CrlCheck::Leaf, false, &unknown),
        (GONE, LIST, CrlCheck::None, false, &none),
    ] {
        let file = |name: &str, text: &str| CaFiles { file: Some(files.write(name, text)), path: None };
        let trust = Trust {
            ca: file("ca.pem", CA),
            crl: file("crl.pem", lists),
            revocation: Revocation { check, no_crl_ok },
            ..Trust::default()
        };
        let chain = Chain::load(&trust, aws_lc_rs::default_provider().signature_verification_algorithms)
            .expect("good files");
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
        let now = UnixTime::since_unix_epoch(Duration::from_secs(TODAY));
        let verdict = chain.verify(&certificate, &[], now, Purpose::Client);
        assert_eq!(&verdict, expected, "{check:?} {no_crl_ok} {lists}");
    }
}
