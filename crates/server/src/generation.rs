//! One loaded configuration with everything that serving it needs. A connection holds one, a tunnel none.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use wsgate_core::http::Conformance;
use wsgate_core::snapshot::{Server, Snapshot};
use wsgate_directives::config::{Config, Setting};
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::modules::core::{HttpVersion, Methods as MethodRule};
use wsgate_directives::modules::mpm::{self, Listen};
use wsgate_directives::modules::proxy::{Status, Worker};
use wsgate_directives::modules::reqtimeout;
use wsgate_directives::span::Span;
use wsgate_proxy::{Backend, Backends, Balancer, PoolParams};
use wsgate_wstunnel::RouteLabel;

use crate::balancers;
use crate::http1::{HeadRules, Methods, Settings, Stage, Timeouts};
use crate::listen;
use crate::logs::{Logs, OpenLogs};
use crate::privileges::Identity;
use crate::secure;
use crate::tls::TlsTable;
use crate::upstream::Upstreams;

/// httpd's `DEFAULT_KEEPALIVE_TIMEOUT`.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// httpd's `DEFAULT_KEEPALIVE`.
const KEEP_ALIVE_REQUESTS: u32 = 100;
/// httpd's `DEFAULT_TIMEOUT`.
const TIMEOUT: Duration = Duration::from_secs(60);
/// httpd's default for mpm_event.
const MAX_REQUEST_WORKERS: u32 = 400;

/// A configuration ready to serve.
pub(crate) struct Generation {
    /// What decides.
    pub(crate) snapshot: Arc<Snapshot>,
    /// TLS towards clients, by server.
    pub(crate) tls: TlsTable,
    /// TLS towards backends, by scope.
    pub(crate) backend_tls: secure::Backends,
    /// How clients are read, by server.
    pub(crate) fronts: Vec<Front>,
    /// The pools of the snapshot's backends, by their numbers.
    pub(crate) pools: Vec<Backend>,
    /// The snapshot's balancers, by their numbers.
    pub(crate) balancers: Vec<Balancer>,
    /// The pool of all backends that no line names: none of their connections is kept, so that it tells nobody apart.
    pub(crate) unnamed: Backend,
    /// How backends are reached.
    pub(crate) upstreams: Arc<Upstreams>,
    /// Who requests are served as.
    pub(crate) identity: Option<Identity>,
    /// Where requests and errors are logged.
    pub(crate) logs: Logs,
    /// The addresses to serve.
    pub(crate) listens: Vec<Setting<Listen>>,
    /// What tunnels are called, by server and line.
    labels: Mutex<HashMap<(usize, Span), Arc<RouteLabel>>>,
}

/// How a server reads its clients.
pub(crate) struct Front {
    /// What the gate goes by.
    pub(crate) settings: Arc<Settings>,
    /// Whether clients without TLS may begin with HTTP/2's preface (Protocols h2c).
    pub(crate) h2c: bool,
    /// How long a TLS handshake may take: RequestReadTimeout, else Timeout.
    pub(crate) handshake: Duration,
    /// KeepAlive and MaxKeepAliveRequests.
    pub(crate) keep_alive: KeepAlive,
}

/// KeepAlive, KeepAliveTimeout and MaxKeepAliveRequests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeepAlive {
    /// Whether connections are kept.
    pub(crate) on: bool,
    /// How long an idle one is.
    pub(crate) timeout: Duration,
    /// How many requests it serves; 0 is no limit.
    pub(crate) requests: u32,
}

impl Generation {
    /// Builds it; the findings tell what does not work.
    pub(crate) fn build(config: &Config, snapshot: Snapshot, backends: &Backends) -> (Self, Vec<Diagnostic>) {
        let mut notes = Vec::new();
        let snapshot = Arc::new(snapshot);
        let tls = secure::clients(&snapshot).unwrap_or_else(|errors| {
            notes.extend(errors);
            TlsTable::default()
        });
        let (backend_tls, found) = secure::Backends::load(&snapshot);
        notes.extend(found);
        let paced = config.modules.has(reqtimeout::MODULE.knowledge());
        let mut fronts: Vec<Front> = snapshot.servers.iter().map(|server| Front::of(server, paced)).collect();
        if !snapshot.loaded.http2 {
            fronts.iter_mut().for_each(|front| front.h2c = false);
        }
        let listens = snapshot.servers[0].conf.mpm.listens.clone();
        if listens.is_empty() {
            notes.push(no_listen());
        }
        let named = snapshot.backends.iter().zip(balancers::names(&snapshot));
        let pools: Vec<Backend> =
            named.map(|(backend, name)| pool(&backend.worker, &name, backends)).collect();
        let balancers = balancers::build(&snapshot, &pools);
        let unnamed = unnamed(backends);
        let upstreams = Arc::new(Upstreams::build(&snapshot));
        let identity = Identity::of(&config.main.conf.mpm).unwrap_or_else(|finding| {
            notes.push(*finding);
            None
        });
        notes.extend(Logs::check(&snapshot));
        let logs = Logs::closed(&snapshot);
        let labels = Mutex::default();
        let generation = Self {
            snapshot,
            tls,
            backend_tls,
            fronts,
            upstreams,
            identity,
            pools,
            balancers,
            unnamed,
            logs,
            listens,
            labels,
        };
        (generation, notes)
    }

    /// Opens the logs, which nothing is written to before.
    ///
    /// # Errors
    /// The logs that cannot be opened.
    pub(crate) fn open_logs(&mut self, open: &OpenLogs) -> Result<(), Vec<Diagnostic>> {
        self.logs = Logs::open(&self.snapshot, open)?;
        Ok(())
    }

    /// The server of an address whose settings hold until the request names one.
    pub(crate) fn default_server(&self, local: SocketAddr) -> usize {
        self.snapshot.vhosts.candidates(local).servers.first().copied().unwrap_or(0)
    }

    /// The server of an address that a TLS client names; the default one for none.
    pub(crate) fn server_of(&self, local: SocketAddr, name: Option<&str>) -> usize {
        let candidates = self.snapshot.vhosts.candidates(local);
        let named = name.and_then(|name| candidates.by_name(&self.snapshot.servers, name.as_bytes()));
        named.unwrap_or_else(|| self.default_server(local))
    }

    /// What the tunnels of a line and a server are called; made once, shared by all of them.
    pub(crate) fn label(&self, server: &Server, line: Span) -> Arc<RouteLabel> {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let sources = &self.snapshot.sources;
            let text = sources.line(line);
            Arc::new(RouteLabel {
                vhost: server.name.as_str().into(),
                route: String::from_utf8_lossy(text.trim_ascii()).into(),
                place: sources.place(line).into(),
            })
        };
        labels.entry((server.index, line)).or_insert_with(make).clone()
    }

    /// The addresses to serve; a Listen line without one is IPv6's wildcard, which takes IPv4 in.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let address = |listen: &Setting<Listen>| {
            SocketAddr::new(listen.address.unwrap_or(Ipv6Addr::UNSPECIFIED.into()), listen.port)
        };
        listen::settle(self.listens.iter().map(address).collect())
    }

    /// Whether a Listen line takes connections to this address.
    pub(crate) fn listens_at(&self, local: SocketAddr) -> bool {
        let ip = local.ip().to_canonical();
        let takes = |address: IpAddr| address.is_unspecified() || address.to_canonical() == ip;
        self.listens.iter().any(|listen| listen.port == local.port() && listen.address.is_none_or(takes))
    }

    /// ListenBacklog.
    pub(crate) fn backlog(&self) -> u32 {
        self.process().listen_backlog.as_ref().map_or(listen::BACKLOG, |length| **length)
    }

    /// How many tunnels may have threads of their own: MaxRequestWorkers.
    pub(crate) fn tunnel_threads(&self) -> usize {
        let number = self.process().max_request_workers.as_ref().map_or(MAX_REQUEST_WORKERS, |set| **set);
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    /// How many workers there are: one for each processor, ServerLimit at most.
    pub(crate) fn workers(&self) -> usize {
        let most = self.process().server_limit.as_ref().map_or(u32::MAX, |limit| **limit);
        let processors = thread::available_parallelism().map_or(1, usize::from);
        processors.min(usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// GracefulShutdownTimeout; none where it is 0 or not set.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.process().graceful_shutdown_timeout.as_ref().map(|time| **time).filter(|time| !time.is_zero())
    }

    /// What the configuration says of the process.
    pub(crate) fn process(&self) -> &mpm::ServerConf {
        &self.snapshot.servers[0].conf.mpm
    }
}

/// The pool of a worker; workers of the same name are the same across reloads.
fn pool(worker: &Worker, name: &str, backends: &Backends) -> Backend {
    let params = &worker.params;
    let status = params.status.as_ref().map_or_else(Status::default, |set| set.value);
    Backend {
        state: backends.state(name, params.max.as_ref().map(|max| **max)),
        identity: "".into(),
        params: PoolParams {
            disabled: status.disabled || status.stopped || status.health_failed,
            disable_reuse: params.disable_reuse.as_ref().is_some_and(|on| **on),
            smax: params.smax.as_ref().map(|smax| **smax),
            ttl: params.ttl.as_ref().map(|ttl| **ttl),
            acquire: params.acquire.as_ref().map(|acquire| **acquire),
        },
    }
}

fn unnamed(backends: &Backends) -> Backend {
    let params = PoolParams { disable_reuse: true, ..PoolParams::default() };
    Backend { state: backends.state("", None), identity: "".into(), params }
}

fn no_listen() -> Diagnostic {
    Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::unplaced("no-listen", "no Listen line: there is no address to serve")
            .help("add Listen 80, or check the file that includes this one")
    }
}

/// How long a client may be silent before its time begins: httpd's kernel keeps connections to itself until something
/// comes, or for as long (AcceptFilter `data`, APR's TCP_DEFER_ACCEPT). Browsers open connections ahead of requests.
const SILENT: Duration = Duration::from_secs(30);

impl Front {
    /// With `paced` the limits of mod_reqtimeout hold that are not configured away.
    fn of(server: &Server, paced: bool) -> Self {
        let core = &server.conf.core;
        let io = core.timeout.as_ref().map_or(TIMEOUT, |time| **time);
        let keep_alive = KeepAlive {
            on: core.keep_alive.as_ref().is_none_or(|on| **on),
            timeout: core.keep_alive_timeout.as_ref().map_or(KEEP_ALIVE_TIMEOUT, |time| **time),
            requests: core.max_keep_alive_requests.as_ref().map_or(KEEP_ALIVE_REQUESTS, |number| **number),
        };
        let limits = &server.conf.reqtimeout;
        let stage = |set: &Option<Setting<reqtimeout::Stage>>, default: Option<reqtimeout::Stage>| {
            let stage = set.as_ref().map(|set| set.value).or(default)?;
            let reqtimeout::Stage { timeout, max, min_rate } = stage;
            (paced && !timeout.is_zero()).then_some(Stage { timeout, max, min_rate })
        };
        let timeouts = Timeouts {
            fresh: io + SILENT,
            idle: keep_alive.timeout,
            io,
            header: stage(&limits.header, Some(reqtimeout::Stage::HEADER)),
            body: stage(&limits.body, Some(reqtimeout::Stage::BODY)),
        };
        let handshake = stage(&limits.handshake, None).map_or(io, |stage| stage.max.unwrap_or(stage.timeout));
        Self {
            settings: Arc::new(Settings { rules: rules(server), timeouts }),
            h2c: speaks(server, "h2c"),
            handshake,
            keep_alive,
        }
    }
}

/// Whether Protocols names one.
fn speaks(server: &Server, protocol: &str) -> bool {
    let named = server.conf.core.protocols.as_deref().unwrap_or_default();
    named.iter().any(|set| *set.value == *protocol)
}

fn rules(server: &Server) -> HeadRules {
    let core = &server.conf.core;
    let size = |set: &Option<Setting<u32>>, default: usize| {
        set.as_ref().map_or(default, |set| usize::try_from(set.value).unwrap_or(usize::MAX))
    };
    let default = HeadRules::default();
    HeadRules {
        line: size(&core.limit_request_line, default.line),
        field_size: size(&core.limit_request_field_size, default.field_size),
        fields: size(&core.limit_request_fields, default.fields),
        conformance: match &core.http_strict {
            Some(strict) if !strict.value => Conformance::Unsafe,
            _ => Conformance::Strict,
        },
        methods: match &core.http_methods {
            Some(set) if set.value == MethodRule::Registered => Methods::Registered(
                core.registered_methods
                    .iter()
                    .map(|method| Bytes::copy_from_slice(method.value.as_bytes()))
                    .collect(),
            ),
            _ => Methods::Lenient,
        },
        http09: !core.http_version.as_ref().is_some_and(|set| set.value == HttpVersion::Require10),
    }
}
