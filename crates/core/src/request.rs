//! A request on its way to a decision, and the order of the phases.
//!
//! [`decide`] is a straight list of calls and the only place that knows the order; what a phase finds out is what
//! the next one takes. Modules never call each other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::modules::DirConf;

pub use crate::connection::{Connection, DnStyle, Tls};

use crate::access::{self, Checked};
use crate::host::Host;
use crate::http::{Conformance, Head, Headers};
use crate::mapped::Mapped;
use crate::modules::error_document::{StandIn, stand_in};
use crate::modules::proxy::Planned;
use crate::modules::{
    alias, auth_basic, core, env, files, headers, http, proxy, remoteip, rewrite, setenvif, ssl,
};
use crate::moment::Moment;
pub use crate::passwords::resume;
use crate::passwords::{Checks, Fate, Pending, unless_asked};
use crate::path::{self, Normalize};
use crate::plan::Plan;
use crate::reply::{Reply, Status};
use crate::snapshot::{Server, Snapshot};
use crate::target::Target;
use crate::walk;

/// A request whose server is known.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its connection.
    pub connection: Arc<Connection>,
    /// The client: the connection's, or one that proxies name (`r->useragent_addr`).
    pub client: SocketAddr,
    /// The server that it is for.
    pub server: Arc<Server>,
    /// Its head; fields change as modules act on them.
    pub head: Head,
    /// The host that it names.
    pub host: Option<Host>,
    /// The path: normalised and, once [`decide`] is past that, decoded (`r->uri`).
    pub path: Bytes,
    /// The path as it came (`r->unparsed_uri` without the query).
    pub raw_path: Bytes,
    /// The query (`r->args`).
    pub query: Option<Bytes>,
    /// Environment variables (`r->subprocess_env`).
    pub env: Headers,
    /// The settings in force.
    pub dir: Arc<DirConf>,
    /// Fields of the answer, errors included (`r->err_headers_out`).
    pub error_headers: Headers,
    /// Other fields of the answer (`r->headers_out`).
    pub answer_headers: Headers,
    /// The answer's Content-Type (`r->content_type`).
    pub content_type: Option<Bytes>,
    /// The user that authenticated, or failed to.
    pub user: Option<Bytes>,
    /// How it did (`r->ap_auth_type`).
    pub auth_type: Option<Bytes>,
    /// How often it was redirected internally.
    pub redirects: u32,
    /// When its head had arrived (`r->request_time`).
    pub received: Moment,
    /// The status of its answer so far (`r->status`): 200, or the error that an ErrorDocument is asked for.
    pub status: Status,
    /// The reason phrase that belongs to it, where it is not the status's own.
    pub reason: Option<Bytes>,
    /// What modules tell each other (`r->notes`).
    pub notes: Headers,
    /// What failed, if this is the request for its ErrorDocument.
    pub failed: Option<Box<Failed>>,
    /// The request that it is made for, if it only looks ahead (`r->main`).
    pub(crate) main: Option<Main>,
    /// Where it is mapped to.
    pub(crate) mapped: Mapped,
    /// What mod_rewrite knows of it.
    pub(crate) rewrite: rewrite::State,
    /// What was checked of the request that it was made from.
    pub(crate) checked: Option<Checked>,
    /// What is known of passwords.
    pub(crate) checks: Checks,
}

/// A request and the answer whose ErrorDocument is asked for.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The request.
    pub request: Request,
    /// What is answered if there is no ErrorDocument to be had.
    pub reply: Reply,
}

/// What a subrequest knows of the request that it is made for.
#[derive(Clone, Debug)]
pub(crate) struct Main {
    /// That request's path.
    pub(crate) path: Bytes,
    /// How many requests there are above it.
    pub(crate) depth: u32,
}

/// What is done about a request.
#[derive(Debug)]
pub enum Decision {
    /// A backend answers.
    Proxy(Box<Plan>),
    /// A file is sent.
    File(Box<files::FilePlan>),
    /// wsgate answers.
    Reply(Box<Reply>),
    /// A password has to be checked first; [`resume`] goes on. The request is as it was.
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

/// Where a phase stops the others: with an answer of its own.
pub type Phase<T> = Result<T, Reply>;

impl Request {
    /// Finds the server that a request is for (`ap_read_request`, `ap_update_vhost_from_headers`). The answer to
    /// a malformed host or target is the server's own, so that there always is a request.
    pub fn receive(
        snapshot: &Snapshot,
        connection: Arc<Connection>,
        head: Head,
        received: Moment,
    ) -> (Self, Phase<()>) {
        let candidates = snapshot.vhosts.candidates(connection.local);
        let first = connection.tls.as_ref().map(|tls| tls.server());
        let default = first.or(candidates.servers.first().copied()).unwrap_or(0);
        let server = snapshot.servers[default].clone();
        let mut request = Self {
            dir: server.base.clone(),
            server,
            client: connection.proxied.unwrap_or(connection.peer),
            connection,
            host: None,
            path: Bytes::new(),
            raw_path: Bytes::new(),
            query: None,
            env: Headers::default(),
            error_headers: Headers::default(),
            answer_headers: Headers::default(),
            content_type: None,
            user: None,
            auth_type: None,
            redirects: 0,
            received,
            status: Status::OK,
            reason: None,
            notes: Headers::default(),
            failed: None,
            main: None,
            mapped: Mapped::Nowhere,
            rewrite: rewrite::State::default(),
            checked: None,
            checks: Checks::default(),
            head,
        };
        let outcome = request.select(snapshot, candidates);
        if outcome.is_ok() {
            remoteip::find_client(&mut request);
        }
        (request, outcome)
    }

    fn select(&mut self, snapshot: &Snapshot, candidates: crate::vhost::Candidates<'_>) -> Phase<()> {
        let conformance = self.conformance();
        let raw = self.head.target.clone();
        let target = Target::parse(&self.head.method, &raw, conformance).map_err(|_| Status::BAD_REQUEST)?;
        // A target without a path has one all the same, which is no part of it.
        self.raw_path = Bytes::copy_from_slice(target.path);
        self.path = self.raw_path.clone();
        self.query = target.query.map(|query| raw.slice_ref(query));
        let secure = self.connection.tls.is_some();
        let host = Host::of(&self.head, &target, secure, conformance).map_err(|_| Status::BAD_REQUEST)?;
        let chosen = match &host {
            Some(host) => {
                if conformance.is_strict() {
                    host.settle(&mut self.head.headers);
                }
                candidates.by_name(&snapshot.servers, &host.name)
            }
            None => candidates.by_path(&snapshot.servers, &self.path),
        };
        let default = candidates.servers.first().copied().unwrap_or(0);
        self.server = snapshot.servers[chosen.unwrap_or(default)].clone();
        self.dir = self.server.base.clone();
        let missing = Host::is_missing(host.as_ref(), &self.head);
        self.host = host;
        if missing {
            return Err(Status::BAD_REQUEST.into());
        }
        let strict = self.server.conf.core.strict_host_check.is_some_and(|on| *on);
        if strict && self.host.is_some() && chosen.is_none() && !self.server.is_named_by(self.host.as_ref()) {
            return Err(Status::BAD_REQUEST.into());
        }
        http::check_registered(self)
    }

    /// HttpProtocolOptions Strict or Unsafe.
    pub fn conformance(&self) -> Conformance {
        match &self.server.conf.core.http_strict {
            Some(strict) if !**strict => Conformance::Unsafe,
            _ => Conformance::Strict,
        }
    }

    /// Notes that the answer depends on this field of the request (`Vary`).
    pub(crate) fn vary(&mut self, name: &[u8]) {
        let known = self.answer_headers.get("Vary");
        let known = known.is_some_and(|vary| {
            vary.split(|byte| *byte == b',').any(|word| word.trim_ascii().eq_ignore_ascii_case(name))
        });
        if !known {
            self.answer_headers.merge("Vary", name);
        }
    }

    /// The client's address (`r->useragent_ip`).
    pub fn client(&self) -> IpAddr {
        self.client.ip().to_canonical()
    }

    /// Whether the client asks for this method.
    pub fn is_method(&self, method: &str) -> bool {
        *self.head.method == *method.as_bytes()
    }
}

impl Server {
    fn is_named_by(&self, host: Option<&Host>) -> bool {
        host.is_some_and(|host| self.is_named(&host.name))
    }
}

/// Decides what is done about a request (`ap_process_async_request`).
pub fn decide(snapshot: &Snapshot, request: Request) -> Decided {
    let before = snapshot.authenticates.then(|| request.clone());
    let decided = run(snapshot, request);
    unless_asked(decided, before, || Fate::Decide)
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
        core::translate(request)?;
    }
    store(snapshot, request)
}

/// The phases behind translation, which requests for a file begin with.
pub(crate) fn store(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Planned>> {
    http::answer_itself(request)?;
    request.dir = request.server.base.clone();
    let server = request.server.clone();
    let sections = match &mut request.mapped {
        Mapped::Backend(route) => walk::proxies(&server.proxies, &route.url, &mut request.env)?,
        Mapped::Disk(path) => {
            walk::directories(&server.directories, path, &*snapshot.world, &mut request.env)?
        }
        Mapped::Nowhere | Mapped::Elsewhere(_) => Vec::new(),
    };
    request.dir = server.merged.merge(&request.dir, &sections);
    if let Mapped::Disk(path) = &request.mapped {
        let around = request.dir.clone();
        let sections = walk::files(&around.core.files, &path.name, &mut request.env)?;
        request.dir = server.merged.merge(&around, &sections);
    }
    locate(snapshot, request)?;
    if request.main.is_none() {
        setenvif::late(snapshot, request)?;
    }
    access::check(snapshot, request)?;
    fixup(snapshot, request)
}

/// The last changes before the handler (`ap_run_fixups`).
fn fixup(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Planned>> {
    rewrite::fixup(snapshot, request)?;
    let planned = match &request.mapped {
        Mapped::Backend(route) => Some(proxy::fixup(request, route)?),
        Mapped::Nowhere | Mapped::Disk(_) | Mapped::Elsewhere(_) => None,
    };
    alias::fixup(snapshot, request)?;
    env::fixup(request);
    ssl::fixup(request);
    auth_basic::fixup(snapshot, request)?;
    headers::fixup(snapshot, request)?;
    files::slash(snapshot, request)?;
    Ok(planned)
}

/// The handlers (`ap_invoke_handler`).
fn answer(snapshot: &Snapshot, request: &mut Request, plan: Option<Planned>) -> Phase<Outcome> {
    if let Some(plan) = plan {
        return proxy::handle(snapshot, request, plan).map(Outcome::Decided);
    }
    match &request.mapped {
        Mapped::Elsewhere(url) => Ok(Outcome::Redirected(url.clone())),
        Mapped::Nowhere | Mapped::Disk(_) | Mapped::Backend(_) => {
            core::handle(snapshot, request).map(Outcome::Decided)
        }
    }
}

/// Removes what makes a path ambiguous, before anything looks at it.
fn normalize(request: &mut Request) -> Phase<()> {
    let merge_slashes = request.server.conf.core.merge_slashes.is_none_or(|on| *on);
    let how = Normalize { merge_slashes, decode_unreserved: true };
    request.path = path::normalize(&request.path, how)?.into();
    Ok(())
}

/// Decodes the path, as AllowEncodedSlashes says; decoded slashes may have made new segments.
fn decode(request: &mut Request) -> Phase<()> {
    let slashes = core::encoded_slashes(&request.dir);
    let mut decoded = path::unescape(&request.path, slashes)?;
    if slashes == path::Slashes::Decode {
        let merge_slashes = request.server.conf.core.merge_slashes.is_none_or(|on| *on);
        decoded = path::normalize(&decoded, Normalize { merge_slashes, decode_unreserved: false })?;
    }
    request.path = decoded.into();
    Ok(())
}

/// Puts the settings of the sections in force that the path is in (`<Location>`) and that hold for the request (`<If>`).
fn locate(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let server = request.server.clone();
    if !server.locations.is_empty() && !request.path.is_empty() {
        let sections = walk::locations(&server.locations, &request.path, &mut request.env)?;
        request.dir = server.merged.merge(&request.dir, &sections);
    }
    let mut around = request.dir.clone();
    while !around.core.ifs.is_empty() {
        let sections = walk::ifs(snapshot, request, &around.core.ifs)?;
        let Some(inside) = walk::merged(&sections) else { break };
        request.dir = server.merged.merge(&request.dir, &sections);
        around = Arc::new(inside);
    }
    Ok(())
}
