//! What can go wrong between a request and its answer: a kind and a side, never prose.
//!
//! One function maps a kind to the answer httpd gives. What an answer says of itself (404, 500) is no error.

use std::error::Error as StdError;
use std::fmt;

/// An error of somebody else's, kept as the cause.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The peer that sent the request.
    Client,
    /// The backend.
    Origin,
    /// This process, its machine or its configuration.
    Us,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The name of the backend does not resolve.
    Unresolvable,
    /// The backend refused the connection, or its socket file does not exist.
    Refused,
    /// The connection was not established in time.
    ConnectTimeout,
    /// The connection could not be established for another reason of the network's.
    Unreachable,
    /// This machine could not make the socket.
    NoSocket,
    /// The backend is to be reached by TLS, which is not switched on (SSLProxyEngine).
    NoEngine,
    /// The TLS handshake failed, or the certificate is not the backend's.
    Tls,
    /// `max=` connections are in use, and none became free within `acquire=`.
    Exhausted,
    /// The worker is disabled or stopped.
    Disabled,
    /// The backend closed or reset the connection before it began to answer.
    Closed,
    /// The backend did not begin to answer in time.
    Silent,
    /// There was no 100 (Continue) in time (`ping=`, or the client's own Expect).
    NoContinue,
    /// The backend does not take the request: no byte within the timeout.
    WriteStalled,
    /// The head of the answer ends, or stops, in the middle.
    HeadCut,
    /// A line of the answer's head, or the whole head, is larger than allowed.
    HeadTooLarge,
    /// A status line of HTTP, but not of a version or with a code that can be passed on.
    StatusLine,
    /// A line of the head holds a NUL.
    Nul,
    /// A line of the head has no colon (`ProxyBadHeader IsError`).
    NoColon,
    /// A header field holds bytes that must not be passed on.
    BadField,
    /// A Content-Length that is no number.
    BadLength,
    /// A 101 that nobody asked for.
    UnexpectedUpgrade,
    /// More interim answers than anyone has use for.
    TooManyInterim,
    /// The answer's body is not framed as it should be.
    BadChunk,
    /// The answer's body ends before its end.
    BodyCut,
    /// The answer's body stopped for longer than the timeout.
    BodyStalled,
    /// The request's body could not be read; the cause is that body's own error.
    RequestBody,
    /// The request's body could not be kept.
    Spool,
    /// The request holds bytes that would make another request of it.
    Unsendable,
}

/// The answer that a failure gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status.
    pub status: u16,
    /// Whether the reason phrase is `Proxy Error` (httpd's `ap_proxyerror`) and not the status's own.
    pub proxy_error: bool,
}

impl Kind {
    /// Whose fault this is.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::RequestBody => Side::Client,
            Self::NoSocket
            | Self::Exhausted
            | Self::Disabled
            | Self::Spool
            | Self::Unresolvable
            | Self::NoEngine
            | Self::Unsendable => Side::Us,
            _ => Side::Origin,
        }
    }

    /// What httpd answers (`proxy_http_handler` and what it calls).
    #[must_use]
    pub fn outcome(self) -> Outcome {
        let (status, proxy_error) = match self {
            Self::Refused
            | Self::ConnectTimeout
            | Self::Unreachable
            | Self::NoSocket
            | Self::Exhausted
            | Self::Disabled => (503, false),
            Self::NoContinue => (503, true),
            Self::Unresolvable | Self::Tls => (500, true),
            Self::BadField | Self::Spool | Self::Unsendable | Self::NoEngine => (500, false),
            Self::Closed
            | Self::Silent
            | Self::StatusLine
            | Self::UnexpectedUpgrade
            | Self::TooManyInterim => (502, true),
            Self::HeadCut
            | Self::HeadTooLarge
            | Self::Nul
            | Self::NoColon
            | Self::BadLength
            | Self::BadChunk
            | Self::BodyCut
            | Self::BodyStalled => (502, false),
            Self::WriteStalled => (504, false),
            Self::RequestBody => (400, false),
        };
        Outcome { status, proxy_error }
    }

    /// Whether httpd finds it only when the answer is under way to the client.
    #[must_use]
    pub fn is_late(self) -> bool {
        matches!(self, Self::BadField | Self::BadLength | Self::BadChunk)
    }

    /// Whether httpd notes that the backend timed out (`failontimeout=`).
    #[must_use]
    pub fn timed_out(self) -> bool {
        matches!(self, Self::Silent | Self::NoContinue)
    }

    /// A few words for logs and pages.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Unresolvable => "the name does not resolve",
            Self::Refused => "connection refused",
            Self::ConnectTimeout => "connect timed out",
            Self::Unreachable => "unreachable",
            Self::NoSocket => "no socket",
            Self::NoEngine => "SSLProxyEngine is not On here",
            Self::Tls => "TLS handshake failed",
            Self::Exhausted => "no free connection in time",
            Self::Disabled => "the worker is disabled",
            Self::Closed => "closed before its answer",
            Self::Silent => "no answer in time",
            Self::NoContinue => "no 100 (Continue) in time",
            Self::WriteStalled => "does not take the request",
            Self::HeadCut => "answer's head cut short",
            Self::HeadTooLarge => "answer's head too large",
            Self::StatusLine => "corrupt status line",
            Self::Nul => "header line with a NUL",
            Self::NoColon => "header line without a colon",
            Self::BadField => "header field with forbidden bytes",
            Self::BadLength => "bad Content-Length",
            Self::UnexpectedUpgrade => "unexpected 101",
            Self::TooManyInterim => "too many interim answers",
            Self::BadChunk => "answer's chunks are broken",
            Self::BodyCut => "answer's body cut short",
            Self::BodyStalled => "answer's body stopped",
            Self::RequestBody => "request body unreadable",
            Self::Spool => "request body cannot be kept",
            Self::Unsendable => "request with bytes that end a line",
        }
    }
}

/// A failed request.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub kind: Kind,
    /// Whether the connection had served another request before: then the backend may just have closed it as idle.
    pub reused: bool,
    cause: Option<BoxError>,
}

impl Error {
    /// A failure with its cause.
    pub fn new(kind: Kind, cause: impl Into<BoxError>) -> Self {
        Self { kind, reused: false, cause: Some(cause.into()) }
    }

    pub(crate) fn on(mut self, reused: bool) -> Self {
        self.reused = reused;
        self
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind, reused: false, cause: None }
    }
}

/// `{:#}` is for logs: it says the circumstances, and the causes as far as they say something else.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.write_str(self.kind.text());
        }
        let mut said = self.kind.text().to_owned();
        if self.reused {
            said += " on a connection that was kept";
        }
        let causes = std::iter::successors(self.source(), |cause| (*cause).source());
        for cause in causes.map(ToString::to_string) {
            if !said.contains(&cause) {
                said += ": ";
                said += &cause;
            }
        }
        f.write_str(&said)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}
