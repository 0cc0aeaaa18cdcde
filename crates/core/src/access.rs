//! Who may have what a request asks for: httpd's access checker, authentication and authorization, in its order.
//!
//! Whatever cannot be evaluated keeps the request out.

use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::expr::{Condition, Expr, Word};
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::access_compat::Satisfy;
use wsgate_directives::modules::auth_basic::Provider;
use wsgate_directives::modules::authz_core::Test;

use crate::credentials::Credentials;
use crate::facts::Facts;
use crate::modules::auth_basic::{self, Known};
use crate::modules::authz_core::{Undecided, Verdict};
use crate::modules::{
    access_compat, allowmethods, authn_anon, authn_core, authn_file, authz_core, authz_groupfile, authz_host,
    authz_user, ssl,
};
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

/// What was checked of the request that another one was made from.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    dir: Arc<DirConf>,
    user: Option<Bytes>,
    auth_type: Option<Bytes>,
}

impl Checked {
    /// What is checked of a request under the settings that it has now.
    pub(crate) fn of(request: &Request) -> Self {
        let (dir, user) = (request.dir.clone(), request.user.clone());
        Self { dir, user, auth_type: request.auth_type.clone() }
    }
}

/// Lets a request in or refuses it (the middle of `ap_process_request_internal`).
pub(crate) fn check(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    // A request that another one led to is not asked again where the same settings hold, whatever came of it.
    if let Some(before) = request.checked.take_if(|before| Arc::ptr_eq(&before.dir, &request.dir)) {
        (request.user, request.auth_type) = (before.user, before.auth_type);
        return Ok(());
    }
    match (access_compat::satisfy(request), check_access(request)) {
        (Satisfy::All, Err(refusal)) => Err(refusal),
        (Satisfy::Any, Ok(())) => Ok(()),
        (Satisfy::All, Ok(())) | (Satisfy::Any, Err(_)) => authorize(snapshot, request),
    }
}

/// What can be said without a user's name (`ap_run_access_checker`).
fn check_access(request: &mut Request) -> Phase<()> {
    if !allowmethods::lets_in(request) {
        log::error!(
            target: "allowmethods",
            "client method denied by server configuration: '{}' to {}",
            request.head.method.escape_ascii(),
            request.path.escape_ascii()
        );
        return Err(Status::METHOD_NOT_ALLOWED.into());
    }
    ssl::check_access(request)?;
    if !access_compat::lets_in(request) {
        log::error!(
            target: "access_compat",
            "client denied by server configuration: {}",
            request.path.escape_ascii()
        );
        return Err(Status::FORBIDDEN.into());
    }
    Ok(())
}

/// Require lines, and the user's name where it matters (`authorize_user_core`, twice).
fn authorize(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let Some(verdict) = verdict(snapshot, request)? else {
        if authn_core::auth_type(snapshot, request).is_some() {
            log::error!(target: "authz_core", "AuthType configured with no corresponding authorization directives");
            return Err(Status::INTERNAL_SERVER_ERROR.into());
        }
        return Ok(());
    };
    match verdict {
        Verdict::Granted => return Ok(()),
        Verdict::Denied | Verdict::Neutral => return Err(denied(request)),
        Verdict::NeedsUser => {}
    }
    authenticate(snapshot, request)?;
    if request.user.is_none() {
        log::error!(
            target: "core",
            "no authentication done but request not allowed without authentication for {}",
            request.path.escape_ascii()
        );
        return Err(Status::INTERNAL_SERVER_ERROR.into());
    }
    ssl::check_strictly(request)?;
    match self::verdict(snapshot, request)? {
        Some(Verdict::Granted) | None => Ok(()),
        Some(Verdict::NeedsUser) => Err(ask_again(snapshot, request)),
        Some(Verdict::Denied | Verdict::Neutral) => Err(failed(snapshot, request)),
    }
}

/// What the Require lines say; none where there are none.
fn verdict(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Verdict>> {
    let Some(rules) = request.dir.authz_core.rules.clone() else { return Ok(None) };
    let method = request.head.method.clone();
    let verdict = authz_core::apply(&rules, &method, &mut |rule| test(snapshot, request, rule));
    verdict.map(Some).map_err(|_| Status::INTERNAL_SERVER_ERROR.into())
}

fn denied(request: &Request) -> Reply {
    let what = request.filename().unwrap_or_else(|| request.path.clone());
    log::error!(
        target: "authz_core",
        "client denied by server configuration: {}",
        what.escape_ascii()
    );
    Status::FORBIDDEN.into()
}

/// A user who may not enter: asked for another name, unless the server forbids it (AuthzSendForbiddenOnFailure).
fn failed(snapshot: &Snapshot, request: &mut Request) -> Reply {
    if authn_core::auth_type(snapshot, request).is_none() {
        return denied(request);
    }
    log::error!(
        target: "authz_core",
        "user {}: authorization failure for \"{}\": ",
        request.user.as_deref().unwrap_or_default().escape_ascii(),
        request.path.escape_ascii()
    );
    let forbidden = request.dir.authz_core.send_forbidden.as_ref().is_some_and(|on| **on);
    if forbidden { Status::FORBIDDEN.into() } else { ask_again(snapshot, request) }
}

fn ask_again(snapshot: &Snapshot, request: &mut Request) -> Reply {
    let basic = authn_core::auth_type(snapshot, request).is_some_and(|kind| is_basic(&kind));
    match authn_core::auth_name(snapshot, request).filter(|_| basic) {
        Some(realm) => auth_basic::challenge(request, &realm),
        None => Status::UNAUTHORIZED.into(),
    }
}

fn is_basic(kind: &[u8]) -> bool {
    kind.eq_ignore_ascii_case(b"Basic")
}

/// Finds out who the user is (`ap_run_check_user_id`). No user at all is no failure of this.
fn authenticate(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    ssl::check_user(request)?;
    let Some(kind) = authn_core::auth_type(snapshot, request) else { return Ok(()) };
    if is_basic(&kind) {
        let Some(realm) = authn_core::auth_name(snapshot, request) else {
            log::error!(target: "auth_basic", "need AuthName: {}", request.path.escape_ascii());
            return Err(Status::INTERNAL_SERVER_ERROR.into());
        };
        request.auth_type = Some(kind.clone());
        let credentials = auth_basic::credentials(request, &realm)?;
        let known = known(snapshot, request, &credentials);
        if auth_basic::judge(request, &realm, known)? {
            return Ok(());
        }
    }
    log::error!(
        target: "authn_core",
        "AuthType {} configured without corresponding module",
        kind.escape_ascii()
    );
    Err(Status::INTERNAL_SERVER_ERROR.into())
}

/// Asks the providers in turn, up to the first that knows the user.
fn known(snapshot: &Snapshot, request: &Request, credentials: &Credentials) -> Known {
    let dir = request.dir.clone();
    let Credentials { user, password } = credentials;
    let named = dir.auth_basic.providers.as_deref().unwrap_or(&[Provider::File]);
    let ask = |provider: &Provider| match provider {
        Provider::File => match authn_file::check(snapshot, request, user, password) {
            Ok(None) => Known::Unknown,
            Ok(Some(check)) => match request.checks.answer(check) {
                Some(true) => Known::Yes,
                Some(false) => Known::No,
                // It is not known yet; what becomes of the request now is thrown away.
                None => Known::Error,
            },
            Err(()) => Known::Error,
        },
        Provider::Anon => {
            let guest = dir.authn_anon.as_ref().and_then(|guests| authn_anon::check(guests, user, password));
            guest.map_or(Known::Unknown, |right| if right { Known::Yes } else { Known::No })
        }
        Provider::Cache => Known::Unknown,
    };
    named.iter().map(ask).find(|known| *known != Known::Unknown).unwrap_or(Known::Unknown)
}

/// What one Require line says.
fn test(snapshot: &Snapshot, request: &mut Request, test: &Test) -> Result<Verdict, Undecided> {
    let holds = match test {
        Test::All(granted) => *granted,
        Test::Env(names) => names.iter().any(|name| request.env.contains(&**name)),
        Test::Method(methods) => methods.contains(&request.head.method),
        Test::Ip(networks) => authz_host::is_in(request, networks),
        Test::Local => request.connection.is_local(request.client()),
        Test::Ssl => request.connection.tls.is_some(),
        Test::SslVerifyClient => ssl::is_client_verified(request),
        Test::Expr { condition, wants_user } => match holds(snapshot, request, condition)? {
            false if *wants_user => return Ok(Verdict::NeedsUser),
            holds => holds,
        },
        Test::User(_) | Test::ValidUser | Test::Group(_) => {
            let Some(user) = request.user.clone() else { return Ok(Verdict::NeedsUser) };
            match test {
                Test::User(line) => authz_user::is_one_of(&user, &text(snapshot, request, line)?),
                Test::Group(line) => {
                    let groups = authz_user::words(&text(snapshot, request, line)?);
                    let member = authz_groupfile::is_member(snapshot, request, &user, &groups);
                    member.map_err(|()| Undecided::Unknown)?
                }
                _ => true,
            }
        }
    };
    Ok(if holds { Verdict::Granted } else { Verdict::Denied })
}

fn holds(snapshot: &Snapshot, request: &mut Request, condition: &Expr<Condition>) -> Result<bool, Undecided> {
    request.evaluate(snapshot, condition).map_err(|error| {
        log::error!(target: "authz_core", "Require expr: not evaluated: {error}");
        Undecided::Error
    })
}

fn text(snapshot: &Snapshot, request: &Request, line: &Expr<Word>) -> Result<Vec<u8>, Undecided> {
    Facts { snapshot, request }.text(line).map_err(|error| {
        log::error!(target: "authz_core", "Require: not evaluated: {error}");
        Undecided::Unknown
    })
}

#[cfg(test)]
mod tests;
