//! Where a request's body ends: Content-Length and Transfer-Encoding by httpd's rules (`ap_read_request` in
//! server/protocol.c), and the chunked framing as its input filter reads it (modules/http/http_filters.c).
//!
//! No I/O, and no payload either: [`Chunks`] tells framing and data apart.

use wsgate_core::http::{Head, Version, has_token};

use super::head::{Flaw, HeadRules};

/// How a request's body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is no body.
    Empty,
    /// Content-Length, not 0.
    Length(u64),
    /// Transfer-Encoding with `chunked` at its end.
    Chunked,
}

/// Whether the client's side wants the connection kept (`ap_set_keepalive` in modules/http/http_protocol.c).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Persistence {
    /// It is not to be kept.
    #[default]
    Close,
    /// HTTP/1.1 and nothing said.
    Keep,
    /// `keep-alive` was asked for: the answer says `Connection: Keep-Alive` and `Keep-Alive: timeout=…`.
    Announce,
}

/// The framing of `head`'s body and what becomes of the connection. Both lengths at once: chunked wins, the
/// Content-Length is removed, and the connection is not kept (RFC 9112 section 6.1).
pub(super) fn settle(head: &mut Head) -> Result<(Framing, Persistence), Flaw> {
    let length =
        head.headers.get("Content-Length").map(|value| strict_length(value).ok_or(Flaw::BAD)).transpose()?;
    let chunked =
        head.headers.get("Transfer-Encoding").map(|value| is_chunked(value).then_some(()).ok_or(Flaw::BAD));
    let framing = match (chunked.transpose()?, length) {
        (Some(()), _) => Framing::Chunked,
        (None, None | Some(0)) => Framing::Empty,
        (None, Some(length)) => Framing::Length(length),
    };
    if framing == Framing::Chunked && length.is_some() {
        head.headers.remove("Content-Length");
        return Ok((framing, Persistence::Close));
    }
    Ok((framing, persistence(head)))
}

fn persistence(head: &Head) -> Persistence {
    let connection = head.headers.get("Connection").map_or(&b""[..], |value| value);
    if head.version == Version::HTTP_09 || has_token(connection, "close") {
        Persistence::Close
    } else if has_token(connection, "keep-alive") {
        Persistence::Announce
    } else if head.version >= Version::HTTP_11 {
        Persistence::Keep
    } else {
        Persistence::Close
    }
}

/// `ap_parse_strict_length`: digits only, and no more than an `off_t` holds.
fn strict_length(value: &[u8]) -> Option<u64> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let length: i64 = digits.then(|| str::from_utf8(value).ok()?.parse().ok()).flatten()?;
    u64::try_from(length).ok()
}

/// `ap_is_chunked`: whether `chunked` is the last coding, behind a comma and spaces.
fn is_chunked(value: &[u8]) -> bool {
    const CHUNKED: &[u8] = b"chunked";
    let Some(before) = value.len().checked_sub(CHUNKED.len()).map(|at| value.split_at(at)) else {
        return false;
    };
    let (before, last) = before;
    let before = before.iter().rposition(|&byte| byte != b' ').map(|at| before[at]);
    last.eq_ignore_ascii_case(CHUNKED) && before.is_none_or(|byte| byte == b',')
}

/// What comes next in a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More bytes are needed.
    More,
    /// A chunk of so many bytes begins.
    Chunk(u64),
    /// So many of the bytes shown are data.
    Data(usize),
    /// The chunk is through.
    ChunkEnd,
    /// That was the last chunk: the trailer follows, fields up to an empty line.
    Trailer,
}

/// Follows a chunked body (`parse_chunk_size`).
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: State,
    remaining: u64,
    /// How long the line of the size is, and how many spaces are behind the size.
    line: usize,
    spaces: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Size,
    Space,
    Extension,
    Feed,
    Data,
    End,
    EndFeed,
}

/// httpd puts up with so many spaces behind a chunk's size.
const SPACES: u8 = 10;

impl Chunks {
    /// Looks at `input`, which begins where the last call stopped: how many bytes that took, and what they were.
    /// Only [`Next::More`] means that all of them were looked at to no end.
    pub(super) fn next(&mut self, input: &[u8], rules: &HeadRules) -> Result<(usize, Next), Flaw> {
        if self.state == State::Data {
            let len = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(input.len());
            self.remaining -= len as u64;
            if len == 0 {
                return Ok((0, Next::More));
            }
            self.state = if self.remaining == 0 { State::End } else { State::Data };
            return Ok((len, Next::Data(len)));
        }
        for (index, &byte) in input.iter().enumerate() {
            if let Some(next) = self.step(byte, rules)? {
                return Ok((index + 1, next));
            }
        }
        Ok((input.len(), Next::More))
    }

    fn step(&mut self, byte: u8, rules: &HeadRules) -> Result<Option<Next>, Flaw> {
        let strict = rules.conformance.is_strict();
        match (self.state, byte) {
            (State::End, b'\r') => self.state = State::EndFeed,
            (State::EndFeed, b'\n') => return Ok(Some(self.end_chunk())),
            (State::End, b'\n') if !strict => return Ok(Some(self.end_chunk())),
            (State::End | State::EndFeed, _) => return Err(Flaw::BAD),
            _ => {
                self.line += 1;
                if self.line > rules.field_size {
                    return Err(Flaw::HUGE);
                }
                return self.size_line(byte, strict);
            }
        }
        Ok(None)
    }

    fn size_line(&mut self, byte: u8, strict: bool) -> Result<Option<Next>, Flaw> {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        match (self.state, byte, digit) {
            (State::Start | State::Size, _, Some(digit)) => {
                // httpd's size is signed.
                let size = self.remaining.checked_mul(16).filter(|&size| size <= i64::MAX as u64);
                self.remaining = size.ok_or(Flaw::HUGE)? | digit;
                self.state = State::Size;
            }
            (State::Start, ..) => return Err(Flaw::BAD),
            (State::Feed, b'\n', _) => return Ok(Some(self.begin_chunk())),
            (State::Feed, ..) => return Err(Flaw::BAD),
            (_, b'\n', _) if !strict => return Ok(Some(self.begin_chunk())),
            (_, b'\n', _) => return Err(Flaw::BAD),
            (_, b'\r', _) => self.state = State::Feed,
            (_, b';', _) => self.state = State::Extension,
            (State::Extension, ..) if byte == b'\t' || !byte.is_ascii_control() => {}
            (State::Size | State::Space, b' ' | b'\t', _) if self.spaces < SPACES => {
                self.spaces += 1;
                self.state = State::Space;
            }
            _ => return Err(Flaw::BAD),
        }
        Ok(None)
    }

    fn begin_chunk(&mut self) -> Next {
        (self.line, self.spaces) = (0, 0);
        self.state = State::Data;
        if self.remaining == 0 { Next::Trailer } else { Next::Chunk(self.remaining) }
    }

    fn end_chunk(&mut self) -> Next {
        self.state = State::Start;
        Next::ChunkEnd
    }
}
