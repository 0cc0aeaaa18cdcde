//! mod_ssl: TLS with clients and backends.
//!
//! Says what is asked for; files are named, not read.

use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::values::{at_least, one_of};

mod backends;
mod clients;
mod conf;
mod idle;
mod openssl;
mod options;
mod side;
#[cfg(test)]
mod tests;

pub use conf::{DirConf, Files, ServerConf, SniPolicy};
pub use options::{Options, SslOption};
pub use side::{CrlCheck, Revocation, Side, Verify};

const OCSP: &str = "only matters with SSLOCSPEnable On, which is refused";
const STAPLING: &str = "wsgate staples no OCSP answers; browsers do not need them";
const SESSION: &str = "how TLS sessions are resumed is wsgate's choice; who may connect is not";

/// SSLProxy directives (SSL_CMD_PXY).
const BACKENDS: Contexts = Contexts::SERVER.or(Contexts::PROXY);

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_ssl",
    identifier: "ssl_module",
    file: "mod_ssl.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "SSLCACertificateFile",
            Contexts::SERVER_AUTH,
            Shape::Take1(clients::ca_file),
            "Certificates of the authorities whose client certificates are believed",
        ),
        Row::supported(
            "SSLCACertificatePath",
            Contexts::SERVER_AUTH,
            Shape::Take1(clients::ca_path),
            "The same as a folder of hashed names",
        ),
        Row::supported(
            "SSLCADNRequestFile",
            Contexts::SERVER,
            Shape::Take1(clients::ca_names_file),
            "Certificates of the authorities that clients are told instead",
        ),
        Row::supported(
            "SSLCADNRequestPath",
            Contexts::SERVER,
            Shape::Take1(clients::ca_names_path),
            "The same as a folder of hashed names",
        ),
        Row::supported(
            "SSLCARevocationCheck",
            Contexts::SERVER,
            Shape::Raw(clients::revocation_check),
            "Which certificates of a client are looked up in revocation lists: none, leaf or chain",
        ),
        Row::supported(
            "SSLCARevocationFile",
            Contexts::SERVER,
            Shape::Take1(clients::crl_file),
            "Revocation lists for client certificates",
        ),
        Row::supported(
            "SSLCARevocationPath",
            Contexts::SERVER,
            Shape::Take1(clients::crl_path),
            "The same as a folder of hashed names",
        ),
        Row::supported(
            "SSLCertificateChainFile",
            Contexts::SERVER,
            Shape::Take1(clients::chain_file),
            "The certificates between the server's own and its root",
        ),
        Row::supported(
            "SSLCertificateFile",
            Contexts::SERVER,
            Shape::Take1(clients::certificate_file),
            "The server's certificate, its chain behind it; once for each kind of key",
        ),
        Row::supported(
            "SSLCertificateKeyFile",
            Contexts::SERVER,
            Shape::Take1(clients::key_file),
            "The private key of the certificate in the same place of the order",
        ),
        Row::supported(
            "SSLCipherSuite",
            Contexts::SERVER_AUTH,
            Shape::Take12(clients::cipher_suite),
            "The cipher suites for clients, in OpenSSL's list language; with TLSv1.3 in front those of that version",
        ),
        Row::only_off(
            "SSLCompression",
            Contexts::SERVER,
            Arity::Flag,
            "TLS compression is unsafe (CRIME): neither wsgate's TLS nor today's OpenSSL has it",
        ),
        Row::no_effect(
            "SSLCryptoDevice",
            Contexts::GLOBAL,
            Arity::Checked(|arg| one_of(arg, &["builtin", "dynamic"])),
            "wsgate's TLS uses the CPU",
        ),
        Row::supported(
            "SSLEngine",
            Contexts::SERVER,
            Shape::Take1(clients::engine),
            "Whether the server speaks TLS",
        ),
        Row::only_off("SSLFIPS", Contexts::GLOBAL, Arity::Flag, "wsgate's TLS is not a FIPS build"),
        Row::supported(
            "SSLHonorCipherOrder",
            Contexts::SERVER,
            Shape::Flag(clients::honor_cipher_order),
            "Whether the server's order of cipher suites decides (On) or the client's (Off)",
        ),
        Row::no_effect(
            "SSLInsecureRenegotiation",
            Contexts::SERVER,
            Arity::Flag,
            "wsgate's TLS never renegotiates",
        ),
        Row::refused("SSLLog", Contexts::ANYWHERE, Arity::Raw, "httpd 2.4 refuses it too: use ErrorLog"),
        Row::refused(
            "SSLLogLevel",
            Contexts::ANYWHERE,
            Arity::Raw,
            "httpd 2.4 refuses it too: use LogLevel ssl:info",
        ),
        Row::no_effect("SSLOCSPDefaultResponder", Contexts::SERVER, Arity::ONE, OCSP),
        Row::only_off(
            "SSLOCSPEnable",
            Contexts::SERVER,
            Arity::Raw,
            "client certificates are checked against SSLCARevocationFile only",
        ),
        Row::no_effect("SSLOCSPNoverify", Contexts::SERVER, Arity::Flag, OCSP),
        Row::no_effect("SSLOCSPOverrideResponder", Contexts::SERVER, Arity::Flag, OCSP),
        Row::no_effect("SSLOCSPProxyURL", Contexts::SERVER, Arity::ONE, OCSP),
        Row::no_effect("SSLOCSPResponderCertificateFile", Contexts::SERVER, Arity::ONE, OCSP),
        Row::no_effect("SSLOCSPResponderTimeout", Contexts::SERVER, Arity::ONE, OCSP),
        Row::no_effect("SSLOCSPResponseMaxAge", Contexts::SERVER, Arity::ONE, OCSP),
        Row::no_effect("SSLOCSPResponseTimeSkew", Contexts::SERVER, Arity::ONE, OCSP),
        Row::no_effect("SSLOCSPUseRequestNonce", Contexts::SERVER, Arity::Flag, OCSP),
        Row::supported(
            "SSLOpenSSLConfCmd",
            Contexts::SERVER,
            Shape::Take2(openssl::command),
            "A command of OpenSSL's configuration, as far as its effect exists here",
        ),
        Row::supported(
            "SSLOptions",
            Contexts::OPTIONS,
            Shape::Raw(options::set),
            "Switches for SSL variables and access",
        ),
        Row::no_effect(
            "SSLPassPhraseDialog",
            Contexts::GLOBAL,
            Arity::Checked(idle::pass_phrase_dialog),
            "keys with a pass phrase are refused when they are read",
        ),
        Row::supported(
            "SSLProtocol",
            Contexts::SERVER,
            Shape::Raw(clients::protocol),
            "The TLS versions for clients; 1.2 and 1.3 exist",
        ),
        Row::supported(
            "SSLProxyCACertificateFile",
            BACKENDS,
            Shape::Take1(backends::ca_file),
            "Certificates of the authorities whose backends are believed",
        ),
        Row::supported(
            "SSLProxyCACertificatePath",
            BACKENDS,
            Shape::Take1(backends::ca_path),
            "The same as a folder of hashed names",
        ),
        Row::supported(
            "SSLProxyCARevocationCheck",
            BACKENDS,
            Shape::Raw(backends::revocation_check),
            "Which certificates of a backend are looked up in revocation lists: none, leaf or chain",
        ),
        Row::supported(
            "SSLProxyCARevocationFile",
            BACKENDS,
            Shape::Take1(backends::crl_file),
            "Revocation lists for certificates of backends",
        ),
        Row::supported(
            "SSLProxyCARevocationPath",
            BACKENDS,
            Shape::Take1(backends::crl_path),
            "The same as a folder of hashed names",
        ),
        Row::supported(
            "SSLProxyCheckPeerCN",
            BACKENDS,
            Shape::Flag(backends::check_peer_cn),
            "Whether the common name of a backend must be right where SSLProxyCheckPeerName is Off",
        ),
        Row::supported(
            "SSLProxyCheckPeerExpire",
            BACKENDS,
            Shape::Flag(backends::check_peer_expire),
            "Whether a backend's certificate must be in its time; On where not set",
        ),
        Row::supported(
            "SSLProxyCheckPeerName",
            BACKENDS,
            Shape::Flag(backends::check_peer_name),
            "Whether a name of a backend's certificate must be right; On where not set",
        ),
        Row::supported(
            "SSLProxyCipherSuite",
            BACKENDS,
            Shape::Take12(backends::cipher_suite),
            "The cipher suites for backends, as SSLCipherSuite",
        ),
        Row::supported(
            "SSLProxyEngine",
            BACKENDS,
            Shape::Flag(backends::engine),
            "Whether TLS to backends is allowed",
        ),
        Row::supported(
            "SSLProxyMachineCertificateChainFile",
            BACKENDS,
            Shape::Take1(backends::machine_chain_file),
            "The certificates between those shown to backends and their roots",
        ),
        Row::supported(
            "SSLProxyMachineCertificateFile",
            BACKENDS,
            Shape::Take1(backends::machine_file),
            "Certificates with their keys to show to backends that ask",
        ),
        Row::supported(
            "SSLProxyMachineCertificatePath",
            BACKENDS,
            Shape::Take1(backends::machine_path),
            "The same as a folder",
        ),
        Row::supported(
            "SSLProxyProtocol",
            BACKENDS,
            Shape::Raw(backends::protocol),
            "The TLS versions for backends, as SSLProtocol",
        ),
        Row::supported(
            "SSLProxyVerify",
            BACKENDS,
            Shape::Take1(backends::verify),
            "Whether the certificates of backends are verified: none, optional, require or optional_no_ca",
        ),
        Row::supported(
            "SSLProxyVerifyDepth",
            BACKENDS,
            Shape::Take1(backends::verify_depth),
            "How far above a backend's certificate its root may lie",
        ),
        Row::no_effect(
            "SSLRandomSeed",
            Contexts::GLOBAL,
            Arity::CheckedAll(2, 3, idle::random_seed),
            "the kernel supplies the randomness",
        ),
        Row::no_effect(
            "SSLRenegBufferSize",
            Contexts::AUTH_CONFIG,
            Arity::ONE,
            "wsgate's TLS never renegotiates",
        ),
        Row::refused(
            "SSLRequire",
            Contexts::AUTH_CONFIG,
            Arity::Raw,
            "deprecated in httpd 2.4: use Require expr",
        ),
        Row::supported(
            "SSLRequireSSL",
            Contexts::AUTH_CONFIG,
            Shape::Take0(options::require_ssl),
            "Refuses requests that did not come by TLS",
        ),
        Row::no_effect("SSLSessionCache", Contexts::GLOBAL, Arity::Checked(idle::session_cache), SESSION),
        Row::no_effect(
            "SSLSessionCacheTimeout",
            Contexts::SERVER,
            Arity::Checked(|arg| at_least(arg, 0, "SSLSessionCacheTimeout must not be negative").map(|_| ())),
            SESSION,
        ),
        Row::no_effect(
            "SSLSessionTicketKeyFile",
            Contexts::SERVER,
            Arity::ONE,
            "tickets are made with keys that live no longer than the process",
        ),
        Row::supported(
            "SSLSessionTickets",
            Contexts::SERVER,
            Shape::Flag(clients::session_tickets),
            "Whether clients resume by tickets (On) or from the server's memory (Off)",
        ),
        Row::refused(
            "SSLSRPUnknownUserSeed",
            Contexts::SERVER,
            Arity::ONE,
            "wsgate's TLS has no SRP passwords",
        ),
        Row::refused("SSLSRPVerifierFile", Contexts::SERVER, Arity::ONE, "wsgate's TLS has no SRP passwords"),
        Row::no_effect("SSLStaplingCache", Contexts::GLOBAL, Arity::Checked(idle::shared_cache), STAPLING),
        Row::no_effect("SSLStaplingErrorCacheTimeout", Contexts::SERVER, Arity::ONE, STAPLING),
        Row::no_effect("SSLStaplingFakeTryLater", Contexts::SERVER, Arity::Flag, STAPLING),
        Row::no_effect("SSLStaplingForceURL", Contexts::SERVER, Arity::ONE, STAPLING),
        Row::no_effect("SSLStaplingResponderTimeout", Contexts::SERVER, Arity::ONE, STAPLING),
        Row::no_effect("SSLStaplingResponseMaxAge", Contexts::SERVER, Arity::ONE, STAPLING),
        Row::no_effect("SSLStaplingResponseTimeSkew", Contexts::SERVER, Arity::ONE, STAPLING),
        Row::no_effect("SSLStaplingReturnResponderErrors", Contexts::SERVER, Arity::Flag, STAPLING),
        Row::no_effect("SSLStaplingStandardCacheTimeout", Contexts::SERVER, Arity::ONE, STAPLING),
        Row::supported(
            "SSLStrictSNIVHostCheck",
            Contexts::SERVER,
            Shape::Flag(clients::strict_sni),
            "Refuses clients that name no host in the handshake",
        ),
        Row::supported(
            "SSLUserName",
            Contexts::SERVER_AUTH,
            Shape::Take1(options::user_name),
            "The SSL variable that becomes the user's name",
        ),
        Row::no_effect("SSLUseStapling", Contexts::SERVER, Arity::Flag, STAPLING),
        Row::supported(
            "SSLVerifyClient",
            Contexts::SERVER_AUTH,
            Shape::Take1(clients::verify),
            "Whether clients must show a certificate: none, optional, require or optional_no_ca",
        ),
        Row::supported(
            "SSLVerifyDepth",
            Contexts::SERVER_AUTH,
            Shape::Take1(clients::verify_depth),
            "How far above a client's certificate its root may lie",
        ),
        Row::supported(
            "SSLVHostSNIPolicy",
            Contexts::GLOBAL,
            Shape::Take1(clients::sni_policy),
            "How alike the virtual hosts of handshake and request must be: strict, secure, authonly or insecure",
        ),
    ],
};
