//! HTTP/2 towards clients, by hyper: what is around its framing, so that an exchange does not notice the difference.
//!
//! A request becomes the head that HTTP/1 would have brought ([`head`]); [`Flow`] ends connections that nothing moves on.
//! Tunnels (RFC 8441) are not offered, and a change to HTTP/2 by `Upgrade` is not made.

use std::cell::Cell;
use std::rc::Rc;

use hyper::rt::Executor;
use hyper::server::conn::http2;

mod flow;
mod head;
mod preface;

pub(crate) use flow::{Flow, Over, Watched};
pub(crate) use head::{answer, received};
pub(crate) use preface::begins;

/// httpd's `H2MaxSessionStreams`.
const STREAMS: u32 = 100;
/// What a head may take, compressed or not; CONTINUATION frames beyond it end the connection.
const HEAD: u32 = 64 << 10;
/// httpd's `H2WindowSize`: what a stream's body may send ahead; and what all streams of a connection may.
const STREAM_WINDOW: u32 = 65_535;
const CONNECTION_WINDOW: u32 = 512 << 10;
/// Of an answer so much waits for the client's window.
const SEND_BUFFER: usize = 64 << 10;
/// Streams that a client resets before they are taken up; beyond it the connection ends (CVE-2023-44487).
const EARLY_RESETS: usize = 20;
/// Streams that we had to reset, for a client that makes us (CVE-2025-8671).
const OWN_RESETS: usize = 64;

/// How hyper has to be set up.
pub(crate) fn builder() -> http2::Builder<Worker> {
    let mut builder = http2::Builder::new(Worker);
    builder
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_pending_accept_reset_streams(EARLY_RESETS)
        .max_local_error_reset_streams(OWN_RESETS);
    builder
}

/// Runs streams on the worker's thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worker;

impl<F: Future + 'static> Executor<F> for Worker {
    fn execute(&self, stream: F) {
        tokio::task::spawn_local(async move { drop(stream.await) });
    }
}

/// One stream, as its exchange knows it.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    /// How many streams there were on the connection, this one included.
    pub(crate) served: u32,
    /// The status to answer with where the request's body could not be read to its end.
    pub(crate) flaw: Rc<Cell<Option<u16>>>,
}
