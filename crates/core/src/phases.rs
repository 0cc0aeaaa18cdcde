//! The order of the phases.
//!
//! [`decide`] is a straight list of calls and the only place that knows the order; what a phase finds out is what
//! the next one takes. Modules never call each other.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::access;
use crate::mapped::Mapped;
use crate::modules::error_document::{StandIn, stand_in};
use crate::modules::proxy::Planned;
use crate::modules::{
    actions, alias, auth_basic, autoindex, core, dir, env, files, headers, http, mime, proxy, rewrite,
    setenvif, ssl, unique_id, vhost_alias,
};
use crate::passwords::{Fate, Pending, unless_asked};
use crate::path::{self, Normalize, Unfit};
use crate::plan::Plan;
use crate::reply::Reply;
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::walk;

/// What is done about a request.
#[derive(Debug)]
pub enum Decision {
    /// A backend answers.
    Proxy(Box<Plan>),
    /// A file is sent.
    File(Box<files::FilePlan>),
    /// A folder is listed.
    Listing,
    /// wsgate answers.
    Reply(Box<Reply>),
    /// The figures of the process are shown.
    Status,
    /// The balancers of the request's server are shown (`balancer-manager`).
    Balancers,
    /// A password has to be checked first; [`resume`](crate::request::resume) goes on. The request is as it was.
    Check(Box<Pending>),
}

/// A request together with what is done about it.
#[derive(Debug)]
pub struct Decided {
    /// The request as the phases left it; what the answer is made of.
    pub request: Request,
    /// What is done.
    pub decision: Decision,
}

/// Decides what is done about a request (`ap_process_async_request`).
pub fn decide(snapshot: &Snapshot, request: Request) -> Decided {
    if !snapshot.authenticates {
        return run(snapshot, request);
    }
    let before = request.clone();
    unless_asked(run(snapshot, request), Some(before), || Fate::Decide)
}

/// Decides what is done where a request came to nothing, at whatever point (`ap_die`): a phase refused it, no backend
/// could be reached, a backend's answer is not wanted. An ErrorDocument may make another request of it.
pub fn fail(snapshot: &Snapshot, request: Request, reply: Reply) -> Decided {
    let before = snapshot.authenticates.then(|| (request.clone(), reply.clone()));
    let decided = match stand_in(snapshot, request, reply) {
        StandIn::Answer(decided) => *decided,
        StandIn::Request(document) => run(snapshot, *document),
    };
    let (before, reply) = before.unzip();
    unless_asked(decided, before, || reply.map_or(Fate::Decide, Fate::Fail))
}

/// Runs the phases, for as many requests as one becomes.
fn run(snapshot: &Snapshot, mut request: Request) -> Decided {
    loop {
        let outcome = read(snapshot, &mut request)
            .and_then(|()| process(snapshot, &mut request))
            .and_then(|plan| answer(snapshot, &mut request, plan));
        let failed = match outcome {
            Ok(Outcome::Decided(decision)) => return Decided { request, decision },
            Ok(Outcome::Redirected(url)) => match request.redirect(&url) {
                Ok(()) => continue,
                Err(reply) => reply,
            },
            Err(reply) => reply,
        };
        match stand_in(snapshot, request, failed) {
            StandIn::Answer(decided) => return *decided,
            StandIn::Request(document) => request = *document,
        }
    }
}

enum Outcome {
    Decided(Decision),
    /// To another URL of this server.
    Redirected(Bytes),
}

/// What comes before everything else, for an internal redirect again (`ap_run_post_read_request`).
fn read(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    request.dir = request.server.base.clone();
    headers::early(snapshot, request)?;
    unique_id::mark(snapshot, request);
    setenvif::early(snapshot, request)
}

/// The phases before the handler (`ap_process_request_internal`); gives the plan of a request for a backend.
pub(crate) fn process(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Planned>> {
    http::check_method(request)?;
    normalize(request)?;
    locate(snapshot, request)?;
    proxy::translate_encoded(snapshot, request)?;
    request.dir = request.server.base.clone();
    if matches!(request.mapped, Mapped::Nowhere) {
        decode(request)?;
    }
    locate(snapshot, request)?;
    rewrite::translate(snapshot, request)?;
    if matches!(request.mapped, Mapped::Nowhere) {
        proxy::translate(snapshot, request)?;
    }
    if matches!(request.mapped, Mapped::Nowhere) {
        alias::translate(snapshot, request)?;
    }
    if matches!(request.mapped, Mapped::Nowhere) {
        vhost_alias::translate(request)?;
    }
    if matches!(request.mapped, Mapped::Nowhere) {
        core::translate(request)?;
    }
    store(snapshot, request)
}

/// The phases behind translation, which requests for a file begin with.
pub(crate) fn store(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Planned>> {
    http::answer_itself(request)?;
    request.dir = request.server.base.clone();
    let server = request.server.clone();
    match &mut request.mapped {
        Mapped::Backend(route) => {
            let sections = walk::proxies(&server.proxies, &route.url, &mut request.env)?;
            request.dir = server.merged.merge(&request.dir, &sections);
        }
        Mapped::Disk(path) => {
            let (sections, found) = walk::directories(snapshot, &server, path, &mut request.env)?;
            request.found = found;
            let folder = server.merged.merge(&request.dir, &sections.iter().collect::<Vec<_>>());
            let sections = walk::files(&folder.core.files, &path.name, &mut request.env)?;
            request.dir = server.merged.merge(&folder, &sections);
        }
        Mapped::Nowhere | Mapped::Elsewhere(_) => {}
    }
    locate(snapshot, request)?;
    if request.main.is_none() {
        setenvif::late(snapshot, request)?;
    }
    access::check(snapshot, request)?;
    mime::find(snapshot, request);
    fixup(snapshot, request)
}

/// The last changes before the handler (`ap_run_fixups`).
fn fixup(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Planned>> {
    core::override_type(snapshot, request)?;
    rewrite::fixup(snapshot, request)?;
    let planned = match &request.mapped {
        Mapped::Backend(route) => Some(proxy::fixup(request, route)?),
        Mapped::Nowhere | Mapped::Disk(_) | Mapped::Elsewhere(_) => None,
    };
    alias::fixup(snapshot, request)?;
    env::fixup(request);
    ssl::fixup(request);
    auth_basic::fixup(snapshot, request)?;
    rewrite::type_of_answer(request);
    headers::fixup(snapshot, request)?;
    dir::fixup(snapshot, request, planned)
}

/// The handlers (`ap_invoke_handler`).
fn answer(snapshot: &Snapshot, request: &mut Request, plan: Option<Planned>) -> Phase<Outcome> {
    if let Some(plan) = plan.map_or_else(|| proxy::by_handler(snapshot, request), |plan| Ok(Some(plan)))? {
        return proxy::handle(snapshot, request, plan).map(Outcome::Decided);
    }
    match &request.mapped {
        Mapped::Elsewhere(url) => Ok(Outcome::Redirected(url.clone())),
        Mapped::Nowhere | Mapped::Disk(_) | Mapped::Backend(_) => {
            if let Some(decision) = autoindex::handle(snapshot, request)? {
                return Ok(Outcome::Decided(decision));
            }
            match actions::handle(snapshot, request)? {
                Some(url) => Ok(Outcome::Redirected(url)),
                None => core::handle(snapshot, request).map(Outcome::Decided),
            }
        }
    }
}

/// MergeSlashes.
fn merges_slashes(request: &Request) -> bool {
    request.server.conf.core.merge_slashes.is_none_or(|on| *on)
}

/// Removes what makes a path ambiguous, before anything looks at it.
fn normalize(request: &mut Request) -> Phase<()> {
    let how = Normalize { merge_slashes: merges_slashes(request), decode_unreserved: true };
    settle(request, path::normalize(&request.path, how))
}

/// Decodes the path, as AllowEncodedSlashes says; decoded slashes may have made new segments.
fn decode(request: &mut Request) -> Phase<()> {
    let slashes = core::encoded_slashes(&request.dir);
    settle(request, path::unescape(&request.path, slashes))?;
    if slashes == path::Slashes::Decode {
        let how = Normalize { merge_slashes: merges_slashes(request), decode_unreserved: false };
        settle(request, path::normalize(&request.path, how))?;
    }
    Ok(())
}

/// The request has this path; also where it is refused for it.
fn settle(request: &mut Request, path: Result<Vec<u8>, Unfit>) -> Phase<()> {
    let (path, outcome) = match path {
        Ok(path) => (path, Ok(())),
        Err(Unfit { status, path }) => (path, Err(status.into())),
    };
    request.path = path.into();
    outcome
}

/// Puts the settings of the sections in force that the path is in (`<Location>`) and that hold for the request (`<If>`).
fn locate(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let server = request.server.clone();
    if !server.locations.is_empty() && !request.path.is_empty() {
        let merged = match merges_slashes(request) {
            true => Cow::Borrowed(&*request.path),
            false => Cow::Owned(path::merge_slashes(&request.path)),
        };
        let sections = walk::locations(&server.locations, &request.path, &merged, &mut request.env)?;
        request.dir = server.merged.merge(&request.dir, &sections);
    }
    let mut around = request.dir.clone();
    while !around.core.ifs.is_empty() {
        let sections = walk::ifs(snapshot, request, &around.core.ifs)?;
        let Some(inside) = walk::merged(&sections) else { break };
        request.dir = server.merged.merge(&request.dir, &sections);
        around = Arc::new(inside);
    }
    if request.main.is_none() {
        snapshot.world.log_levels(&request.dir.core.log_levels);
    }
    Ok(())
}
