//! HTTP/1 towards clients: httpd's grammar and limits in front of hyper's framing.
//!
//! hyper reads requests more laxly than httpd in some places, more strictly in others, and answers its own errors. So
//! a gate stands between the socket and hyper: [`ClientIo`]. It reads each request head by itself, checks it by
//! httpd's rules ([`head`]), and shows hyper a canonical head that says only how the body is framed; the service fetches
//! the true head, or what is wrong with it, through the [`Handle`]. Bodies pass through the gate, which follows their
//! framing ([`framing`]): hyper never sees a byte behind the current message, so that pipelined requests are checked
//! too and a tunnel finds all its early bytes. On the way out the gate puts the service's own head in the place of
//! hyper's ([`answer`]), byte for byte as it shall be.
//!
//! The gate decides nothing about a request and knows no virtual hosts: [`Settings`] come from outside.

mod answer;
mod body;
mod framing;
mod gate;
mod handle;
mod head;
mod io;
mod line;
mod pace;
mod small;
mod stall;
mod wait;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use answer::BodyEnd;
pub(crate) use framing::Persistence;
pub(crate) use gate::Flushed;
pub(crate) use handle::{Handle, LINGER_BRIEFLY, drain};
pub(crate) use head::{Bad, Flaw, HeadRules, Methods, Received};
pub(crate) use io::ClientIo;
pub(crate) use pace::Stage;

use hyper::server::conn::http1;

use gate::Gate;

/// What the gate goes by; of the server that has the connection, then of the one that has the request.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The grammar and the limits of request heads.
    pub(crate) rules: HeadRules,
    /// How long to wait for what.
    pub(crate) timeouts: Timeouts,
}

/// How long the gate waits for a client's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Timeouts {
    /// For the first byte of a new connection. httpd does not see such a connection at all until data come or the
    /// kernel gives up its deferred accept.
    pub(crate) fresh: Duration,
    /// `KeepAliveTimeout`: for the first byte of another request.
    pub(crate) idle: Duration,
    /// `Timeout`: from one read to the next.
    pub(crate) io: Duration,
    /// `RequestReadTimeout header=`.
    pub(crate) header: Option<Stage>,
    /// `RequestReadTimeout body=`.
    pub(crate) body: Option<Stage>,
}

/// How hyper has to be set up over a [`ClientIo`]: it does not look for the client's end while it answers (httpd does
/// not either, and the gate has to know what a read is for), and adds no field and no limit of its own.
pub(crate) fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.half_close(true).auto_date_header(false).max_buf_size(32 << 10).header_read_timeout(None);
    builder
}

/// The gate, shared by hyper's connection and the service it runs.
type Shared<S> = Arc<Mutex<Gate<S>>>;

/// A panic elsewhere leaves no half-made state in a gate: each step is complete before anything foreign runs.
fn lock<S>(shared: &Shared<S>) -> MutexGuard<'_, Gate<S>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
