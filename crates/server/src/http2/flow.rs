//! What moves on a connection of many streams, and for how long nothing may: hyper waits for ever.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The streams of a connection, together.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    begun: Cell<u32>,
    open: Cell<u32>,
    /// Those that wait for us or a backend, and not for the client.
    working: Cell<u32>,
    moved: Cell<bool>,
}

/// Why a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// There is no stream.
    Idle,
    /// Streams wait for a client that neither sends nor takes anything.
    Stalled,
}

impl Flow {
    /// A stream begins; gives its number and what ends it.
    pub(crate) fn begin(self: &Rc<Self>) -> (u32, Turn) {
        self.begun.set(self.begun.get().saturating_add(1));
        self.open.set(self.open.get() + 1);
        let mut turn = Turn { flow: self.clone(), works: false };
        turn.works(true);
        (self.begun.get(), turn)
    }

    /// Something came or went.
    pub(crate) fn moves(&self) {
        self.moved.set(true);
    }

    /// Waits until nothing moves any more: for `idle` without a stream, for `patience` with streams that wait for the client.
    pub(crate) async fn over(&self, idle: Duration, patience: Duration) -> Over {
        loop {
            let begun = self.begun.get();
            self.moved.set(false);
            if self.open.get() == 0 {
                tokio::time::sleep(idle).await;
                if self.begun.get() == begun {
                    return Over::Idle;
                }
            } else {
                tokio::time::sleep(patience).await;
                if self.open.get() > self.working.get() && !self.moved.get() {
                    return Over::Stalled;
                }
            }
        }
    }
}

/// A stream's part in the flow.
#[derive(Debug)]
pub(crate) struct Turn {
    flow: Rc<Flow>,
    works: bool,
}

impl Turn {
    /// Whether the stream waits for us, and not for the client.
    fn works(&mut self, works: bool) {
        let working = self.flow.working.get();
        match (self.works, works) {
            (false, true) => self.flow.working.set(working + 1),
            (true, false) => self.flow.working.set(working - 1),
            _ => {}
        }
        self.works = works;
        self.flow.moves();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.works(false);
        self.flow.open.set(self.flow.open.get() - 1);
    }
}

/// The body of an answer, seen by the flow.
pub(crate) struct Watched<B> {
    body: B,
    turn: Turn,
}

impl<B> Watched<B> {
    /// A body that a turn ends with.
    pub(crate) fn new(body: B, turn: Turn) -> Self {
        Self { body, turn }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Watched<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        // hyper asks for more when there is room for it. Until it asks again the client has to make room.
        this.turn.works(frame.is_pending());
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};

    use super::*;

    const IDLE: Duration = Duration::from_secs(5);
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Runs in a time that passes when nothing else is to be done.
    fn in_time(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(test);
    }

    #[test]
    fn a_connection_without_streams_is_idle() {
        in_time(async {
            let flow = Rc::new(Flow::default());
            let start = tokio::time::Instant::now();
            assert_eq!(flow.over(IDLE, PATIENCE).await, Over::Idle);
            assert_eq!(start.elapsed(), IDLE);
        });
    }

    #[test]
    fn streams_that_wait_for_us_may_take_their_time() {
        in_time(async {
            let flow = Rc::new(Flow::default());
            let (number, turn) = flow.begin();
            assert_eq!(number, 1);
            let hours = tokio::time::timeout(PATIENCE * 100, flow.over(IDLE, PATIENCE)).await;
            assert!(hours.is_err());
            drop(turn);
            assert_eq!(flow.over(IDLE, PATIENCE).await, Over::Idle);
        });
    }

    #[test]
    fn an_answer_that_nobody_takes_stalls() {
        in_time(async {
            let flow = Rc::new(Flow::default());
            let (_, turn) = flow.begin();
            let mut body = Watched::new(Full::new(Bytes::from_static(b"x")), turn);
            body.frame().await.unwrap().unwrap();
            assert_eq!(flow.over(IDLE, PATIENCE).await, Over::Stalled);
            let moving = async {
                for _ in 0..10 {
                    tokio::time::sleep(PATIENCE / 2).await;
                    flow.moves();
                }
            };
            tokio::select! {
                biased;
                () = moving => {}
                over = flow.over(IDLE, PATIENCE) => panic!("{over:?} though something moves"),
            }
        });
    }
}
