//! The lines of error logs: httpd's own format and ErrorLogFormat. Which messages are logged and where lines go is
//! the server's business.

use std::io::Write as _;
use std::net::SocketAddr;

use wsgate_directives::modules::core::{ErrorFormat, ErrorTime, ErrorWhat, Level};

use crate::http::Headers;
use crate::modules::log_config::{LogIds, Process, escape};
use crate::moment::Moment;
use crate::strftime::strftime;

/// A message and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// When.
    pub at: Moment,
    /// Its weight.
    pub level: Level,
    /// Whose it is: a module of httpd without `mod_`.
    pub module: &'a str,
    /// What happened.
    pub text: &'a str,
    /// The file and line of source.
    pub source: Option<(&'a str, u32)>,
    /// Who says so.
    pub process: Process,
    /// What it is about.
    pub about: About<'a>,
}

/// What a message is about, as far as it is about anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The name of the server or virtual host.
    pub server: Option<&'a str>,
    /// The client's connection.
    pub connection: Option<Ends>,
    /// The request.
    pub request: Option<Asked<'a>>,
    /// The ids.
    pub ids: LogIds<'a>,
}

/// Both ends of a client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The client's.
    pub client: SocketAddr,
    /// The server's.
    pub local: SocketAddr,
    /// How many requests it served.
    pub served: u32,
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The host that it is for, as UseCanonicalName has it.
    pub host: &'a str,
    /// Its fields.
    pub headers: &'a Headers,
}

/// What takes the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// A file or a program.
    Log,
    /// The system's log, which writes the time itself.
    Syslog,
}

/// The line of a message, without a line feed.
pub fn line(format: Option<&ErrorFormat>, message: &Message<'_>, taker: Taker) -> Vec<u8> {
    match format {
        Some(format) => filled(format, message, Some(message.level)).unwrap_or_default(),
        None => default(message, taker),
    }
}

/// A line that goes before the first message about a request or a connection; none if something is missing that the
/// format demands.
pub fn once(format: &ErrorFormat, message: &Message<'_>) -> Option<Vec<u8>> {
    filled(format, message, None).filter(|line| !line.is_empty())
}

/// httpd's `do_errorlog_default`.
fn default(message: &Message<'_>, taker: Taker) -> Vec<u8> {
    let mut out = Vec::with_capacity(128 + message.text.len());
    let Message { level, module, process, .. } = message;
    if taker == Taker::Log {
        let time = time(&ErrorTime::Plain { compact: false, micros: true, zone: false }, message.at);
        _ = write!(out, "[{time}] ");
    }
    _ = write!(out, "[{module}:{level}] [pid {}:tid {}] ", process.pid, process.tid);
    if level.number() >= Level::Debug.number()
        && let Some((file, line)) = message.source
    {
        _ = write!(out, "{file}({line}): ");
    }
    if let Some(ends) = message.about.connection {
        _ = write!(out, "[client {}] ", address(ends.client));
    }
    escape::error(&mut out, message.text.as_bytes());
    if let Some(referer) = message.about.request.and_then(|request| request.headers.get("Referer")) {
        out.extend_from_slice(b", referer: ");
        escape::error(&mut out, referer);
    }
    out
}

/// httpd's `do_errorlog_format`: a field that says nothing takes its group with it. Lines that go before messages
/// have no level.
fn filled(format: &ErrorFormat, message: &Message<'_>, level: Option<Level>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(128 + message.text.len());
    let (mut group, mut skipping) = (0, false);
    for item in &format.items {
        if item.separates && !std::mem::take(&mut skipping) {
            group = out.len();
        }
        if item.what == ErrorWhat::Message {
            escape::error(&mut out, message.text.as_bytes());
            continue;
        }
        if skipping {
            continue;
        }
        let before = out.len();
        if level.is_none_or(|level| level.number() >= item.from_level) {
            write_item(&mut out, &item.what, message, level);
            if out.len() > before {
                continue;
            }
            if item.required {
                return None;
            }
            if item.dash {
                out.push(b'-');
                continue;
            }
        }
        out.truncate(group);
        skipping = true;
    }
    Some(out)
}

fn write_item(out: &mut Vec<u8>, what: &ErrorWhat, message: &Message<'_>, level: Option<Level>) {
    let About { server, connection, request, ids } = message.about;
    match what {
        ErrorWhat::Text(text) => out.extend_from_slice(text),
        ErrorWhat::Client => show(out, connection.map(|ends| address(ends.client))),
        ErrorWhat::Local => show(out, connection.map(|ends| address(ends.local))),
        ErrorWhat::KeepAlives => show(out, connection.map(|ends| ends.served)),
        ErrorWhat::RequestHeader(name) => {
            if let Some(value) = request.and_then(|request| request.headers.get(name)) {
                escape::error(out, value);
            }
        }
        ErrorWhat::Level => show(out, level),
        ErrorWhat::RequestId => show(out, ids.request),
        ErrorWhat::ConnectionId { unless_request: true } if request.is_some() => {}
        ErrorWhat::ConnectionId { .. } => show(out, ids.connection),
        ErrorWhat::Module => show(out, Some(message.module)),
        ErrorWhat::Process => show(out, Some(message.process.pid)),
        ErrorWhat::Thread => show(out, Some(message.process.tid)),
        ErrorWhat::Time(format) => show(out, Some(time(format, message.at))),
        ErrorWhat::VirtualHost => escape::error(out, server.unwrap_or_default().as_bytes()),
        ErrorWhat::ServerName => {
            let host = request.map_or("", |request| request.host);
            escape::error(out, host.as_bytes());
        }
        ErrorWhat::Source => show(out, message.source.map(|(file, line)| format!("{file}({line})"))),
        // Errors of the system are part of the message here; environment and notes are gone when it is written.
        ErrorWhat::SystemError | ErrorWhat::Env(_) | ErrorWhat::Note(_) | ErrorWhat::Message => {}
    }
}

fn show(out: &mut Vec<u8>, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        _ = write!(out, "{value}");
    }
}

/// httpd writes `[::1]:80` without the brackets.
fn address(address: SocketAddr) -> String {
    format!("{}:{}", address.ip().to_canonical(), address.port())
}

/// `ap_recent_ctime_ex`.
fn time(format: &ErrorTime, at: Moment) -> String {
    let by = |format: &str| String::from_utf8_lossy(&strftime(format.as_bytes(), at)).into_owned();
    match format {
        ErrorTime::Custom(format) => String::from_utf8_lossy(&strftime(format, at)).into_owned(),
        ErrorTime::Plain { compact, micros, zone } => {
            let micros =
                if *micros { format!(".{:06}", at.since_epoch.subsec_micros()) } else { String::new() };
            let zone = if *zone { by(" %z") } else { String::new() };
            match compact {
                true => by("%Y-%m-%d %H:%M:%S") + &micros + &zone,
                false => by("%a %b %d %H:%M:%S") + &micros + &by(" %Y") + &zone,
            }
        }
    }
}

#[cfg(test)]
mod tests;
