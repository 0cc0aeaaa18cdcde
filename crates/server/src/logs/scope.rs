//! What messages are about: a task that serves a client runs in a [`Scope`], and whatever it logs, in whatever crate,
//! names the client and goes to the error log of the server that has the request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use bytes::Bytes;
use data_encoding::BASE64_NOPAD;
use wsgate_core::error_line::{About, Asked, Ends};
use wsgate_core::http::Headers;
use wsgate_core::modules::log_config::LogIds;
use wsgate_core::request::Request;
use wsgate_directives::modules::core::{Level, LogLevels};

use super::errors::{ErrorLog, process};
use crate::clock;

tokio::task_local! {
    static CURRENT: Scope;
}

/// What the error log knows of a client's connection.
#[derive(Debug)]
pub(crate) struct ConnectionLog {
    ends: Ends,
    id: LogId,
}

/// A connection, or a request on it.
#[derive(Clone)]
pub(crate) struct Scope(Arc<Inner>);

struct Inner {
    log: Arc<ErrorLog>,
    connection: Arc<ConnectionLog>,
    served: u32,
    request: Option<RequestLog>,
}

struct RequestLog {
    id: LogId,
    /// Who proxies say that the client is.
    client: SocketAddr,
    host: String,
    fields: Headers,
    /// LogLevel of the sections that it is in.
    levels: RwLock<LogLevels>,
}

/// An id that comes into being with the first message about something.
#[derive(Debug, Default)]
struct LogId {
    id: OnceLock<String>,
    /// What it will be, where something else names the request (mod_unique_id).
    given: OnceLock<Bytes>,
    introduced: AtomicBool,
}

/// What goes before a message because it is the first one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FirstLines {
    pub(super) connection: bool,
    pub(super) request: bool,
}

impl LogId {
    fn get(&self) -> &str {
        let given = || self.given.get().map(|id| String::from_utf8_lossy(id).into_owned());
        self.id.get_or_init(|| given().unwrap_or_else(new_id))
    }

    /// The id, if there was a message.
    fn used(&self) -> Option<&str> {
        self.id.get().map(String::as_str)
    }

    fn introduce(&self) -> bool {
        !self.introduced.swap(true, Ordering::Relaxed)
    }
}

/// Eleven letters, as httpd makes them (`core_generate_log_id`): time, process and, instead of the thread, a count.
fn new_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let micros = clock::now().since_epoch.as_micros() as u64;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = micros ^ (u64::from(process().pid) << 40) ^ (count << 32);
    BASE64_NOPAD.encode(&id.to_le_bytes())
}

impl ConnectionLog {
    /// That of a connection.
    pub(crate) fn new(client: SocketAddr, local: SocketAddr) -> Arc<Self> {
        let ends = Ends { client, local, served: 0 };
        Arc::new(Self { ends, id: LogId::default() })
    }
}

impl Scope {
    /// A connection whose server is known by its address only.
    pub(crate) fn connection(log: Arc<ErrorLog>, connection: Arc<ConnectionLog>) -> Self {
        Self(Arc::new(Inner { log, connection, served: 0, request: None }))
    }

    /// A request, the `served`th on its connection, whose server's error log this is.
    pub(crate) fn request(
        log: Arc<ErrorLog>,
        connection: Arc<ConnectionLog>,
        request: &Request,
        served: u32,
    ) -> Self {
        let sent = |name: &[u8]| request.head.headers.iter().find(|field| field.is(name)).cloned();
        let fields = log.fields.iter().filter_map(|name| sent(name)).collect();
        let host = if log.shows_host { request.own_host() } else { String::new() };
        let (id, client) = (LogId::default(), request.client);
        let request = RequestLog { id, client, host, fields, levels: RwLock::default() };
        Self(Arc::new(Inner { log, connection, served, request: Some(request) }))
    }

    /// The one that this task runs in.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// LogLevel of the sections that the request is in.
    pub(crate) fn set_levels(&self, levels: &LogLevels) {
        let Some(own) = &self.0.request else { return };
        let mut known = own.levels.write().unwrap_or_else(PoisonError::into_inner);
        if levels.most().is_some() || known.most().is_some() {
            known.clone_from(levels);
        }
    }

    /// What the request is in the end is known: its LogLevel holds, and it may have a name.
    pub(crate) fn adopt(&self, request: &Request) {
        let Some(own) = &self.0.request else { return };
        self.set_levels(&request.dir.core.log_levels);
        if let Some(id) = request.env.get("UNIQUE_ID") {
            _ = own.id.given.set(id.clone());
        }
    }

    /// Does what is done at once about the connection or the request.
    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), work)
    }

    /// Runs what serves the connection or the request. Not `async`: that would hold the work twice over.
    pub(crate) fn run<W: Future>(&self, work: W) -> impl Future<Output = W::Output> + use<W> {
        CURRENT.scope(self.clone(), work)
    }

    /// The ids under which the error log has messages, for the access log.
    pub(crate) fn ids(&self) -> LogIds<'_> {
        let request = self.0.request.as_ref().and_then(|request| request.id.used());
        LogIds { request, connection: self.0.connection.id.used() }
    }

    pub(super) fn log(&self) -> &Arc<ErrorLog> {
        &self.0.log
    }

    /// The level that a section sets for a module.
    pub(super) fn level(&self, module: &str) -> Option<Level> {
        let request = self.0.request.as_ref()?;
        request.levels.read().unwrap_or_else(PoisonError::into_inner).of(module)
    }

    pub(super) fn about(&self) -> About<'_> {
        let Inner { log, connection, served, request } = &*self.0;
        let ids = LogIds {
            request: request.as_ref().map(|request| request.id.get()),
            connection: Some(connection.id.get()),
        };
        let client = request.as_ref().map_or(connection.ends.client, |own| own.client);
        let request = request.as_ref().map(|own| Asked { host: &own.host, headers: &own.fields });
        let connection = Some(Ends { served: *served, client, ..connection.ends });
        About { server: Some(&log.name), connection, request, ids }
    }

    /// What has to go before a message; true once for each.
    pub(super) fn first_lines(&self) -> FirstLines {
        FirstLines {
            connection: self.0.connection.id.introduce(),
            request: self.0.request.as_ref().is_some_and(|request| request.id.introduce()),
        }
    }
}
