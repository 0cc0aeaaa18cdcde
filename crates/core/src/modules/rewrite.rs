//! mod_rewrite: applies rules. Rules of servers are part of translation (`hook_uri2file`), those of sections of the
//! fixups (`hook_fixup`); what comes out of either is a backend, an answer, or another path.

use bytes::Bytes;
use wsgate_directives::modules::core::Options;

use crate::mapped::{Mapped, OnDisk};
use crate::modules::core;
use crate::modules::proxy::{Form, Route};
use crate::path::{escape, is_sendable};
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::url::push_query;
use crate::world::Links;

mod cookie;
mod effects;
mod engine;
mod fill;
mod tables;
mod uri;

use engine::{Applied, Rewritten};
pub(crate) use tables::{Table, missing};

/// The note in which rules leave the type that they force.
const FORCED_TYPE: &str = "rewrite-forced-mimetype";

/// What a request carries through internal redirects.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// A rule said END.
    ended: bool,
    /// The cookies that were set, by name: each is set once.
    cookies: Vec<Bytes>,
}

/// The rules of the server.
pub(crate) fn translate(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    if !request.dir.rewrite.engine.is_some_and(|on| *on) || request.rewrite.ended {
        return Ok(());
    }
    let server = request.server.clone();
    let conf = &server.conf.rewrite;
    // httpd leaves servers alone that have no line of the module.
    if server.index > 0 && !conf.touched {
        return Ok(());
    }
    let any = request.dir.rewrite.options.as_ref().is_some_and(|options| options.allow_any_uri);
    if !any && (*request.raw_path == *b"*" || request.path.first() != Some(&b'/')) {
        return Ok(());
    }
    script_variables(request);
    if conf.rules.is_empty() {
        return Ok(());
    }
    let before = request.mapped.clone();
    let old_query = request.query.clone();
    let start = request.filename().unwrap_or_else(|| request.path.clone());
    request.mapped = Mapped::Disk(OnDisk { name: start, ..OnDisk::default() });
    let applied = engine::apply(snapshot, request, &conf.rules, None)?;
    let Applied::Changed(rewritten) = applied else {
        request.mapped = before;
        return Ok(());
    };
    let name = request.filename().unwrap_or_default();
    check_query(request, &name, &rewritten)?;
    if let Some(url) = name.strip_prefix(b"proxy:").filter(|url| !url.is_empty()) {
        request.mapped = to_backend(snapshot, request, name.slice_ref(url), &rewritten)?;
    } else if uri::scheme(&name).is_some() {
        return Err(redirect(request, &name, old_query.as_ref(), &rewritten));
    } else if let Some(path) = name.strip_prefix(b"passthrough:").filter(|path| !path.is_empty()) {
        request.path = name.slice_ref(path);
        request.mapped = Mapped::Nowhere;
    } else {
        request.mapped = Mapped::Disk(on_disk(snapshot, request, &name, &rewritten)?);
    }
    Ok(())
}

/// `SCRIPT_URL` and `SCRIPT_URI` tell what was asked for at first.
fn script_variables(request: &mut Request) {
    let known = match &request.main {
        None => request.env.get("REDIRECT_SCRIPT_URL"),
        Some(_) => request.env.get("SCRIPT_URL"),
    };
    let url = known.unwrap_or(&request.path).clone();
    let whole = [request.own_url().as_bytes(), &url].concat();
    request.env.set("SCRIPT_URL", url);
    request.env.set("SCRIPT_URI", whole);
}

/// A query that is not escaped any more must not hold spaces or control characters.
fn check_query(request: &Request, name: &[u8], rewritten: &Rewritten) -> Phase<()> {
    let will_be_escaped = uri::scheme(name).is_some() && !rewritten.no_escape;
    match &request.query {
        Some(query) if !will_be_escaped && !is_sendable(query) => {
            log::error!("rewritten query string contains control characters or spaces");
            Err(Status::FORBIDDEN.into())
        }
        _ => Ok(()),
    }
}

/// `[P]`.
fn to_backend(snapshot: &Snapshot, request: &Request, url: Bytes, rewritten: &Rewritten) -> Phase<Mapped> {
    if !snapshot.loaded.proxy {
        log::error!("a rule says [P], but mod_proxy is not loaded: {}", url.escape_ascii());
        return Err(Status::FORBIDDEN.into());
    }
    let (url, form) = match &request.query {
        _ if !rewritten.no_escape => (url, Form::Decoded),
        None => (url, Form::Raw),
        Some(query) => ([&*url, b"?", &**query].concat().into(), Form::Raw),
    };
    Ok(Mapped::Backend(Route { url, form, span: rewritten.span }))
}

/// To a URL elsewhere.
fn redirect(request: &Request, url: &[u8], old_query: Option<&Bytes>, rewritten: &Rewritten) -> Reply {
    let mut location = if rewritten.no_escape { url.to_vec() } else { uri::escape_absolute(url) };
    if let Some(query) = &request.query {
        location.push(b'?');
        let untouched = rewritten.no_escape || old_query == Some(query);
        location.extend_from_slice(&if untouched { query.to_vec() } else { escape(query) });
    }
    let status = Some(rewritten.status).filter(|status| status.is_redirect()).unwrap_or(Status::FOUND);
    Reply::redirect(status, location)
}

/// A path: of the disk if its first folder is there and the rule means it, else below DocumentRoot (`prefix_stat`).
fn on_disk(snapshot: &Snapshot, request: &Request, name: &Bytes, rewritten: &Rewritten) -> Phase<OnDisk> {
    if name.first() != Some(&b'/') {
        return Err(Status::BAD_REQUEST.into());
    }
    let options = request.server.conf.rewrite.options.as_ref().map(|set| set.value).unwrap_or_default();
    let own_url = rewritten.reduced && !options.legacy_prefix_doc_root;
    let end = name[1..].iter().position(|byte| *byte == b'/').map_or(name.len(), |slash| slash + 1);
    let meant = options.unsafe_prefix_stat
        || rewritten.rule.as_ref().is_none_or(|rule| {
            rule.flags.unsafe_prefix_stat
                || rule.output.starts_with(&name[..end])
                || name.starts_with(request.document_root().as_bytes())
                || name.starts_with(request.context_root())
        });
    if own_url || !meant || snapshot.world.stat(&name[..end], Links::Follow).is_err() {
        return core::below_document_root(request, name);
    }
    Ok(OnDisk { name: name.clone(), ..OnDisk::default() })
}

/// The rules of the sections that the request is in.
pub(crate) fn fixup(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let dir = request.dir.clone();
    let conf = &dir.rewrite;
    let Some(directory) = conf.directory.as_deref() else { return Ok(()) };
    if !conf.engine.is_some_and(|on| *on) || request.rewrite.ended {
        return Ok(());
    }
    let before = request.mapped.clone();
    let proxied = matches!(before, Mapped::Backend(_));
    let Some(old) = request.filename() else { return Ok(()) };
    let slash = conf.options.as_ref().is_some_and(|options| options.allow_no_slash);
    if !proxied && !slash && directory.strip_suffix('/').is_some_and(|folder| *old == *folder.as_bytes()) {
        return Ok(());
    }
    let options = dir.core.options.on;
    if !options.has(Options::FOLLOW_SYM_LINKS) && !options.has(Options::SYM_LINKS_IF_OWNER_MATCH) {
        // Rules lead past the limits of folders as links do.
        log::error!(
            target: "rewrite",
            "Options FollowSymLinks and SymLinksIfOwnerMatch are both off: so are rules for {}",
            old.escape_ascii()
        );
        return Err(Status::FORBIDDEN.into());
    }
    if conf.rules.is_empty() {
        return Ok(());
    }
    if proxied {
        request.mapped = Mapped::Disk(OnDisk { name: old.clone(), ..OnDisk::default() });
    }
    let old_query = request.query.clone();
    let section = engine::Section { directory, proxied };
    let Applied::Changed(rewritten) = engine::apply(snapshot, request, &conf.rules, Some(section))? else {
        request.mapped = before;
        return Ok(());
    };
    let name = request.filename().unwrap_or_default();
    check_query(request, &name, &rewritten)?;
    if let Some(url) = name.strip_prefix(b"proxy:").filter(|url| !url.is_empty()) {
        request.mapped = to_backend(snapshot, request, name.slice_ref(url), &rewritten)?;
        return Ok(());
    }
    if let Some(scheme) = uri::scheme(&name) {
        let url = match &conf.base {
            Some(base) => with_base_url(&name, scheme.len, directory, base),
            None => name.to_vec(),
        };
        return Err(redirect(request, &url, old_query.as_ref(), &rewritten));
    }
    // PT means nothing here.
    let path =
        name.strip_prefix(b"passthrough:").map_or(&*name, |path| if path.is_empty() { &name } else { path });
    if path.first() != Some(&b'/') {
        return Err(Status::BAD_REQUEST.into());
    }
    if *path == *old {
        // A result that is the path itself would lead here again and again.
        request.mapped = before;
        return Ok(());
    }
    let mut url = url_of(request, path, directory);
    push_query(&mut url, request.query.as_ref());
    request.mapped = Mapped::Elsewhere(url.into());
    Ok(())
}

/// The URL of a path of the disk, as far as one is known: by RewriteBase, below DocumentRoot, or as Alias has it.
fn url_of(request: &Request, path: &[u8], directory: &str) -> Vec<u8> {
    let conf = &request.dir.rewrite;
    let url = match &conf.base {
        Some(base) => uri::with_prefix(path, directory.as_bytes(), base.as_bytes()),
        None => {
            let root = request.document_root().as_bytes();
            let root = root.strip_suffix(b"/").unwrap_or(root);
            path.strip_prefix(root).filter(|rest| rest.starts_with(b"/")).unwrap_or(path).to_vec()
        }
    };
    let ignored = conf.options.as_ref().is_some_and(|options| options.ignore_context_info);
    match &request.context {
        Some(context) if !ignored && url == path => {
            uri::with_prefix(path, &context.root, context.prefix.as_bytes())
        }
        _ => url,
    }
}

/// The flags T and H: the Content-Type of what wsgate itself sends, and who answers (`hook_mimetype`).
pub(crate) fn type_of_answer(request: &mut Request) {
    if let Some(forced) = request.notes.get(FORCED_TYPE).cloned() {
        request.content_type = Some(forced);
    }
    if request.forced_handler.is_some() {
        request.handler.clone_from(&request.forced_handler);
    }
}

/// RewriteBase in the place of the section's path, behind the host.
fn with_base_url(url: &[u8], scheme: usize, directory: &str, base: &str) -> Vec<u8> {
    let slash = url[scheme..].iter().position(|byte| *byte == b'/').map(|slash| scheme + slash + 1);
    match slash.filter(|path| *path < url.len()) {
        Some(path) => {
            let directory = directory.strip_prefix('/').unwrap_or(directory);
            let rest = uri::with_prefix(&url[path..], directory.as_bytes(), &base.as_bytes()[1..]);
            [&url[..path], &rest].concat()
        }
        None => url.to_vec(),
    }
}
