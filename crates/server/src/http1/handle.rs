//! The gate's face towards the service: the true request, and ways past hyper.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use http::{Response, Version};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

use super::answer::BodyEnd;
use super::framing::Persistence;
use super::gate::Flushed;
use super::head::Received;
use super::stall::Stall;
use super::{Settings, Shared, lock};

/// How long httpd waits for the client to close after the last answer, and how long if it was too slow before
/// (`MAX_SECS_TO_LINGER` and `SECONDS_TO_LINGER` in server/connection.c).
const LINGER: Duration = Duration::from_secs(30);
pub(crate) const LINGER_BRIEFLY: Duration = Duration::from_secs(2);

/// What a service holds of the connection it serves.
pub(crate) struct Handle<S> {
    gate: Shared<S>,
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self { gate: self.gate.clone() }
    }
}

impl<S> Handle<S> {
    pub(super) fn new(gate: Shared<S>) -> Self {
        Self { gate }
    }

    /// The request that hyper has just called the service for: once for each.
    pub(crate) fn take_head(&self) -> Option<Received> {
        lock(&self.gate).received.take()
    }

    /// How many requests have come on this connection, this one included.
    pub(crate) fn served(&self) -> u32 {
        lock(&self.gate).served
    }

    /// Whether the client's side of it lets the connection live on. The answer may still close it.
    pub(crate) fn persistence(&self) -> Persistence {
        lock(&self.gate).persistence
    }

    /// From here to the next head these settings hold: those of the virtual host that has the request.
    pub(crate) fn adopt(&self, settings: Arc<Settings>) {
        lock(&self.gate).current = settings;
    }

    /// These settings are the connection's from now on, and hold between its requests.
    pub(crate) fn settle(&self, settings: &Arc<Settings>) {
        lock(&self.gate).settle(settings);
    }

    /// The connection ends where it would wait for another request. Whoever polls hyper has to do so again.
    pub(crate) fn close_when_idle(&self) {
        lock(&self.gate).closing = true;
    }

    /// The status of a request whose body could not be read to its end: 400, 408 or 413. Then reading hyper's body
    /// has failed too.
    pub(crate) fn body_flaw(&self) -> Option<u16> {
        lock(&self.gate).body_flaw
    }

    /// Whether the connection ended because the client was too slow.
    #[cfg(test)]
    pub(super) fn timed_out(&self) -> bool {
        lock(&self.gate).timed_out
    }

    /// Hands hyper an answer whose head is `head`, from status line to empty line (nothing for HTTP/0.9). Without
    /// `keep` the connection closes behind it; a body that only ends with the connection never keeps it.
    pub(crate) fn answer<B>(&self, head: Bytes, end: BodyEnd, keep: bool, body: B) -> Response<B> {
        lock(&self.gate).answer.replace(head);
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        match end {
            BodyEnd::Length(length) => drop(headers.insert(CONTENT_LENGTH, length.into())),
            BodyEnd::Chunked => drop(headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"))),
            // hyper leaves the body of an HTTP/1.0 answer bare.
            BodyEnd::Close => *response.version_mut() = Version::HTTP_10,
        }
        if !keep || end == BodyEnd::Close {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Has `flushed` called when all that hyper has taken of an answer is written. For whoever drops the answer's body.
    pub(crate) fn when_flushed(&self, flushed: Flushed) {
        let before = lock(&self.gate).flushed.replace(flushed);
        if let Some(before) = before {
            before(true);
        }
    }

    /// Takes the stream for a tunnel, with the bytes that came behind the request. hyper is left with nothing: the
    /// service ends with an error, and nothing is written. Everything before has been flushed. `None` if the body has
    /// not been read, or an answer begun, or the stream taken already.
    pub(crate) fn detach(&self) -> Option<(S, Bytes)> {
        lock(&self.gate).detach()
    }
}

impl<S: AsyncWrite + Unpin> Handle<S> {
    /// Sends an interim answer (100, 103), a head with its empty line, before the answer. A client older than HTTP/1.1
    /// does not get it. A write that is given up in the middle leaves a connection that only closes.
    pub(crate) async fn interim(&self, mut head: Bytes) -> io::Result<()> {
        if !lock(&self.gate).answer.begin_interim()? {
            return Ok(());
        }
        let mut stall = Stall::default();
        poll_fn(|cx| {
            let gate = &mut *lock(&self.gate);
            let Some(stream) = &mut gate.stream else {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            };
            let mut stream = stall.bound(stream, gate.current.timeouts.io);
            while head.has_remaining() {
                let n = ready!(Pin::new(&mut stream).poll_write(cx, &head))?;
                if n == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                head.advance(n);
            }
            ready!(Pin::new(&mut stream).poll_flush(cx))?;
            gate.answer.end_interim();
            Poll::Ready(Ok(()))
        })
        .await
    }
}

impl<S: AsyncRead + Unpin> Handle<S> {
    /// Waits, when hyper is through and has shut its side down, until the client closes too: bytes that nobody reads
    /// would make the kernel reset the connection and take the answer from the client (`ap_lingering_close`).
    pub(crate) async fn linger(&self) {
        let (stream, limit) = {
            let gate = &mut *lock(&self.gate);
            (gate.stream.take(), if gate.timed_out || gate.closing { LINGER_BRIEFLY } else { LINGER })
        };
        let Some(mut stream) = stream else { return };
        let _ = timeout(limit, drain(&mut stream)).await;
    }
}

/// Reads what nobody wants until the client closes.
pub(crate) async fn drain(stream: &mut (impl AsyncRead + Unpin)) {
    poll_fn(|cx| {
        loop {
            let mut store = [MaybeUninit::uninit(); 4096];
            let mut read = ReadBuf::uninit(&mut store);
            let end = ready!(Pin::new(&mut *stream).poll_read(cx, &mut read)).is_err();
            if end || read.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    })
    .await;
}
