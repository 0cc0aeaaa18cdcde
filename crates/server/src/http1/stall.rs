//! Writing to the client, and for how long it may take nothing (httpd's Timeout holds for writes, too).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::{Instant, Sleep, sleep};

/// The clock of what the client does not take: it runs from the last time that it took something.
#[derive(Default)]
pub(super) struct Stall {
    /// Made when there first is something to wait for: most answers are taken at once.
    timer: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Stall {
    /// A stream whose writes wait for `limit` at most.
    pub(super) fn bound<'a, S>(&'a mut self, stream: &'a mut S, limit: Duration) -> Bounded<'a, S> {
        Bounded { stream, stall: self, limit }
    }
}

/// A stream whose writes fail when they have waited for too long.
pub(super) struct Bounded<'a, S> {
    stream: &'a mut S,
    stall: &'a mut Stall,
    limit: Duration,
}

impl<S> Bounded<'_, S> {
    fn judge<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let Stall { timer, armed } = &mut *self.stall;
        if written.is_ready() {
            *armed = false;
            return written;
        }
        let timer = timer.get_or_insert_with(|| Box::pin(sleep(self.limit)));
        if !std::mem::replace(armed, true) {
            timer.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<'_, S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut *this.stream).poll_write(cx, data);
        this.judge(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut *this.stream).poll_write_vectored(cx, parts);
        this.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut *this.stream).poll_flush(cx);
        this.judge(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut *this.stream).poll_shutdown(cx);
        this.judge(cx, shut)
    }
}
