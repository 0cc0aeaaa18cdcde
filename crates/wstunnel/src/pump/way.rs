//! One direction between two async streams. Same rules as between two sockets, by other means.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::entry::Entry;
use crate::fate::Why;

/// One direction.
#[derive(Debug)]
pub(super) struct Way {
    /// What the destination refused; nothing is read meanwhile.
    kept: Bytes,
    state: State,
    unflushed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The source has ended; the destination does not know yet.
    Ending,
    /// The destination is gone: what still comes is read and dropped.
    Sink,
    Done,
}

#[derive(Clone, Copy)]
pub(super) enum News {
    /// The source has ended.
    Ended(Why),
    /// The destination takes nothing more.
    Refused(Why),
    Settled,
}

/// What a way needs to carry bytes.
pub(super) struct Load<'a> {
    pub(super) buffer: &'a mut [u8],
    pub(super) entry: &'a Entry,
    /// The side that the bytes come from.
    pub(super) from: usize,
}

impl Way {
    /// `early` goes out first. Empty bytes are not kept either: they hold on to the buffer that they were cut from.
    pub(super) fn new(early: Bytes) -> Self {
        let kept = if early.is_empty() { Bytes::new() } else { early };
        Self { kept, state: State::Open, unflushed: false }
    }

    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state, State::Sink | State::Done)
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    pub(super) fn abandon(&mut self) {
        self.kept = Bytes::new();
        match self.state {
            State::Open => self.state = State::Sink,
            State::Ending => self.state = State::Done,
            State::Sink | State::Done => {}
        }
    }

    pub(super) fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut R,
        to: &mut W,
        load: &mut Load<'_>,
    ) -> Poll<News>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        match self.state {
            State::Open => {
                let moved = self.carry(cx, from, to, load);
                if moved.is_pending() && self.unflushed {
                    return self.flush(cx, to);
                }
                moved
            }
            State::Ending => {
                if let Err(why) = ready!(self.drain(cx, to, load)) {
                    self.abandon();
                    return Poll::Ready(News::Refused(why));
                }
                let _ = ready!(Pin::new(to).poll_shutdown(cx));
                self.state = State::Done;
                Poll::Ready(News::Settled)
            }
            State::Sink => loop {
                let mut read = ReadBuf::new(load.buffer);
                let result = ready!(Pin::new(&mut *from).poll_read(cx, &mut read));
                if result.is_err() || read.filled().is_empty() {
                    self.state = State::Done;
                    return Poll::Ready(News::Settled);
                }
            },
            State::Done => Poll::Ready(News::Settled),
        }
    }

    fn carry<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut R,
        to: &mut W,
        load: &mut Load<'_>,
    ) -> Poll<News>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            if let Err(why) = ready!(self.drain(cx, to, load)) {
                self.abandon();
                return Poll::Ready(News::Refused(why));
            }
            let mut read = ReadBuf::new(load.buffer);
            let result = ready!(Pin::new(&mut *from).poll_read(cx, &mut read));
            let length = read.filled().len();
            if result.is_err() || length == 0 {
                self.state = State::Ending;
                return Poll::Ready(News::Ended(result.map_or_else(|e| Why::of(&e), |()| Why::Closed)));
            }
            load.entry.count(load.from, length, load.entry.now());
            let mut rest = &load.buffer[..length];
            while !rest.is_empty() {
                match write(cx, to, rest) {
                    Poll::Ready(Ok(sent)) => rest = &rest[sent..],
                    Poll::Ready(Err(why)) => {
                        self.abandon();
                        return Poll::Ready(News::Refused(why));
                    }
                    Poll::Pending => {
                        self.kept = Bytes::copy_from_slice(rest);
                        break;
                    }
                }
            }
            self.unflushed = true;
        }
    }

    /// Writes what was kept.
    fn drain<W: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut W,
        load: &Load<'_>,
    ) -> Poll<Result<(), Why>> {
        while !self.kept.is_empty() {
            match ready!(write(cx, to, &self.kept)) {
                Ok(sent) => self.kept.advance(sent),
                Err(why) => return Poll::Ready(Err(why)),
            }
            load.entry.touch(load.entry.now());
            self.unflushed = true;
            if self.kept.is_empty() {
                self.kept = Bytes::new();
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Pushes out what the stream itself buffers (a TLS record that the socket did not take).
    fn flush<W: AsyncWrite + Unpin>(&mut self, cx: &mut Context<'_>, to: &mut W) -> Poll<News> {
        match ready!(Pin::new(to).poll_flush(cx)) {
            Ok(()) => {
                self.unflushed = false;
                Poll::Pending
            }
            Err(error) => {
                self.abandon();
                Poll::Ready(News::Refused(Why::of(&error)))
            }
        }
    }
}

fn write<W: AsyncWrite + Unpin>(cx: &mut Context<'_>, to: &mut W, data: &[u8]) -> Poll<Result<usize, Why>> {
    Poll::Ready(match ready!(Pin::new(to).poll_write(cx, data)) {
        Ok(0) => Err(Why::Closed),
        Ok(sent) => Ok(sent),
        Err(error) => Err(Why::of(&error)),
    })
}
