//! Lines of a configuration, all the way to parameters, handshakes and the places of errors.

use wsgate_directives::config::Config;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::ssl::{CrlCheck, Revocation, SniPolicy, Verify};
use wsgate_directives::registry::Registry;
use wsgate_directives::tls_names::{Protocols, Suite};

use super::certs::{Ca, Files, leaf};
use super::{backend, meet, table};
use crate::tls::params::{
    CaFiles, ClientAuth, NameCheck, Offer, ProxyTls, Resumption, ServerTls, SuiteOrder, Trust,
};
use crate::tls::{BackendTls, TlsTable, place_of_backends, place_of_clients};

#[track_caller]
fn read(lines: &str) -> Config {
    let files = MemoryFiles([("/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    let config = interpret(expand("/httpd.conf", &files, &Facts::default(), &Registry));
    assert_eq!(config.diagnostics, []);
    config
}

#[test]
fn what_is_not_set_is_as_in_httpd() {
    let main = read("SSLEngine On\nSSLProxyEngine On\n").main;
    assert_eq!(ServerTls::from_config(&main.conf.ssl, Vec::new()), Some(ServerTls::default()));
    assert_eq!(ProxyTls::from_config(&main.base.ssl), Some(ProxyTls::default()));
    let main = read("ServerName x\n").main;
    assert_eq!(ServerTls::from_config(&main.conf.ssl, Vec::new()), None);
    assert_eq!(ProxyTls::from_config(&main.base.ssl), None);
}

#[test]
fn everything_set() {
    let main = read(
        "SSLEngine On\nSSLCertificateFile /a.pem\nSSLCertificateFile /b.pem\nSSLCertificateKeyFile /a.key\n\
         SSLCertificateChainFile /chain.pem\nSSLProtocol -all +TLSv1.2\n\
         SSLCipherSuite ECDHE-RSA-AES256-GCM-SHA384\nSSLHonorCipherOrder On\nSSLSessionTickets Off\n\
         SSLVerifyClient optional\nSSLVerifyDepth 4\nSSLCACertificateFile /ca.pem\nSSLCACertificatePath /ca\n\
         SSLCARevocationFile /crl.pem\nSSLCARevocationCheck leaf\nSSLCADNRequestFile /names.pem\n\
         SSLStrictSNIVHostCheck On\n\
         SSLProxyEngine On\nSSLProxyVerify require\nSSLProxyVerifyDepth 2\nSSLProxyCACertificateFile /bca.pem\n\
         SSLProxyCheckPeerName Off\nSSLProxyCheckPeerCN On\nSSLProxyCheckPeerExpire Off\n\
         SSLProxyMachineCertificateFile /m.pem\nSSLProxyMachineCertificateChainFile /mc.pem\n",
    )
    .main;
    let protocols = Protocols::parse(["TLSv1.2"]).expect("valid").protocols;
    let tls12 = vec![Suite::EcdheRsaAes256Gcm];
    let ca = CaFiles { file: Some("/ca.pem".into()), path: Some("/ca".into()) };
    let crl = CaFiles { file: Some("/crl.pem".into()), path: None };
    let revocation = Revocation { check: CrlCheck::Leaf, no_crl_ok: false };
    let trust = Trust { ca, crl, revocation, depth: 4 };
    let names = Some(CaFiles { file: Some("/names.pem".into()), path: None });
    let clients = ServerTls {
        certificates: vec!["/a.pem".into(), "/b.pem".into()],
        keys: vec!["/a.key".into()],
        chain: Some("/chain.pem".into()),
        offer: Offer { protocols, tls12, ..Offer::default() },
        order: SuiteOrder::Server,
        resumption: Resumption::Memory,
        client: ClientAuth { verify: Verify::Optional, trust, names },
        alpn: vec![b"h2".to_vec()],
        strict_sni: true,
    };
    assert_eq!(ServerTls::from_config(&main.conf.ssl, vec![b"h2".to_vec()]), Some(clients));
    let ca = CaFiles { file: Some("/bca.pem".into()), path: None };
    let backends = ProxyTls {
        verify: Verify::Require,
        trust: Trust { ca, depth: 2, ..Trust::default() },
        names: NameCheck::CommonName,
        check_expire: false,
        machine: CaFiles { file: Some("/m.pem".into()), path: None },
        machine_chain: Some("/mc.pem".into()),
        ..ProxyTls::default()
    };
    assert_eq!(ProxyTls::from_config(&main.base.ssl), Some(backends));
}

#[tokio::test]
async fn lines_serve() {
    let files = Files::new();
    let ca = Ca::new("CA");
    let (certificate, key) = ca.issue(&leaf("a.test"));
    let certificate = files.write("a.pem", &certificate);
    let key = files.write("a.key", &key);
    let ca = files.write("ca.pem", &ca.pem());
    let main = read(&format!(
        "SSLEngine On\nSSLCertificateFile {}\nSSLCertificateKeyFile {}\n\
         SSLProxyEngine On\nSSLProxyVerify require\nSSLProxyCACertificateFile {}\n",
        certificate.display(),
        key.display(),
        ca.display()
    ))
    .main;
    let server = table(vec![ServerTls::from_config(&main.conf.ssl, Vec::new()).expect("on")]);
    let client = backend(&ProxyTls::from_config(&main.base.ssl).expect("on"));
    assert!(!meet(&server, &[], &client, "a.test").await.info().resumed);
}

#[test]
fn an_error_knows_its_line() {
    let files = Files::new();
    let good = files.self_signed("a.test");
    let other = files.self_signed("b.test");
    let folder = files.write("folder/0a1b2c3d.0", "nothing");
    let folder = folder.parent().expect("inside").display().to_string();
    let clients = |lines: String| {
        let conf = read(&lines).main.conf.ssl;
        let params = ServerTls::from_config(&conf, Vec::new());
        let error = TlsTable::build(vec![params], SniPolicy::Secure).expect_err("broken").remove(0).1;
        place_of_clients(&conf, &error).expect("a line").line
    };
    let (good, other) = (good.display(), other.display());
    assert_eq!(clients("\nSSLEngine On\n".to_owned()), 2, "no certificate");
    assert_eq!(clients("SSLEngine On\nSSLCertificateFile /none.pem\n".to_owned()), 2);
    let mismatch = format!("SSLEngine On\nSSLCertificateFile {good}\nSSLCertificateKeyFile {other}\n");
    assert_eq!(clients(mismatch), 3);
    let ca = format!(
        "SSLEngine On\nSSLCertificateFile {good}\nSSLVerifyClient on\nSSLCACertificatePath {folder}\n"
    );
    assert_eq!(clients(ca), 4);
    let conf = read("SSLProxyEngine On\n\nSSLProxyCACertificateFile /none.pem\n").main.base.ssl;
    let error = BackendTls::build(&ProxyTls::from_config(&conf).expect("on")).expect_err("broken");
    assert_eq!(place_of_backends(&conf, &error).map(|span| span.line), Some(3));
}
