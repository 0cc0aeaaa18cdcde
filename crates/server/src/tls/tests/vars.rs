//! SSL variables against what mod_ssl 2.4.71 printed for the same certificate.

use std::sync::Arc;

use rcgen::CustomExtension;
use rustls::ProtocolVersion;
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use wsgate_directives::tls_names::Suite;

use super::certs::{Ca, common_name_only, leaf};
use crate::tls::TlsInfo;
use crate::tls::client_auth::ClientVerdict;
use wsgate_core::request::DnStyle;

/// Made by openssl 3.0 with every kind of character that RFC 2253 minds.
const CLIENT: &str = "\
-----BEGIN CERTIFICATE-----
MIIDqjCCApKgAwIBAgIUGdHIwHRPiEaHVIYi6Pzv40nxmcMwDQYJKoZIhvcNAQEL
BQAwEjEQMA4GA1UEAwwHVGVzdCBDQTAeFw0yNjExMjUxMDE4MjFaFw0yNjEyMjUx
MDE4MjFaMIGoMQswCQYDVQQGEwJERTEOMAwGA1UECAwFS8O2bG4xHTAbBgNVBAoM
FEZvbywgIkJhciIgKyBDbzs8eD4jMQ4wDAYDVQQLDAUgbGVhZDEKMAgGA1UECwwB
eTESMBAGA1UEAwwJSm9obiBEb8OpMRcwFQYJKoZIhvcNAQkBFghqQHgudGVzdDEU
MBIGCgmSJomT8ixkAQEMBHVpZDExCzAJBgNVBAwMAkRyMIIBIjANBgkqhkiG9w0B
AQEFAAOCAQ8AMIIBCgKCAQEAvmGG4ROKFL3vn1pyFqngYIR2JYFRYi581dISyKWF
ZhJetPC9F9AXGf+oxsn4w6MWnVeURgO9N0bRX151z06XhuHe6PexqttCNhiXiuZA
VzfX6hTFp/1dm5PsHqahrQfur4pRkP9/wJtYTASBKrgvmg6bFH0uEILHjJTf+5N1
m++MzxCxyGXZLm0zZwudYcM09wRjtgW5U8CDRGIxmdqmcTtJiuw7RoSRpzA5fGqV
2YrKeYS2feC+if+/NVxZhGvw8KEtACE4q167+A28MSTFApDxNUk+ZYEd/IpEWKvN
NBmROGjd5UKZXQg3lkHy4PaC/OWm+E3TPyB0xkZIzvTFYQIDAQABo2EwXzAdBgNV
HREEFjAUggdjbC50ZXN0gQl1QGNsLnRlc3QwHQYDVR0OBBYEFOD7QukrZ4Vqr4CY
X87nI739WblHMB8GA1UdIwQYMBaAFNKp4/SdsogjnmxSK5dDPl5DEe99MA0GCSqG
SIb3DQEBCwUAA4IBAQAcvvfVVdCBTwxdsEvodKw6w0CXZNHO/g0RijR4LW0hISjT
cD9z8xwECrulSzp8IC0krZa4ct/ziY590s98DRM3h3zML0x1XVvTxhFWiE/M6VVU
RSgARIGuVc1JcgvOlaD/Ld0qMHnt9fANJ81q20KZgAE4ag8Aze6dKqOZUi5ecjfk
SBXkBh1oi77mvSdnF9rxYqV4j02jRZahuPhPc351KwYYTz3xj1TXiDupAcQ3vYib
VwMuRlIlJ+sbGMdEB0njk9UEhQt179iKQErLJXa3jT7cFeJx5qecygb9d847PbAu
m3TkXAFyC6dOIDUrgvOas8B+IGFE4xGyTeerzIER
-----END CERTIFICATE-----
";

fn info(client: Option<&str>) -> TlsInfo {
    let (certificate, key) = Ca::new("CA").issue(&leaf("a.test"));
    let own = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
    let key = rustls_pki_types::PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
    let key = aws_lc_rs::sign::any_supported_type(&key).expect("a key");
    let peer = client.map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM"));
    TlsInfo {
        sni: Some("a.test".to_owned()),
        vhost: 0,
        protocol: ProtocolVersion::TLSv1_3,
        suite: Suite::Aes256GcmSha384,
        alpn: None,
        own: Some(Arc::new(CertifiedKey::new(vec![own], key))),
        verdict: if peer.is_some() { ClientVerdict::Success } else { ClientVerdict::None },
        peer: peer.into_iter().collect(),
        resumed: false,
    }
}

#[test]
fn extensions_that_openssl_has_no_words_for() {
    let mut params = leaf("a.test");
    // 1.2.840.99999: UTF8String Lemons, UTF8String ö, INTEGER 1, each under an OID of its own, and the first twice.
    for (last, value) in
        [(1, &b"\x0c\x06Lemons"[..]), (1, b"\x16\x05Limes"), (2, b"\x0c\x02\xc3\xb6"), (3, b"\x02\x01\x01")]
    {
        let oid = [1, 2, 840, 99_999, last];
        params.custom_extensions.push(CustomExtension::from_oid_content(&oid, value.to_vec()));
    }
    let (certificate, _) = Ca::new("CA").issue(&params);
    let info = info(Some(&certificate));
    let found = |oid| info.extensions(oid).map(|texts| texts.join(" "));
    assert_eq!(found("1.2.840.99999.1").as_deref(), Some("Lemons Limes"));
    assert_eq!(found("1.2.840.99999.2"), None);
    assert_eq!(found("1.2.840.99999.3").as_deref(), Some(""));
    assert_eq!(found("1.2.840.99999").as_deref(), Some(""));
    assert_eq!(found("2.5.29.17"), None);
    assert_eq!(found("subjectAltName"), None);
}

#[track_caller]
fn check(info: &TlsInfo, cases: &[(&str, &str)]) {
    for (name, expected) in cases {
        let value = info.var(name, DnStyle::Rfc2253).unwrap_or_else(|| "(null)".to_owned());
        assert_eq!(value, *expected, "{name}");
    }
}

#[test]
#[rustfmt::skip]
fn a_client_with_a_certificate() {
    let info = info(Some(CLIENT));
    check(&info, &[
        ("HTTPS", "on"),
        ("SSL_PROTOCOL", "TLSv1.3"),
        ("SSL_CIPHER", "TLS_AES_256_GCM_SHA384"),
        ("SSL_CIPHER_EXPORT", "false"),
        ("SSL_CIPHER_USEKEYSIZE", "256"),
        ("SSL_CIPHER_ALGKEYSIZE", "256"),
        ("SSL_COMPRESS_METHOD", "NULL"),
        ("SSL_SECURE_RENEG", "true"),
        ("SSL_TLS_SNI", "a.test"),
        ("SSL_SESSION_RESUMED", "Initial"),
        ("SSL_CLIENT_M_VERSION", "3"),
        ("SSL_CLIENT_M_SERIAL", "19D1C8C0744F884687548622E8FCEFE349F199C3"),
        ("SSL_CLIENT_S_DN", r#"title=Dr,UID=uid1,emailAddress=j@x.test,CN=John Doé,OU=y,OU=\ lead,O=Foo\, \"Bar\" \+ Co\;\<x\>#,ST=Köln,C=DE"#),
        ("SSL_CLIENT_I_DN", "CN=Test CA"),
        ("SSL_CLIENT_S_DN_C", "DE"),
        ("SSL_CLIENT_S_DN_ST", "Köln"),
        ("SSL_CLIENT_S_DN_SP", "Köln"),
        ("SSL_CLIENT_S_DN_O", r#"Foo, "Bar" + Co;<x>#"#),
        ("SSL_CLIENT_S_DN_OU", " lead"),
        ("SSL_CLIENT_S_DN_OU_0", " lead"),
        ("SSL_CLIENT_S_DN_OU_1", "y"),
        ("SSL_CLIENT_S_DN_OU_2", "(null)"),
        ("SSL_CLIENT_S_DN_CN", "John Doé"),
        ("SSL_CLIENT_S_DN_CN_RAW", "John Doé"),
        ("SSL_CLIENT_S_DN_Email", "j@x.test"),
        ("SSL_CLIENT_S_DN_UID", "uid1"),
        ("SSL_CLIENT_S_DN_T", "Dr"),
        ("SSL_CLIENT_S_DN_L", "(null)"),
        ("SSL_CLIENT_I_DN_CN", "Test CA"),
        ("SSL_CLIENT_SAN_Email_0", "u@cl.test"),
        ("SSL_CLIENT_SAN_DNS_0", "cl.test"),
        ("SSL_CLIENT_SAN_EMAIL_0", "u@cl.test"),
        ("SSL_CLIENT_SAN_DNS_1", "(null)"),
        ("SSL_CLIENT_V_START", "Nov 25 10:18:21 2026 GMT"),
        ("SSL_CLIENT_V_END", "Dec 25 10:18:21 2026 GMT"),
        ("SSL_CLIENT_A_SIG", "sha256WithRSAEncryption"),
        ("SSL_CLIENT_A_KEY", "rsaEncryption"),
        ("SSL_CLIENT_VERIFY", "SUCCESS"),
        ("SSL_CLIENT_CERT_RFC4523_CEA", r#"{ serialNumber 147403112963093092170358496612750744639239199171, issuer rdnSequence:"CN=Test CA" }"#),
        ("SSL_CLIENT_CERT", CLIENT),
        ("SSL_SERVER_S_DN", "CN=a.test"),
        ("SSL_SERVER_M_VERSION", "3"),
        ("SSL_SERVER_A_KEY", "id-ecPublicKey"),
        ("SSL_SERVER_SAN_DNS_0", "a.test"),
        ("SSL_NONSENSE", "(null)"),
        ("SSL_CLIENT_S_DN_", "(null)"),
        ("SSL_CLIENT_S_DN_CN_x", "(null)"),
        ("SSL_CLIENT_SAN_DNS_00000", "(null)"),
        ("SSL_CLIENT_SAN_DNS_", "(null)"),
        ("SSL_CLIENT_CERT_CHAIN_0", "(null)"),
        ("REMOTE_USER", "(null)"),
    ]);
    let legacy = info.var("SSL_CLIENT_S_DN", DnStyle::Legacy).expect("a name");
    assert_eq!(legacy, r#"/C=DE/ST=K\xC3\xB6ln/O=Foo, "Bar" + Co;<x>#/OU= lead/OU=y/CN=John Do\xC3\xA9/emailAddress=j@x.test/UID=uid1/title=Dr"#);
}

#[test]
fn a_chain_begins_behind_the_certificate() {
    let mut info = info(Some(CLIENT));
    info.peer.extend(info.own.as_ref().expect("a certificate").cert.first().cloned());
    let server = info.var("SSL_SERVER_CERT", DnStyle::Rfc2253).expect("a certificate");
    check(&info, &[("SSL_CLIENT_CERT_CHAIN_0", &server), ("SSL_CLIENT_CERT_CHAIN_1", "(null)")]);
}

#[test]
fn a_client_without_a_certificate() {
    check(
        &info(None),
        &[("SSL_CLIENT_VERIFY", "NONE"), ("SSL_CLIENT_S_DN", "(null)"), ("SSL_CLIENT_CERT", "(null)")],
    );
}

/// CVE-2024-47252: what a client put into its certificate must not break a log line.
#[test]
fn control_bytes_never_come_out() {
    let (certificate, _) = Ca::new("CA").issue(&common_name_only("a\r\nSet-Cookie: x\0\x7f\\"));
    let info = info(Some(&certificate));
    check(
        &info,
        &[
            ("SSL_CLIENT_S_DN_CN", r"a\0D\0ASet-Cookie: x\00\7F\\"),
            ("SSL_CLIENT_S_DN", r"CN=a\0D\0ASet-Cookie: x\00\7F\\"),
        ],
    );
}
