//! The backend's side: the matrix of SSLProxyVerify, names, dates and authorities.

use rcgen::CertificateParams;
use wsgate_core::request::DnStyle;
use wsgate_directives::modules::ssl::{CrlCheck, Revocation, Verify};
use wsgate_directives::tls_names::Protocols;

use super::certs::{Ca, Files, VERSION1, VERSION1_CA, common_name_only, expired, leaf};
use super::{backend, meet, table, trusting};
use crate::tls::BackendTls;
use crate::tls::backend::BackendError;
use crate::tls::params::{CaFiles, ClientAuth, NameCheck, Offer, ProxyTls, ServerTls, Trust};

/// A backend with a certificate of its CA.
struct Backend {
    files: Files,
    ca: Ca,
}

impl Backend {
    fn new() -> Self {
        let (files, ca) = (Files::new(), Ca::new("Backend CA"));
        files.write("ca.pem", &ca.pem());
        files.write("other-ca.pem", &Ca::new("Other CA").pem());
        Self { files, ca }
    }

    async fn meet(
        &self,
        params: &CertificateParams,
        client: &ProxyTls,
        host: &str,
    ) -> Result<(), BackendError> {
        let (certificate, key) = self.ca.issue(params);
        let certificates = vec![self.files.write("backend.pem", &(certificate + &key))];
        let server = table(vec![ServerTls { certificates, ..ServerTls::default() }]);
        meet(&server, &[], &backend(client), host).await.client
    }

    fn trust(&self, ca: &str) -> Trust {
        Trust { ca: CaFiles { file: Some(self.files.path(ca)), path: None }, ..Trust::default() }
    }
}

fn kind(outcome: &Result<(), BackendError>) -> &'static str {
    match outcome {
        Ok(()) => "ok",
        Err(BackendError::Untrusted(_)) => "untrusted",
        Err(BackendError::Expired) => "expired",
        Err(BackendError::Name { .. }) => "name",
        Err(BackendError::Protocol(_)) => "protocol",
        Err(BackendError::Io(_)) => "io",
    }
}

#[tokio::test]
async fn verification_names_and_dates() {
    let backend = Backend::new();
    let (good, old) = (leaf("b.test"), expired(leaf("b.test")));
    let (right, wrong) = ("ca.pem", "other-ca.pem");
    use NameCheck::{AnyName, Off};
    use Verify::{None, Optional, OptionalNoCa, Require};
    for (verify, ca, names, check_expire, certificate, host, expected) in [
        (None, wrong, AnyName, true, &good, "b.test", "ok"),
        (None, wrong, AnyName, true, &good, "c.test", "name"),
        (None, wrong, Off, true, &good, "c.test", "ok"),
        (None, wrong, AnyName, true, &old, "b.test", "expired"),
        (None, wrong, AnyName, false, &old, "b.test", "ok"),
        (Require, right, AnyName, true, &good, "b.test", "ok"),
        (Require, right, AnyName, true, &good, "c.test", "name"),
        (Require, wrong, AnyName, true, &good, "b.test", "untrusted"),
        (Require, wrong, Off, false, &good, "b.test", "untrusted"),
        (Require, right, Off, false, &old, "b.test", "untrusted"),
        (Optional, right, AnyName, true, &good, "b.test", "ok"),
        (Optional, wrong, AnyName, true, &good, "b.test", "untrusted"),
        (OptionalNoCa, wrong, AnyName, true, &good, "b.test", "ok"),
        (OptionalNoCa, wrong, AnyName, true, &good, "c.test", "name"),
        (OptionalNoCa, right, Off, false, &old, "b.test", "untrusted"),
    ] {
        let trust = backend.trust(ca);
        let client = ProxyTls { verify, trust, names, check_expire, ..ProxyTls::default() };
        let outcome = kind(&backend.meet(certificate, &client, host).await);
        assert_eq!(outcome, expected, "{verify:?} {ca} {names:?} {check_expire} {host}");
    }
}

#[tokio::test]
async fn names_as_httpd_compares_them() {
    let backend = Backend::new();
    let address = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address");
    let wild = leaf("*.b.test");
    let mut two = leaf("san.test");
    two.distinguished_name = common_name_only("cn.test").distinguished_name;
    use NameCheck::{AnyName, CommonName};
    for (names, certificate, host, expected) in [
        (AnyName, &leaf("B.test"), "b.TEST", "ok"),
        (AnyName, &wild, "a.b.test", "ok"),
        (AnyName, &wild, "A.B.Test", "ok"),
        (AnyName, &wild, "b.test", "name"),
        (AnyName, &wild, "x.a.b.test", "name"),
        (AnyName, &common_name_only("b.test"), "b.test", "ok"),
        (AnyName, &common_name_only("127.0.0.1"), "127.0.0.1", "ok"),
        (AnyName, &address, "127.0.0.1", "name"),
        (AnyName, &two, "san.test", "ok"),
        (AnyName, &two, "cn.test", "ok"),
        (CommonName, &two, "cn.test", "ok"),
        (CommonName, &two, "san.test", "name"),
        (CommonName, &common_name_only("*.b.test"), "a.b.test", "ok"),
        (AnyName, &common_name_only("under_score"), "under_score", "ok"),
        (AnyName, &leaf("b.test"), "not a name!", "name"),
    ] {
        let client = ProxyTls { names, ..ProxyTls::default() };
        let outcome = kind(&backend.meet(certificate, &client, host).await);
        assert_eq!(outcome, expected, "{names:?} {host}");
    }
}

#[test]
fn the_two_name_directives_together() {
    use NameCheck::{AnyName, CommonName, Off};
    for (name, cn, check) in [
        (None, None, AnyName),
        (None, Some(true), AnyName),
        (None, Some(false), Off),
        (Some(true), None, AnyName),
        (Some(true), Some(false), AnyName),
        (Some(false), None, Off),
        (Some(false), Some(true), CommonName),
        (Some(false), Some(false), Off),
    ] {
        assert_eq!(NameCheck::from_settings(name, cn), check, "{name:?} {cn:?}");
    }
}

#[tokio::test]
async fn a_self_signed_backend_may_be_trusted_itself() {
    let files = Files::new();
    let key = rcgen::KeyPair::generate().expect("a key");
    // What `openssl req -x509` makes: a certificate that calls itself a CA.
    let mut params = leaf("b.test");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("a certificate").pem();
    let certificates = vec![files.write("b.pem", &(certificate.clone() + &key.serialize_pem()))];
    let server = table(vec![ServerTls { certificates, ..ServerTls::default() }]);
    let ca = CaFiles { file: Some(files.write("ca.pem", &certificate)), path: None };
    let trust = Trust { ca, ..Trust::default() };
    let client = ProxyTls { verify: Verify::Require, trust, ..ProxyTls::default() };
    assert_eq!(kind(&meet(&server, &[], &backend(&client), "b.test").await.client), "ok");
    let client = ProxyTls { verify: Verify::Require, ..ProxyTls::default() };
    assert_eq!(kind(&meet(&server, &[], &backend(&client), "b.test").await.client), "untrusted");
}

#[tokio::test]
async fn version_1_certificates_still_serve() {
    let files = Files::new();
    let certificates = vec![files.write("old.pem", VERSION1)];
    let server = table(vec![ServerTls { certificates, ..ServerTls::default() }]);
    let crl = CaFiles { file: Some(files.write("crl.pem", &Ca::new("CA").crl(&[]))), path: None };
    let trust = |ca: &str, depth: usize, check: CrlCheck| {
        let ca = CaFiles { file: Some(files.write("ca.pem", ca)), path: None };
        Trust { ca, crl: crl.clone(), revocation: Revocation { check, no_crl_ok: false }, depth }
    };
    // The same name, another key.
    let namesake = Ca::new("Old style CA").pem();
    for (verify, ca, depth, crl_check, expected) in [
        (Verify::None, "", 1, CrlCheck::None, "ok"),
        (Verify::Require, VERSION1_CA, 1, CrlCheck::None, "ok"),
        (Verify::Require, VERSION1_CA, 0, CrlCheck::None, "untrusted"),
        (Verify::Require, VERSION1_CA, 1, CrlCheck::Leaf, "untrusted"),
        (Verify::Require, namesake.as_str(), 1, CrlCheck::None, "untrusted"),
    ] {
        let trust = if ca.is_empty() { Trust::default() } else { trust(ca, depth, crl_check) };
        for protocols in ["TLSv1.2", "TLSv1.3"] {
            let protocols = Protocols::parse([protocols]).expect("valid").protocols;
            let offer = Offer { protocols, ..Offer::default() };
            let client = ProxyTls { verify, trust: trust.clone(), offer, ..ProxyTls::default() };
            let outcome = meet(&server, &[], &backend(&client), "old.test").await;
            assert_eq!(kind(&outcome.client), expected, "{verify:?} {depth} {crl_check:?}");
        }
    }
}

#[tokio::test]
async fn a_backend_that_is_no_tls_server() {
    use tokio::io::AsyncWriteExt as _;
    let (near, mut far) = tokio::io::duplex(4096);
    far.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.expect("room");
    assert_eq!(kind(&backend(&trusting()).connect(near, "b.test").await.map(drop)), "protocol");
    let (near, far) = tokio::io::duplex(4096);
    drop(far);
    assert_eq!(kind(&backend(&trusting()).connect(near, "b.test").await.map(drop)), "io");
}

#[tokio::test]
async fn machine_certificates_are_chosen_by_the_authorities_that_the_backend_names() {
    let files = Files::new();
    let (first, second) = (Ca::new("First CA"), Ca::new("Second CA"));
    let middle = second.intermediate("Middle CA");
    let (one, one_key) = first.issue(&leaf("one.test"));
    let (two, two_key) = middle.issue(&leaf("two.test"));
    let text = [one_key, one, two, two_key, middle.pem()].concat();
    let machine = CaFiles { file: Some(files.write("machine.pem", &text)), path: None };
    let client = backend(&ProxyTls { machine, ..trusting() });
    for (ca, shown) in [(&first, "CN=one.test"), (&second, "CN=two.test")] {
        let ca = CaFiles { file: Some(files.write("ca.pem", &ca.pem())), path: None };
        let trust = Trust { ca, depth: 2, ..Trust::default() };
        let client_auth = ClientAuth { verify: Verify::Require, trust, names: None };
        let server = table(vec![ServerTls { client: client_auth, ..super::vhost(&files, "b.test") }]);
        let info = meet(&server, &[], &client, "b.test").await.info();
        assert_eq!(info.var("SSL_CLIENT_S_DN", DnStyle::Rfc2253).as_deref(), Some(shown));
    }
}

#[test]
fn machine_certificates_that_do_not_work() {
    let files = Files::new();
    let ca = Ca::new("CA");
    let (certificate, key) = ca.issue(&leaf("one.test"));
    let (_, other) = ca.issue(&leaf("two.test"));
    for (text, expected) in [
        (key.clone(), "no certificate"),
        (certificate.clone() + &other, "do not match"),
        (certificate + "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n", "is encrypted"),
    ] {
        let machine = CaFiles { file: Some(files.write("machine.pem", &text)), path: None };
        let error = BackendTls::build(&ProxyTls { machine, ..trusting() }).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
}
