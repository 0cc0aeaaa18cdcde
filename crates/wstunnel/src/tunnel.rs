//! The relay of two plain sockets as a state machine: told what the kernel says of a socket, it moves what can be
//! moved and says what it waits for. It knows neither epoll nor poll nor timers; two drivers share it, the worker's
//! [engine](crate::engine) and a [thread](crate::thread).
//!
//! The kernel's word is a hint: whatever was announced, a socket is asked until it has nothing more to say. A call
//! moves a bounded amount, then says [`Outlook::More`].

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use bytes::Bytes;
use rustix::net::{Shutdown, shutdown};

use crate::entry::Entry;
use crate::fate::{Fate, Why};
use crate::hop::{Hop, Kit};
use crate::life::{Cause, Life};
use crate::way::{News, Way};

/// Two sockets and what is on the way between them. Side 0 is the client, side 1 the backend.
#[derive(Debug)]
pub(crate) struct Tunnel {
    ends: [OwnedFd; 2],
    /// `ways[s]` carries what comes from side `s`.
    ways: [Way; 2],
    fate: Fate,
    /// Gone when the tunnel has ended and its sides only linger.
    life: Option<Life>,
    /// Ends when nothing moved for so many milliseconds.
    pub(crate) idle: Option<u32>,
    /// For the driver: it is in the line of those with more to do.
    pub(crate) queued: bool,
}

/// What the kernel says of a socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signs {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The peer has ended its way.
    pub(crate) closing: bool,
    /// An error, or both ways ended: nothing can be written.
    pub(crate) dead: bool,
}

/// What a tunnel waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// For the kernel.
    Events,
    /// For its next turn: there is more to do.
    More,
    /// For the driver to take its life off it, and to let its sides linger for a bounded time.
    Ended,
    /// For nothing: both sockets can be closed.
    Over,
}

/// What a level-triggered driver has to watch a socket for, besides its death.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wants {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

impl Tunnel {
    /// `early[s]` was read from side `s` already.
    pub(crate) fn new(ends: [OwnedFd; 2], early: [Bytes; 2], life: Life, idle: Option<u32>) -> Self {
        let now = life.entry.now();
        for (from, bytes) in early.iter().enumerate() {
            life.entry.count(from, bytes.len(), now);
        }
        let ways = early.map(Way::new);
        Self { ends, ways, fate: Fate::default(), life: Some(life), idle, queued: false }
    }

    pub(crate) fn end(&self, side: usize) -> BorrowedFd<'_> {
        self.ends[side].as_fd()
    }

    /// Its record, while it is open.
    pub(crate) fn entry(&self) -> Option<&Arc<Entry>> {
        self.life.as_ref().map(|life| &life.entry)
    }

    /// Its life and why it ended.
    pub(crate) fn take_life(&mut self) -> Option<(Life, Cause)> {
        self.life.take().map(|life| (life, self.fate.cause()))
    }

    /// The kernel says something of side `side`.
    pub(crate) fn on(&mut self, side: usize, signs: Signs, kit: &mut Kit<'_>) -> Outlook {
        if signs.writable && self.ways[1 - side].is_stuck() {
            self.carry(1 - side, kit, Way::flush);
        }
        if signs.readable || signs.closing || signs.dead {
            let to_the_end = signs.closing || signs.dead;
            self.carry(side, kit, |way, hop, kit| way.pull(hop, to_the_end, kit));
        }
        if signs.dead {
            self.learn(1 - side, News::Refused(Why::Reset));
        }
        self.outlook()
    }

    /// Goes on where the last call stopped.
    pub(crate) fn go_on(&mut self, kit: &mut Kit<'_>) -> Outlook {
        for from in 0..2 {
            if self.ways[from].more {
                self.carry(from, kit, |way, hop, kit| way.pull(hop, true, kit));
            }
        }
        self.outlook()
    }

    /// Ends it from outside: what is kept is dropped, both sides get a FIN.
    pub(crate) fn cut(&mut self, cause: Cause) -> Outlook {
        self.fate = Fate::of(cause);
        for side in 0..2 {
            self.ways[side].abandon();
            self.shut(side);
        }
        self.outlook()
    }

    /// Nothing at all is `None`: the socket would only repeat that it is dead.
    pub(crate) fn wants(&self, side: usize) -> Option<Wants> {
        let (from, toward) = (&self.ways[side], &self.ways[1 - side]);
        let wants = Wants { read: !from.is_stuck() && !from.is_done(), write: toward.is_stuck() };
        (wants.read || wants.write || !toward.is_settled()).then_some(wants)
    }

    pub(crate) fn outlook(&self) -> Outlook {
        if self.ways.iter().all(Way::is_settled) {
            if self.ways.iter().all(Way::is_done) {
                return Outlook::Over;
            }
            if self.life.is_some() {
                return Outlook::Ended;
            }
        }
        if self.ways.iter().any(|way| way.more) { Outlook::More } else { Outlook::Events }
    }

    fn carry<F>(&mut self, from: usize, kit: &mut Kit<'_>, work: F)
    where
        F: FnOnce(&mut Way, &Hop<'_>, &mut Kit<'_>) -> News,
    {
        let record = self.life.as_ref().map(|life| (&*life.entry, from));
        let hop = Hop { from: &self.ends[from], to: &self.ends[1 - from], record };
        let news = work(&mut self.ways[from], &hop, kit);
        self.learn(from, news);
    }

    /// Draws the conclusions of what way `from` found out.
    fn learn(&mut self, from: usize, news: News) {
        if matches!(news, News::Nothing) {
            return;
        }
        let settled = self.ways[from].is_settled();
        match news {
            News::Nothing => {}
            News::Ended(_) if settled => self.ways[from].finish(),
            News::Ended(why) => {
                self.fate.note(from, why);
                self.ways[from].finish();
                // If the other side has ended as well its closing is near, and that is its FIN.
                if !self.ways[1 - from].is_done() {
                    self.shut(1 - from);
                }
                let half_close = self.life.as_ref().is_none_or(|life| life.entry.half_close());
                if !half_close {
                    self.shut(from);
                }
                if why != Why::Closed || !half_close {
                    self.ways[1 - from].abandon();
                }
            }
            News::Refused(_) if settled => {}
            News::Refused(why) => {
                self.fate.note(1 - from, why);
                self.ways[from].abandon();
                // What the refusing side sent before it died may have had its event.
                self.ways[1 - from].more |= !self.ways[1 - from].is_settled();
            }
        }
    }

    /// Hands an end on to a side; fails if that is gone already, which is as good.
    fn shut(&self, side: usize) {
        let _ = shutdown(&self.ends[side], Shutdown::Write);
    }
}
