//! Answers that wsgate makes itself, and the statuses they carry.

use bytes::Bytes;
use wsgate_directives::modules::core::is_known_status;
use wsgate_directives::regex::{MatchError, TooLong};

use crate::http::Headers;

/// An HTTP status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u16);

impl Status {
    /// 200.
    pub const OK: Self = Self(200);
    /// 301.
    pub const MOVED_PERMANENTLY: Self = Self(301);
    /// 302.
    pub const FOUND: Self = Self(302);
    /// 400.
    pub const BAD_REQUEST: Self = Self(400);
    /// 401.
    pub const UNAUTHORIZED: Self = Self(401);
    /// 403.
    pub const FORBIDDEN: Self = Self(403);
    /// 404.
    pub const NOT_FOUND: Self = Self(404);
    /// 405.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// 413.
    pub const REQUEST_ENTITY_TOO_LARGE: Self = Self(413);
    /// 417.
    pub const EXPECTATION_FAILED: Self = Self(417);
    /// 421.
    pub const MISDIRECTED_REQUEST: Self = Self(421);
    /// 426.
    pub const UPGRADE_REQUIRED: Self = Self(426);
    /// 500.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// 501.
    pub const NOT_IMPLEMENTED: Self = Self(501);
    /// 502.
    pub const BAD_GATEWAY: Self = Self(502);
    /// 503.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);

    /// The reason phrase that httpd gives a status (`ap_get_status_line`); of an unknown one, that of 500.
    pub fn reason(self) -> &'static str {
        match self.0 {
            100 => "Continue",
            101 => "Switching Protocols",
            102 => "Processing",
            103 => "Early Hints",
            200 => "OK",
            201 => "Created",
            202 => "Accepted",
            203 => "Non-Authoritative Information",
            204 => "No Content",
            205 => "Reset Content",
            206 => "Partial Content",
            207 => "Multi-Status",
            208 => "Already Reported",
            226 => "IM Used",
            300 => "Multiple Choices",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            305 => "Use Proxy",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            402 => "Payment Required",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            406 => "Not Acceptable",
            407 => "Proxy Authentication Required",
            408 => "Request Timeout",
            409 => "Conflict",
            410 => "Gone",
            411 => "Length Required",
            412 => "Precondition Failed",
            413 => "Request Entity Too Large",
            414 => "Request-URI Too Long",
            415 => "Unsupported Media Type",
            416 => "Requested Range Not Satisfiable",
            417 => "Expectation Failed",
            421 => "Misdirected Request",
            422 => "Unprocessable Entity",
            423 => "Locked",
            424 => "Failed Dependency",
            426 => "Upgrade Required",
            428 => "Precondition Required",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            451 => "Unavailable For Legal Reasons",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            505 => "HTTP Version Not Supported",
            506 => "Variant Also Negotiates",
            507 => "Insufficient Storage",
            508 => "Loop Detected",
            510 => "Not Extended",
            511 => "Network Authentication Required",
            _ => "Internal Server Error",
        }
    }

    /// The status that is sent where a line names this number: 500 for those that httpd has no reason phrase for.
    pub fn named(number: u16) -> Self {
        if is_known_status(number) { Self(number) } else { Self::INTERNAL_SERVER_ERROR }
    }

    /// 4xx or 5xx.
    pub fn is_error(self) -> bool {
        self.0 >= 400
    }

    /// 3xx.
    pub fn is_redirect(self) -> bool {
        (300..400).contains(&self.0)
    }

    /// Whether httpd ends the client's connection behind its own answer of this status (`ap_status_drops_connection`).
    pub fn drops_connection(self) -> bool {
        matches!(self.0, 400 | 408 | 411 | 413 | 414 | 500 | 501 | 503)
    }

    /// Whether answers of this status never have a body (RFC 9110 section 6.4.1).
    pub fn is_bodyless(self) -> bool {
        self.0 < 200 || matches!(self.0, 204 | 304)
    }
}

/// An answer that is made here.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: Status,
    /// The reason phrase, where it is not the status's own (`Proxy Error`).
    pub reason: Option<Bytes>,
    /// Header fields that go with it, without those of the framing.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// It takes the place of an answer that was under way: httpd does not tell its length then, and the connection ends
    /// behind it.
    pub late: bool,
}

/// The body of a [`Reply`].
#[derive(Clone, Debug)]
pub enum Body {
    /// The page that describes the status, with a clause of its own where there is one. An ErrorDocument may replace it.
    Page(Option<String>),
    /// The text of an ErrorDocument.
    Text(Bytes),
    /// What was asked for: these bytes, of the type that the header fields say.
    Bytes(Bytes),
    /// Bytes as well, answered before there is a handler: Header does not reach it.
    Unhandled(Bytes),
}

impl Body {
    /// Its length, if that is known before it is made.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Text(body) | Self::Bytes(body) | Self::Unhandled(body) => Some(body.len() as u64),
            Self::Page(_) => None,
        }
    }

    /// What of it is here already.
    pub(crate) fn bytes(&self) -> Bytes {
        match self {
            Self::Text(body) | Self::Bytes(body) | Self::Unhandled(body) => body.clone(),
            Self::Page(_) => Bytes::new(),
        }
    }
}

impl Reply {
    /// The page of a status.
    pub fn page(status: Status) -> Self {
        Self { status, reason: None, headers: Headers::default(), body: Body::Page(None), late: false }
    }

    /// The page of a status in place of an answer that was under way.
    pub fn late(status: Status) -> Self {
        Self { late: true, ..Self::page(status) }
    }

    /// A failure of the proxy: httpd calls 400, 500 and 502 of its own `Proxy Error`.
    pub fn proxy_error(status: Status, why: impl Into<String>) -> Self {
        let proxy = matches!(status.0, 400 | 500 | 502);
        let reason = proxy.then_some(Bytes::from_static(b"Proxy Error"));
        Self { reason, body: Body::Page(Some(why.into())), ..Self::page(status) }
    }

    /// A redirect.
    pub fn redirect(status: Status, location: impl Into<Bytes>) -> Self {
        let mut reply = Self::page(status);
        reply.headers.set("Location", location.into());
        reply
    }

    /// The reason phrase that is sent.
    pub fn reason_phrase(&self) -> Bytes {
        self.reason.clone().unwrap_or(Bytes::from_static(self.status.reason().as_bytes()))
    }
}

impl From<Status> for Reply {
    fn from(status: Status) -> Self {
        Self::page(status)
    }
}

/// A pattern that gave up may be there to refuse: the request comes to nothing.
impl From<MatchError> for Reply {
    fn from(error: MatchError) -> Self {
        log::error!("a pattern was not decided: {error}");
        Status::INTERNAL_SERVER_ERROR.into()
    }
}

impl From<TooLong> for Reply {
    fn from(error: TooLong) -> Self {
        log::error!("{error}");
        Status::INTERNAL_SERVER_ERROR.into()
    }
}
