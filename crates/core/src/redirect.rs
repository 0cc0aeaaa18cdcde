//! Requests that this server makes to itself: internal redirects, and subrequests that look ahead.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use wsgate_directives::expr::Subrequest;
use wsgate_directives::modules::core::Recursion;

use crate::access::Checked;
use crate::http::Headers;
use crate::mapped::{Mapped, OnDisk};
use crate::modules::proxy::Planned;
use crate::path::{escape, merge};
use crate::phases::{process, store};
use crate::reply::Status;
use crate::request::{Main, Phase, Request};
use crate::snapshot::Snapshot;

/// LimitInternalRecursion where no line sets it.
const DEPTH_MAX: u32 = 10;

impl Request {
    /// Becomes a request for another URL of this server (`ap_internal_redirect`): the same head, the environment
    /// under `REDIRECT_` names.
    ///
    /// # Errors
    /// 500 where it was redirected too often.
    pub(crate) fn redirect(&mut self, url: &Bytes) -> Phase<()> {
        let most = self.recursion().redirects;
        if self.redirects >= most {
            log::error!("request exceeded the limit of {most} internal redirects");
            return Err(Status::INTERNAL_SERVER_ERROR.into());
        }
        self.checked = Some(Checked::of(self));
        (self.user, self.auth_type) = (None, None);
        self.redirects += 1;
        self.env = renamed(&self.env);
        self.env.set("REDIRECT_STATUS", self.status.0.to_string());
        self.notes = Headers::default();
        self.aim(url);
        self.unmap();
        self.dir = self.server.base.clone();
        Ok(())
    }

    fn aim(&mut self, url: &Bytes) {
        let mark = url.iter().position(|byte| *byte == b'?');
        self.path = url.slice(..mark.unwrap_or(url.len()));
        self.raw_path = self.path.clone();
        self.query = mark.map(|mark| url.slice(mark + 1..));
    }

    fn recursion(&self) -> Recursion {
        let default = Recursion { redirects: DEPTH_MAX, subrequests: DEPTH_MAX };
        self.server.conf.core.limit_internal_recursion.as_ref().map_or(default, |most| **most)
    }
}

/// Every variable under the name that tells where it comes from (`rename_original_env`).
fn renamed(env: &Headers) -> Headers {
    let mut all = Headers::with_capacity(env.len() + 1);
    for field in env {
        all.add([b"REDIRECT_", &*field.name].concat(), field.value.clone());
    }
    all
}

/// How many subrequests may be made for a request: each may lead to several, and a folder's owner has a say in that.
const AHEAD_MAX: u32 = 1000;

/// How many subrequests were made for a request, counted together with those that were made for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made(Arc<AtomicU32>);

impl Made {
    /// Counts one more; whether it may be made.
    fn may_have_another(&self) -> bool {
        self.0.fetch_add(1, Relaxed) < AHEAD_MAX
    }
}

/// What would become of a request.
pub(crate) struct Ahead {
    /// The request as the phases before the handler leave it.
    pub(crate) request: Box<Request>,
    /// Its plan, if it is for a backend; the answer if one of them refuses it.
    pub(crate) outcome: Phase<Option<Planned>>,
}

/// What would become of a request for `target` (`ap_sub_req_lookup_uri`, `ap_sub_req_lookup_file`).
pub(crate) fn ahead(snapshot: &Snapshot, request: &Request, kind: Subrequest, target: &[u8]) -> Ahead {
    let depth = request.main.as_ref().map_or(0, |main| main.depth + 1);
    let mut ahead = Box::new(request.clone());
    ahead.main = Some(Main { path: request.path.clone(), depth });
    ahead.head.method = Bytes::from_static(b"GET");
    ahead.checked = Some(Checked::of(request));
    (ahead.user, ahead.auth_type) = (None, None);
    ahead.dir = request.server.base.clone();
    ahead.unmap();
    if depth >= request.recursion().subrequests || !request.made.may_have_another() {
        return Ahead { request: ahead, outcome: Err(Status::INTERNAL_SERVER_ERROR.into()) };
    }
    let outcome = match kind {
        Subrequest::Url => ahead_to_url(snapshot, &mut ahead, target),
        Subrequest::File => ahead_to_file(snapshot, &mut ahead, request, target),
    };
    Ahead { request: ahead, outcome }
}

fn ahead_to_url(snapshot: &Snapshot, ahead: &mut Request, target: &[u8]) -> Phase<Option<Planned>> {
    let whole = if target.starts_with(b"/") {
        Bytes::copy_from_slice(target)
    } else {
        [&escape(parent(&ahead.path)), target].concat().into()
    };
    ahead.aim(&whole);
    process(snapshot, ahead)
}

fn ahead_to_file(
    snapshot: &Snapshot,
    ahead: &mut Request,
    request: &Request,
    target: &[u8],
) -> Phase<Option<Planned>> {
    let own = request.filename().unwrap_or_default();
    let folder = parent(&own);
    let Some(name) = merge(folder, target) else { return Err(Status::FORBIDDEN.into()) };
    // Where it lies beside the request's own file, its URL is known.
    let beside = name.strip_prefix(folder).filter(|rest| !rest.is_empty() && !rest.contains(&b'/'));
    let url = beside.map_or_else(Vec::new, |rest| [parent(&request.path), rest].concat());
    ahead.aim(&url.into());
    ahead.mapped = Mapped::Disk(OnDisk { name: name.into(), ..OnDisk::default() });
    store(snapshot, ahead)
}

/// Up to the last slash (`ap_make_dirstr_parent`).
fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(b"", |slash| &path[..=slash])
}
