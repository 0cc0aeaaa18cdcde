//! mod_dir: what stands in for a folder, and for what is not there (`dir_fixups`).
//!
//! It looks at what the request was mapped to on the disk, whatever rules have made of it since.

use wsgate_directives::expr::Subrequest;

use crate::mapped::{Mapped, OnDisk};
use crate::modules::mime::FOLDER;
use crate::modules::proxy::Planned;
use crate::path;
use crate::redirect::{Ahead, ahead};
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::url::push_query;
use crate::world::Kind;

/// Looks for what stands in; gives the plan of the request, or of what does.
pub(crate) fn fixup(
    snapshot: &Snapshot,
    request: &mut Request,
    plan: Option<Planned>,
) -> Phase<Option<Planned>> {
    if !snapshot.loaded.dir {
        return Ok(plan);
    }
    match request.found.map(|found| found.kind) {
        Some(Kind::Folder) => folder(snapshot, request, plan),
        None if request.handler().is_none() => fallback(snapshot, request, plan),
        _ => Ok(plan),
    }
}

/// An index file, or the slash that is missing (`fixup_dir`).
fn folder(snapshot: &Snapshot, request: &mut Request, plan: Option<Planned>) -> Phase<Option<Planned>> {
    if matches!(&request.mapped, Mapped::Disk(OnDisk { rest, .. }) if !rest.is_empty()) {
        return Ok(plan);
    }
    let dir = request.dir.clone();
    let conf = &dir.dir;
    if !request.path.ends_with(b"/") {
        let redirects = conf.slash.as_ref().is_none_or(|on| **on) && !is_careful(request);
        return if redirects { Err(with_slash(request)) } else { Ok(plan) };
    }
    let handler = request.handler().unwrap_or(FOLDER.as_bytes());
    let taken = conf.check_handler.as_ref().is_some_and(|on| **on) && handler != FOLDER.as_bytes();
    if taken || matches!(request.mapped, Mapped::Elsewhere(_)) {
        request.content_type.take_if(|known| *known == FOLDER);
        return Ok(plan);
    }
    let default = ["index.html".into()];
    let names = conf.index.as_deref().unwrap_or(&default);
    let mut refused = None;
    for (index, name) in names.iter().enumerate() {
        let last = index + 1 == names.len();
        let Ahead { request: found, outcome } = look(snapshot, request, name);
        match outcome {
            Ok(plan) if found.is_answerable() => {
                if let Some(status) = conf.redirect.as_ref().and_then(|status| status.value) {
                    let url = [request.own_url().as_bytes(), &path::escape(&found.path)].concat();
                    return Err(Reply::redirect(Status::named(status), url));
                }
                request.become_found(*found);
                return Ok(plan);
            }
            Ok(_) => {}
            Err(reply) if reply.status.is_redirect() || last && matches!(reply.status.0, 401 | 406) => {
                request.error_headers = found.error_headers;
                return Err(reply);
            }
            // No listing of a folder whose index file was refused.
            Err(reply) if reply.status != Status::NOT_FOUND => refused = Some(reply.status),
            Err(_) => {}
        }
    }
    refused.map_or(Ok(plan), |status| Err(status.into()))
}

/// FallbackResource (`fixup_dflt`).
fn fallback(snapshot: &Snapshot, request: &mut Request, plan: Option<Planned>) -> Phase<Option<Planned>> {
    let dir = request.dir.clone();
    let Some(url) = dir.dir.fallback.as_ref().filter(|url| !url.eq_ignore_ascii_case("disabled")) else {
        return Ok(plan);
    };
    let Ahead { request: found, outcome } = look(snapshot, request, url);
    match outcome {
        Ok(plan) if found.is_answerable() => {
            request.become_found(*found);
            Ok(plan)
        }
        Err(reply) if reply.status.is_redirect() => {
            request.error_headers = found.error_headers;
            Err(reply)
        }
        Err(reply) if reply.status != Status::NOT_FOUND => Err(reply.status.into()),
        Ok(_) | Err(_) => Ok(plan),
    }
}

fn look(snapshot: &Snapshot, request: &Request, name: &str) -> Ahead {
    let mut url = name.as_bytes().to_vec();
    push_query(&mut url, request.query.as_ref());
    ahead(snapshot, request, Subrequest::Url, &url)
}

/// Clients that cannot handle a redirect of anything but GET.
fn is_careful(request: &Request) -> bool {
    request.env.contains("redirect-carefully") && !request.is_method("GET") && !request.is_method("HEAD")
}

fn with_slash(request: &Request) -> Reply {
    let mut url = request.own_url().into_bytes();
    url.extend(path::escape(&request.path));
    url.push(b'/');
    push_query(&mut url, request.query.as_ref());
    Reply::redirect(Status::MOVED_PERMANENTLY, url)
}

impl Request {
    /// Whether there is something to stand in: a file, or a backend.
    fn is_answerable(&self) -> bool {
        matches!(self.mapped, Mapped::Backend(_)) || self.found.is_some_and(|found| found.kind == Kind::File)
    }

    /// Answers what was found ahead (`ap_internal_fast_redirect`).
    fn become_found(&mut self, found: Self) {
        let Self { path, query, env, dir, error_headers, answer_headers, notes, mapped, .. } = found;
        (self.path, self.query, self.env, self.dir) = (path, query, env, dir);
        (self.error_headers, self.answer_headers, self.notes) = (error_headers, answer_headers, notes);
        (self.mapped, self.found, self.handler) = (mapped, found.found, found.handler);
        (self.content_type, self.content_encoding) = (found.content_type, found.content_encoding);
        (self.content_languages, self.output_filters) = (found.content_languages, found.output_filters);
    }
}
