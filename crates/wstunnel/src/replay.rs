//! A stream on which the request was already written and part of the answer already read.
//!
//! For an answer that turns out not to be a 101: whoever frames HTTP (hyper's client) is given this, "sends" the
//! request that is long gone, and reads the answer from its beginning.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::handshake::Unframed;

/// Reads what was read first; swallows what is written, for the backend has it already.
#[derive(Debug)]
pub struct Replay<S> {
    read: Bytes,
    stream: S,
}

impl<S> From<Unframed<S>> for Replay<S> {
    fn from(answer: Unframed<S>) -> Self {
        Self { read: answer.read, stream: answer.stream }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        if me.read.is_empty() {
            return Pin::new(&mut me.stream).poll_read(cx, buf);
        }
        let length = me.read.len().min(buf.remaining());
        buf.put_slice(&me.read[..length]);
        me.read.advance(length);
        if me.read.is_empty() {
            me.read = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replay<S> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
