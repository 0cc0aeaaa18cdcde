//! The stream under hyper: it puts our head in the place of the one that hyper writes, reads the answer's head itself,
//! and shows hyper one that says no more than where the body ends.
//!
//! That is how field names keep their spelling and order, targets may hold bytes that `http::Uri` refuses, and answers
//! are read as httpd reads them, while hyper does all the framing of bodies. It also watches for silence.

use std::fmt::Write as _;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::error::Kind;
use crate::head::{AnswerHead, Framing, HeadReader};
use crate::turn::{Phase, SharedTurn};

/// Interim answers that one request may get: one more, the tenth, is httpd's `AP_MAX_INTERIM_RESPONSES` and too many.
pub const MOST_INTERIM: usize = 9;
/// How much of an answer's head is read at once.
const HEAD_READ: usize = 8192;
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A connection to a backend as hyper sees it.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    stream: S,
    turn: SharedTurn,
    reader: HeadReader,
    /// Read from the backend, not yet understood as a head.
    raw: BytesMut,
    /// To be shown to hyper.
    shown: BytesMut,
    /// To be written before anything else.
    out: BytesMut,
    /// How much of the end of hyper's head has been seen.
    end_seen: usize,
    read_clock: Silence,
    write_clock: Silence,
}

impl<S> Wire<S> {
    /// `read`: what was read of the first answer already.
    pub(crate) fn new(stream: S, turn: SharedTurn, read: BytesMut) -> Self {
        Self {
            stream,
            turn,
            reader: HeadReader::default(),
            raw: read,
            shown: BytesMut::new(),
            out: BytesMut::new(),
            end_seen: 0,
            read_clock: Silence::default(),
            write_clock: Silence::default(),
        }
    }

    /// The stream itself, if nothing of it is held here.
    pub(crate) fn into_stream(self) -> Option<S> {
        let nothing = self.raw.is_empty() && self.shown.is_empty() && self.out.is_empty();
        nothing.then_some(self.stream)
    }

    /// The turn fails; hyper learns it as an error of the stream.
    fn fail(&self, kind: Kind) -> io::Error {
        self.turn.borrow_mut().failure = Some(kind);
        io::Error::other(kind.text())
    }

    /// Understands as much as has been read; what is for hyper is put into `shown`.
    fn understand(&mut self) -> Result<(), Kind> {
        loop {
            let rules = self.turn.borrow().rules;
            let Some(head) = self.reader.advance(&mut self.raw, rules)? else { return Ok(()) };
            self.reader = HeadReader::default();
            if head.is_interim() {
                self.interim(head)?;
                continue;
            }
            return self.last(head);
        }
    }

    fn interim(&self, head: AnswerHead) -> Result<(), Kind> {
        let mut turn = self.turn.borrow_mut();
        if head.status == 101 {
            return Err(Kind::UnexpectedUpgrade);
        }
        if head.status == 100 {
            turn.awaits_continue = None;
        }
        turn.interim.push_back(head);
        turn.interims += 1;
        if turn.interims > MOST_INTERIM { Err(Kind::TooManyInterim) } else { Ok(()) }
    }

    fn last(&mut self, mut head: AnswerHead) -> Result<(), Kind> {
        let mut turn = self.turn.borrow_mut();
        let framing = head.take_framing(turn.of_head)?;
        let closes = head.all("Connection").any(|value| names_close(value));
        head.keeps &= !closes;
        turn.phase = Phase::Body;
        self.shown.extend_from_slice(clean_head(&head, framing).as_bytes());
        self.shown.extend_from_slice(&head.body_start);
        let rest = std::mem::take(&mut self.raw);
        self.shown.extend_from_slice(&rest);
        turn.answer = Some(head);
        Ok(())
    }

    /// The end of the stream within a head.
    fn cut(&self) -> Kind {
        // A started status line is no answer yet (`ap_proxygetline` reads nothing then).
        if self.reader.is_empty() { Kind::Closed } else { Kind::HeadCut }
    }

    fn stalled(&self) -> Kind {
        let turn = self.turn.borrow();
        match (turn.phase, turn.awaits_continue) {
            (Phase::Body, _) => Kind::BodyStalled,
            (_, Some(_)) => Kind::NoContinue,
            _ if self.reader.is_empty() => Kind::Silent,
            _ => Kind::HeadCut,
        }
    }

    /// How long the backend may be silent now; no matter how long while it waits for us.
    fn patience(&self) -> Option<Duration> {
        let turn = self.turn.borrow();
        match (turn.phase, turn.awaits_continue) {
            (Phase::Idle, _) => None,
            (Phase::Head, Some(patience)) => Some(patience),
            (Phase::Body, Some(_)) => Some(turn.silence),
            (_, None) => (!turn.sending).then_some(turn.silence),
        }
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    fn read_stream(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(read) => {
                self.read_clock.stop();
                Poll::Ready(read)
            }
            Poll::Pending => {
                if let Some(patience) = self.patience() {
                    ready!(self.read_clock.poll(cx, patience));
                    return Poll::Ready(Err(self.fail(self.stalled())));
                }
                self.read_clock.stop();
                Poll::Pending
            }
        }
    }

    fn read_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.turn.borrow().phase == Phase::Head {
            self.understand().map_err(|kind| self.fail(kind))?;
            if self.turn.borrow().phase != Phase::Head {
                break;
            }
            let mut space = [const { MaybeUninit::uninit() }; HEAD_READ];
            let mut buf = ReadBuf::uninit(&mut space);
            if let Err(error) = ready!(self.read_stream(cx, &mut buf)) {
                if self.turn.borrow().failure.is_none() {
                    self.fail(self.cut());
                }
                return Poll::Ready(Err(error));
            }
            if buf.filled().is_empty() {
                return Poll::Ready(Err(self.fail(self.cut())));
            }
            self.raw.extend_from_slice(buf.filled());
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.turn.borrow().head.is_some() {
            // hyper has not begun: an answer that is there already would be noise to it. Writing the head wakes us.
            return Poll::Pending;
        }
        ready!(wire.read_head(cx))?;
        if wire.shown.is_empty() {
            return wire.read_stream(cx, buf);
        }
        let length = wire.shown.len().min(buf.remaining());
        buf.put_slice(&wire.shown[..length]);
        wire.shown.advance(length);
        if wire.shown.is_empty() {
            wire.shown = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Swallows what belongs to hyper's head; how much of `data` that is.
    fn swallow(&mut self, data: &[u8]) -> usize {
        if self.turn.borrow().head.is_none() {
            return 0;
        }
        for (at, byte) in data.iter().enumerate() {
            self.end_seen = match (*byte == HEAD_END[self.end_seen], *byte) {
                (true, _) => self.end_seen + 1,
                (false, b'\r') => 1,
                _ => 0,
            };
            if self.end_seen == HEAD_END.len() {
                self.end_seen = 0;
                let head = self.turn.borrow_mut().head.take().unwrap_or_default();
                self.out.extend_from_slice(&head);
                return at + 1;
            }
        }
        data.len()
    }

    fn write_stream(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if self.turn.borrow().deaf {
            return Poll::Ready(Ok(data.len()));
        }
        match Pin::new(&mut self.stream).poll_write(cx, data) {
            Poll::Ready(Ok(length)) => {
                self.write_clock.stop();
                self.turn.borrow_mut().sent += length as u64;
                Poll::Ready(Ok(length))
            }
            // The backend may have answered before it closed: its answer counts, if there is one.
            Poll::Ready(Err(_)) => {
                self.turn.borrow_mut().deaf = true;
                Poll::Ready(Ok(data.len()))
            }
            Poll::Pending => {
                let patience = self.turn.borrow().silence;
                ready!(self.write_clock.poll(cx, patience));
                Poll::Ready(Err(self.fail(Kind::WriteStalled)))
            }
        }
    }

    fn write_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let out = std::mem::take(&mut self.out);
            let written = self.write_stream(cx, &out);
            self.out = out;
            self.out.advance(ready!(written)?);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let head = wire.swallow(data);
        if head > 0 {
            cx.waker().wake_by_ref();
            // What hyper has behind its head leaves in one packet with ours.
            wire.out.extend_from_slice(&data[head..]);
            return match wire.write_out(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ => Poll::Ready(Ok(data.len())),
            };
        }
        ready!(wire.write_out(cx))?;
        wire.write_stream(cx, data)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        ready!(wire.write_out(cx))?;
        if wire.turn.borrow().deaf {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut wire.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// The head that hyper sees.
fn clean_head(head: &AnswerHead, framing: Framing) -> String {
    let mut clean = String::with_capacity(96);
    let close = if head.keeps { "" } else { "Connection: close\r\n" };
    let written = write!(clean, "HTTP/1.1 {} \r\n{close}", head.status);
    written.expect("a string takes everything");
    match framing {
        Framing::Length(length) => {
            write!(clean, "Content-Length: {length}\r\n").expect("a string takes everything");
        }
        Framing::Chunked => clean.push_str("Transfer-Encoding: chunked\r\n"),
        Framing::None => clean.push_str("Content-Length: 0\r\n"),
        Framing::Close => {}
    }
    clean.push_str("\r\n");
    clean
}

fn names_close(connection: &[u8]) -> bool {
    connection.split(|byte| *byte == b',').any(|token| token.trim_ascii().eq_ignore_ascii_case(b"close"))
}

/// A timer that runs only while something is waited for.
#[derive(Debug, Default)]
struct Silence {
    timer: Option<Pin<Box<Sleep>>>,
    /// What the timer was set for; none while nothing is waited for.
    running: Option<Duration>,
}

impl Silence {
    fn stop(&mut self) {
        self.running = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>, patience: Duration) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
        if self.running != Some(patience) {
            self.running = Some(patience);
            timer.as_mut().reset(Instant::now() + patience);
        }
        timer.as_mut().poll(cx)
    }
}
