//! Tunnels that are relayed synchronously: each by a thread of its own, which blocks in poll(2) and does nothing else.
//!
//! The same [`Tunnel`] that the engine drives is driven here; only who waits, and how, differs.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use tokio::sync::Notify;

use crate::buffer;
use crate::entry::{Bell, Entry};
use crate::fate::LINGER;
use crate::hop::Kit;
use crate::life::{Cause, Life, Mode};
use crate::pipe::Pipes;
use crate::pump::{Living, Pump, Quiet};
use crate::socket::Stream;
use crate::tunnel::{Outlook, Signs, Tunnel};
use crate::tunnels::ThreadPermit;

/// A relay is shallow; rustls needs the most of it.
const STACK: usize = 256 * 1024;

/// A thread that waits for the one tunnel it was made for.
pub(crate) struct Seat<T> {
    give: SyncSender<T>,
}

impl<T: Send + 'static> Seat<T> {
    /// Made before the tunnel is given away: where there is no thread the tunnel is still the caller's.
    pub(crate) fn new(permit: ThreadPermit, work: impl FnOnce(T) + Send + 'static) -> io::Result<Self> {
        let (give, take): (SyncSender<T>, Receiver<T>) = sync_channel(1);
        std::thread::Builder::new().name("tunnel".into()).stack_size(STACK).spawn(move || {
            let _permit = permit;
            if let Ok(tunnel) = take.recv() {
                work(tunnel);
            }
        })?;
        Ok(Self { give })
    }

    pub(crate) fn take(self, tunnel: T) {
        // The thread is there until it has received.
        let _ = self.give.send(tunnel);
    }
}

/// Relays two streams. Their readiness still comes from the worker's poller, with which the streams are registered;
/// every byte is moved, and every record ciphered, here. What comes back was quiet for so long that it is handed over.
pub(crate) fn pump<C: Stream, B: Stream>(
    pump: Box<Pump<C, B>>,
    life: Life,
    bell: Arc<Notify>,
    quiet: Quiet,
) -> Option<Living<C, B>> {
    match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(pump.run(life, bell, quiet)),
        Err(why) => {
            let cause = Cause::failed(life.entry.id, why);
            life.end(cause);
            None
        }
    }
}

/// Relays two sockets, likewise.
pub(crate) fn tunnel(mut tunnel: Tunnel, hand_over: Option<u32>) -> Option<Tunnel> {
    let entry = Arc::clone(tunnel.entry()?);
    let bell = match eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK) {
        Ok(bell) => Arc::new(bell),
        Err(why) => {
            tunnel.cut(Cause::failed(entry.id, why));
            end_life(&mut tunnel);
            return None;
        }
    };
    entry.hand_to(Mode::Thread, Bell::Thread(Arc::clone(&bell)));
    let mut desk = Desk { bell, pipes: Pipes::default(), linger_until: None };
    let mut outlook = tunnel.outlook();
    loop {
        let now = entry.now();
        let due = match outlook {
            Outlook::Over => break,
            Outlook::Ended => {
                end_life(&mut tunnel);
                desk.linger_until = Some(now + LINGER.as_millis() as u64);
                outlook = tunnel.outlook();
                continue;
            }
            Outlook::More => Some(now),
            Outlook::Events => next_due(&tunnel, &desk, &entry, hand_over),
        };
        let past = |limit: Option<u32>| limit.is_some_and(|limit| entry.moved() + u64::from(limit) <= now);
        if let Some(until) = desk.linger_until {
            if until <= now {
                break;
            }
        } else if let Some(cause) = entry.cut().or(past(tunnel.idle).then_some(Cause::Idle)) {
            outlook = tunnel.cut(cause);
            continue;
        } else if past(hand_over) {
            return Some(tunnel);
        }
        outlook = desk.turn(&mut tunnel, due, &entry);
    }
    end_life(&mut tunnel);
    None
}

fn end_life(tunnel: &mut Tunnel) {
    if let Some((life, cause)) = tunnel.take_life() {
        life.end(cause);
    }
}

/// When the clock, not a socket, has the next word.
fn next_due(tunnel: &Tunnel, desk: &Desk, entry: &Entry, hand_over: Option<u32>) -> Option<u64> {
    desk.linger_until.or_else(|| {
        let limit = tunnel.idle.into_iter().chain(hand_over).min()?;
        Some(entry.moved() + u64::from(limit))
    })
}

/// What the thread has besides its tunnel.
struct Desk {
    bell: Arc<OwnedFd>,
    pipes: Pipes,
    linger_until: Option<u64>,
}

impl Desk {
    /// Waits until `due` at most, and does what there is to do.
    fn turn(&mut self, tunnel: &mut Tunnel, due: Option<u64>, entry: &Entry) -> Outlook {
        let signs = self.wait(tunnel, due.map(|due| due.saturating_sub(entry.now())));
        buffer::with(|buffer| {
            let mut kit = Kit { buffer, pipes: &mut self.pipes, now: entry.now() };
            for (side, signs) in signs.into_iter().enumerate() {
                tunnel.on(side, signs, &mut kit);
            }
            tunnel.go_on(&mut kit)
        })
    }

    fn wait(&self, tunnel: &Tunnel, patience: Option<u64>) -> [Signs; 2] {
        let side = |side| match tunnel.wants(side) {
            Some(wants) => {
                let read = if wants.read { PollFlags::IN | PollFlags::RDHUP } else { PollFlags::empty() };
                let write = if wants.write { PollFlags::OUT } else { PollFlags::empty() };
                PollFd::from_borrowed_fd(tunnel.end(side), read | write)
            }
            // Asked for nothing, the bell has nothing to say.
            None => PollFd::new(&*self.bell, PollFlags::empty()),
        };
        // Nobody rings for a tunnel that has ended, and what was rung before stays.
        let rung = if self.linger_until.is_none() { PollFlags::IN } else { PollFlags::empty() };
        let mut fds = [side(0), side(1), PollFd::new(&*self.bell, rung)];
        let patience =
            patience.map(|ms| Timespec { tv_sec: (ms / 1000) as i64, tv_nsec: (ms % 1000 * 1_000_000) as _ });
        // Only a signal can fail it, and then there is another turn.
        let _ = poll(&mut fds, patience.as_ref());
        let [client, backend, _] = fds.map(|fd| signs(fd.revents()));
        [client, backend]
    }
}

fn signs(flags: PollFlags) -> Signs {
    Signs {
        readable: flags.contains(PollFlags::IN),
        writable: flags.contains(PollFlags::OUT),
        closing: flags.contains(PollFlags::RDHUP),
        dead: flags.intersects(PollFlags::HUP | PollFlags::ERR),
    }
}
