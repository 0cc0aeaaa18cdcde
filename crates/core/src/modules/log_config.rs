//! mod_log_config: the lines of the access logs.
//!
//! A line is made in two steps. [`start`] fills in all that is known with the head of the answer and decides which
//! logs get a line; [`Pending::finish`] adds what only the end tells: bytes, durations, what became of the
//! connection. Between the two a tunnel may run for days, so a [`Pending`] refers to nothing of the request and the
//! configuration. Writing lines is the server's business.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use wsgate_directives::config::Setting;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::log_destination::Destination;
use wsgate_directives::modules::log_config::{
    At, Field, Format, Item, Only, ServerConf, TimeFormat, Unit, What, Written,
};
use wsgate_directives::span::Span;

use crate::filters;
use crate::http::Headers;
use crate::moment::Moment;
use crate::plan::Plan;
use crate::request::Request;
use crate::snapshot::Snapshot;

mod condition;
pub mod escape;
mod items;
mod times;

/// An access log of a server with the format that its nickname stands for.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// Where it goes.
    pub to: Destination,
    /// The line that says so.
    pub span: Span,
    /// How lines look.
    pub format: Arc<Format>,
    /// Which requests it has.
    pub only: Only,
}

/// A request whose answer's head is made.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The configuration that it was served by.
    pub snapshot: &'a Snapshot,
    /// The request, as the phases left it.
    pub request: &'a Request,
    /// Where it was passed on to.
    pub plan: Option<&'a Plan>,
    /// The status of the answer.
    pub status: u16,
    /// The fields of the answer as they are sent, those of the framing included.
    pub headers: &'a Headers,
    /// How many requests its connection had served before.
    pub served_before: u32,
    /// The ids under which the error log has it.
    pub ids: LogIds<'a>,
    /// Who serves it.
    pub process: Process,
}

/// Ids by which lines of the error log and of the access log are brought together; there are some if the error log
/// has a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogIds<'a> {
    /// Of the request.
    pub request: Option<&'a str>,
    /// Of the connection.
    pub connection: Option<&'a str>,
}

/// The process and thread that serve a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process {
    /// The process.
    pub pid: u32,
    /// The thread.
    pub tid: u64,
}

/// How it ended.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// When.
    pub at: Moment,
    /// Bytes that came from the client, heads and TLS's own included.
    pub bytes_in: u64,
    /// Bytes that went to it, likewise.
    pub bytes_out: u64,
    /// Bytes of the answer's body; a tunnel has none.
    pub body: u64,
    /// How long the first byte of the answer took.
    pub first_byte: Option<Duration>,
    /// What became of the connection.
    pub connection: Aftermath,
    /// Fields behind the request's body.
    pub request_trailers: Option<&'a Headers>,
    /// Fields behind the answer's body.
    pub answer_trailers: Option<&'a Headers>,
    /// What filters noted.
    pub notes: Option<&'a Headers>,
}

/// What becomes of a client's connection behind an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aftermath {
    /// The client left before the answer was complete.
    Aborted,
    /// It may serve another request.
    Kept,
    /// It is closed.
    Closed,
}

/// A line that waits for the end of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Which of the server's logs gets it.
    pub log: usize,
    began: Moment,
    line: Box<[u8]>,
    holes: Box<[(u32, Hole)]>,
}

/// What is put into a line at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hole {
    BytesIn,
    BytesOut,
    BytesBoth,
    Body,
    BodyOrDash,
    FirstByte,
    Connection,
    Duration(Unit),
    Time(TimeFormat),
    RequestTrailer(Box<[u8]>),
    AnswerTrailer(Box<[u8]>),
    Note(Box<[u8]>),
}

/// The access logs of a server, its own and those it inherits.
pub(crate) fn logs(conf: &ServerConf) -> Vec<AccessLog> {
    let default = conf.default_format.as_ref().map_or_else(Format::common, |set| meant(conf, set));
    let log = |log: &Setting<wsgate_directives::modules::log_config::AccessLog>| AccessLog {
        to: log.to.clone(),
        span: log.span,
        format: log.format.as_ref().map_or_else(|| default.clone(), |written| meant(conf, written)),
        only: log.only.clone(),
    };
    conf.logs.iter().map(log).collect()
}

/// The format of a nickname, or the literal one.
fn meant(conf: &ServerConf, written: &Written) -> Arc<Format> {
    conf.format(&written.name).unwrap_or_else(|| written.literal.clone())
}

/// Logs whose lines are all the same, which is what a misspelt nickname comes to.
pub(crate) fn suspicious<'a>(logs: impl Iterator<Item = &'a AccessLog>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for log in logs.filter(|log| log.format.is_constant()) {
        if found.iter().any(|diagnostic| diagnostic.span == Some(log.span)) {
            continue;
        }
        let message = format!("each line of this log is the same text: {}", shown(&log.format));
        found.push(
            Diagnostic::warning("constant-log-format", log.span, message)
                .help("no LogFormat gives it as a nickname; did you mean combined or common?"),
        );
    }
    found
}

fn shown(format: &Format) -> String {
    let texts = format.items.iter().filter_map(|item| match item {
        Item::Text(text) => Some(text.escape_ascii().to_string()),
        Item::Field(_) => None,
    });
    texts.collect()
}

/// The lines of a request, one for each log that gets one (`multi_log_transaction`).
pub fn start(answered: &Answered<'_>) -> Vec<Pending> {
    let logs = answered.request.server.logs.iter().enumerate();
    logs.filter(|(_, log)| wanted(&log.only, answered))
        .map(|(index, log)| Builder::new(answered).line(index, &log.format))
        .collect()
}

fn wanted(only: &Only, answered: &Answered<'_>) -> bool {
    let env = &answered.request.env;
    match only {
        Only::All => true,
        Only::With(name) => env.contains(&**name),
        Only::Without(name) => !env.contains(&**name),
        Only::If(condition) => condition::holds(condition, answered),
    }
}

struct Builder<'a> {
    answered: &'a Answered<'a>,
    line: Vec<u8>,
    holes: Vec<(u32, Hole)>,
}

impl<'a> Builder<'a> {
    fn new(answered: &'a Answered<'a>) -> Self {
        Self { answered, line: Vec::with_capacity(160), holes: Vec::new() }
    }

    fn line(mut self, log: usize, format: &Format) -> Pending {
        for item in &format.items {
            match item {
                Item::Text(text) => self.line.extend_from_slice(text),
                Item::Field(field) => self.field(field),
            }
        }
        self.line.push(b'\n');
        let (line, holes) = (self.line.into_boxed_slice(), self.holes.into_boxed_slice());
        Pending { log, began: self.answered.request.received, line, holes }
    }

    /// httpd's `process_item`.
    fn field(&mut self, field: &Field) {
        if field.statuses.as_ref().is_some_and(|statuses| !statuses.admit(self.answered.status)) {
            self.line.push(b'-');
            return;
        }
        match self.hole(&field.what) {
            Some(hole) => self.holes.push((u32::try_from(self.line.len()).unwrap_or(u32::MAX), hole)),
            None => items::write(&mut self.line, &field.what, field.which, self.answered),
        }
    }

    /// What the end has to fill in.
    fn hole(&self, what: &What) -> Option<Hole> {
        Some(match what {
            What::BytesIn => Hole::BytesIn,
            What::BytesOut => Hole::BytesOut,
            What::BytesBoth => Hole::BytesBoth,
            What::BodyBytes => Hole::Body,
            What::BodyBytesOrDash => Hole::BodyOrDash,
            What::FirstByte if items::tracks_first_byte(self.answered) => Hole::FirstByte,
            What::Connection => Hole::Connection,
            What::Duration(unit) => Hole::Duration(*unit),
            What::Time(At::End, format) => Hole::Time(format.clone()),
            What::RequestTrailer(name) => Hole::RequestTrailer(name.clone()),
            What::AnswerTrailer(name) => Hole::AnswerTrailer(name.clone()),
            What::Note(name) if filters::notes_later(self.answered.request, name) => Hole::Note(name.clone()),
            _ => return None,
        })
    }
}

impl Pending {
    /// The line, its line feed included.
    pub fn finish(&self, end: &End<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.line.len() + 16 * self.holes.len());
        let mut done = 0;
        for (at, hole) in &self.holes {
            let at = *at as usize;
            out.extend_from_slice(&self.line[done..at]);
            done = at;
            hole.fill(&mut out, self.began, end);
        }
        out.extend_from_slice(&self.line[done..]);
        out
    }
}

impl Hole {
    fn fill(&self, out: &mut Vec<u8>, began: Moment, end: &End<'_>) {
        match self {
            Self::BytesIn => number(out, end.bytes_in),
            Self::BytesOut => number(out, end.bytes_out),
            Self::BytesBoth => number(out, end.bytes_in.saturating_add(end.bytes_out)),
            Self::Body => number(out, end.body),
            Self::BodyOrDash if end.body == 0 => out.push(b'-'),
            Self::BodyOrDash => number(out, end.body),
            Self::FirstByte => match end.first_byte {
                Some(time) => number(out, time.as_micros()),
                None => out.push(b'-'),
            },
            Self::Connection => out.push(match end.connection {
                Aftermath::Aborted => b'X',
                Aftermath::Kept => b'+',
                Aftermath::Closed => b'-',
            }),
            Self::Duration(unit) => {
                let duration = end.at.since(began);
                match unit {
                    Unit::Seconds => number(out, duration.as_secs()),
                    Unit::Milliseconds => number(out, duration.as_millis()),
                    Unit::Microseconds => number(out, duration.as_micros()),
                }
            }
            Self::Time(format) => times::write(out, format, end.at),
            Self::RequestTrailer(name) => trailer(out, end.request_trailers, name),
            Self::AnswerTrailer(name) => trailer(out, end.answer_trailers, name),
            Self::Note(name) => trailer(out, end.notes, name),
        }
    }
}

fn trailer(out: &mut Vec<u8>, trailers: Option<&Headers>, name: &[u8]) {
    items::item(out, trailers.and_then(|trailers| trailers.get(name)));
}

/// Writing into memory does not fail.
fn number(out: &mut Vec<u8>, number: impl std::fmt::Display) {
    _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests;
