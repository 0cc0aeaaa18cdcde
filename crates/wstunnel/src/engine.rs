//! A worker's plain tunnels: one edge-triggered epoll, driven in turns by the worker's runtime.
//!
//! The epoll is itself one descriptor of the runtime's, so that an idle worker sleeps in one place. A turn takes a
//! batch of events and gives each tunnel a bounded share; it never waits.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::time::Timespec;
use slab::Slab;

use crate::buffer;
use crate::entry::Bell;
use crate::fate::LINGER;
use crate::hop::Kit;
use crate::life::{Cause, Life, Mode, TunnelId};
use crate::pipe::Pipes;
use crate::tunnel::{Outlook, Signs, Tunnel};
use crate::wheel::Wheel;

/// Events of one turn.
const BATCH: usize = 256;
/// Lets the turn look without waiting.
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// The tunnels and what they share.
pub(crate) struct Engine {
    epoll: Rc<OwnedFd>,
    events: Vec<Event>,
    tunnels: Slab<Tunnel>,
    /// Tunnels that have more to do than their share of the last turn.
    line: Vec<u32>,
    /// The line that the present turn works off; kept for its capacity.
    served: Vec<u32>,
    wheel: Wheel,
    /// When the one who waits for the wheel wakes up.
    planned: Option<u64>,
    pipes: Pipes,
    /// Lives that ended. The one who called ends them, when the engine is free again.
    ended: Vec<(Life, Cause)>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("tunnels", &self.tunnels.len()).finish_non_exhaustive()
    }
}

impl Engine {
    pub(crate) fn new(now: u64) -> io::Result<Self> {
        Ok(Self {
            epoll: Rc::new(epoll::create(CreateFlags::CLOEXEC)?),
            events: Vec::with_capacity(BATCH),
            tunnels: Slab::new(),
            line: Vec::new(),
            served: Vec::new(),
            wheel: Wheel::new(now),
            planned: None,
            pipes: Pipes::default(),
            ended: Vec::new(),
        })
    }

    /// The descriptor that is readable when a turn is due.
    pub(crate) fn epoll(&self) -> Rc<OwnedFd> {
        Rc::clone(&self.epoll)
    }

    /// Takes a tunnel in. What it has to do already is announced by the epoll at once.
    pub(crate) fn add(&mut self, tunnel: Tunnel) {
        let place = self.tunnels.vacant_entry();
        let key = u32::try_from(place.key()).expect("fewer tunnels than descriptors");
        let tunnel = place.insert(tunnel);
        let Some(entry) = tunnel.entry() else { return };
        entry.hand_to(Mode::Engine, Bell::Engine(key));
        if let Some(idle) = tunnel.idle {
            self.wheel.set(key, entry.moved() + u64::from(idle));
        }
        let what = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        let (id, cut) = (entry.id, entry.cut());
        let watched = (0..2).try_for_each(|side| {
            let token = EventData::new_u64(u64::from(key) << 1 | side as u64);
            epoll::add(&*self.epoll, tunnel.end(side), token, what)
        });
        if let Some(cause) = watched.err().map(|why| Cause::failed(id, why)).or(cut) {
            self.cut(key, cause);
        }
    }

    /// One batch of events; true if another turn is due at once.
    pub(crate) fn turn(&mut self, now: u64) -> bool {
        self.events.clear();
        // Only a signal can fail it, and then there is another turn.
        let full = match epoll::wait(&*self.epoll, spare_capacity(&mut self.events), Some(&AT_ONCE)) {
            Ok(count) => count == self.events.capacity(),
            Err(_) => true,
        };
        std::mem::swap(&mut self.line, &mut self.served);
        buffer::with(|buffer| {
            let mut pipes = std::mem::take(&mut self.pipes);
            let mut kit = Kit { buffer, pipes: &mut pipes, now };
            for at in 0..self.events.len() {
                let event = self.events[at];
                let token = event.data.u64();
                let (key, side) = ((token >> 1) as u32, (token & 1) as usize);
                let Some(tunnel) = self.tunnels.get_mut(key as usize) else { continue };
                let outlook = tunnel.on(side, signs(event.flags), &mut kit);
                if outlook != Outlook::Events {
                    self.settle(key, outlook, now);
                }
            }
            for at in 0..self.served.len() {
                let key = self.served[at];
                let Some(tunnel) = self.tunnels.get_mut(key as usize) else { continue };
                tunnel.queued = false;
                let outlook = tunnel.go_on(&mut kit);
                self.settle(key, outlook, now);
            }
            self.pipes = pipes;
        });
        self.served.clear();
        full || !self.line.is_empty()
    }

    /// Ends what has been idle for too long or has lingered enough.
    pub(crate) fn expire(&mut self, now: u64) {
        while let Some(key) = self.wheel.pop(now) {
            let Some(tunnel) = self.tunnels.get(key as usize) else { continue };
            let due = match (tunnel.entry(), tunnel.idle) {
                (Some(entry), Some(idle)) => entry.moved() + u64::from(idle),
                _ => now,
            };
            if due > now {
                self.wheel.set(key, due);
            } else if tunnel.entry().is_some() {
                self.cut(key, Cause::Idle);
            } else {
                self.tunnels.remove(key as usize);
            }
        }
    }

    /// When [`Self::expire`] is due next: the caller will wait until then.
    pub(crate) fn plan_expiry(&mut self) -> Option<u64> {
        self.planned = self.wheel.next();
        self.planned
    }

    /// Whether the caller waits for too long.
    pub(crate) fn is_due_earlier(&self) -> bool {
        self.wheel.next().is_some_and(|due| self.planned.is_none_or(|planned| due < planned))
    }

    /// Ends the tunnel under `key`, as its record says, if it is the one meant.
    pub(crate) fn cut_if(&mut self, key: u32, id: TunnelId) {
        let entry = self.tunnels.get(key as usize).and_then(Tunnel::entry);
        if let Some(cause) = entry.filter(|e| e.id == id).and_then(|e| e.cut()) {
            self.cut(key, cause);
        }
    }

    /// The lives that ended since the last call.
    pub(crate) fn take_ended(&mut self) -> Vec<(Life, Cause)> {
        std::mem::take(&mut self.ended)
    }

    /// Whether a turn is due that the epoll does not announce.
    pub(crate) fn has_line(&self) -> bool {
        !self.line.is_empty()
    }

    fn cut(&mut self, key: u32, cause: Cause) {
        let now = self.tunnels[key as usize].entry().map_or(0, |entry| entry.now());
        let outlook = self.tunnels[key as usize].cut(cause);
        self.settle(key, outlook, now);
    }

    /// Does what a tunnel's outlook asks for.
    fn settle(&mut self, key: u32, outlook: Outlook, now: u64) {
        let tunnel = &mut self.tunnels[key as usize];
        match outlook {
            Outlook::Events => {}
            Outlook::More if tunnel.queued => {}
            Outlook::More => {
                tunnel.queued = true;
                self.line.push(key);
            }
            Outlook::Ended => {
                self.ended.extend(tunnel.take_life());
                let outlook = tunnel.outlook();
                self.wheel.set(key, now + LINGER.as_millis() as u64);
                self.settle(key, outlook, now);
            }
            Outlook::Over => {
                self.ended.extend(tunnel.take_life());
                self.wheel.clear(key);
                self.tunnels.remove(key as usize);
            }
        }
    }
}

fn signs(flags: EventFlags) -> Signs {
    Signs {
        readable: flags.contains(EventFlags::IN),
        writable: flags.contains(EventFlags::OUT),
        closing: flags.contains(EventFlags::RDHUP),
        dead: flags.intersects(EventFlags::HUP | EventFlags::ERR),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::entry::Entry;
    use crate::wheel::Node;

    /// All that a tunnel adds to the process while it is idle, the caller's hook aside.
    #[test]
    fn an_idle_tunnel_costs_at_most_400_bytes() {
        let record = size_of::<Entry>() + 2 * size_of::<usize>();
        let row = size_of::<Option<Arc<Entry>>>() + size_of::<usize>();
        let tunnel = size_of::<Tunnel>() + size_of::<usize>() + size_of::<Node>();
        let all = record + row + tunnel;
        assert!(all <= 400, "{all} bytes");
    }
}
