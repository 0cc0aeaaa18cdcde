//! The head of a backend's answer: where it ends, and what it says. No socket here.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::error::Kind;

/// What an answer's head may measure.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Bytes of one line without its end.
    pub line: usize,
    /// Bytes of the whole head.
    pub total: usize,
    /// Interim answers in front of it.
    pub interim: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self { line: 8191, total: 128 * 1024, interim: 9 }
    }
}

/// A parsed head. Names and values are as the backend spelled them, in its order; folded lines are unfolded
/// (RFC 9112, 5.2), so that no value holds a line end.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status code.
    pub status: u16,
    reason: Bytes,
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
struct Field {
    name: Bytes,
    value: Bytes,
}

impl Head {
    /// The reason phrase as it came; may be empty.
    #[must_use]
    pub fn reason(&self) -> &[u8] {
        &self.reason
    }

    /// All fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&Bytes, &Bytes)> {
        self.fields.iter().map(|f| (&f.name, &f.value))
    }

    /// The values of one field, its name in any letter case.
    pub fn values<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
        self.fields
            .iter()
            .filter(move |f| f.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|f| f.value.as_ref())
    }

    /// Parses a complete head, the blank line included. Any minor version of HTTP/1 is read as 1.1 (RFC 9112, 2.3).
    pub(crate) fn parse(raw: &Bytes) -> Result<Self, Kind> {
        let known = [&b"HTTP/1.0"[..], b"HTTP/1.1"].iter().any(|version| raw.starts_with(version));
        if !known && raw.starts_with(b"HTTP/1.") && raw.get(7).is_some_and(u8::is_ascii_digit) {
            return Self::parse(&[b"HTTP/1.1", &raw[8..]].concat().into());
        }
        let lines = memchr::memchr_iter(b'\n', raw).count();
        let mut room = [httparse::EMPTY_HEADER; 32];
        if lines <= room.len() {
            return Self::parse_into(raw, &mut room);
        }
        Self::parse_into(raw, &mut vec![httparse::EMPTY_HEADER; lines])
    }

    fn parse_into<'h>(raw: &'h Bytes, room: &mut [httparse::Header<'h>]) -> Result<Self, Kind> {
        let mut answer = httparse::Response::new(room);
        let parsed = httparse::ParserConfig::default()
            .allow_obsolete_multiline_headers_in_responses(true)
            .parse_response(&mut answer, raw);
        if !matches!(parsed, Ok(httparse::Status::Complete(_))) {
            return Err(Kind::Malformed);
        }
        let (Some(status), Some(reason)) = (answer.code, answer.reason) else {
            return Err(Kind::Malformed);
        };
        let fields = answer
            .headers
            .iter()
            .map(|h| Field { name: raw.slice_ref(h.name.as_bytes()), value: unfold(raw, h.value) })
            .collect();
        Ok(Self { status, reason: raw.slice_ref(reason.as_bytes()), fields })
    }
}

fn unfold(raw: &Bytes, value: &[u8]) -> Bytes {
    if memchr::memchr2(b'\r', b'\n', value).is_none() {
        return raw.slice_ref(value);
    }
    let mut flat = Vec::with_capacity(value.len());
    for line in value.split(|&b| b == b'\n') {
        flat.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
    }
    flat.into()
}

/// What the bytes read so far are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The beginning of a head.
    Part,
    /// A head of this length.
    Whole(usize),
    /// No HTTP at all.
    NotHttp,
}

/// Finds the end of a head while it arrives, looking at each line once.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    line: usize,
}

impl Scan {
    /// Looks at all that was read so far.
    pub(crate) fn look(&mut self, read: &[u8], limits: HeadLimits) -> Result<Seen, Kind> {
        if !b"HTTP/".starts_with(&read[..read.len().min(5)]) {
            return Ok(Seen::NotHttp);
        }
        while let Some(length) = memchr::memchr(b'\n', &read[self.line..]) {
            let line = self.line..self.line + length;
            let content = length - usize::from(read[line.clone()].last() == Some(&b'\r'));
            if content > limits.line || line.end > limits.total {
                return Err(Kind::HeadTooLarge);
            }
            self.line = line.end + 1;
            if is_blank(read, line) {
                return Ok(Seen::Whole(self.line));
            }
        }
        if read.len() - self.line > limits.line + 1 || read.len() > limits.total {
            return Err(Kind::HeadTooLarge);
        }
        Ok(Seen::Part)
    }
}

fn is_blank(read: &[u8], line: Range<usize>) -> bool {
    matches!(&read[line], b"" | b"\r")
}

/// Takes the head off the front of what was read; the rest stays.
pub(crate) fn take(read: &mut BytesMut, length: usize) -> Result<Head, Kind> {
    Head::parse(&read.split_to(length).freeze())
}
