//! Log formats: `%h %l %u %t "%r" %>s %b` to a list of items (httpd's `parse_log_string`). Nothing is evaluated here.

use std::fmt;
use std::sync::{Arc, LazyLock};

mod codes;

use codes::{long_code, short_code};

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

/// Which modules' codes are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    /// mod_logio's.
    pub(crate) logio: bool,
    /// mod_ssl's.
    pub(crate) ssl: bool,
}

/// Why a format cannot be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadFormat {
    /// The byte at fault.
    pub(crate) offset: usize,
    /// The letter that is no code, or none where the format ends too early.
    code: Option<u8>,
}

impl BadFormat {
    /// The module that would bring the code.
    pub(crate) fn module(self) -> Option<&'static str> {
        match self.code? {
            b'I' | b'O' | b'S' => Some("mod_logio"),
            b'x' | b'c' => Some("mod_ssl"),
            _ => None,
        }
    }
}

impl fmt::Display for BadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "%{} is no code of a log format", code.escape_ascii()),
            None => f.write_str("the format ends within a code"),
        }
    }
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
        let mut reader = Reader { text, at: 0, codes };
        let mut items = Vec::new();
        while let Some(byte) = reader.peek() {
            match (byte, text.get(reader.at + 1)) {
                (b'%', Some(b'%')) => {
                    reader.at += 2;
                    push_text(&mut items, b"%");
                }
                (b'%', _) => items.push(Item::Field(reader.field()?)),
                _ => push_text(&mut items, &reader.literal()),
            }
        }
        Ok(Self { items })
    }
}

fn push_text(items: &mut Vec<Item>, text: &[u8]) {
    match items.last_mut() {
        Some(Item::Text(last)) => last.extend_from_slice(text),
        _ => items.push(Item::Text(text.to_vec())),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    codes: Codes,
}

/// What stands between `%` and the code.
#[derive(Default)]
struct Modifiers<'a> {
    negated: bool,
    statuses: Vec<u16>,
    which: Option<Which>,
    argument: &'a [u8],
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Text up to the next `%`; `\\`, `\n`, `\r` and `\t` are resolved, other backslashes stay.
    fn literal(&mut self) -> Vec<u8> {
        let mut literal = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| *byte != b'%') {
            self.at += 1;
            let escaped = match self.peek() {
                Some(b'\\') => b'\\',
                Some(b'r') => b'\r',
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                _ => 0,
            };
            if byte == b'\\' && escaped != 0 {
                self.at += 1;
                literal.push(escaped);
            } else {
                literal.push(byte);
            }
        }
        literal
    }

    /// httpd's `parse_log_item`.
    fn field(&mut self) -> Result<Field, BadFormat> {
        self.at += 1;
        let mut modifiers = Modifiers::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'!' => modifiers.negated = !modifiers.negated,
                b'<' => modifiers.which = Some(Which::Original),
                b'>' => modifiers.which = Some(Which::Final),
                b',' => {}
                b'{' => {
                    modifiers.argument = self.argument();
                    continue;
                }
                b'0'..=b'9' => {
                    modifiers.statuses.push(self.status());
                    continue;
                }
                _ => return self.code(modifiers),
            }
            self.at += 1;
        }
        Err(BadFormat { offset: self.at, code: None })
    }

    /// The text in braces; several closing ones count as one (`ap_getword`).
    fn argument(&mut self) -> &'a [u8] {
        let inside = &self.text[self.at + 1..];
        let len = inside.iter().position(|byte| *byte == b'}').unwrap_or(inside.len());
        let closing = inside[len..].iter().take_while(|byte| **byte == b'}').count();
        self.at += 1 + len + closing;
        &inside[..len]
    }

    fn status(&mut self) -> u16 {
        let mut status = 0_u16;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            status = status.saturating_mul(10).saturating_add(u16::from(digit - b'0'));
            self.at += 1;
        }
        status
    }

    fn code(&mut self, modifiers: Modifiers<'_>) -> Result<Field, BadFormat> {
        let rest = &self.text[self.at..];
        let long = rest.get(..3).and_then(|code| long_code(code, self.codes, modifiers.argument));
        let (len, what) = match long {
            Some(what) => (3, Some(what)),
            None => (1, short_code(rest[0], self.codes, modifiers.argument)),
        };
        let Some(what) = what else {
            return Err(BadFormat { offset: self.at, code: Some(rest[0]) });
        };
        self.at += len;
        let which = modifiers.which.unwrap_or(
            if matches!(&rest[0], b'L' | b'r' | b'D' | b'T' | b'U' | b's' | b'R') {
                Which::Original
            } else {
                Which::Final
            },
        );
        let some = !modifiers.statuses.is_empty();
        let statuses = some.then_some(Statuses { negated: modifiers.negated, list: modifiers.statuses });
        Ok(Field { what, which, statuses })
    }
}

#[cfg(test)]
mod tests;
