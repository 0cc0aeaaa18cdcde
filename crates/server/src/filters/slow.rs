//! A body that is held back to a rate.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use wsgate_core::filters::Rate;
use wsgate_proxy::Error;

use crate::exchange::Body;

/// How often something may pass (httpd's RATE_INTERVAL_MS).
const INTERVAL: Duration = Duration::from_millis(200);

/// A body that passes a piece at a time, and waits in between.
pub(crate) struct Slow {
    inner: Body,
    /// What may pass in an interval, bytes.
    share: usize,
    /// What may still pass before the next pause: at first the burst, too.
    left: usize,
    /// What has come and must wait.
    held: Bytes,
    pause: Pin<Box<Sleep>>,
}

impl Slow {
    pub(super) fn new(inner: Body, rate: Rate) -> Self {
        let intervals = 1000 / u32::try_from(INTERVAL.as_millis()).unwrap_or(1000);
        let bytes = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        let share = bytes(rate.bytes / intervals);
        Self {
            inner,
            share,
            left: share.saturating_add(bytes(rate.burst)),
            held: Bytes::new(),
            pause: Box::pin(sleep_until(Instant::now())),
        }
    }

    /// What of it may be had now.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.left == 0 {
            ready!(self.pause.as_mut().poll(cx));
            self.left = self.share;
        }
        if self.held.is_empty() {
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
            let Some(Ok(frame)) = frame else { return Poll::Ready(frame) };
            match frame.into_data() {
                Ok(data) => self.held = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let piece = self.held.split_to(self.held.len().min(self.left));
        self.left -= piece.len();
        if self.left == 0 {
            self.pause.as_mut().reset(Instant::now() + INTERVAL);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    /// Whether everything has passed.
    pub(crate) fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.inner.is_end_stream()
    }

    /// How much is still to pass.
    pub(crate) fn size_hint(&self) -> SizeHint {
        let mut hint = self.inner.size_hint();
        let held = self.held.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + held);
        }
        hint.set_lower(hint.lower() + held);
        hint
    }

    /// What passes.
    pub(super) fn inner(&self) -> &Body {
        &self.inner
    }

    /// What passes, to be begun.
    pub(super) fn inner_mut(&mut self) -> &mut Body {
        &mut self.inner
    }
}
