//! mod_alias: paths that lie elsewhere on the disk, and paths that lie on other servers.

use bytes::Bytes;
use wsgate_directives::expr::{Expr, Word};
use wsgate_directives::modules::alias::{From, Place, Redirect};
use wsgate_directives::modules::core::is_url;
use wsgate_directives::regex::substitute;
use wsgate_directives::span::Span;

use crate::facts::Facts;
use crate::mapped::{Context, Mapped, OnDisk};
use crate::path::{self, alias_match};
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::url::push_query;

/// Redirect, then Alias (`translate_alias_redir`).
pub(crate) fn translate(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    if !matches!(request.path.first(), None | Some(b'/')) {
        return Ok(());
    }
    let server = request.server.clone();
    here(snapshot, request)?;
    listed(request, &server.conf.alias.redirects)?;
    if let Some(Aliased { path, context }) = aliased(snapshot, request)? {
        request.mapped = Mapped::Disk(path);
        request.context = context.or(request.context.take());
    }
    Ok(())
}

/// Redirect in sections (`fixup_redir`).
pub(crate) fn fixup(snapshot: &Snapshot, request: &Request) -> Phase<()> {
    here(snapshot, request)?;
    listed(request, &request.dir.alias.redirects)
}

/// Redirect without a path (`try_redirect`).
fn here(snapshot: &Snapshot, request: &Request) -> Phase<()> {
    let Some(redirect) = &request.dir.alias.redirect else { return Ok(()) };
    let Some(url) = &redirect.to.url else { return Err(Status::named(redirect.to.status).into()) };
    let url = text(snapshot, request, redirect.span, url)?;
    Err(sent_to(request, redirect.to.status, escaped_url(&url)))
}

/// What the expression of a line comes to.
fn text(snapshot: &Snapshot, request: &Request, line: Span, text: &Expr<Word>) -> Phase<Vec<u8>> {
    Facts { snapshot, request }.text(text).map_err(|error| {
        log::error!("{}: not evaluated: {error}", snapshot.place(line));
        Status::INTERNAL_SERVER_ERROR.into()
    })
}

/// The first line that matches (`try_alias_list`).
fn listed(request: &Request, redirects: &[Redirect]) -> Phase<()> {
    for Redirect { from, status, to, .. } in redirects {
        let to = to.as_ref().map(|to| to.as_bytes());
        let url = match from {
            From::Prefix(prefix) => match alias_match(&request.path, prefix.as_bytes()) {
                0 => continue,
                length => to.map(|to| [to, &path::escape(&request.path[length..])].concat()),
            },
            From::Regex(regex) => {
                let Some(captures) = regex.captures(&request.path)? else { continue };
                let url = to.map(|to| substitute(to, &captures)).transpose()?;
                url.map(|url| escaped_url(&url))
            }
        };
        return Err(match url {
            Some(url) => sent_to(request, *status, url),
            None => Status::named(*status).into(),
        });
    }
    Ok(())
}

/// The answer that leads to a URL: one of this server gets its scheme and host, one without a query the request's.
fn sent_to(request: &Request, status: u16, mut url: Vec<u8>) -> Reply {
    let relative = request.dir.alias.relative.as_ref().is_some_and(|on| **on);
    if url.starts_with(b"/") {
        if !relative {
            url.splice(..0, request.own_url().into_bytes());
        }
    } else if !is_url(&url) {
        log::error!("cannot redirect to {}: it is no URL", url.escape_ascii());
        return Status::INTERNAL_SERVER_ERROR.into();
    }
    if !url.contains(&b'?') {
        push_query(&mut url, request.query.as_ref());
    }
    Reply::redirect(Status::named(status), url)
}

/// A URL made for this request, escaped but for query and fragment.
fn escaped_url(url: &[u8]) -> Vec<u8> {
    let end = url.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(url.len());
    let mut escaped = path::escape(&url[..end]);
    escaped.extend_from_slice(&url[end..]);
    escaped
}

/// What a line makes of a path.
struct Aliased {
    path: OnDisk,
    /// None where the line does not say what the URL of a folder is.
    context: Option<Context>,
}

/// The path on the disk, if a line says where it lies (`try_alias`, `try_alias_list`).
fn aliased(snapshot: &Snapshot, request: &Request) -> Phase<Option<Aliased>> {
    if let Some(alias) = &request.dir.alias.alias {
        let Place { path, root, script } = &alias.to;
        let mut to = text(snapshot, request, alias.span, path)?;
        let mut context = None;
        if request.dir.alias.preserve_path.as_ref().is_some_and(|on| **on) {
            let length = alias_match(&request.path, alias.path.as_bytes());
            if length > 0 {
                context = Some(Context { prefix: alias.path.clone(), root: Bytes::copy_from_slice(&to) });
                to.extend_from_slice(&request.path[length..]);
            }
        }
        return Ok(Some(Aliased { path: on_disk(root, &to, *script)?, context }));
    }
    for alias in &request.server.conf.alias.aliases {
        let to = alias.to.as_bytes();
        let mut context = None;
        let found = match &alias.from {
            From::Prefix(prefix) => {
                let length = alias_match(&request.path, prefix.as_bytes());
                if length == 0 {
                    continue;
                }
                context = Some(Context { prefix: prefix.clone(), root: Bytes::copy_from_slice(to) });
                [to, &request.path[length..]].concat()
            }
            From::Regex(regex) => {
                let Some(captures) = regex.captures(&request.path)? else { continue };
                substitute(to, &captures)?
            }
        };
        return Ok(Some(Aliased { path: on_disk("/", &found, alias.script)?, context }));
    }
    Ok(None)
}

/// A path as Alias gives it.
fn on_disk(root: &str, path: &[u8], script: bool) -> Phase<OnDisk> {
    let name = path::merge(root.as_bytes(), path).ok_or(Status::FORBIDDEN)?;
    Ok(OnDisk { name: name.into(), rest: Bytes::new(), script })
}
