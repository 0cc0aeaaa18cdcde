//! Reading from the client, and for how long.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::gate::{Gate, READ};
use super::pace::Deadline;

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// The first byte of a head.
    Idle,
    /// The rest of a head.
    Head,
    /// A part of a body.
    Body,
}

/// The clock of one connection: a timer for the wait under way, a deadline for the message's part.
#[derive(Default)]
pub(super) struct Clock {
    deadline: Option<Deadline>,
    /// Made when there first is something to wait for: most requests come whole.
    timer: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Clock {
    /// A new part of a message begins.
    pub(super) fn restart(&mut self) {
        self.deadline = None;
        self.armed = false;
    }

    fn progress(&mut self, bytes: usize) {
        self.armed = false;
        if let Some(deadline) = &mut self.deadline {
            deadline.extend(bytes);
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        wait: impl FnOnce(&mut Option<Deadline>) -> Option<Duration>,
    ) -> Poll<()> {
        if !self.armed {
            let Some(wait) = wait(&mut self.deadline) else { return Poll::Ready(()) };
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(tokio::time::Instant::now() + wait),
                None => self.timer = Some(Box::pin(sleep(wait))),
            }
            self.armed = true;
        }
        self.timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(cx))
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    /// Reads into the buffer; 0 is the end.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>, waiting: Waiting) -> Poll<io::Result<usize>> {
        let mut store = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut store);
        ready!(self.poll_stream(cx, &mut read, waiting))?;
        self.buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Reads, or waits no longer than it should for what it is waiting for.
    pub(super) fn poll_stream(
        &mut self,
        cx: &mut Context<'_>,
        read: &mut ReadBuf<'_>,
        waiting: Waiting,
    ) -> Poll<io::Result<()>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(())) };
        if let Poll::Ready(result) = Pin::new(stream).poll_read(cx, read) {
            self.clock.progress(read.filled().len());
            return Poll::Ready(result);
        }
        let (timeouts, read_before, first) = (&self.current.timeouts, self.buffer.len(), self.served == 0);
        ready!(self.clock.poll(cx, |deadline| {
            let stage = match waiting {
                Waiting::Idle if first => return Some(timeouts.fresh),
                Waiting::Idle => return Some(timeouts.idle),
                Waiting::Head => &timeouts.header,
                Waiting::Body => &timeouts.body,
            };
            let Some(stage) = stage else { return Some(timeouts.io) };
            let now = Instant::now();
            let deadline = deadline.get_or_insert_with(|| {
                let mut deadline = Deadline::new(stage, now);
                deadline.extend(read_before);
                deadline
            });
            deadline.wait(now, timeouts.io)
        }));
        self.timed_out = true;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}
