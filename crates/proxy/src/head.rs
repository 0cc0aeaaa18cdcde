//! The head of an answer, read line by line as httpd reads it.
//!
//! Stricter than nothing, laxer than RFC 9112: bare line feeds, folded lines and answers without a head are taken, as
//! mod_proxy_http takes them (`ap_proxy_http_process_response`, `ap_proxy_read_headers`). It keeps spelling and order
//! of the fields. Where the body ends is decided here, too; reading it is hyper's work.

use bytes::{Buf, Bytes, BytesMut};

use crate::error::Kind;

/// The most an answer's head may measure in all; httpd bounds single lines only.
const MOST_HEAD: usize = 256 * 1024;

/// How an answer's head is read.
#[derive(Clone, Copy, Debug)]
pub struct HeadRules {
    /// The most that one line may measure without its end; folded lines count as one.
    pub line: usize,
    /// What a line without a colon is.
    pub bad_header: BadHeader,
}

impl Default for HeadRules {
    fn default() -> Self {
        Self { line: 8191, bad_header: BadHeader::IsError }
    }
}

/// `ProxyBadHeader`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadHeader {
    /// An error.
    #[default]
    IsError,
    /// Nothing.
    Ignore,
    /// The end of the head; the body begins behind it.
    StartBody,
}

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHead {
    /// The status code.
    pub status: u16,
    /// The reason phrase as it came; none where there is nothing usable (then it is the status's own).
    pub reason: Option<Bytes>,
    /// The header fields with their spelling and in their order.
    pub fields: Vec<(Bytes, Bytes)>,
    /// Whether the backend keeps the connection.
    pub(crate) keeps: bool,
    /// The first line of an answer without a head.
    pub(crate) body_start: Bytes,
    /// The length of the status line, which httpd counts as traffic.
    pub(crate) line_length: usize,
}

impl AnswerHead {
    fn new(status: u16, reason: Option<Bytes>, line_length: usize) -> Self {
        Self { status, reason, fields: Vec::new(), keeps: true, body_start: Bytes::new(), line_length }
    }

    /// An answer without a head (HTTP/0.9): all of it is the body.
    fn headless(line: Bytes) -> Self {
        Self { keeps: false, body_start: line, ..Self::new(200, None, 0) }
    }

    /// The values of the fields called `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Bytes> {
        self.fields
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    fn remove(&mut self, name: &str) {
        self.fields.retain(|(key, _)| !key.eq_ignore_ascii_case(name.as_bytes()));
    }

    /// Whether the answer is interim.
    pub(crate) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status)
    }

    /// Takes the framing out of the fields: a Content-Length stays, and is the first one, where it counts.
    ///
    /// # Errors
    /// [`Kind::BadLength`].
    pub(crate) fn take_framing(&mut self, of_head: bool) -> Result<Framing, Kind> {
        let coding = self.all("Transfer-Encoding").next().cloned();
        let length = self.all("Content-Length").next().cloned();
        self.remove("Transfer-Encoding");
        if coding.is_some() || self.all("Content-Length").nth(1).is_some() {
            self.remove("Content-Length");
            self.keeps &= length.is_none();
        }
        let bodyless = of_head || matches!(self.status, 204 | 304);
        match (coding, length) {
            _ if bodyless => Ok(Framing::None),
            // An unknown coding ends with the connection (`ap_http_filter`).
            (Some(coding), _) => Ok(if ends_chunked(&coding) { Framing::Chunked } else { Framing::Close }),
            (None, Some(length)) => {
                let number = strict_length(&length).ok_or(Kind::BadLength)?;
                if self.all("Content-Length").next().is_none() {
                    self.fields.push((Bytes::from_static(b"Content-Length"), length));
                }
                Ok(Framing::Length(number))
            }
            (None, None) => Ok(Framing::Close),
        }
    }

    /// Field names and values that httpd does not write are an error of its own (`check_headers` in http_filters.c). Of
    /// an answer that is no interim one only those are looked at here that say where it ends: the others are when the
    /// client gets them, and some it does not get.
    fn check(&self) -> Result<(), Kind> {
        let framing = |name: &Bytes| {
            ["Transfer-Encoding", "Content-Length"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
        };
        let fine =
            self.fields.iter().filter(|(name, _)| self.is_interim() || framing(name)).all(|(name, value)| {
                !name.is_empty()
                    && name.iter().all(|byte| is_token(*byte))
                    && value.iter().all(|byte| is_text(*byte))
            });
        if fine { Ok(()) } else { Err(Kind::BadField) }
    }
}

/// Where an answer's body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
    Close,
}

/// Reads one head, in as many pieces as it comes.
#[derive(Debug, Default)]
pub(crate) struct HeadReader {
    head: Option<AnswerHead>,
    /// The line that the next one may continue.
    open: Option<BytesMut>,
    read: usize,
    searched: usize,
    blank: bool,
}

impl HeadReader {
    /// Whether nothing of an answer has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// Takes whole lines out of `input` until the head is complete; what follows it stays.
    ///
    /// # Errors
    /// The head is nothing that can be passed on.
    pub(crate) fn advance(
        &mut self,
        input: &mut BytesMut,
        rules: HeadRules,
    ) -> Result<Option<AnswerHead>, Kind> {
        loop {
            let Some(end) = memchr::memchr(b'\n', &input[self.searched..]).map(|at| self.searched + at)
            else {
                self.searched = input.len();
                let room = rules.line.min(MOST_HEAD - self.read.min(MOST_HEAD));
                // What is there may end in a carriage return.
                return if input.len() <= room + 1 { Ok(None) } else { Err(self.flaw(Kind::HeadTooLarge)) };
            };
            self.searched = 0;
            self.read += end + 1;
            let mut line = input.split_to(end + 1);
            line.truncate(end - usize::from(line[..end].last() == Some(&b'\r')));
            if line.len() > rules.line || self.read > MOST_HEAD {
                return Err(self.flaw(Kind::HeadTooLarge));
            }
            if memchr::memchr(0, &line).is_some() {
                return Err(self.flaw(Kind::Nul));
            }
            if let Some(head) = self.line(line, rules)? {
                head.check()?;
                return Ok(Some(head));
            }
        }
    }

    /// What is wrong with a line; with the first one, all is the same.
    fn flaw(&self, kind: Kind) -> Kind {
        if self.head.is_none() { Kind::StatusLine } else { kind }
    }

    fn line(&mut self, line: BytesMut, rules: HeadRules) -> Result<Option<AnswerHead>, Kind> {
        if self.head.is_none() {
            return self.first(line, rules);
        }
        if let (Some(open), Some(b' ' | b'\t')) = (&mut self.open, line.first()) {
            open.extend_from_slice(&line);
            return if open.len() > rules.line { Err(Kind::HeadTooLarge) } else { Ok(None) };
        }
        self.close(rules)?;
        if line.is_empty() {
            return Ok(self.head.take());
        }
        if rules.bad_header == BadHeader::StartBody && is_bogus(&line) {
            return Ok(self.head.take());
        }
        self.open = Some(line);
        Ok(None)
    }

    /// The status line, or the first line of an answer without a head.
    fn first(&mut self, line: BytesMut, rules: HeadRules) -> Result<Option<AnswerHead>, Kind> {
        if line.is_empty() && !std::mem::replace(&mut self.blank, true) {
            return Ok(None);
        }
        if line.is_empty() {
            return Err(Kind::Closed);
        }
        if !is_status_line(&line) {
            return Ok(Some(AnswerHead::headless(line.freeze())));
        }
        let (major, minor, length) = (line[5], line[7], line.len());
        let status = line[9..12].iter().fold(0u16, |number, digit| number * 10 + u16::from(digit - b'0'));
        if major != b'1' || status < 100 || length >= rules.line {
            return Err(Kind::StatusLine);
        }
        let mut rest = line.freeze().split_off(12);
        let reason = match rest.first() {
            None => Some(rest),
            Some(b' ') => {
                rest.advance(1);
                Some(rest).filter(|reason| reason.iter().all(|byte| is_text(*byte)))
            }
            // `2000 X`: httpd finds that the phrase does not fit the number.
            Some(_) => None,
        };
        let mut head = AnswerHead::new(status, reason, length);
        head.keeps = minor != b'0';
        self.head = Some(head);
        Ok(None)
    }

    /// Makes a field of the line that is now known to be whole.
    fn close(&mut self, rules: HeadRules) -> Result<(), Kind> {
        let (Some(line), Some(head)) = (self.open.take(), self.head.as_mut()) else { return Ok(()) };
        let line = line.freeze();
        match memchr::memchr(b':', &line) {
            Some(colon) => {
                let value = line.slice_ref(line[colon + 1..].trim_ascii());
                head.fields.push((line.slice(..colon), value));
                Ok(())
            }
            None if is_bogus(&line) && rules.bad_header == BadHeader::IsError => Err(Kind::NoColon),
            None => Ok(()),
        }
    }
}

/// A line that is no field; a second status line among the fields is an old server's habit and ignored.
fn is_bogus(line: &[u8]) -> bool {
    !line.contains(&b':') && !is_status_line(line)
}

/// `HTTP/#.# ###*` (`apr_date_checkmask`).
fn is_status_line(line: &[u8]) -> bool {
    let mask = b"HTTP/#.# ###";
    line.len() >= mask.len()
        && mask.iter().zip(line).all(|(wanted, byte)| match wanted {
            b'#' => byte.is_ascii_digit(),
            wanted => wanted == byte,
        })
}

/// Whether chunked is the last of the codings (`ap_is_chunked`).
fn ends_chunked(coding: &[u8]) -> bool {
    let last = coding.rsplit(|byte| *byte == b',').next().unwrap_or_default();
    last.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

/// `ap_parse_strict_length`: digits only.
fn strict_length(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse::<u64>().ok().filter(|length| i64::try_from(*length).is_ok())
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Field content: no control bytes but the tab (RFC 9110 section 5.5).
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}
