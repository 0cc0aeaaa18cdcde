//! Reads a request head by httpd's rules: `read_request_line` and `ap_get_mime_headers_core` of server/protocol.c.
//!
//! No I/O: a [`Reader`] is shown the bytes that have come so far, again and again, and says when the head is complete
//! or not to be served. It goes over each byte once, and the outcome does not depend on how the bytes were cut.

use std::ops::Range;

use bytes::Bytes;
use wsgate_core::http::{Conformance, Head, Headers, Version, is_token_byte};

use super::line::RequestLine;

/// The grammar and the limits of request heads.
#[derive(Clone, Debug)]
pub(crate) struct HeadRules {
    /// `LimitRequestLine`: one byte more passes, as in httpd.
    pub(crate) line: usize,
    /// `LimitRequestFieldSize`: one byte more passes, as in httpd.
    pub(crate) field_size: usize,
    /// `LimitRequestFields`; 0 is no limit.
    pub(crate) fields: usize,
    /// `HttpProtocolOptions Strict|Unsafe`.
    pub(crate) conformance: Conformance,
    /// `HttpProtocolOptions RegisteredMethods|LenientMethods`.
    pub(crate) methods: Methods,
    /// `HttpProtocolOptions Allow0.9|Require1.0`.
    pub(crate) http09: bool,
}

impl Default for HeadRules {
    /// What httpd goes by where nothing is configured.
    fn default() -> Self {
        Self {
            line: 8190,
            field_size: 8190,
            fields: 100,
            conformance: Conformance::Strict,
            methods: Methods::Lenient,
            http09: true,
        }
    }
}

/// Which methods are served.
#[derive(Clone, Debug)]
pub(crate) enum Methods {
    /// Any token.
    Lenient,
    /// Those httpd knows, and these (`RegisterHttpMethod`); others are answered 501.
    Registered(Vec<Bytes>),
}

/// What the service gets for a request.
pub(crate) type Received = Result<Head, Box<Bad>>;

/// A request that is only to be answered with an error; the connection closes behind that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    /// 400, 408, 414 or 501.
    pub(crate) status: u16,
    /// httpd's explanation on the error page (`error-notes`), if it has one.
    pub(crate) note: Option<&'static str>,
    /// What is known of the request: its line, perhaps some fields.
    pub(crate) head: Head,
}

/// Why a head cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(super) status: u16,
    pub(super) note: Option<&'static str>,
}

impl Flaw {
    pub(super) const BAD: Self = Self { status: 400, note: None };
    pub(super) const LATE: Self = Self { status: 408, note: None };
    pub(super) const HUGE: Self = Self { status: 413, note: None };
    /// The request line is too long.
    pub(crate) const LONG_LINE: Self = Self { status: 414, note: None };
    /// A field is too long.
    pub(crate) const LONG_FIELD: Self =
        Self { status: 400, note: Some("Size of a request header field exceeds server limit.") };
    /// There are too many fields.
    pub(crate) const MANY_FIELDS: Self =
        Self { status: 400, note: Some("The number of request header fields exceeds this server's limit.") };

    /// The request that has it.
    pub(crate) fn of(self, head: Head) -> Box<Bad> {
        Box::new(Bad { status: self.status, note: self.note, head })
    }
}

/// What a single head may take where no limit is configured, so that a peer cannot fill the memory.
const MAX_HEAD: usize = 16 << 20;

/// `DEFAULT_LIMIT_BLANK_LINES`: so many empty lines in front of a request are skipped.
const BLANK_LINES: u8 = 10;

/// The progress in one head; the ranges are places in the bytes it has been shown.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Where the next line begins, and how far its end has been sought in vain.
    next: usize,
    sought: usize,
    blank_lines: u8,
    /// Set once the next line is a field's.
    in_fields: bool,
    /// The request line, once it is complete (a trailer has none).
    line: Range<usize>,
    request: Option<RequestLine>,
    fields: Vec<(Text, Text)>,
    /// The last field line: the next one may continue it.
    open: Option<Text>,
}

/// A piece of text: in the bytes read, or, for a folded field, put together.
#[derive(Debug)]
enum Text {
    Read(Range<usize>),
    Made(Vec<u8>),
}

impl Reader {
    /// A reader that expects no request line: for the trailer of a chunked body.
    pub(super) fn trailer() -> Self {
        Self { in_fields: true, ..Self::default() }
    }

    /// Goes on with `bytes`, which begin as they did at the last call. `Some(length)` when the head is complete.
    pub(super) fn read(&mut self, bytes: &[u8], rules: &HeadRules) -> Result<Option<usize>, Flaw> {
        if !self.in_fields {
            let Some(version) = self.read_request_line(bytes, rules)? else { return Ok(None) };
            if version == Version::HTTP_09 {
                return Ok(Some(self.next));
            }
        }
        while let Some(line) = self.line(bytes, rules.field_size, rules).map_err(Broken::of_field)? {
            if self.field_line(bytes, line, rules)? {
                return Ok(Some(self.next));
            }
        }
        if bytes.len() > MAX_HEAD { Err(Flaw::LONG_FIELD) } else { Ok(None) }
    }

    /// Whether the request line has been read: what is missing then is fields.
    pub(super) fn is_past_line(&self) -> bool {
        self.in_fields
    }

    /// The head, out of the bytes it was read from. Where reading failed, what there is of it.
    pub(super) fn finish(self, bytes: &Bytes) -> Head {
        let mut headers = Headers::with_capacity(self.fields.len());
        for (name, value) in self.fields {
            headers.add(name.take(bytes), value.take(bytes));
        }
        let line = bytes.slice(self.line);
        let Some(request) = self.request else { return Head { line, headers, ..Head::unread() } };
        Head {
            method: line.slice(request.method.clone()),
            target: line.slice(request.target.clone()),
            version: request.version,
            line: request.rebuilt(&line).map_or(line, Bytes::from),
            headers,
        }
    }

    /// The request line, for its version; `None` if it has not come yet.
    fn read_request_line(&mut self, bytes: &[u8], rules: &HeadRules) -> Result<Option<Version>, Flaw> {
        let line = loop {
            match self.line(bytes, rules.line, rules) {
                Ok(None) => return Ok(None),
                Ok(Some(line)) if line.is_empty() && self.blank_lines < BLANK_LINES => self.blank_lines += 1,
                Ok(Some(line)) => break line,
                Err(broken) => {
                    // What there is of it goes into the access log.
                    self.line = self.next..broken.at();
                    return Err(broken.of_line());
                }
            }
        };
        let request = RequestLine::read(&bytes[line.clone()], rules);
        let (version, refused) = (request.version, request.refused);
        self.line = line;
        self.request = Some(request);
        self.in_fields = true;
        // The usual number, so that the table grows once.
        self.fields.reserve(16);
        refused.map_or(Ok(Some(version)), |status| Err(Flaw { status, note: None }))
    }

    /// The next line without its end (`ap_rgetline_core`). A CR counts as part of the end only before the LF.
    fn line(
        &mut self,
        bytes: &[u8],
        limit: usize,
        rules: &HeadRules,
    ) -> Result<Option<Range<usize>>, Broken> {
        let start = self.next;
        let found = memchr::memchr(b'\n', &bytes[self.sought..]).map(|at| self.sought + at);
        let raw = &bytes[start..found.unwrap_or(bytes.len())];
        let stripped = raw.strip_suffix(b"\r");
        let end = start + stripped.unwrap_or(raw).len();
        if end - start > limit + 1 {
            return Err(Broken::TooLong(start + limit + 1));
        }
        let Some(feed) = found else {
            self.sought = bytes.len();
            return Ok(None);
        };
        if stripped.is_none() && rules.conformance.is_strict() {
            return Err(Broken::BareFeed(feed + 1));
        }
        self.next = feed + 1;
        self.sought = self.next;
        Ok(Some(start..end))
    }

    /// Takes one line of the fields; `true` for the empty one behind the last.
    fn field_line(&mut self, bytes: &[u8], mut line: Range<usize>, rules: &HeadRules) -> Result<bool, Flaw> {
        while line.len() > 1 && is_blank(bytes[line.end - 1]) {
            line.end -= 1;
        }
        if !line.is_empty() && is_blank(bytes[line.start]) {
            return self.fold(bytes, &bytes[line], rules).map(|()| false);
        }
        if let Some(open) = self.open.take() {
            if rules.fields > 0 && self.fields.len() >= rules.fields {
                return Err(Flaw::MANY_FIELDS);
            }
            self.fields.push(open.split(bytes, rules.conformance)?);
        }
        if line.is_empty() {
            return Ok(true);
        }
        self.open = Some(Text::Read(line));
        Ok(false)
    }

    /// obs-fold (RFC 9112 section 5.2): the line continues the one before it, behind a single space.
    fn fold(&mut self, bytes: &[u8], line: &[u8], rules: &HeadRules) -> Result<(), Flaw> {
        let rest = &line[line.iter().take_while(|byte| is_blank(**byte)).count()..];
        let open = self.open.as_mut().ok_or(Flaw::BAD)?;
        if rest.is_empty() {
            return Err(Flaw::BAD);
        }
        if open.bytes(bytes).len() + rest.len() + 2 >= rules.field_size {
            return Err(Flaw::LONG_FIELD);
        }
        let made = open.make(bytes);
        made.push(b' ');
        made.extend_from_slice(rest);
        Ok(())
    }
}

impl Text {
    fn bytes<'a>(&'a self, read: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Read(range) => &read[range.clone()],
            Self::Made(made) => made,
        }
    }

    fn make(&mut self, read: &[u8]) -> &mut Vec<u8> {
        if let Self::Read(range) = self {
            *self = Self::Made(read[range.clone()].to_vec());
        }
        match self {
            Self::Made(made) => made,
            Self::Read(_) => unreachable!("it has just been made"),
        }
    }

    fn take(self, read: &Bytes) -> Bytes {
        match self {
            Self::Read(range) => read.slice(range),
            Self::Made(made) => made.into(),
        }
    }

    /// A field line into name and value.
    fn split(&self, read: &[u8], conformance: Conformance) -> Result<(Self, Self), Flaw> {
        let line = self.bytes(read);
        let colon = match conformance {
            Conformance::Strict => strict_colon(line),
            Conformance::Unsafe => unsafe_colon(line),
        };
        let colon = colon.ok_or(Flaw::BAD)?;
        let value = colon + 1 + line[colon + 1..].iter().take_while(|byte| is_blank(**byte)).count();
        if line[value..].iter().any(|&byte| !is_field_byte(byte, conformance)) {
            return Err(Flaw::BAD);
        }
        Ok(match self {
            Self::Read(range) => {
                (Self::Read(range.start..range.start + colon), Self::Read(range.start + value..range.end))
            }
            Self::Made(_) => (Self::Made(line[..colon].to_vec()), Self::Made(line[value..].to_vec())),
        })
    }
}

/// Where a line went wrong: the place up to which it is kept.
enum Broken {
    TooLong(usize),
    BareFeed(usize),
}

impl Broken {
    fn at(&self) -> usize {
        let (Self::TooLong(at) | Self::BareFeed(at)) = self;
        *at
    }

    fn of_line(self) -> Flaw {
        match self {
            Self::TooLong(_) => Flaw::LONG_LINE,
            Self::BareFeed(_) => Flaw::BAD,
        }
    }

    fn of_field(self) -> Flaw {
        match self {
            Self::TooLong(_) => Flaw::LONG_FIELD,
            Self::BareFeed(_) => Flaw::BAD,
        }
    }
}

/// The last step of reading fields: repeated ones become one, which must not exceed the limit either.
pub(super) fn combine(headers: &mut Headers, rules: &HeadRules) -> Result<(), Flaw> {
    headers.combine();
    let fits = headers.iter().all(|field| field.value.len() <= rules.field_size);
    fits.then_some(()).ok_or(Flaw::LONG_FIELD)
}

fn strict_colon(line: &[u8]) -> Option<usize> {
    let name = line.iter().take_while(|byte| is_token_byte(**byte)).count();
    (name > 0 && line.get(name) == Some(&b':')).then_some(name)
}

/// The first colon, with anything but white space and NUL before it.
fn unsafe_colon(line: &[u8]) -> Option<usize> {
    let name = memchr::memchr(b':', line)?;
    let bad = line[..name].iter().any(|byte| matches!(byte, b' ' | b'\t'..=b'\r' | 0));
    (name > 0 && !bad).then_some(name)
}

fn is_field_byte(byte: u8, conformance: Conformance) -> bool {
    match conformance {
        Conformance::Strict => byte == b'\t' || !byte.is_ascii_control(),
        Conformance::Unsafe => !matches!(byte, b'\n' | b'\x0b' | b'\x0c' | b'\r' | 0),
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
