//! The streams to clients and backends: plain sockets, or TLS over them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{client, server};
use wsgate_wstunnel::{Socket, Stream};

use crate::counted::Counted;

/// A stream to a client.
pub(crate) type ClientStream = Either<Counted<TcpStream>, server::TlsStream<Counted<TcpStream>>>;
/// A stream to a backend.
pub(crate) type BackendStream = Either<Socket, client::TlsStream<Socket>>;

/// A plain stream, or TLS.
#[derive(Debug)]
pub(crate) enum Either<P, T> {
    /// The socket itself.
    Plain(P),
    /// TLS over it.
    Tls(Box<T>),
}

macro_rules! delegate {
    ($this:expr, $inner:ident => $call:expr) => {
        match $this.get_mut() {
            Either::Plain($inner) => {
                let $inner = Pin::new($inner);
                $call
            }
            Either::Tls($inner) => {
                let $inner = Pin::new(&mut **$inner);
                $call
            }
        }
    };
}

impl<P: AsyncRead + Unpin, T: AsyncRead + Unpin> AsyncRead for Either<P, T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        delegate!(self, inner => inner.poll_read(cx, buf))
    }
}

impl<P: AsyncWrite + Unpin, T: AsyncWrite + Unpin> AsyncWrite for Either<P, T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        delegate!(self, inner => inner.poll_write(cx, data))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, inner => inner.poll_write_vectored(cx, parts))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(inner) => inner.is_write_vectored(),
            Self::Tls(inner) => inner.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, inner => inner.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, inner => inner.poll_shutdown(cx))
    }
}

impl<P, T> Stream for Either<P, T>
where
    P: Stream,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    fn into_socket(self) -> Result<Socket, Self> {
        match self {
            Self::Plain(plain) => plain.into_socket().map_err(Self::Plain),
            tls @ Self::Tls(_) => Err(tls),
        }
    }
}
