//! The way out: hyper's response head is dropped, the service's own takes its place; bodies pass as hyper framed them.
//!
//! So the framing is hyper's, and order, spelling and reason phrase of the head are the service's. An HTTP/0.9 answer
//! simply has an empty head.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use wsgate_core::http::Version;

/// How the client finds the end of an answer's body; the answer's head must say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// `Content-Length`, or a status or method without a body (then 0).
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The connection's end.
    Close,
}

/// The answer to the current request, as far as it has got.
#[derive(Debug, Default)]
pub(super) struct Answer {
    state: State,
    /// What of the service's head is still to be written.
    head: Bytes,
    /// How much of the `CR LF CR LF` behind hyper's head has been seen.
    matched: usize,
    /// hyper has written, and not flushed all of it since.
    unflushed: bool,
    /// The client knows interim answers.
    knows_interim: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing has been said yet; hyper's bytes would pass.
    #[default]
    Idle,
    /// An interim answer is being written, or its writer gave up in the middle.
    Interim,
    /// hyper's head is to be replaced.
    Replace,
    /// hyper's bytes pass.
    Pass,
}

impl Answer {
    /// To a request of that version.
    pub(super) fn to(version: Version) -> Self {
        Self { knows_interim: version >= Version::HTTP_11, ..Self::default() }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.state == State::Idle && !self.unflushed
    }

    pub(super) fn is_unflushed(&self) -> bool {
        self.unflushed
    }

    /// Puts `head` in the place of the next head from hyper.
    pub(super) fn replace(&mut self, head: Bytes) {
        self.head = head;
        self.matched = 0;
        if self.state != State::Interim {
            self.state = State::Replace;
        }
    }

    /// Begins an interim answer; whether there is anything to send.
    pub(super) fn begin_interim(&mut self) -> io::Result<bool> {
        if !self.is_idle() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the answer has begun"));
        }
        if self.knows_interim {
            self.state = State::Interim;
        }
        Ok(self.knows_interim)
    }

    pub(super) fn end_interim(&mut self) {
        self.state = State::Idle;
    }

    /// Writes what hyper has; how many of its bytes are done with.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.unflushed = true;
        match self.state {
            // Half an interim answer is out: nothing can follow it.
            State::Interim => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            State::Replace => self.poll_replace(cx, stream, bufs),
            State::Idle => {
                self.state = State::Pass;
                Pin::new(stream).poll_write_vectored(cx, bufs)
            }
            State::Pass => {
                ready!(self.poll_head(cx, stream))?;
                Pin::new(stream).poll_write_vectored(cx, bufs)
            }
        }
    }

    /// Flushes, the rest of our head first.
    pub(super) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
    ) -> Poll<io::Result<()>> {
        if self.state == State::Pass {
            ready!(self.poll_head(cx, stream))?;
        }
        ready!(Pin::new(stream).poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }

    /// Drops hyper's head, and writes ours and what stands behind hyper's in one go.
    fn poll_replace(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut matched = self.matched;
        let mut dropped = 0;
        let Some(end) = bufs.iter().position(|buf| {
            dropped += head_part(&mut matched, buf);
            matched == END.len()
        }) else {
            self.matched = matched;
            return Poll::Ready(Ok(dropped));
        };
        let before: usize = bufs[..end].iter().map(|buf| buf.len()).sum();
        // More would be rare; what is left out is written the next time.
        let mut slices = [IoSlice::new(&[]); 8];
        slices[0] = IoSlice::new(&self.head);
        slices[1] = IoSlice::new(&bufs[end][dropped - before..]);
        for (slice, buf) in slices[2..].iter_mut().zip(&bufs[end + 1..]) {
            *slice = IoSlice::new(buf);
        }
        let written = if slices.iter().all(|slice| slice.is_empty()) {
            0
        } else {
            ready!(Pin::new(stream).poll_write_vectored(cx, &slices))?
        };
        let ours = written.min(self.head.len());
        if written == 0 && !self.head.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.head.advance(ours);
        self.state = State::Pass;
        Poll::Ready(Ok(dropped + written - ours))
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut (impl AsyncWrite + Unpin),
    ) -> Poll<io::Result<()>> {
        while !self.head.is_empty() {
            let n = ready!(Pin::new(&mut *stream).poll_write(cx, &self.head))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.head.advance(n);
        }
        Poll::Ready(Ok(()))
    }
}

/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

/// How much of `buf` belongs to the head of which `matched` bytes of the end have been seen.
fn head_part(matched: &mut usize, buf: &[u8]) -> usize {
    for (index, &byte) in buf.iter().enumerate() {
        *matched = match byte {
            byte if byte == END[*matched] => *matched + 1,
            b'\r' => 1,
            _ => 0,
        };
        if *matched == END.len() {
            return index + 1;
        }
    }
    buf.len()
}
