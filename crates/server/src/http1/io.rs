//! The gate's face towards hyper: a stream to read canonical requests from and to write answers to.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::gate::Gate;
use super::handle::Handle;
use super::{Settings, Shared, lock};

/// What hyper serves (in a `TokioIo`), set up with [`super::builder`].
pub(crate) struct ClientIo<S> {
    gate: Shared<S>,
    vectored: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientIo<S> {
    /// A gate in front of `stream`, and the handle for the service behind it.
    pub(crate) fn new(stream: S, settings: Arc<Settings>) -> (Self, Handle<S>) {
        let vectored = stream.is_write_vectored();
        let gate = Arc::new(Mutex::new(Gate::new(stream, settings)));
        (Self { gate: gate.clone(), vectored }, Handle::new(gate))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ClientIo<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        lock(&self.gate).poll_read(cx, out)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ClientIo<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let gate = &mut *lock(&self.gate);
        match &mut gate.stream {
            Some(stream) => {
                let mut stream = gate.stall.bound(stream, gate.current.timeouts.io);
                gate.answer.poll_write(cx, &mut stream, bufs)
            }
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = &mut *lock(&self.gate);
        if let Some(stream) = &mut gate.stream {
            let mut stream = gate.stall.bound(stream, gate.current.timeouts.io);
            ready!(gate.answer.poll_flush(cx, &mut stream))?;
            if let Some(flushed) = gate.flushed.take() {
                flushed(true);
            }
            if let Some(reader) = gate.held_reader.take() {
                reader.wake();
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = &mut *lock(&self.gate);
        match &mut gate.stream {
            Some(stream) => {
                let mut stream = gate.stall.bound(stream, gate.current.timeouts.io);
                Pin::new(&mut stream).poll_shutdown(cx)
            }
            None => Poll::Ready(Ok(())),
        }
    }
}
