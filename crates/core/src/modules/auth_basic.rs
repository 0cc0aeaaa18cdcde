//! mod_auth_basic: what a client says of itself, and what a backend is told.

use bytes::Bytes;

use crate::credentials::{Authorization, Credentials, authorization, basic};
use crate::facts::Facts;
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

/// What the providers say about a user (`authn_status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The password is right.
    Yes,
    /// It is wrong.
    No,
    /// Nobody knows the user.
    Unknown,
    /// Whether it is right cannot be said.
    Error,
}

/// Asks the client to say who it is (`note_basic_auth_failure`).
pub(crate) fn challenge(request: &mut Request, realm: &[u8]) -> Reply {
    let challenge = [b"Basic realm=\"", realm, b"\""].concat();
    request.error_headers.set("WWW-Authenticate", challenge);
    Status::UNAUTHORIZED.into()
}

/// Who the client says it is, verified or not (`get_basic_auth`).
pub(crate) fn credentials(request: &mut Request, realm: &[u8]) -> Phase<Credentials> {
    match authorization(&request.head.headers) {
        Some(Authorization::Basic(credentials)) => {
            request.user = Some(credentials.user.clone());
            Ok(credentials)
        }
        Some(Authorization::Other) => {
            log::error!(
                target: "auth_basic",
                "client used wrong authentication scheme: {}",
                request.path.escape_ascii()
            );
            Err(challenge(request, realm))
        }
        None => Err(challenge(request, realm)),
    }
}

/// What becomes of a request by what the providers say; not true if that is left to other modules.
pub(crate) fn judge(request: &mut Request, realm: &[u8], known: Known) -> Phase<bool> {
    let authoritative = request.dir.auth_basic.authoritative.as_ref().is_none_or(|on| **on);
    let user = request.user.as_deref().unwrap_or_default().escape_ascii();
    let path = request.path.escape_ascii();
    // The wording is httpd's: programs that bar clients after failures look for it.
    match known {
        Known::Yes => return Ok(true),
        Known::Unknown | Known::Error if !authoritative => return Ok(false),
        Known::Error => return Err(Status::INTERNAL_SERVER_ERROR.into()),
        Known::No => log::error!(
            target: "auth_basic",
            "user {user}: authentication failure for \"{path}\": Password Mismatch"
        ),
        Known::Unknown => log::error!(target: "auth_basic", "user {user} not found: {path}"),
    }
    Err(challenge(request, realm))
}

/// AuthBasicFake: the credentials that the backend gets (`authenticate_basic_fake`). Empty ones are none.
pub(crate) fn fixup(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let Some(fake) = request.dir.auth_basic.fake.clone().and_then(|fake| fake.value) else { return Ok(()) };
    let mut texts = [Vec::new(), Vec::new()];
    for (text, expr) in texts.iter_mut().zip([&fake.user, &fake.password]) {
        *text = Facts { snapshot, request }.text(expr).map_err(|error| {
            log::error!(target: "auth_basic", "AuthBasicFake: not evaluated: {error}");
            Status::INTERNAL_SERVER_ERROR
        })?;
        if text.is_empty() {
            request.head.headers.remove("Authorization");
            return Ok(());
        }
    }
    let [user, password] = texts;
    request.head.headers.set("Authorization", Bytes::from(basic(&user, &password)));
    Ok(())
}
