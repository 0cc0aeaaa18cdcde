//! Error logs: what the `log` facade brings goes to the error log of the server that it is about.
//!
//! A message belongs to a server through the [`Scope`] that it is made in; without one it is the main server's. A
//! server without an ErrorLog has the standard error stream, which env_logger writes: RUST_LOG then has the last word
//! on what is shown, LogLevel where it is not set.

use std::sync::OnceLock;

use arc_swap::ArcSwapOption;
use env_logger::{Builder, Env, Logger};
use log::{LevelFilter, Log, Metadata, Record};
use wsgate_core::error_line::{About, Message, Taker, line, once};
use wsgate_core::modules::log_config::Process;
use wsgate_core::snapshot::{Server, Snapshot};
use wsgate_core::strftime::strftime;
use wsgate_directives::config::Section;
use wsgate_directives::log_destination::{Destination, Syslog};
use wsgate_directives::modules::core::{ErrorFormats, ErrorItem, ErrorWhat, Level, LogLevels};

use super::scope::Scope;
use super::{Logs, Sink, targets};
use crate::clock;

/// httpd's level where LogLevel is not set.
const LEVEL: Level = Level::Warn;

/// The error log of a server.
pub(crate) struct ErrorLog {
    sink: Option<Sink>,
    syslog: Option<Syslog>,
    formats: ErrorFormats,
    levels: LogLevels,
    /// ServerName.
    pub(super) name: String,
    /// The request's fields that lines show.
    pub(super) fields: Vec<Box<[u8]>>,
    /// Whether lines show the host of a request.
    pub(super) shows_host: bool,
}

impl ErrorLog {
    pub(super) fn new(server: &Server, sink: Option<Sink>) -> Self {
        let core = &server.conf.core;
        let syslog = match core.error_log.as_ref().map(|to| &to.value) {
            Some(Destination::Syslog(syslog)) => Some(syslog.clone()),
            _ => None,
        };
        let formats = core.error_formats.clone();
        let shown = || items(&formats).map(|item| &item.what);
        let mut fields: Vec<Box<[u8]>> = vec![(*b"Referer").into()];
        fields.extend(shown().filter_map(|what| match what {
            ErrorWhat::RequestHeader(name) => Some(name.clone()),
            _ => None,
        }));
        let shows_host = shown().any(|what| *what == ErrorWhat::ServerName);
        let (levels, name) = (core.log_levels.clone(), server.name.clone());
        Self { sink, syslog, formats, levels, name, fields, shows_host }
    }

    /// Up to which level messages of a module are logged.
    fn level(&self, module: &str) -> Level {
        self.levels.of(module).unwrap_or(LEVEL)
    }

    /// Writes a message, and before it what goes before the first one about its request and connection.
    fn write(&self, sink: &Sink, message: &Message<'_>, scope: Option<&Scope>) {
        let first = scope.map(Scope::first_lines).unwrap_or_default();
        let before = [(first.connection, &self.formats.connection), (first.request, &self.formats.request)];
        for (due, formats) in before {
            for format in formats.iter().flatten().filter(|_| due) {
                if let Some(line) = once(format, message) {
                    self.put(sink, message, line);
                }
            }
        }
        let format = self.formats.message.as_ref().map(|format| &*format.value);
        let taker = if self.syslog.is_some() { Taker::Syslog } else { Taker::Log };
        self.put(sink, message, line(format, message, taker));
    }

    fn put(&self, sink: &Sink, message: &Message<'_>, mut line: Vec<u8>) {
        if let Some(syslog) = &self.syslog {
            let mut datagram = syslog_head(syslog, message).into_bytes();
            datagram.append(&mut line);
            line = datagram;
        }
        line.push(b'\n');
        sink.write(&line);
    }
}

fn items(formats: &ErrorFormats) -> impl Iterator<Item = &ErrorItem> {
    let once = formats.connection.iter().chain(&formats.request).flatten();
    let message = formats.message.iter().map(|format| &format.value);
    once.chain(message).flat_map(|format| &format.items)
}

/// RFC 3164 section 4.1, without the host, as syslog(3) sends it; levels below debug are debug's.
fn syslog_head(syslog: &Syslog, message: &Message<'_>) -> String {
    let priority = u32::from(syslog.facility) * 8 + u32::from(message.level.number().min(7));
    let time = strftime(b"%b %e %H:%M:%S", message.at);
    let tag = syslog.tag.as_deref().unwrap_or("wsgate");
    format!("<{priority}>{} {tag}[{}]: ", String::from_utf8_lossy(&time), message.process.pid)
}

/// The one logger of the process.
struct Router {
    /// The main server's log of the configuration in force.
    main: ArcSwapOption<ErrorLog>,
    stderr: OnceLock<Stderr>,
}

struct Stderr {
    logger: Logger,
    /// Its filter says what is shown.
    decides: bool,
}

static ROUTER: Router = Router { main: ArcSwapOption::const_empty(), stderr: OnceLock::new() };

/// Has the `log` facade write to the standard error stream until a configuration says where. What is shown there
/// RUST_LOG says, or else `filter`, or else LogLevel.
pub(crate) fn init(filter: Option<&str>) {
    let decides = filter.is_some() || std::env::var_os("RUST_LOG").is_some();
    let logger = Builder::from_env(Env::default().default_filter_or(filter.unwrap_or("trace"))).build();
    let shown = if decides { logger.filter() } else { LevelFilter::Warn };
    let first = ROUTER.stderr.set(Stderr { logger, decides }).is_ok();
    if first && log::set_logger(&ROUTER).is_ok() {
        log::set_max_level(shown);
    }
}

/// From here on a configuration's error logs hold.
pub(crate) fn install(logs: &Logs, snapshot: &Snapshot) {
    ROUTER.main.store(Some(logs.errors(0).clone()));
    let configured = most(snapshot);
    let own = ROUTER.stderr.get().filter(|stderr| stderr.decides).map(|stderr| stderr.logger.filter());
    log::set_max_level(own.map_or(configured, |own| own.max(configured)));
}

/// Something that an operator wants to know however little is logged: a start, a stop, a reload.
pub(crate) fn notice(module: &str, text: &str) {
    let main = ROUTER.main.load();
    let Some((log, sink)) = main.as_deref().and_then(|log| Some((log, log.sink.as_ref()?))) else {
        if let Some(stderr) = ROUTER.stderr.get() {
            let level = log::Level::Info;
            let args = format_args!("{text}");
            let record = Record::builder().level(level).target(module).args(args).build();
            if !stderr.decides || stderr.logger.matches(&record) {
                stderr.logger.log(&record);
            }
        }
        return;
    };
    if log.syslog.is_some() && log.level(module) < Level::Notice {
        return;
    }
    let about = About { server: Some(&log.name), ..About::default() };
    log.write(sink, &message(Level::Notice, module, text, about), None);
}

fn message<'a>(level: Level, module: &'a str, text: &'a str, about: About<'a>) -> Message<'a> {
    Message { at: clock::now(), level, module, text, source: None, process: process(), about }
}

/// Who writes.
pub(crate) fn process() -> Process {
    Process { pid: std::process::id(), tid: u64::try_from(nix::unistd::gettid().as_raw()).unwrap_or(0) }
}

/// The level of the most talkative module of any server or section.
fn most(snapshot: &Snapshot) -> LevelFilter {
    let mut most = LEVEL;
    for server in &snapshot.servers {
        let sections = server.locations.iter().chain(&server.directories).chain(&server.proxies);
        let own = [server.conf.core.log_levels.most(), server.base.core.log_levels.most()];
        most = own
            .into_iter()
            .chain(sections.map(|section| section_most(section)))
            .flatten()
            .fold(most, Level::max);
    }
    match most {
        Level::Emerg | Level::Alert | Level::Crit | Level::Error => LevelFilter::Error,
        Level::Warn | Level::Notice => LevelFilter::Warn,
        Level::Info => LevelFilter::Info,
        Level::Debug => LevelFilter::Debug,
        Level::Trace(_) => LevelFilter::Trace,
    }
}

fn section_most(section: &Section) -> Option<Level> {
    let core = &section.conf.core;
    let inside = core.files.iter().chain(&core.ifs).filter_map(|section| section_most(section));
    inside.chain(core.log_levels.most()).max()
}

fn level(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::Error,
        log::Level::Warn => Level::Warn,
        log::Level::Info => Level::Info,
        log::Level::Debug => Level::Debug,
        log::Level::Trace => Level::Trace(1),
    }
}

impl Log for Router {
    /// The facade asks for the largest level itself, and the rest depends on the scope.
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.route(record, Scope::current().as_ref());
    }

    /// Writer threads leave nothing lying about; [`super::OpenLogs::flush`] waits for them.
    fn flush(&self) {}
}

impl Router {
    fn route(&self, record: &Record<'_>, scope: Option<&Scope>) {
        let main = self.main.load();
        let log = scope.map(Scope::log).or(main.as_ref());
        let (module, level) = (targets::module(record.target()), level(record.level()));
        let section = scope.and_then(|scope| scope.level(module));
        let wanted = level <= section.unwrap_or_else(|| log.map_or(LEVEL, |log| log.level(module)));
        let Some((log, sink)) = log.and_then(|log| Some((log, log.sink.as_ref()?))) else {
            return self.stderr(record, scope, wanted);
        };
        if !wanted {
            return;
        }
        let text = record.args().to_string();
        let server = About { server: Some(&log.name), ..About::default() };
        let about = scope.map_or(server, Scope::about);
        let source = record.file().zip(record.line());
        log.write(sink, &Message { source, ..message(level, module, &text, about) }, scope);
    }

    fn stderr(&self, record: &Record<'_>, scope: Option<&Scope>, wanted: bool) {
        let Some(stderr) = self.stderr.get() else { return };
        if !(if stderr.decides { stderr.logger.matches(record) } else { wanted }) {
            return;
        }
        let Some(ends) = scope.and_then(|scope| scope.about().connection) else {
            return stderr.logger.log(record);
        };
        let (level, target, args) = (record.level(), record.target(), *record.args());
        let mut named = Record::builder();
        named.level(level).target(target).module_path(record.module_path());
        stderr.logger.log(&named.args(format_args!("[client {}] {args}", ends.client)).build());
    }
}

#[cfg(test)]
mod tests;
