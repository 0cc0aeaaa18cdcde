//! mod_ssl: what a request's TLS, or its absence, means for it.

mod environment;

use bytes::Bytes;
use wsgate_directives::modules::ssl::SslOption;

use crate::connection::DnStyle;
use crate::credentials::{Authorization, authorization, basic};
use crate::reply::Status;
use crate::request::{Phase, Request};

pub(crate) use environment::fixup;

/// The note by which SSLRequireSSL's refusal is remembered for `StrictRequire`.
const FORBIDDEN: &str = "ssl-access-forbidden";

impl Request {
    /// A variable of mod_ssl; none where it is empty, too.
    pub(crate) fn ssl_var(&self, name: &str) -> Option<String> {
        let style = if self.dir.ssl.options.has(SslOption::LegacyDNStringFormat) {
            DnStyle::Legacy
        } else {
            DnStyle::Rfc2253
        };
        self.connection.tls.as_ref()?.var(name, style).filter(|value| !value.is_empty())
    }
}

/// SSLRequireSSL, and SSLUserName where the certificate is all that says who the user is (`ssl_hook_Access`).
pub(crate) fn check_access(request: &mut Request) -> Phase<()> {
    if request.connection.tls.is_none() {
        if request.dir.ssl.require_ssl.is_some() {
            log::error!(
                target: "ssl",
                "access to {} failed, reason: SSL connection required",
                request.path.escape_ascii()
            );
            request.notes.set(FORBIDDEN, "1");
            return Err(Status::FORBIDDEN.into());
        }
        return Ok(());
    }
    let fake = request.dir.ssl.options.has(SslOption::FakeBasicAuth);
    if let Some(name) = request.dir.ssl.user_name.clone().filter(|_| !fake) {
        match request.ssl_var(&name) {
            Some(user) => request.user = Some(user.into()),
            None => log::warn!(target: "ssl", "SSLUserName: {} is not set", name.value),
        }
    }
    Ok(())
}

/// Before a user is asked for: refusals that stand whatever Satisfy says, and FakeBasicAuth (`ssl_hook_UserCheck`).
pub(crate) fn check_user(request: &mut Request) -> Phase<()> {
    check_strictly(request)?;
    if request.main.is_some() || request.redirects > 0 {
        return Ok(());
    }
    if let Some(Authorization::Basic(sent)) = authorization(&request.head.headers)
        && sent.user.starts_with(b"/")
        && *sent.password == *FAKE_PASSWORD
    {
        log::error!(
            target: "ssl",
            "FakeBasicAuth spoof: {}",
            sent.user.escape_ascii()
        );
        return Err(Status::FORBIDDEN.into());
    }
    if request.user.is_some() || !request.dir.ssl.options.has(SslOption::FakeBasicAuth) {
        return Ok(());
    }
    let tls = request.connection.tls.as_ref();
    if let Some(name) = tls.and_then(|tls| tls.var("SSL_CLIENT_S_DN", DnStyle::Legacy)) {
        request.head.headers.set("Authorization", Bytes::from(basic(name.as_bytes(), FAKE_PASSWORD)));
    }
    Ok(())
}

/// The password of users that only certificates name.
const FAKE_PASSWORD: &[u8] = b"password";

/// `SSLOptions +StrictRequire`: what SSLRequireSSL refused stays so under `Satisfy Any` (`ssl_hook_Auth`).
pub(crate) fn check_strictly(request: &Request) -> Phase<()> {
    let strict = request.dir.ssl.options.has(SslOption::StrictRequire);
    if strict && request.notes.contains(FORBIDDEN) { Err(Status::FORBIDDEN.into()) } else { Ok(()) }
}

/// Whether the client showed a certificate, and it is good (`Require ssl-verify-client`).
pub(crate) fn is_client_verified(request: &Request) -> bool {
    request.ssl_var("SSL_CLIENT_VERIFY").is_some_and(|verdict| verdict == "SUCCESS")
}
