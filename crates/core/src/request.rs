//! A request, and the server that it is for.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::config::Set;
use wsgate_directives::modules::DirConf;

pub use crate::connection::{Connection, DnStyle, Tls};
pub use crate::passwords::resume;
pub use crate::phases::{Decided, Decision, decide, fail};

use crate::access::Checked;
use crate::host::Host;
use crate::http::{Conformance, Head, Headers};
use crate::mapped::{Context, Mapped};
use crate::modules::{http, remoteip, rewrite};
use crate::moment::Moment;
use crate::passwords::Checks;
use crate::redirect::Made;
use crate::reply::{Reply, Status};
use crate::snapshot::{Server, Snapshot};
use crate::target::Target;
use crate::vhost::Candidates;
use crate::world::Stat;

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
    /// The target as it came, without the query (`r->unparsed_uri`).
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
    /// How its content is encoded (`r->content_encoding`).
    pub content_encoding: Option<Bytes>,
    /// The languages that it is in (`r->content_languages`).
    pub content_languages: Vec<Bytes>,
    /// The filters that its content goes through, by the names that lines give them.
    pub output_filters: Vec<Bytes>,
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
    /// The subrequests that were made for it.
    pub(crate) made: Made,
    /// Where it is mapped to.
    pub(crate) mapped: Mapped,
    /// What lies there on the disk (`r->finfo`).
    pub(crate) found: Option<Stat>,
    /// Who is to answer it (`r->handler`); none where its type says, too.
    pub(crate) handler: Set<Bytes>,
    /// Who is to answer it as a rule says, whatever else does.
    pub(crate) forced_handler: Set<Bytes>,
    /// The folder of its host, which stands for DocumentRoot (`ap_set_document_root`).
    pub(crate) own_root: Option<Box<str>>,
    /// What Alias mapped it by.
    pub(crate) context: Option<Context>,
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
            content_encoding: None,
            content_languages: Vec::new(),
            output_filters: Vec::new(),
            user: None,
            auth_type: None,
            redirects: 0,
            received,
            status: Status::OK,
            reason: None,
            notes: Headers::default(),
            failed: None,
            main: None,
            made: Made::default(),
            mapped: Mapped::Nowhere,
            found: None,
            handler: None,
            forced_handler: None,
            own_root: None,
            context: None,
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

    fn select(&mut self, snapshot: &Snapshot, candidates: Candidates<'_>) -> Phase<()> {
        let conformance = self.conformance();
        let raw = self.head.target.clone();
        let target = Target::parse(&self.head.method, &raw, conformance).map_err(|_| Status::BAD_REQUEST)?;
        // A target without a path has one all the same, which is no part of it.
        self.path = Bytes::copy_from_slice(target.path);
        self.raw_path = raw.slice(..raw.iter().position(|byte| *byte == b'?').unwrap_or(raw.len()));
        self.query = target.query.map(|query| raw.slice_ref(query));
        let foreign = target.scheme.is_some_and(|scheme| {
            ![&b"http"[..], b"https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        });
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
        // No server but a forward proxy is asked for another scheme's URL (`ap_post_read_request`).
        if foreign {
            return Err(Status::BAD_REQUEST.into());
        }
        http::check_registered(self)?;
        http::check_expectation(self)
    }

    /// Forgets where it was mapped to, and what was found out about that.
    pub(crate) fn unmap(&mut self) {
        (self.mapped, self.context, self.found, self.handler) = (Mapped::Nowhere, None, None, None);
        (self.content_type, self.content_encoding, self.forced_handler) = (None, None, None);
        self.content_languages = Vec::new();
        self.output_filters = Vec::new();
        self.own_root = None;
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

    /// The client's address as text. Every request to a backend has it, and the formatter takes its time with IPv4.
    pub(crate) fn client_text(&self) -> String {
        let IpAddr::V4(address) = self.client() else { return self.client().to_string() };
        let [first, rest @ ..] = address.octets().map(|octet| octet.to_string());
        rest.iter().fold(first, |text, octet| text + "." + octet)
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
