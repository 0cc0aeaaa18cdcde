//! Lines that httpd takes and lines that it refuses for what their arguments say.

use wsgate_directives::diag::Severity;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

/// The lines of the errors about a text.
fn errors(text: &str) -> Vec<u32> {
    let files = MemoryFiles([("/c".to_owned(), text.as_bytes().to_vec())].into());
    let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
    let wrong = config.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    wrong.map(|diagnostic| diagnostic.span.map_or(0, |span| span.line)).collect()
}

const TAKEN: &[&str] = &[
    "EnableSendfile OFF",
    "EnableMMAP on",
    "FlushMaxPipelined -1",
    "ReadBufferSize 0",
    "LimitXMLRequestBody 0",
    "Mutex default",
    "Mutex file:/var/lock default ssl-cache",
    "Mutex sem",
    "BalancerGrowth 0",
    "BalancerGrowth 1000",
    "ProxyDomain .example.org",
    "ProxyIOBufferSize 0",
    "ProxyIOBufferSize 512",
    "ProxyReceiveBufferSize 4096",
    "ProxyStatus full",
    "SendBufferSize 0",
    "ReceiveBufferSize 512",
    "AsyncRequestWorkerFactor 0.5",
    "SSLCompression off",
    "SSLCryptoDevice builtin",
    "SSLPassPhraseDialog builtin",
    "SSLPassPhraseDialog exec:/usr/share/apache2/ask-for-passphrase",
    "SSLRandomSeed startup builtin",
    "SSLRandomSeed connect file:/dev/urandom 512",
    "SSLSessionCache none",
    "SSLSessionCache shmcb:/run/cache",
    "SSLSessionCache shmcb:/run/cache(8192)",
    "SSLSessionCacheTimeout 0",
    "SSLStaplingCache shmcb:/run/ocsp(128000)",
    "<Location /a>\nProxyPassReverse http://b/ interpolate\n</Location>",
    "ProxyErrorOverride On 404 500",
    "<VirtualHost *:80 _default_:443 [::1]:80 [::1] 10.0.0.1 *:*>\n</VirtualHost>",
    "<VirtualHost www.example.org:http>\n</VirtualHost>",
    "Listen www.example.org:8080",
    "<Location /a>\n<RequireAny>\nRequire all granted\nAuthType Basic\n</RequireAny>\n</Location>",
    "LoadModule auth_basic_module x.so\nLoadModule authn_anon_module x.so\n<Location /a>\nAuthBasicProvider anon\n</Location>",
];

/// Each with the line of its error.
const REFUSED: &[(&str, u32)] = &[
    ("EnableSendfile maybe", 1),
    ("EnableMMAP 1", 1),
    ("FlushMaxPipelined many", 1),
    ("FlushMaxThreshold -1", 1),
    ("ReadBufferSize 8k", 1),
    ("LimitXMLRequestBody -1", 1),
    ("Mutex", 1),
    ("Mutex lock", 1),
    ("BalancerGrowth -1", 1),
    ("BalancerGrowth 1001", 1),
    ("ProxyDomain example.org", 1),
    ("ProxyIOBufferSize 511", 1),
    ("ProxyReceiveBufferSize -1", 1),
    ("ProxyStatus all", 1),
    ("SendBufferSize 100", 1),
    ("ReceiveBufferSize 1", 1),
    ("AsyncRequestWorkerFactor 0", 1),
    ("AsyncRequestWorkerFactor much", 1),
    ("SSLCompression on", 1),
    ("SSLCryptoDevice pkcs11", 1),
    ("SSLPassPhraseDialog ask", 1),
    ("SSLRandomSeed always builtin", 1),
    ("SSLRandomSeed startup builtin 512", 1),
    ("SSLRandomSeed startup file:/dev/random none", 1),
    ("SSLSessionCache file:/run/cache", 1),
    ("SSLSessionCache shmcb:/run/cache(big)", 1),
    ("SSLSessionCache shmcb:/run/cache(512)", 1),
    ("SSLSessionCache shmcb:/run/cache(512000", 1),
    ("SSLSessionCacheTimeout -1", 1),
    ("SSLStaplingCache disk:/run/ocsp", 1),
    ("<Location /a>\nProxyPassReverse /a http://b/\n</Location>", 2),
    ("ProxyErrorOverride Off 404", 1),
    ("ProxyPass /a balancer://b/ nonce=0123456789012345678901234567890123456", 1),
    ("<VirtualHost 80>\n</VirtualHost>", 1),
    ("<VirtualHost :80>\n</VirtualHost>", 1),
    ("<VirtualHost *:0>\n</VirtualHost>", 1),
    ("<VirtualHost *:65536>\n</VirtualHost>", 1),
    ("<VirtualHost [::1:80>\n</VirtualHost>", 1),
    ("<VirtualHost [example]:80>\n</VirtualHost>", 1),
    ("Listen a/b:80", 1),
    ("<Location /a>\n<RequireAny>\nHeader set A b\nRequire all granted\n</RequireAny>\n</Location>", 3),
    ("LoadModule auth_basic_module x.so\n<Location /a>\nAuthBasicProvider file\n</Location>", 3),
    (
        "LoadModule proxy_module x.so\nLoadModule proxy_balancer_module x.so\nProxyPass / balancer://b/ lbmethod=bybusyness",
        3,
    ),
];

#[test]
fn what_httpd_takes() {
    for text in TAKEN {
        assert_eq!(errors(text), [], "{text}");
    }
}

#[test]
fn what_httpd_refuses() {
    for (text, line) in REFUSED {
        assert_eq!(errors(text), [*line], "{text}");
    }
}

/// Names that httpd keeps in shared memory have bounds.
#[test]
fn names_that_are_too_long() {
    let backend = |length: usize| format!("ProxyPass /a http://{}/", "h".repeat(length));
    assert_eq!((errors(&backend(255)), errors(&backend(256))), (vec![], vec![1]));
    let balancer = |length: usize| {
        format!("<Proxy balancer://{}>\nBalancerMember http://b\n</Proxy>", "b".repeat(length))
    };
    assert_eq!((errors(&balancer(84)), errors(&balancer(85))), (vec![], vec![2]));
}
