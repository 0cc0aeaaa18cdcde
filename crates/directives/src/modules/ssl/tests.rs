//! SSL directives as lines: what they set, and what is said about them.

use super::{CrlCheck, Revocation, SniPolicy, SslOption, Verify};
use crate::config::{Config, Merge as _, Server};
use crate::expand::expand;
use crate::facts::Facts;
use crate::files::MemoryFiles;
use crate::interpret::interpret;
use crate::modules::ssl::{DirConf, ServerConf};
use crate::registry::Registry;
use crate::tls_names::{Group, Suite};

fn read(lines: &str) -> Config {
    let files = MemoryFiles([("/etc/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    let facts = Facts { server_root: "/etc/httpd".to_owned(), ..Facts::default() };
    interpret(expand("/etc/httpd.conf", &files, &facts, &Registry))
}

/// The codes of all findings about these lines.
#[track_caller]
fn check(lines: &str, codes: &[&str]) {
    let config = read(lines);
    let found: Vec<&str> = config.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(found, codes, "{lines}\n{:#?}", config.diagnostics);
}

/// What lines without findings set.
#[track_caller]
fn main_server(lines: &str) -> Server {
    check(lines, &[]);
    read(lines).main
}

#[track_caller]
fn server(lines: &str) -> ServerConf {
    main_server(lines).conf.ssl
}

#[track_caller]
fn dir(lines: &str) -> DirConf {
    main_server(lines).base.ssl
}

#[test]
fn a_typical_virtual_host() {
    let config = read(
        "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile a.pem\nSSLCertificateKeyFile /k/a.key\n\
         SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\nSSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20\n\
         SSLHonorCipherOrder off\nSSLSessionTickets off\nSSLProxyEngine on\nSSLProxyVerify none\n\
         SSLProxyCheckPeerName off\nSSLProxyCheckPeerExpire off\nSSLOptions +StdEnvVars\nSSLUserName SSL_CLIENT_S_DN_CN\n\
         </VirtualHost>",
    );
    assert_eq!(config.diagnostics, []);
    let vhost = &config.vhosts[0];
    let ssl = &vhost.conf.ssl;
    let paths = |files: &super::Files| files.0.iter().map(|file| file.value.clone()).collect::<Vec<_>>();
    assert_eq!(
        (ssl.engine.map(|on| on.value), paths(&ssl.certificates)),
        (Some(true), vec!["/etc/httpd/a.pem".to_owned()])
    );
    assert_eq!(paths(&ssl.keys), ["/k/a.key"]);
    assert!(!ssl.protocols().legacy() && ssl.protocols().tls12() && ssl.protocols().tls13());
    assert_eq!(ssl.clients.tls12.as_ref().map(|suites| suites.len()), Some(6));
    assert_eq!(ssl.session_tickets.map(|on| on.value), Some(false));
    let dir = &vhost.base.ssl;
    assert_eq!(dir.proxy_engine.map(|on| on.value), Some(true));
    assert_eq!(dir.backends.verify.map(|verify| verify.value), Some(Verify::None));
    assert_eq!((dir.check_peer_name.map(|on| on.value), dir.check_peer_cn.is_none()), (Some(false), true));
    assert!(dir.options.has(SslOption::StdEnvVars) && !dir.options.has(SslOption::StrictRequire));
}

#[test]
fn engine() {
    check("SSLEngine Optional", &["refused"]);
    check("SSLEngine maybe", &["bad-argument"]);
    check("<Location />\nSSLEngine On\n</Location>", &["wrong-context"]);
    check("SSLCertificateFile pkcs11:token=x", &["refused"]);
}

#[test]
fn protocols() {
    check("SSLProtocol all", &["tls-legacy"]);
    check("SSLProtocol TLSv1.2 TLSv1.3", &["protocol-replaced"]);
    check("SSLProtocol TLSv1.1", &["tls-downgrade-impossible"]);
    check("SSLProtocol -all", &["tls-downgrade-impossible"]);
    check("SSLProtocol all -SSLv9", &["bad-argument"]);
    check("SSLProtocol SSLv3", &["bad-argument"]);
    check("SSLProxyProtocol +TLSv1", &["tls-downgrade-impossible"]);
    let only13 = server("SSLProtocol TLSv1.3").protocols();
    assert!(only13.tls13() && !only13.tls12());
}

#[test]
fn ciphers() {
    check("SSLCipherSuite HIGH:!aNULL", &[]);
    check("SSLCipherSuite JUNK", &["bad-argument"]);
    check("SSLCipherSuite HIGH:JUNK", &["cipher-unknown"]);
    check("SSLCipherSuite DHE-RSA-AES256-SHA", &["tls-downgrade-impossible"]);
    check("SSLCipherSuite ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256", &["cipher-unsupported"]);
    check("SSLCipherSuite TLSv1.3 TLS_AES_128_CCM_SHA256", &["tls-downgrade-impossible"]);
    check("SSLCipherSuite TLSv1.2 HIGH", &["bad-argument"]);
    check("<Location />\nSSLCipherSuite HIGH\n</Location>", &["tls-per-section"]);
    let ssl =
        server("SSLCipherSuite ECDHE-RSA-AES128-GCM-SHA256\nSSLCipherSuite TLSv1.3 TLS_AES_256_GCM_SHA384");
    assert_eq!(ssl.clients.tls12.map(|suites| suites.value), Some(vec![Suite::EcdheRsaAes128Gcm]));
    assert_eq!(ssl.clients.tls13.map(|suites| suites.value), Some(vec![Suite::Aes256GcmSha384]));
}

#[test]
fn client_certificates() {
    let ssl = server(
        "SSLVerifyClient require\nSSLVerifyDepth 3\nSSLCACertificateFile ca.pem\nSSLCARevocationFile crl.pem\n\
         SSLCARevocationCheck chain no_crl_for_cert_ok\nSSLStrictSNIVHostCheck On\nSSLVHostSNIPolicy authonly",
    );
    assert_eq!(ssl.clients.verify.map(|verify| verify.value), Some(Verify::Require));
    assert_eq!(ssl.clients.depth.map(|depth| depth.value), Some(3));
    assert_eq!(ssl.clients.ca_file.map(|file| file.value).as_deref(), Some("/etc/httpd/ca.pem"));
    let revocation = ssl.clients.revocation.map(|set| set.value);
    assert_eq!(revocation, Some(Revocation { check: CrlCheck::Chain, no_crl_ok: true }));
    assert_eq!(ssl.sni_policy.map(|policy| policy.value), Some(SniPolicy::AuthOnly));
    check("SSLVerifyClient perhaps", &["bad-argument"]);
    check("SSLVerifyDepth -1", &["bad-argument"]);
    check("SSLCARevocationCheck always", &["bad-argument"]);
    check("SSLCARevocationCheck leaf maybe", &["bad-argument"]);
    check("SSLVHostSNIPolicy none", &["bad-argument"]);
}

#[test]
fn what_a_handshake_settles_cannot_stand_in_a_section() {
    check("<Location /a>\nSSLVerifyClient require\n</Location>", &["tls-per-section"]);
    check("<Location /a>\nSSLVerifyClient optional\n</Location>", &["tls-per-section"]);
    check("<Location /a>\nSSLVerifyClient none\n</Location>", &["no-effect"]);
    check("<Location /a>\nSSLVerifyDepth 2\n</Location>", &["tls-per-section"]);
    check("<Directory /a>\nSSLCACertificateFile /ca.pem\n</Directory>", &["tls-per-section"]);
    check("<Location /a>\nSSLRequireSSL\n</Location>", &[]);
    check("<Location /a>\nSSLRequire %{SSL_CIPHER} ne \"x\"\n</Location>", &["refused"]);
}

#[test]
fn openssl_commands() {
    check("SSLOpenSSLConfCmd DHParameters /etc/dh.pem", &["no-effect"]);
    check("SSLOpenSSLConfCmd Curves X448:secp384r1:prime256v1", &["group-unsupported"]);
    check("SSLOpenSSLConfCmd Curves X448", &["tls-downgrade-impossible"]);
    check("SSLOpenSSLConfCmd ECDHParameters auto", &[]);
    check("SSLOpenSSLConfCmd MinProtocol TLSv1.2", &[]);
    check("SSLOpenSSLConfCmd MaxProtocol TLSv1.1", &["tls-downgrade-impossible"]);
    check("SSLOpenSSLConfCmd MinProtocol TLSv9", &["bad-argument"]);
    check("SSLOpenSSLConfCmd Protocol TLSv1.2", &["refused"]);
    check("SSLOpenSSLConfCmd Options -SessionTicket", &[]);
    check("SSLOpenSSLConfCmd Options Bugs", &["no-effect"]);
    check("SSLOpenSSLConfCmd Nonsense 1", &["bad-argument"]);
    let ssl =
        server("SSLOpenSSLConfCmd Groups P-256\nSSLOpenSSLConfCmd options -SessionTicket,ServerPreference");
    assert_eq!(ssl.groups.map(|groups| groups.value), Some(vec![Group::P256]));
    assert_eq!(ssl.session_tickets.map(|on| on.value), Some(false));
    assert_eq!(ssl.honor_cipher_order.map(|on| on.value), Some(true));
    // In whatever order the lines stand, as httpd applies the commands last.
    let ssl = server("SSLOpenSSLConfCmd MinProtocol TLSv1.3\nSSLProtocol -all +TLSv1.2 +TLSv1.3");
    assert!(!ssl.protocols().tls12() && ssl.protocols().tls13());
}

#[test]
fn files_of_a_virtual_host_take_the_places_of_the_main_server() {
    let files = |names: &str| {
        let lines: String = names.split(' ').map(|name| format!("SSLCertificateFile /{name}\n")).collect();
        server(&lines).certificates
    };
    let merged = |base: &str, add: &str| {
        let merged = super::Files::merge(&files(base), &files(add)).0;
        merged.iter().map(|file| file.value[1..].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(merged("a b", "c"), "c b");
    assert_eq!(merged("a", "c d"), "c d");
    assert_eq!(merged("a b c d", "e f g h"), "e f g d h");
}

#[test]
fn options_replace_or_add() {
    let has = |options: super::Options| {
        let all = [
            (SslOption::StdEnvVars, 's'),
            (SslOption::ExportCertData, 'e'),
            (SslOption::FakeBasicAuth, 'f'),
            (SslOption::StrictRequire, 'r'),
        ];
        all.into_iter()
            .filter(|(option, _)| options.has(*option))
            .map(|(_, letter)| letter)
            .collect::<String>()
    };
    let options = |line: &str| dir(&format!("SSLOptions {line}")).options;
    assert_eq!(has(options("+StdEnvVars +ExportCertData -StdEnvVars")), "e");
    assert_eq!(has(options("+StdEnvVars FakeBasicAuth")), "f");
    let merged = |base: &str, add: &str| has(super::Options::merge(&options(base), &options(add)));
    assert_eq!(merged("+StdEnvVars", "+StrictRequire"), "sr");
    assert_eq!(merged("+StdEnvVars +StrictRequire", "-StdEnvVars"), "r");
    assert_eq!(merged("+StdEnvVars", "FakeBasicAuth"), "f");
    check("SSLOptions +Everything", &["bad-argument"]);
}

#[test]
fn proxy_sections_have_settings_of_their_own() {
    let lines = "<Proxy https://b.test/>\nSSLProxyEngine On\nSSLProxyVerify require\n\
                 SSLProxyCACertificateFile ca.pem\n</Proxy>";
    check(lines, &[]);
    let conf = &read(lines).main.proxies[0].conf.ssl;
    assert_eq!(conf.backends.verify.map(|verify| verify.value), Some(Verify::Require));
    check("<Location />\nSSLProxyEngine On\n</Location>", &["wrong-context"]);
}
