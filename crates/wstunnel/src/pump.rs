//! The relay for sides that are more than a socket: two async streams, in a task or on a thread.
//!
//! Same rules as the engine's [`Tunnel`](crate::tunnel::Tunnel): read into the thread's buffer, write at once, keep
//! only what the other side refused, pass half-closes on. An idle pump holds no byte and no buffer.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{sleep_until, timeout};

use crate::buffer;
use crate::fate::{Fate, LINGER, Why};
use crate::life::{Cause, Entry, Life};

/// Two streams and what is on the way between them.
#[derive(Debug)]
pub(crate) struct Pump<C, B> {
    client: C,
    backend: B,
    up: Way,
    down: Way,
    fate: Fate,
}

/// When a pump stops by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet {
    /// Nothing moved for so many milliseconds: the tunnel ends.
    pub(crate) end: Option<u32>,
    /// Nothing moved for so many milliseconds: the tunnel is handed back to its worker.
    pub(crate) hand_over: Option<u32>,
}

impl<C, B> Pump<C, B>
where
    C: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    /// `early[s]` was read from side `s` already.
    pub(crate) fn new(client: C, backend: B, early: [Bytes; 2], entry: &Entry) -> Self {
        let now = entry.now();
        for (from, bytes) in early.iter().enumerate() {
            entry.count(from, bytes.len(), now);
        }
        let [up, down] = early.map(Way::new);
        Self { client, backend, up, down, fate: Fate::default() }
    }

    /// Relays until the end (nothing comes back) or until it is quiet enough to be handed over.
    pub(crate) async fn run(mut self, life: Life, bell: Arc<Notify>, quiet: Quiet) -> Option<(Self, Life)> {
        let entry = Arc::clone(&life.entry);
        let over = tokio::select! {
            biased;
            cause = poll_fn(|cx| self.poll(cx, &entry)) => Some(cause),
            cause = cut(&entry, &bell) => Some(cause),
            () = quiet_for(&entry, quiet.end) => Some(Cause::Idle),
            () = quiet_for(&entry, quiet.hand_over) => None,
        };
        let Some(cause) = over else { return Some((self, life)) };
        life.end(cause);
        self.linger().await;
        None
    }

    fn poll(&mut self, cx: &mut Context<'_>, entry: &Entry) -> Poll<Cause> {
        buffer::with(|buffer| {
            loop {
                let mut load = Load { buffer, entry, from: 0 };
                let up = self.up.poll(cx, &mut self.client, &mut self.backend, &mut load);
                load.from = 1;
                let down = self.down.poll(cx, &mut self.backend, &mut self.client, &mut load);
                let learned = self.learn(0, up) | self.learn(1, down);
                if !learned {
                    break;
                }
            }
        });
        if self.up.is_settled() && self.down.is_settled() {
            return Poll::Ready(self.fate.cause());
        }
        Poll::Pending
    }

    /// Notes what a way found out; true if the ways have to be looked at again.
    fn learn(&mut self, from: usize, news: Poll<News>) -> bool {
        let Poll::Ready(news) = news else { return false };
        match news {
            News::Ended(why) => {
                self.fate.note(from, why);
                if why != Why::Closed {
                    [&mut self.down, &mut self.up][from].abandon();
                }
                true
            }
            News::Refused(why) => {
                self.fate.note(1 - from, why);
                true
            }
            News::Settled => false,
        }
    }

    /// Closes both sides so that what was sent arrives: a FIN, and no reset for bytes that nobody reads any more.
    async fn linger(mut self) {
        let gone = async {
            let _ = tokio::join!(self.client.shutdown(), self.backend.shutdown());
            tokio::join!(discard(&mut self.client), discard(&mut self.backend));
        };
        let _ = timeout(LINGER, gone).await;
    }
}

/// One direction.
#[derive(Debug)]
struct Way {
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
enum News {
    /// The source has ended.
    Ended(Why),
    /// The destination takes nothing more.
    Refused(Why),
    Settled,
}

/// What a way needs to carry bytes.
struct Load<'a> {
    buffer: &'a mut [u8],
    entry: &'a Entry,
    from: usize,
}

impl Way {
    fn new(early: Bytes) -> Self {
        Self { kept: early, state: State::Open, unflushed: false }
    }

    fn is_settled(&self) -> bool {
        matches!(self.state, State::Sink | State::Done)
    }

    fn abandon(&mut self) {
        self.kept = Bytes::new();
        match self.state {
            State::Open => self.state = State::Sink,
            State::Ending => self.state = State::Done,
            State::Sink | State::Done => {}
        }
    }

    fn poll<R, W>(
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

async fn discard<R: AsyncRead + Unpin>(from: &mut R) {
    let mut scrap = [0; 1024];
    while matches!(from.read(&mut scrap).await, Ok(1..)) {}
}

async fn cut(entry: &Entry, bell: &Notify) -> Cause {
    loop {
        if let Some(cause) = entry.cut() {
            return cause;
        }
        bell.notified().await;
    }
}

async fn quiet_for(entry: &Entry, limit: Option<u32>) {
    let Some(limit) = limit else { return pending().await };
    loop {
        let due = entry.moved() + u64::from(limit);
        if entry.now() >= due {
            return;
        }
        sleep_until(entry.instant(due)).await;
    }
}
