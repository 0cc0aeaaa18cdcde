//! The body of a request, from HTTP/1 or HTTP/2. The gate of HTTP/1 keeps the time itself; here a stream's body may not
//! pause for longer than Timeout.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use crate::http2::Flow;

/// What a client sends behind its head.
pub(crate) struct ClientBody {
    incoming: Incoming,
    pace: Option<Pace>,
}

/// How long a body may pause.
struct Pace {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// Where 408 is noted.
    flaw: Rc<Cell<Option<u16>>>,
    /// What hears of the body's progress.
    flow: Rc<Flow>,
}

/// Why a body cannot be read to its end.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection or the framing broke.
    Hyper(hyper::Error),
    /// It paused for too long.
    Late,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hyper(error) => error.fmt(f),
            Self::Late => f.write_str("the request's body paused for too long"),
        }
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Hyper(error) => Some(error),
            Self::Late => None,
        }
    }
}

impl ClientBody {
    /// One whose time the gate keeps.
    pub(crate) fn gated(incoming: Incoming) -> Self {
        Self { incoming, pace: None }
    }

    /// One that may pause for so long; else 408 is noted in `flaw`.
    pub(crate) fn paced(
        incoming: Incoming,
        limit: Duration,
        flaw: Rc<Cell<Option<u16>>>,
        flow: Rc<Flow>,
    ) -> Self {
        Self { incoming, pace: Some(Pace { limit, timer: None, flaw, flow }) }
    }
}

impl Pace {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let late = self.timer.get_or_insert_with(|| Box::pin(sleep(self.limit))).as_mut().poll(cx);
        late.map(|()| self.flaw.set(Some(408)))
    }

    fn restart(&mut self) {
        self.flow.moves();
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(Instant::now() + self.limit);
        }
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.incoming).poll_frame(cx);
        match (polled, &mut this.pace) {
            (Poll::Ready(frame), pace) => {
                pace.iter_mut().for_each(Pace::restart);
                Poll::Ready(frame.map(|frame| frame.map_err(Broken::Hyper)))
            }
            (Poll::Pending, Some(pace)) => pace.poll(cx).map(|()| Some(Err(Broken::Late))),
            (Poll::Pending, None) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
