//! The logs of a configuration: where lines go, who writes them, and which server's they are.
//!
//! How a line looks is `core`'s business. Logs are opened before privileges are dropped; a log that several lines
//! name is opened once. Nothing here waits for a disk or a program but the threads that `queue` starts.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::unistd::{AccessFlags, access};
use wsgate_core::snapshot::Snapshot;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::log_destination::Destination;
use wsgate_directives::span::Span;

mod access_lines;
mod errors;
mod outlets;
mod queue;
mod scope;
mod targets;

pub(crate) use access_lines::Lines;
pub(crate) use errors::{ErrorLog, init, install, notice, process};
pub(crate) use queue::Sink;
pub(crate) use scope::{ConnectionLog, Scope};

use outlets::{LogFile, PipedProgram, SystemLog};
use queue::{Desk, WeakSink};

/// Where the system takes lines for its log.
const SYSTEM_LOG: &str = "/dev/log";

/// Every log that is open, whichever configuration named it: one that names it again goes on with it.
#[derive(Default)]
pub(crate) struct OpenLogs(Mutex<Open>);

#[derive(Default)]
struct Open {
    sinks: HashMap<Destination, WeakSink>,
    /// The thread that writes all regular files.
    files: Option<Desk>,
}

/// The logs of a configuration.
pub(crate) struct Logs {
    /// The access logs, by server and by their place among the server's.
    access: Vec<Vec<Sink>>,
    /// The error logs, by server.
    errors: Vec<Arc<ErrorLog>>,
}

impl OpenLogs {
    /// The log of a destination. One that is open already begins anew, so that it follows a file that was moved.
    fn sink(&self, to: &Destination) -> io::Result<Sink> {
        let open = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.sinks.retain(|_, sink| sink.upgrade().is_some());
        if let Some(sink) = open.sinks.get(to).and_then(WeakSink::upgrade) {
            sink.reopen();
            return Ok(sink);
        }
        let sink = open.make(to)?;
        open.sinks.insert(to.clone(), sink.downgrade());
        Ok(sink)
    }

    /// Begins anew with all logs (a file was moved away, and its name is free).
    pub(crate) fn reopen(&self) {
        self.each().iter().for_each(Sink::reopen);
    }

    /// Waits until all that was written has gone out, but not longer than this.
    pub(crate) fn flush(&self, limit: Duration) {
        let end = Instant::now() + limit;
        for barrier in self.each().iter().map(Sink::barrier).collect::<Vec<_>>() {
            _ = barrier.recv_timeout(end.saturating_duration_since(Instant::now()));
        }
    }

    fn each(&self) -> Vec<Sink> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.sinks.values().filter_map(WeakSink::upgrade).collect()
    }
}

impl Open {
    /// Regular files share a thread; whatever may wait for someone has its own.
    fn make(&mut self, to: &Destination) -> io::Result<Sink> {
        let name = to.to_string();
        match to {
            Destination::File(path) => {
                let file = LogFile::open(Path::new(&**path))?;
                let desk = if file.may_block() { Desk::start("log")? } else { self.files()? };
                Ok(desk.sink(name, Box::new(file)))
            }
            Destination::Program(program) => {
                let piped = PipedProgram::start(program.clone())?;
                Ok(Desk::start("log")?.sink(name, Box::new(piped)))
            }
            Destination::Syslog(_) => {
                let system = SystemLog::new(Path::new(SYSTEM_LOG));
                Ok(Desk::start("log")?.sink(name, Box::new(system)))
            }
        }
    }

    fn files(&mut self) -> io::Result<Desk> {
        if self.files.is_none() {
            self.files = Some(Desk::start("log-files")?);
        }
        self.files.clone().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Logs {
    /// Opens every log of a configuration.
    ///
    /// # Errors
    /// The logs that cannot be opened.
    pub(crate) fn open(snapshot: &Snapshot, open: &OpenLogs) -> Result<Self, Vec<Diagnostic>> {
        let mut failed = Vec::new();
        let mut sink = |to: &Destination, span: Span| match open.sink(to) {
            Ok(sink) => Some(sink),
            Err(error) => {
                failed.push(cannot_open(to, span, &error));
                None
            }
        };
        let (mut access, mut errors) = (Vec::new(), Vec::new());
        for server in &snapshot.servers {
            access.push(server.logs.iter().filter_map(|log| sink(&log.to, log.span)).collect());
            let to = server.conf.core.error_log.as_ref();
            let opened = to.and_then(|to| sink(&to.value, to.span));
            errors.push(Arc::new(ErrorLog::new(server, opened)));
        }
        failed.dedup_by(|a, b| a.span == b.span);
        if failed.is_empty() { Ok(Self { access, errors }) } else { Err(failed) }
    }

    /// The logs of a configuration before they are opened: errors go to the standard error stream, requests nowhere.
    pub(crate) fn closed(snapshot: &Snapshot) -> Self {
        let errors = snapshot.servers.iter().map(|server| Arc::new(ErrorLog::new(server, None))).collect();
        Self { access: vec![Vec::new(); snapshot.servers.len()], errors }
    }

    /// What keeps logs from being opened, without opening or creating any.
    pub(crate) fn check(snapshot: &Snapshot) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = Vec::new();
        for server in &snapshot.servers {
            let access = server.logs.iter().map(|log| (&log.to, log.span));
            let error = server.conf.core.error_log.iter().map(|set| (&set.value, set.span));
            for (to, span) in access.chain(error) {
                if !found.iter().any(|known| known.span == Some(span)) {
                    found.extend(obstacle(to, span));
                }
            }
        }
        found
    }

    /// The error log of a server.
    pub(crate) fn errors(&self, server: usize) -> &Arc<ErrorLog> {
        &self.errors[server]
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("access", &self.access).finish_non_exhaustive()
    }
}

fn cannot_open(to: &Destination, span: Span, error: &io::Error) -> Diagnostic {
    let message = match to {
        Destination::Program(program) => {
            format!("the log's program {} cannot be started: {error}", program.command)
        }
        to => format!("the log {to} cannot be opened: {error}"),
    };
    Diagnostic::error("log-not-opened", span, message)
}

/// A missing folder is fatal in httpd even where it only tests a configuration. Who checks may be another user than
/// who serves, so a lack of rights is a warning.
fn obstacle(to: &Destination, span: Span) -> Option<Diagnostic> {
    let Destination::File(path) = to else { return None };
    let path = Path::new(&**path);
    let folder = path.parent().unwrap_or(Path::new("/"));
    let error = |message| Some(Diagnostic::error("log-not-opened", span, message));
    if !folder.is_dir() {
        let diagnostic = error(format!("the folder {} of this log does not exist", folder.display()));
        return diagnostic.map(|diagnostic| diagnostic.help(format!("mkdir -p {}", folder.display())));
    }
    if path.is_dir() {
        return error(format!("{} is a folder, not a log file", path.display()));
    }
    let needed = if path.exists() { path } else { folder };
    access(needed, AccessFlags::W_OK).err().map(|why| {
        let message = format!("{} cannot be written to by who checks this: {}", needed.display(), why.desc());
        Diagnostic::warning("log-not-writable", span, message)
    })
}

#[cfg(test)]
mod tests;
