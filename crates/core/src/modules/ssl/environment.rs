//! What TLS puts into the environment of requests (`ssl_hook_Fixup`).

use wsgate_directives::modules::ssl::SslOption;

use crate::request::Request;

/// Variables that `+StdEnvVars` sets where they have a value (`ssl_hook_Fixup_vars`).
const VARIABLES: [&str; 29] = [
    "SSL_VERSION_INTERFACE",
    "SSL_VERSION_LIBRARY",
    "SSL_PROTOCOL",
    "SSL_SECURE_RENEG",
    "SSL_COMPRESS_METHOD",
    "SSL_CIPHER",
    "SSL_CIPHER_EXPORT",
    "SSL_CIPHER_USEKEYSIZE",
    "SSL_CIPHER_ALGKEYSIZE",
    "SSL_CLIENT_VERIFY",
    "SSL_CLIENT_M_VERSION",
    "SSL_CLIENT_M_SERIAL",
    "SSL_CLIENT_V_START",
    "SSL_CLIENT_V_END",
    "SSL_CLIENT_V_REMAIN",
    "SSL_CLIENT_S_DN",
    "SSL_CLIENT_I_DN",
    "SSL_CLIENT_A_KEY",
    "SSL_CLIENT_A_SIG",
    "SSL_CLIENT_CERT_RFC4523_CEA",
    "SSL_SERVER_M_VERSION",
    "SSL_SERVER_M_SERIAL",
    "SSL_SERVER_V_START",
    "SSL_SERVER_V_END",
    "SSL_SERVER_S_DN",
    "SSL_SERVER_I_DN",
    "SSL_SERVER_A_KEY",
    "SSL_SERVER_A_SIG",
    "SSL_SESSION_RESUMED",
];

/// Names in certificates.
const NAMES: [&str; 4] = ["SSL_SERVER_S_DN_", "SSL_SERVER_I_DN_", "SSL_CLIENT_S_DN_", "SSL_CLIENT_I_DN_"];

/// Their parts (`ssl_var_lookup_ssl_cert_dn_rec`).
const PARTS: [&str; 13] = ["C", "ST", "L", "O", "OU", "CN", "T", "I", "G", "S", "D", "UID", "Email"];

/// Further names in certificates.
const ALTERNATIVE_NAMES: [&str; 6] = [
    "SSL_SERVER_SAN_Email_",
    "SSL_SERVER_SAN_DNS_",
    "SSL_SERVER_SAN_OTHER_dnsSRV_",
    "SSL_CLIENT_SAN_Email_",
    "SSL_CLIENT_SAN_DNS_",
    "SSL_CLIENT_SAN_OTHER_msUPN_",
];

/// Sets `HTTPS`, and what SSLOptions asks for.
pub(crate) fn fixup(request: &mut Request) {
    let Some(tls) = &request.connection.tls else { return };
    let sni = tls.sni().map(str::to_owned);
    request.env.set("HTTPS", "on");
    if let Some(sni) = sni {
        request.env.set("SSL_TLS_SNI", sni);
    }
    if request.dir.ssl.options.has(SslOption::StdEnvVars) {
        for part in NAMES.iter().flat_map(|name| PARTS.map(|part| format!("{name}{part}"))) {
            if set(request, &part) {
                set_numbered(request, &format!("{part}_"), 1);
            }
        }
        for name in ALTERNATIVE_NAMES {
            set_numbered(request, name, 0);
        }
        for name in VARIABLES {
            set(request, name);
        }
    }
    if request.dir.ssl.options.has(SslOption::ExportCertData) {
        for name in ["SSL_SERVER_CERT", "SSL_CLIENT_CERT"] {
            let value = request.ssl_var(name).unwrap_or_default();
            request.env.set(name, value);
        }
        set_numbered(request, "SSL_CLIENT_CERT_CHAIN_", 0);
    }
}

/// Sets a variable if it has a value; whether it has.
fn set(request: &mut Request, name: &str) -> bool {
    let Some(value) = request.ssl_var(name) else { return false };
    request.env.set(name.to_owned(), value);
    true
}

/// Sets the variables of a name and numbers, up to the first that has no value.
fn set_numbered(request: &mut Request, name: &str, first: usize) {
    let mut numbers = first..;
    while numbers.next().is_some_and(|number| set(request, &format!("{name}{number}"))) {}
}
