//! ErrorLogFormat: a text to a list of items (httpd's `parse_errorlog_string`).

use std::fmt;

use super::logs::Level;
use crate::percent::Cursor;

/// A format ready to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFormat {
    /// Texts and fields in order.
    pub items: Vec<ErrorItem>,
}

/// A text or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorItem {
    /// What.
    pub what: ErrorWhat,
    /// Whether it begins a new group; a field that says nothing takes its whole group with it.
    pub separates: bool,
    /// `%-`: a dash stands in its place where it says nothing.
    pub dash: bool,
    /// `%+`: without it there is no line.
    pub required: bool,
    /// `%5`: it says nothing about messages that weigh more than this level, a number as of [`Level::number`].
    pub from_level: u8,
}

/// What a field says; names as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorWhat {
    /// Always the same.
    Text(Vec<u8>),
    /// `%M`: the message.
    Message,
    /// `%a`: the client, by `%{c}a` the other end of the connection.
    Client,
    /// `%A`.
    Local,
    /// `%e`.
    Env(Box<[u8]>),
    /// `%E`: the system's error.
    SystemError,
    /// `%F`: the line of source.
    Source,
    /// `%i`.
    RequestHeader(Box<[u8]>),
    /// `%k`: how many requests the connection served.
    KeepAlives,
    /// `%l`.
    Level,
    /// `%L`: the request's id.
    RequestId,
    /// `%{c}L`: the connection's; `%{C}L` only on lines that are not about a request.
    ConnectionId {
        /// `%{C}L`.
        unless_request: bool,
    },
    /// `%m`.
    Module,
    /// `%n`.
    Note(Box<[u8]>),
    /// `%P`.
    Process,
    /// `%T`.
    Thread,
    /// `%t`.
    Time(ErrorTime),
    /// `%v`: ServerName.
    VirtualHost,
    /// `%V`: as UseCanonicalName has it.
    ServerName,
}

/// How a line's time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorTime {
    /// As ctime(3), or `2026-11-25 10:52:57` if compact.
    Plain {
        /// `c`.
        compact: bool,
        /// `u`: with microseconds.
        micros: bool,
        /// `z`: with the distance from UTC.
        zone: bool,
    },
    /// By strftime.
    Custom(Box<[u8]>),
}

/// What a format is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Each message.
    Message,
    /// The line that goes before the first message about a request or a connection.
    Once,
}

/// Why a format cannot be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadErrorFormat {
    /// The byte at fault.
    pub(crate) offset: usize,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    NoCode(u8),
    EndsEarly,
    NoMessage,
    MessageInOnce,
    RequiredInMessage,
    LevelInOnce,
    LevelTooHigh,
}

impl fmt::Display for BadErrorFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.why {
            Why::NoCode(code) => return write!(f, "%{} is no code of an error log", code.escape_ascii()),
            Why::EndsEarly => "the format ends within a code",
            Why::NoMessage => "the format of messages has to hold the message: %M",
            Why::MessageInOnce => "%M cannot stand in the format of a request or connection",
            Why::RequiredInMessage => "%+ cannot stand in the format of messages",
            Why::LevelInOnce => "a level cannot stand in the format of a request or connection",
            Why::LevelTooHigh => "levels go up to 15, which is trace8",
        })
    }
}

impl ErrorFormat {
    /// Reads a format.
    pub(crate) fn parse(text: &[u8], what_for: For) -> Result<Self, BadErrorFormat> {
        let mut reader = Reader(Cursor::new(text));
        let mut items = Vec::new();
        while reader.0.at < text.len() {
            let offset = reader.0.at;
            let item = reader.item()?;
            if let Some(why) = misplaced(&item, what_for) {
                return Err(BadErrorFormat { offset, why });
            }
            items.push(item);
        }
        let says = items.iter().any(|item| item.what == ErrorWhat::Message);
        if what_for == For::Message && !says {
            return Err(BadErrorFormat { offset: 0, why: Why::NoMessage });
        }
        Ok(Self { items })
    }
}

fn misplaced(item: &ErrorItem, what_for: For) -> Option<Why> {
    let once = what_for == For::Once;
    match item {
        ErrorItem { what: ErrorWhat::Message, .. } if once => Some(Why::MessageInOnce),
        ErrorItem { required: true, .. } if !once => Some(Why::RequiredInMessage),
        ErrorItem { from_level: 1.., .. } if once => Some(Why::LevelInOnce),
        ErrorItem { from_level, .. } if *from_level > Level::Trace(8).number() => Some(Why::LevelTooHigh),
        _ => None,
    }
}

struct Reader<'a>(Cursor<'a>);

impl Reader<'_> {
    /// httpd's `parse_errorlog_item`: `% ` separates groups without showing a blank.
    fn item(&mut self) -> Result<ErrorItem, BadErrorFormat> {
        let mut item = ErrorItem {
            what: ErrorWhat::Text(Vec::new()),
            separates: false,
            dash: false,
            required: false,
            from_level: 0,
        };
        while self.0.rest().starts_with(b"% ") {
            item.separates = true;
            self.0.at += 2;
        }
        if self.0.peek() != Some(b'%') {
            item.separates |= self.0.peek() == Some(b' ');
            item.what = ErrorWhat::Text(self.literal());
            return Ok(item);
        }
        self.0.at += 1;
        if self.0.peek() == Some(b'%') {
            self.0.at += 1;
            item.what = ErrorWhat::Text(b"%".to_vec());
            return Ok(item);
        }
        self.field(item)
    }

    fn field(&mut self, mut item: ErrorItem) -> Result<ErrorItem, BadErrorFormat> {
        let mut argument = None;
        while let Some(byte) = self.0.peek() {
            match byte {
                b'{' => {
                    argument = Some(self.0.argument());
                    continue;
                }
                b'+' => item.required = true,
                b'-' => item.dash = true,
                b'0'..=b'9' => {
                    item.from_level = self.0.number().try_into().unwrap_or(u8::MAX);
                    continue;
                }
                code => {
                    let what = what(code, argument);
                    let no_code = BadErrorFormat { offset: self.0.at, why: Why::NoCode(code) };
                    item.what = what.ok_or(no_code)?;
                    self.0.at += 1;
                    return Ok(item);
                }
            }
            self.0.at += 1;
        }
        Err(BadErrorFormat { offset: self.0.at, why: Why::EndsEarly })
    }

    /// Text up to the next `%`, or to a blank that is not at its start. A backslash takes the next byte as it is.
    fn literal(&mut self) -> Vec<u8> {
        let mut literal = Vec::new();
        let mut at_start = true;
        while let Some(byte) = self.0.peek() {
            if byte == b'%' || (byte == b' ' && !at_start) {
                break;
            }
            at_start &= byte == b' ';
            self.0.at += 1;
            let meant = match (byte, self.0.peek()) {
                (b'\\', Some(escaped)) => {
                    self.0.at += 1;
                    match escaped {
                        b'r' => b'\r',
                        b'n' => b'\n',
                        b't' => b'\t',
                        other => other,
                    }
                }
                _ => byte,
            };
            literal.push(meant);
        }
        literal
    }
}

fn what(code: u8, argument: Option<&[u8]>) -> Option<ErrorWhat> {
    let name = || argument.unwrap_or_default().into();
    Some(match code {
        b'M' => ErrorWhat::Message,
        b'a' => ErrorWhat::Client,
        b'A' => ErrorWhat::Local,
        b'e' => ErrorWhat::Env(name()),
        b'E' => ErrorWhat::SystemError,
        b'F' => ErrorWhat::Source,
        b'i' => ErrorWhat::RequestHeader(name()),
        b'k' => ErrorWhat::KeepAlives,
        b'l' => ErrorWhat::Level,
        b'L' => match argument {
            Some(b"c") => ErrorWhat::ConnectionId { unless_request: false },
            Some(b"C") => ErrorWhat::ConnectionId { unless_request: true },
            _ => ErrorWhat::RequestId,
        },
        b'm' => ErrorWhat::Module,
        b'n' => ErrorWhat::Note(name()),
        b'P' => ErrorWhat::Process,
        b'T' => ErrorWhat::Thread,
        b't' => ErrorWhat::Time(time(argument.unwrap_or_default())),
        b'v' => ErrorWhat::VirtualHost,
        b'V' => ErrorWhat::ServerName,
        _ => return None,
    })
}

fn time(argument: &[u8]) -> ErrorTime {
    if argument.contains(&b'%') {
        return ErrorTime::Custom(argument.into());
    }
    let has = |option| argument.contains(&option);
    ErrorTime::Plain { compact: has(b'c'), micros: has(b'u'), zone: has(b'z') }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(what: ErrorWhat) -> ErrorItem {
        ErrorItem { what, separates: false, dash: false, required: false, from_level: 0 }
    }

    fn text(text: &str, separates: bool) -> ErrorItem {
        ErrorItem { separates, ..plain(ErrorWhat::Text(text.into())) }
    }

    #[track_caller]
    fn check(format: &str, what_for: For, items: &[ErrorItem]) {
        assert_eq!(ErrorFormat::parse(format.as_bytes(), what_for).unwrap().items, items, "{format}");
    }

    #[track_caller]
    fn refused(format: &str, what_for: For, offset: usize, message: &str) {
        let bad = ErrorFormat::parse(format.as_bytes(), what_for).unwrap_err();
        assert_eq!((bad.offset, bad.to_string().as_str()), (offset, message), "{format}");
    }

    #[test]
    fn groups_begin_at_blanks() {
        let message = plain(ErrorWhat::Message);
        check(
            "[%l] %M",
            For::Message,
            &[text("[", false), plain(ErrorWhat::Level), text("]", false), text(" ", true), message.clone()],
        );
        check("a b%M", For::Message, &[text("a", false), text(" b", true), message.clone()]);
        check("% %M", For::Message, &[ErrorItem { separates: true, ..message.clone() }]);
        check("%M% % a", For::Message, &[message.clone(), text("a", true)]);
        check("\\n\\q\\\\%%%M", For::Message, &[text("\nq\\", false), text("%", false), message]);
    }

    #[test]
    fn flags_and_arguments() {
        check(
            "%-{Referer}i%+a",
            For::Once,
            &[
                ErrorItem { dash: true, ..plain(ErrorWhat::RequestHeader((*b"Referer").into())) },
                ErrorItem { required: true, ..plain(ErrorWhat::Client) },
            ],
        );
        check(
            "%7F%M",
            For::Message,
            &[ErrorItem { from_level: 7, ..plain(ErrorWhat::Source) }, plain(ErrorWhat::Message)],
        );
        check(
            "%{cu}t%{%Y}t%{C}L%{g}T",
            For::Once,
            &[
                plain(ErrorWhat::Time(ErrorTime::Plain { compact: true, micros: true, zone: false })),
                plain(ErrorWhat::Time(ErrorTime::Custom((*b"%Y").into()))),
                plain(ErrorWhat::ConnectionId { unless_request: true }),
                plain(ErrorWhat::Thread),
            ],
        );
        check("", For::Once, &[]);
    }

    #[test]
    fn what_is_no_format() {
        refused("x", For::Message, 0, "the format of messages has to hold the message: %M");
        refused("%M %q", For::Message, 4, "%q is no code of an error log");
        refused("%M", For::Once, 0, "%M cannot stand in the format of a request or connection");
        refused("a%+M", For::Message, 1, "%+ cannot stand in the format of messages");
        refused("%3a", For::Once, 0, "a level cannot stand in the format of a request or connection");
        refused("%16a%M", For::Message, 0, "levels go up to 15, which is trace8");
        refused("%{a", For::Once, 3, "the format ends within a code");
    }
}
