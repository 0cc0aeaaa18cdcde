//! Counts the bytes that a client's socket carries, below TLS: what `%I` and `%O` of access logs tell.

use std::borrow::Borrow;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use wsgate_wstunnel::{Socket, Stream};

/// A socket that counts.
#[derive(Debug)]
pub(crate) struct Counted<S> {
    inner: S,
    wire: Arc<Wire>,
}

/// What a socket has carried since it was asked last.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    read: AtomicU64,
    written: AtomicU64,
}

/// Bytes that came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// From the client.
    pub(crate) read: u64,
    /// To the client.
    pub(crate) written: u64,
}

impl Wire {
    /// The count, which begins anew.
    pub(crate) fn take(&self) -> Traffic {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        Traffic { read: take(&self.read), written: take(&self.written) }
    }
}

impl<S> Counted<S> {
    /// A socket, and where its count can be read.
    pub(crate) fn new(inner: S) -> (Self, Arc<Wire>) {
        let wire = Arc::<Wire>::default();
        (Self { inner, wire: wire.clone() }, wire)
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written {
            self.wire.written.fetch_add(count as u64, Ordering::Relaxed);
        }
        written
    }
}

impl Borrow<TcpStream> for Counted<TcpStream> {
    fn borrow(&self) -> &TcpStream {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.inner).poll_read(cx, buf);
        this.wire.read.fetch_add((buf.filled().len() - before) as u64, Ordering::Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, data);
        this.wrote(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, parts);
        this.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

/// The relay counts for itself.
impl<S: Stream> Stream for Counted<S> {
    fn into_socket(self) -> Result<Socket, Self> {
        let Self { inner, wire } = self;
        inner.into_socket().map_err(|inner| Self { inner, wire })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn what_came_and_went_is_counted_once() {
        let (near, mut far) = duplex(64);
        let (mut counted, wire) = Counted::new(near);
        far.write_all(b"hello").await.unwrap();
        counted.read_exact(&mut [0; 5]).await.unwrap();
        counted.write_all(b"good day").await.unwrap();
        assert_eq!(wire.take(), Traffic { read: 5, written: 8 });
        assert_eq!(wire.take(), Traffic::default());
        counted.write_all(b"x").await.unwrap();
        assert_eq!(wire.take(), Traffic { read: 0, written: 1 });
    }
}
