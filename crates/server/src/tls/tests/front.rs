//! The client's side of a virtual host: who gets which certificate, what is spoken, who must show a certificate.

use rustls::ProtocolVersion;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsgate_directives::modules::ssl::{CrlCheck, Revocation, SniPolicy, Verify};
use wsgate_directives::tls_names::{Protocols, Suite};

use super::certs::{Ca, Files, leaf};
use super::{PATIENCE, backend, by_name, meet, table, trusting, vhost};
use crate::tls::client_auth::ClientVerdict;
use crate::tls::error::TlsErrorKind;
use crate::tls::params::{CaFiles, ClientAuth, Offer, ProxyTls, ServerTls, SuiteOrder, Trust};
use crate::tls::{AcceptError, Accepted, SniVerdict, TlsTable, accept};
use wsgate_core::request::DnStyle;

fn offer(protocols: &str) -> Offer {
    let protocols = Protocols::parse(protocols.split(' ')).expect("valid").protocols;
    Offer { protocols, ..Offer::default() }
}

#[tokio::test]
async fn the_server_name_chooses_certificate_and_virtual_host() {
    let files = Files::new();
    let names = ["a.test", "b.test"];
    let table = table(names.map(|name| vhost(&files, name)).to_vec());
    let client = backend(&trusting());
    for (host, sni, shown, vhost) in [
        ("a.test", Some("a.test"), "CN=a.test", 0),
        ("b.test", Some("b.test"), "CN=b.test", 1),
        ("unknown.test", Some("unknown.test"), "CN=a.test", 0),
        ("127.0.0.1", None, "CN=a.test", 0),
    ] {
        let info = meet(&table, &names, &client, host).await.info();
        assert_eq!((info.sni.as_deref(), info.vhost), (sni, vhost), "{host}");
        assert_eq!(info.var("SSL_SERVER_S_DN", DnStyle::Rfc2253).as_deref(), Some(shown), "{host}");
    }
}

#[tokio::test]
async fn each_virtual_host_has_its_own_protocols() {
    let files = Files::new();
    let names = ["both.test", "old.test", "new.test"];
    let with = |name: &str, protocols: &str| ServerTls { offer: offer(protocols), ..vhost(&files, name) };
    let table = table(vec![with(names[0], "all"), with(names[1], "TLSv1.2"), with(names[2], "TLSv1.3")]);
    let (old, new, both) = ("TLSv1.2", "TLSv1.3", "all");
    for (host, client, spoken) in [
        ("both.test", both, Some(ProtocolVersion::TLSv1_3)),
        ("both.test", old, Some(ProtocolVersion::TLSv1_2)),
        ("old.test", both, Some(ProtocolVersion::TLSv1_2)),
        ("old.test", new, None),
        ("new.test", both, Some(ProtocolVersion::TLSv1_3)),
        ("new.test", old, None),
    ] {
        let client = backend(&ProxyTls { offer: offer(client), ..trusting() });
        let outcome = meet(&table, &names, &client, host).await;
        assert_eq!(outcome.server.ok().map(|info| info.protocol), spoken, "{host}");
    }
}

#[tokio::test]
async fn suites_and_their_order() {
    let files = Files::new();
    let tls12 = vec![Suite::EcdheEcdsaChaCha20, Suite::EcdheEcdsaAes128Gcm];
    let server = Offer { tls12: tls12.clone(), ..offer("TLSv1.2") };
    let base = ServerTls { offer: server, ..vhost(&files, "a.test") };
    let reversed = Offer { tls12: tls12.iter().rev().copied().collect(), ..offer("all") };
    let client = backend(&ProxyTls { offer: reversed, ..trusting() });
    for (order, spoken) in [(SuiteOrder::Client, tls12[1]), (SuiteOrder::Server, tls12[0])] {
        let table = table(vec![ServerTls { order, ..base.clone() }]);
        assert_eq!(meet(&table, &[], &client, "a.test").await.info().suite, spoken);
    }
    let stranger = Offer { tls12: vec![Suite::EcdheEcdsaAes256Gcm], ..offer("TLSv1.2") };
    let client = backend(&ProxyTls { offer: stranger, ..trusting() });
    let complaint = meet(&table(vec![base]), &[], &client, "a.test").await.complaint();
    assert!(complaint.contains("HandshakeFailure"), "{complaint}");
}

#[tokio::test]
async fn alpn_selects_and_never_breaks() {
    let files = Files::new();
    let alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let table = table(vec![ServerTls { alpn, ..vhost(&files, "a.test") }]);
    for (offered, selected) in [
        (vec!["http/1.1", "h2"], Some("h2")),
        (vec!["http/1.1"], Some("http/1.1")),
        (vec!["gopher"], None),
        (vec![], None),
    ] {
        let alpn = offered.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let client = backend(&trusting()).offering(alpn);
        let info = meet(&table, &[], &client, "a.test").await.info();
        assert_eq!(info.alpn.as_deref(), selected.map(str::as_bytes), "{offered:?}");
    }
}

#[tokio::test]
async fn certificates_of_several_kinds_serve_those_who_can_read_them() {
    let files = Files::new();
    let ca = Ca::new("CA");
    let pair = |name: &str, (certificate, key): (String, String)| {
        (files.write(&format!("{name}.pem"), &certificate), files.write(&format!("{name}.key"), &key))
    };
    let (rsa, rsa_key) = pair("rsa", ca.issue_rsa(&leaf("rsa.test")));
    let (ec, ec_key) = pair("ec", ca.issue(&leaf("ec.test")));
    let chain = Some(files.write("chain.pem", &ca.pem()));
    let params =
        ServerTls { certificates: vec![rsa, ec], keys: vec![rsa_key, ec_key], chain, ..ServerTls::default() };
    let table = table(vec![params]);
    let tls12 = |suite| Offer { tls12: vec![suite], ..offer("TLSv1.2") };
    for (offer, shown) in [
        (tls12(Suite::EcdheRsaAes128Gcm), "CN=rsa.test"),
        (tls12(Suite::EcdheEcdsaAes128Gcm), "CN=ec.test"),
        (offer("TLSv1.3"), "CN=rsa.test"),
    ] {
        let client = backend(&ProxyTls { offer, ..trusting() });
        let info = meet(&table, &[], &client, "a.test").await.info();
        assert_eq!(info.var("SSL_SERVER_S_DN", DnStyle::Rfc2253).as_deref(), Some(shown));
        assert_eq!(info.own.map(|key| key.cert.len()), Some(2), "the chain file follows the certificate");
    }
}

#[test]
fn files_that_do_not_work_say_why() {
    let files = Files::new();
    let ca = Ca::new("CA");
    let (certificate, key) = ca.issue(&leaf("a.test"));
    let (_, other_key) = ca.issue(&leaf("b.test"));
    let good = files.write("a.pem", &certificate);
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let old_style =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";
    let check = |key: Option<&str>, expected: &str| {
        let keys = key.map(|key| files.write("key.pem", key)).into_iter().collect();
        let params = ServerTls { certificates: vec![good.clone()], keys, ..ServerTls::default() };
        let errors = TlsTable::build(vec![None, Some(params)], SniPolicy::Secure).expect_err(expected);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, 1, "the index of the virtual host");
        assert!(errors[0].1.to_string().contains(expected), "{}", errors[0].1);
    };
    check(None, "no private key");
    check(Some(&other_key), "do not match");
    check(Some(encrypted), "is encrypted");
    check(Some(old_style), "is encrypted");
    check(Some(&certificate), "no private key");
    check(Some("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"), "cannot be used");
    check(Some("-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n"), "not valid PEM");
    let build =
        |params| TlsTable::build(vec![Some(params)], SniPolicy::Secure).expect_err("broken").remove(0).1.kind;
    assert!(matches!(build(ServerTls::default()), TlsErrorKind::NoCertificate));
    let missing = ServerTls { certificates: vec![files.path("none.pem")], ..ServerTls::default() };
    assert!(matches!(build(missing), TlsErrorKind::Read(_)));
    let keyless = ServerTls { certificates: vec![files.write("k.pem", &key)], ..ServerTls::default() };
    assert!(matches!(build(keyless), TlsErrorKind::NoCertificate));
    let old = ServerTls { offer: offer("TLSv1.1"), ..vhost(&files, "a.test") };
    assert!(matches!(build(old), TlsErrorKind::NothingToSpeak(_)));
}

/// A server that asks for certificates of `ca`, and clients by what they hold.
struct Clients {
    files: Files,
    ca: Ca,
}

impl Clients {
    fn new() -> Self {
        let (files, ca) = (Files::new(), Ca::new("Client CA"));
        files.write("ca.pem", &ca.pem());
        Self { files, ca }
    }

    fn server(&self, verify: Verify, trust: Trust) -> TlsTable {
        let ca = CaFiles { file: Some(self.files.path("ca.pem")), path: None };
        let client = ClientAuth { verify, trust: Trust { ca, ..trust }, names: None };
        table(vec![ServerTls { client, ..vhost(&self.files, "server.test") }])
    }

    fn holding(&self, pem: &str, protocols: &str) -> crate::tls::BackendTls {
        let machine = CaFiles { file: Some(self.files.write("client.pem", pem)), path: None };
        backend(&ProxyTls { machine, offer: offer(protocols), ..trusting() })
    }

    fn good(&self) -> String {
        let (certificate, key) = self.ca.issue(&leaf("client.test"));
        certificate + &key
    }
}

#[tokio::test]
async fn client_certificates_by_verification_mode() {
    let clients = Clients::new();
    let good = clients.good();
    let (certificate, key) = Ca::new("Client CA").issue(&leaf("liar.test"));
    let forged = certificate + &key;
    for protocols in ["TLSv1.2", "TLSv1.3"] {
        for (verify, pem, expected) in [
            (Verify::None, Some(&good), Ok(ClientVerdict::None)),
            (Verify::Optional, Some(&good), Ok(ClientVerdict::Success)),
            (Verify::Optional, None, Ok(ClientVerdict::None)),
            (Verify::Optional, Some(&forged), Err(())),
            (Verify::Require, Some(&good), Ok(ClientVerdict::Success)),
            (Verify::Require, None, Err(())),
            (Verify::Require, Some(&forged), Err(())),
            (Verify::OptionalNoCa, Some(&good), Ok(ClientVerdict::Success)),
            (Verify::OptionalNoCa, None, Ok(ClientVerdict::None)),
        ] {
            let table = clients.server(verify, Trust::default());
            let client = match pem {
                Some(pem) => clients.holding(pem, protocols),
                None => backend(&ProxyTls { offer: offer(protocols), ..trusting() }),
            };
            let outcome = meet(&table, &[], &client, "server.test").await;
            let verdict = outcome.server.map(|info| info.verdict).map_err(|_| ());
            assert_eq!(verdict, expected, "{protocols} {verify:?}");
        }
    }
}

#[tokio::test]
async fn optional_no_ca_takes_strangers_and_says_so() {
    let clients = Clients::new();
    // The server names its CA, and a well-behaved client would keep a stranger's certificate to itself: name none.
    let client = ClientAuth { verify: Verify::OptionalNoCa, ..ClientAuth::default() };
    let table = table(vec![ServerTls { client, ..vhost(&clients.files, "server.test") }]);
    let itself = std::fs::read_to_string(clients.files.self_signed("self.test")).expect("readable");
    for (pem, verify) in [
        (clients.good(), "FAILED:unable to verify the first certificate"),
        (itself, "FAILED:self-signed certificate"),
    ] {
        let info = meet(&table, &[], &clients.holding(&pem, "all"), "server.test").await.info();
        assert_eq!(info.var("SSL_CLIENT_VERIFY", DnStyle::Rfc2253).as_deref(), Some(verify));
    }
}

#[tokio::test]
async fn depth_roots_and_dates_count_as_in_openssl() {
    let clients = Clients::new();
    let middle = clients.ca.intermediate("Middle CA");
    let (certificate, key) = middle.issue(&leaf("deep.test"));
    let deep = certificate + &key;
    let (old, key) = clients.ca.issue(&super::certs::expired(leaf("old.test")));
    let old = old + &key;
    let expired_root = Ca::expired("Old Root");
    let (certificate, key) = expired_root.issue(&leaf("orphan.test"));
    let orphan = certificate + &key;
    let verdict = async |ca_file: String, depth: usize, pem: &str, chain: &str| {
        clients.files.write("ca.pem", &ca_file);
        let table = clients.server(Verify::Require, Trust { depth, ..Trust::default() });
        let machine = CaFiles { file: Some(clients.files.write("client.pem", pem)), path: None };
        let machine_chain = (!chain.is_empty()).then(|| clients.files.write("chain.pem", chain));
        let client = backend(&ProxyTls { machine, machine_chain, ..trusting() });
        meet(&table, &[], &client, "server.test").await.server.is_ok()
    };
    let root = clients.ca.pem();
    assert!(verdict(root.clone(), 2, &deep, &middle.pem()).await, "root two above");
    assert!(!verdict(root.clone(), 1, &deep, &middle.pem()).await, "deeper than allowed");
    assert!(verdict(root.clone() + &middle.pem(), 2, &deep, "").await, "the CA file completes the chain");
    assert!(!verdict(middle.pem(), 2, &deep, "").await, "an intermediate is no root");
    assert!(!verdict(root.clone(), 1, &old, "").await, "expired");
    assert!(!verdict(expired_root.pem(), 1, &orphan, "").await, "an expired root");
    let itself = std::fs::read_to_string(clients.files.self_signed("self.test")).expect("readable");
    assert!(verdict(itself.clone(), 0, &itself, "").await, "trusted itself");
    assert!(!verdict(root, 1, &itself, "").await, "a stranger");
}

#[tokio::test]
async fn revocation_lists() {
    let clients = Clients::new();
    let numbered = |serial: u64| {
        let mut params = leaf("client.test");
        params.serial_number = Some(serial.into());
        let (certificate, key) = clients.ca.issue(&params);
        certificate + &key
    };
    let crl = clients.files.write("crl/list.pem", &clients.ca.crl(&[7]));
    let foreign = clients.files.write("crl/foreign.pem", &Ca::new("Other CA").crl(&[]));
    for (file, check, no_crl_ok, serial, accepted) in [
        (&crl, CrlCheck::Leaf, false, 7, false),
        (&crl, CrlCheck::Chain, false, 7, false),
        (&crl, CrlCheck::Leaf, false, 8, true),
        (&crl, CrlCheck::Chain, false, 8, true),
        (&crl, CrlCheck::None, false, 7, true),
        (&foreign, CrlCheck::Leaf, false, 8, false),
        (&foreign, CrlCheck::Leaf, true, 8, true),
    ] {
        let lists = CaFiles { file: Some(file.clone()), path: None };
        let trust = Trust { crl: lists, revocation: Revocation { check, no_crl_ok }, ..Trust::default() };
        let table = clients.server(Verify::Require, trust);
        let client = clients.holding(&numbered(serial), "all");
        let outcome = meet(&table, &[], &client, "server.test").await;
        assert_eq!(outcome.server.is_ok(), accepted, "{check:?} {serial} {no_crl_ok}");
    }
    let missing =
        Trust { revocation: Revocation { check: CrlCheck::Leaf, no_crl_ok: false }, ..Trust::default() };
    let client = ClientAuth { verify: Verify::Require, trust: missing, names: None };
    let params = ServerTls { client, ..vhost(&clients.files, "server.test") };
    let error = TlsTable::build(vec![Some(params)], SniPolicy::Secure).expect_err("no list").remove(0).1;
    assert!(matches!(error.kind, TlsErrorKind::CrlMissing));
}

#[tokio::test]
async fn a_hashed_folder_counts_by_its_names() {
    let clients = Clients::new();
    for (name, accepted) in
        [("0a1b2c3d.0", true), ("ca.pem", false), ("0a1b2c3d.r0", false), ("0a1b2c3d.x", false)]
    {
        let folder = format!("folder-{name}");
        clients.files.write(&format!("{folder}/{name}"), &clients.ca.pem());
        let ca = CaFiles { file: None, path: Some(clients.files.path(&folder)) };
        let client =
            ClientAuth { verify: Verify::Require, trust: Trust { ca, ..Trust::default() }, names: None };
        let table = table(vec![ServerTls { client, ..vhost(&clients.files, "server.test") }]);
        let client = clients.holding(&clients.good(), "all");
        assert_eq!(meet(&table, &[], &client, "server.test").await.server.is_ok(), accepted, "{name}");
    }
}

#[test]
fn a_request_for_another_virtual_host() {
    let files = Files::new();
    let base = vhost(&files, "a.test");
    let other = vhost(&files, "b.test");
    let old = ServerTls { offer: offer("TLSv1.2"), ..base.clone() };
    let order = ServerTls { order: SuiteOrder::Server, ..base.clone() };
    let asking = ClientAuth { verify: Verify::Optional, ..ClientAuth::default() };
    let asking = ServerTls { client: asking, ..base.clone() };
    let strict = ServerTls { strict_sni: true, ..base.clone() };
    let vhosts = [base.clone(), base, other, old, order, asking, strict].map(Some).to_vec();
    let vhosts = [vhosts, vec![None]].concat();
    use SniVerdict::{Forbidden as F, Misdirected as M, Serve as S};
    // The request's virtual host: the handshake's own, a twin, another certificate, other protocols, another order of
    // suites, client certificates, a strict one, one without TLS. As recorded from httpd 2.4.71.
    for (policy, named, verdicts) in [
        (SniPolicy::Secure, true, [S, S, M, M, S, M, S, M]),
        (SniPolicy::Secure, false, [S, S, M, M, S, M, F, M]),
        (SniPolicy::Strict, true, [S, M, M, M, M, M, M, M]),
        (SniPolicy::AuthOnly, true, [S, S, S, S, S, M, S, M]),
        (SniPolicy::Insecure, true, [S, S, S, S, S, S, S, S]),
    ] {
        let table = TlsTable::build(vhosts.clone(), policy).expect("valid");
        let judged: Vec<_> = (0..vhosts.len()).map(|request| table.judge(0, named, request)).collect();
        assert_eq!(judged, verdicts, "{policy:?} {named}");
    }
}

/// A listener with one virtual host, and what `accept` makes of a client that sends `bytes` and stays.
async fn accept_bytes(bytes: &[u8]) -> Result<Accepted<TcpStream>, AcceptError> {
    let files = Files::new();
    let table = table(vec![vhost(&files, "a.test")]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connects");
    let (stream, _) = listener.accept().await.expect("accepts");
    client.write_all(bytes).await.expect("the kernel takes it");
    client.shutdown().await.expect("the kernel takes it");
    accept(stream, &table, by_name(&["a.test"]), PATIENCE).await
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_told_apart_and_left_unread() {
    let Ok(Accepted::PlainHttp(mut stream)) = accept_bytes(b"GET / HTTP/1.0\r\n\r\n").await else {
        panic!("plain HTTP")
    };
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("readable");
    assert_eq!(text, "GET / HTTP/1.0\r\n\r\n");
    assert!(matches!(accept_bytes(b"").await, Err(AcceptError::Closed)));
    assert!(matches!(accept_bytes(b"\x16\x03\x01\x00").await, Err(AcceptError::Io(_))));
    assert!(matches!(accept_bytes(b"\x00\x01\x02\x03\x04\x05").await, Err(AcceptError::Io(_))));
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_meets_the_time_limit() {
    let files = Files::new();
    let table = table(vec![vhost(&files, "a.test")]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connects");
    let (stream, _) = listener.accept().await.expect("accepts");
    let outcome = accept(stream, &table, by_name(&["a.test"]), PATIENCE).await;
    assert!(matches!(outcome, Err(AcceptError::Timeout)));
    drop(client);
}
