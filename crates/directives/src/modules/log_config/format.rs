//! Log formats: what a line like `%h %l %u %t "%r" %>s %b` consists of. Nothing is evaluated here.

use std::sync::{Arc, LazyLock};

mod codes;
mod reader;

pub(crate) use reader::{BadFormat, Codes};

/// httpd's default, the Common Log Format.
const COMMON: &[u8] = b"%h %l %u %t \"%r\" %>s %b";

static COMMON_FORMAT: LazyLock<Arc<Format>> = LazyLock::new(|| {
    let codes = Codes { logio: true, ssl: true };
    Arc::new(Format::parse(COMMON, codes).expect("the Common Log Format holds known codes only"))
});

/// A format ready to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Texts and fields in order; no two texts side by side.
    pub items: Vec<Item>,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Bytes that are the same in each line.
    Text(Vec<u8>),
    /// Something about the request.
    Field(Field),
}

/// Something about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What.
    pub what: What,
    /// Of which request, where it was redirected internally (`%<`, `%>`).
    pub which: Which,
    /// The statuses with which it stands there (`%400,501`, `%!200`); any where there are none.
    pub statuses: Option<Statuses>,
}

/// Which request of a chain of internal redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that the client sent.
    Original,
    /// The one that was answered.
    Final,
}

/// Statuses that a field stands there for; `-` stands in its place with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses {
    /// Whether it stands there for all but these.
    pub negated: bool,
    /// The statuses.
    pub list: Vec<u16>,
}

impl Statuses {
    /// Whether the field stands there.
    pub fn admit(&self, status: u16) -> bool {
        self.list.contains(&status) != self.negated
    }
}

/// What a field says; names as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// `%h`: the client's name, which is its address.
    Host(Peer),
    /// `%a`.
    Address(Peer),
    /// `%A`.
    LocalAddress,
    /// `%l`.
    Logname,
    /// `%u`.
    User,
    /// `%t`: when the request came, or when it was done.
    Time(At, TimeFormat),
    /// `%f`.
    File,
    /// `%b`: bytes of the answer's body, `-` for none.
    BodyBytesOrDash,
    /// `%B`.
    BodyBytes,
    /// `%i`.
    RequestHeader(Box<[u8]>),
    /// `%o`.
    AnswerHeader(Box<[u8]>),
    /// `%^ti`.
    RequestTrailer(Box<[u8]>),
    /// `%^to`.
    AnswerTrailer(Box<[u8]>),
    /// `%n`.
    Note(Box<[u8]>),
    /// `%e`.
    Env(Box<[u8]>),
    /// `%C`.
    Cookie(Box<[u8]>),
    /// `%L`.
    LogId(Subject),
    /// `%V`: the host as UseCanonicalName has it.
    ServerName,
    /// `%v`: ServerName.
    VirtualHost,
    /// `%p`.
    Port(Port),
    /// `%P`.
    Process(Thread),
    /// `%H`.
    Protocol,
    /// `%m`.
    Method,
    /// `%q`.
    Query,
    /// `%X`.
    Connection,
    /// `%k`.
    KeepAlives,
    /// `%r`.
    RequestLine,
    /// `%D`, `%T`.
    Duration(Unit),
    /// `%U`.
    Path,
    /// `%s`.
    Status,
    /// `%R`.
    Handler,
    /// `%I` of mod_logio.
    BytesIn,
    /// `%O` of mod_logio.
    BytesOut,
    /// `%S` of mod_logio.
    BytesBoth,
    /// `%^FB` of mod_logio.
    FirstByte,
    /// `%x` and `%c` of mod_ssl: a variable such as `SSL_PROTOCOL`.
    Tls(Box<str>),
    /// An argument that httpd does not know stands for itself: `%{bogus}p`.
    Bogus(Box<[u8]>),
    /// Never anything: `%{errstr}c`.
    Nothing,
}

/// Whose address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The client's, as mod_remoteip has it.
    Client,
    /// That of the other end of the connection (`%{c}a`).
    Connection,
}

/// Whose id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The request's.
    Request,
    /// The connection's (`%{c}L`).
    Connection,
}

/// Which port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The server's.
    Canonical,
    /// The one that the client connected to.
    Local,
    /// The client's own.
    Remote,
}

/// What of the process is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Thread {
    Process,
    Thread,
    HexThread,
}

/// The unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
}

/// Which point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// When the request came.
    Begin,
    /// When it was done.
    End,
}

/// How a point in time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// `[22/Nov/2026:11:37:00 +0000]`.
    Common,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// The milliseconds of the second, three digits.
    MillisecondsFraction,
    /// The microseconds of the second, six digits.
    MicrosecondsFraction,
    /// By strftime.
    Custom(Box<[u8]>),
}

impl Format {
    /// httpd's default.
    pub fn common() -> Arc<Self> {
        COMMON_FORMAT.clone()
    }

    /// Whether a line holds anything that depends on the request.
    pub fn is_constant(&self) -> bool {
        self.items.iter().all(|item| matches!(item, Item::Text(_)))
    }

    /// Reads a format.
    pub(crate) fn parse(text: &[u8], codes: Codes) -> Result<Self, BadFormat> {
        reader::items(text, codes).map(|items| Self { items })
    }
}

#[cfg(test)]
mod tests;
