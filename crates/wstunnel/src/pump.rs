//! The relay for sides that are more than a socket: two async streams, in a task or on a thread.
//!
//! Same rules as the engine's [`Tunnel`](crate::tunnel::Tunnel): read into the thread's buffer, write at once, keep
//! only what the other side refused, pass half-closes on. An idle pump holds no byte and no buffer.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{sleep_until, timeout};

use crate::buffer;
use crate::entry::Entry;
use crate::fate::{Fate, LINGER, Why};
use crate::life::{Cause, Life};

mod way;

use way::{Load, News, Way};

/// Two streams and what is on the way between them.
#[derive(Debug)]
pub(crate) struct Pump<C, B> {
    client: C,
    backend: B,
    up: Way,
    down: Way,
    fate: Fate,
}

/// A pump and the life that it is the driver's to end.
pub(crate) type Living<C, B> = (Box<Pump<C, B>>, Life);

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

    /// Relays until the end (nothing comes back) or until it is quiet enough to be handed over. Boxed, because a
    /// future holds what it is given several times over.
    pub(crate) async fn run(
        mut self: Box<Self>,
        life: Life,
        bell: Arc<Notify>,
        quiet: Quiet,
    ) -> Option<Living<C, B>> {
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
        let _ = timeout(LINGER, self.linger(&entry)).await;
        None
    }

    fn poll(&mut self, cx: &mut Context<'_>, entry: &Entry) -> Poll<Cause> {
        self.pass(cx, entry);
        if self.up.is_settled() && self.down.is_settled() {
            return Poll::Ready(self.fate.cause());
        }
        Poll::Pending
    }

    /// Carries what can be carried, both ways.
    fn pass(&mut self, cx: &mut Context<'_>, entry: &Entry) {
        buffer::with(|buffer| {
            loop {
                let mut load = Load { buffer, entry, from: 0 };
                let up = self.up.poll(cx, &mut self.client, &mut self.backend, &mut load);
                load.from = 1;
                let down = self.down.poll(cx, &mut self.backend, &mut self.client, &mut load);
                let learned = self.learn(0, up, entry) | self.learn(1, down, entry);
                if !learned {
                    break;
                }
            }
        });
    }

    /// Notes what a way found out; true if the ways have to be looked at again.
    fn learn(&mut self, from: usize, news: Poll<News>, entry: &Entry) -> bool {
        let Poll::Ready(news) = news else { return false };
        match news {
            News::Ended(why) => {
                self.fate.note(from, why);
                if why != Why::Closed || !entry.half_close() {
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
    async fn linger(&mut self, entry: &Entry) {
        self.up.abandon();
        self.down.abandon();
        let _ = tokio::join!(self.client.shutdown(), self.backend.shutdown());
        poll_fn(|cx| {
            self.pass(cx, entry);
            if self.up.is_done() && self.down.is_done() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::Socket;

    fn size_of_future<F: Future>(
        _: impl FnOnce(Box<Pump<Socket, Socket>>, Life, Arc<Notify>, Quiet) -> F,
    ) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_tunnel_in_a_task_costs_its_streams_and_little_more() {
        let future = size_of_future(Pump::run);
        assert!(future <= 640, "{future} bytes beside the streams");
    }
}
