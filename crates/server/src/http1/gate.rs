//! The gate itself: what has been read and not yet passed on, and what the current message is.
//!
//! Between two requests it holds no buffer. hyper asks for bytes at a message's boundary only when it wants the next
//! head, and with `half_close(true)` it never asks between a body's end and the answer's; so a head is read when the
//! answer before it is on its way, and nothing behind a message is read before its turn.

use std::io;
use std::mem::take;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use wsgate_core::http::Head;

use super::Settings;
use super::answer::Answer;
use super::framing::{Chunks, Framing, Persistence, settle};
use super::head::{Flaw, Reader, Received, combine};
use super::small::Small;
use super::stall::Stall;
use super::wait::{Clock, Waiting};

/// How much is read at once, onto the stack: hyper's own first buffer.
pub(super) const READ: usize = 8192;

/// The state that [`super::ClientIo`] and [`super::Handle`] share.
pub(super) struct Gate<S> {
    /// `None` once the service has taken it.
    pub(super) stream: Option<S>,
    /// The settings that the connection has, and those of the message in hand.
    base: Arc<Settings>,
    pub(super) current: Arc<Settings>,
    /// Bytes read and not yet passed on.
    pub(super) buffer: BytesMut,
    pub(super) stage: Stage,
    /// What hyper gets next: a canonical head, the framing of a chunk.
    pub(super) out: Small,
    pub(super) received: Option<Received>,
    pub(super) served: u32,
    pub(super) persistence: Persistence,
    /// The status to answer with where a body turned out bad.
    pub(super) body_flaw: Option<u16>,
    pub(super) answer: Answer,
    /// hyper wants to read while it still has to write.
    pub(super) held_reader: Option<Waker>,
    pub(super) clock: Clock,
    /// How long the client has taken nothing.
    pub(super) stall: Stall,
    /// Time ran out: linger only briefly.
    pub(super) timed_out: bool,
    /// No other request is waited for.
    pub(super) closing: bool,
    /// Who waits for the answer to be written.
    pub(super) flushed: Option<Flushed>,
}

/// Called once an answer has been written, with false where it never will be.
pub(crate) type Flushed = Box<dyn FnOnce(bool) + Send>;

/// What the next bytes belong to.
pub(super) enum Stage {
    /// A head: this much of it has been looked at.
    Head(Reader),
    Length(u64),
    Chunked(Chunks),
    Trailer(Reader),
    /// hyper reads no more.
    Over,
}

impl<S> Gate<S> {
    pub(super) fn new(stream: S, settings: Arc<Settings>) -> Self {
        Self {
            stream: Some(stream),
            base: settings.clone(),
            current: settings,
            buffer: BytesMut::new(),
            stage: Stage::Head(Reader::default()),
            out: Small::default(),
            received: None,
            served: 0,
            persistence: Persistence::Close,
            body_flaw: None,
            answer: Answer::default(),
            held_reader: None,
            clock: Clock::default(),
            stall: Stall::default(),
            timed_out: false,
            closing: false,
            flushed: None,
        }
    }

    /// Takes other settings for the connection.
    pub(super) fn settle(&mut self, settings: &Arc<Settings>) {
        if !Arc::ptr_eq(&self.base, settings) {
            self.base = settings.clone();
        }
    }

    /// Takes the stream and what has been read of the bytes behind the current message.
    pub(super) fn detach(&mut self) -> Option<(S, Bytes)> {
        let between = matches!(&self.stage, Stage::Head(_) | Stage::Over);
        if !between || !self.out.is_empty() || !self.answer.is_idle() {
            return None;
        }
        self.stage = Stage::Over;
        self.clock = Clock::default();
        Some((self.stream.take()?, take(&mut self.buffer).freeze()))
    }

    /// The head is complete, `length` bytes of it.
    fn begin(&mut self, reader: Reader, length: usize) {
        let bytes = self.split(length);
        let mut head = reader.finish(&bytes);
        let framing = combine(&mut head.headers, &self.current.rules).and_then(|()| settle(&mut head));
        match framing {
            Ok((framing, persistence)) => {
                self.persistence = persistence;
                self.out.canonical(&head.method[..] == b"HEAD", framing, persistence == Persistence::Close);
                self.stage = match framing {
                    Framing::Empty => self.end_body(),
                    Framing::Length(length) => Stage::Length(length),
                    Framing::Chunked => Stage::Chunked(Chunks::default()),
                };
                self.deliver(Ok(head));
            }
            Err(flaw) => self.refuse(flaw, head),
        }
    }

    fn refuse_unfinished(&mut self, reader: Reader, flaw: Flaw) {
        let head = reader.finish(&take(&mut self.buffer).freeze());
        self.refuse(flaw, head);
    }

    /// The service has to answer an error, behind which the connection closes.
    fn refuse(&mut self, flaw: Flaw, head: Head) {
        self.stage = Stage::Over;
        self.persistence = Persistence::Close;
        self.out.canonical(&head.method[..] == b"HEAD", Framing::Empty, true);
        self.deliver(Err(flaw.of(head)));
    }

    fn deliver(&mut self, received: Received) {
        self.served = self.served.saturating_add(1);
        self.body_flaw = None;
        let version = received.as_ref().map_or_else(|bad| bad.head.version, |head| head.version);
        self.answer = Answer::to(version);
        self.received = Some(received);
        self.clock.restart();
    }

    /// What follows the message. Where nothing of that is there yet, no buffer is kept for it.
    pub(super) fn end_body(&mut self) -> Stage {
        self.clock.restart();
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        if self.persistence == Persistence::Close { Stage::Over } else { Stage::Head(Reader::default()) }
    }

    /// All of the buffer, usually; without a reference to what stays then.
    fn split(&mut self, length: usize) -> Bytes {
        if length == self.buffer.len() { take(&mut self.buffer) } else { self.buffer.split_to(length) }
            .freeze()
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    /// What hyper reads. Its end is the connection's end as far as hyper is concerned.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let filled = out.filled().len();
        loop {
            self.out.drain(out);
            if out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let polled = match take(&mut self.stage) {
                Stage::Head(reader) if out.filled().len() == filled => self.poll_head(cx, reader).map(Ok),
                Stage::Length(left) => self.poll_length(cx, out, left),
                Stage::Chunked(chunks) => self.poll_chunked(cx, out, chunks),
                Stage::Trailer(reader) => self.poll_trailer(cx, reader),
                stage @ (Stage::Head(_) | Stage::Over) => {
                    self.stage = stage;
                    return Poll::Ready(Ok(()));
                }
            };
            match polled {
                // What there is goes to hyper first. It asks again, and where this was an error, finds an untimely end.
                Poll::Pending | Poll::Ready(Err(_)) if out.filled().len() > filled => {
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(result) => result?,
            }
        }
    }

    /// Reads until a head is complete, or known to be bad, or the connection at its end.
    fn poll_head(&mut self, cx: &mut Context<'_>, mut reader: Reader) -> Poll<()> {
        if self.answer.is_unflushed() {
            // Whoever gets this head may take the stream away: the answer before it has to be gone.
            self.held_reader = Some(cx.waker().clone());
            self.stage = Stage::Head(reader);
            return Poll::Pending;
        }
        loop {
            let mut waiting = Waiting::Idle;
            if !self.buffer.is_empty() {
                waiting = Waiting::Head;
                self.current = self.base.clone();
                match reader.read(&self.buffer, &self.base.rules) {
                    Ok(None) => {}
                    Ok(Some(length)) => {
                        self.begin(reader, length);
                        return Poll::Ready(());
                    }
                    Err(flaw) => {
                        self.refuse_unfinished(reader, flaw);
                        return Poll::Ready(());
                    }
                }
            }
            match self.poll_fill(cx, waiting) {
                Poll::Pending if waiting == Waiting::Idle && self.closing => return Poll::Ready(()),
                Poll::Ready(Ok(n)) if n > 0 => {}
                Poll::Ready(end) => {
                    self.cut_off(reader, &end);
                    return Poll::Ready(());
                }
                Poll::Pending => {
                    self.stage = Stage::Head(reader);
                    return Poll::Pending;
                }
            }
        }
    }

    /// The head ends too soon. httpd only answers where fields are missing; without a request line it just closes.
    /// Either way hyper finds the connection's end behind this.
    fn cut_off(&mut self, reader: Reader, end: &io::Result<usize>) {
        let late = end.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
        if reader.is_past_line() && (late || end.is_ok()) {
            self.refuse_unfinished(reader, if late { Flaw::LATE } else { Flaw::BAD });
        }
    }
}

impl<S> Drop for Gate<S> {
    fn drop(&mut self) {
        if let Some(flushed) = self.flushed.take() {
            flushed(false);
        }
    }
}

impl Default for Stage {
    /// While a stage is being worked on.
    fn default() -> Self {
        Self::Over
    }
}
