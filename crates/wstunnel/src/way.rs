//! One direction between two plain sockets: reads, writes at once, keeps what was refused; splices bulk.

use bytes::{Buf, Bytes};
use rustix::io::Errno;

use crate::fate::Why;
use crate::hop::{Hop, Kit};
use crate::pipe::Pipe;

/// A read of this size counts towards splicing.
const BIG: usize = 48 * 1024;
/// So many big reads in a row, and a way is spliced.
const BULK: u8 = 3;
/// A splice of less, and it is read and written again.
const SMALL: usize = 24 * 1024;
/// splice(2) does not know these sockets.
const NEVER: u8 = u8::MAX;
/// What a way may move in one call, about: other tunnels wait meanwhile.
const SHARE: usize = 512 * 1024;

/// A direction's state. Bytes are kept only while the destination refuses them, at most one read's or one pipe's
/// worth, and the source is not read meanwhile: a slow reader stops the sender.
#[derive(Debug)]
pub(crate) struct Way {
    kept: Option<Box<Kept>>,
    state: State,
    /// Big reads in a row, up to [`BULK`]; or [`NEVER`].
    big: u8,
    /// There may be something to read that no event will announce.
    pub(crate) more: bool,
}

/// What the destination refused.
#[derive(Debug)]
enum Kept {
    Bytes(Bytes),
    Pipe(Pipe),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The destination is gone: what still comes is read and dropped.
    Sink,
    /// The source has ended, and all that came before has been delivered or dropped.
    Done,
}

/// What a way found out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum News {
    Nothing,
    /// The source has ended, and everything before its end is delivered.
    Ended(Why),
    /// The destination takes nothing more.
    Refused(Why),
}

enum Step {
    /// So many bytes; `true` if there may be more.
    Moved(usize, bool),
    /// The source has nothing now.
    Dry,
    /// The destination takes no more now.
    Kept,
    Ended(Why),
    Refused(Why),
}

impl Way {
    /// `early` goes out first.
    pub(crate) fn new(early: Bytes) -> Self {
        let kept = (!early.is_empty()).then(|| Box::new(Kept::Bytes(early)));
        Self { kept, state: State::Open, big: 0, more: false }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Nothing will be delivered any more.
    pub(crate) fn is_settled(&self) -> bool {
        self.state != State::Open
    }

    /// It waits for the destination.
    pub(crate) fn is_stuck(&self) -> bool {
        self.kept.is_some()
    }

    /// The destination takes nothing more.
    pub(crate) fn abandon(&mut self) {
        self.kept = None;
        if self.state == State::Open {
            self.state = State::Sink;
            self.more = true;
        }
    }

    pub(crate) fn finish(&mut self) {
        self.kept = None;
        self.state = State::Done;
    }

    /// Moves what the source has, as long as the destination takes it. `to_the_end`: until the source says that it
    /// has nothing, because an end may hide behind the last byte.
    pub(crate) fn pull(&mut self, hop: &Hop<'_>, to_the_end: bool, kit: &mut Kit<'_>) -> News {
        self.more = false;
        let mut moved = 0;
        while self.kept.is_none() {
            let step = match self.state {
                State::Open if self.big == BULK => self.splice(hop, kit),
                State::Open => self.copy(hop, kit),
                State::Sink => discard(hop, kit),
                State::Done => break,
            };
            match step {
                Step::Moved(length, more) => {
                    moved += length;
                    if !more && !to_the_end {
                        break;
                    }
                    if moved >= SHARE {
                        self.more = true;
                        break;
                    }
                }
                Step::Dry | Step::Kept => break,
                Step::Ended(why) => return News::Ended(why),
                Step::Refused(why) => return News::Refused(why),
            }
        }
        News::Nothing
    }

    /// Writes what was kept; when it is out, the way goes on.
    pub(crate) fn flush(&mut self, hop: &Hop<'_>, kit: &mut Kit<'_>) -> News {
        while let Some(kept) = self.kept.as_deref_mut() {
            let written = match kept {
                Kept::Bytes(bytes) => hop.send(bytes).map(|sent| {
                    bytes.advance(sent);
                    bytes.is_empty()
                }),
                Kept::Pipe(pipe) => pipe.drain(hop.to),
            };
            match written {
                Ok(all) => {
                    hop.touch(kit.now);
                    if all && let Some(Kept::Pipe(pipe)) = self.kept.take().map(|kept| *kept) {
                        kit.pipes.put(pipe);
                    }
                }
                Err(Errno::AGAIN) => return News::Nothing,
                Err(errno) => return News::Refused(Why::of(&errno.into())),
            }
        }
        self.pull(hop, true, kit)
    }

    /// One read, written at once.
    #[inline]
    fn copy(&mut self, hop: &Hop<'_>, kit: &mut Kit<'_>) -> Step {
        let length = match hop.receive(kit.buffer) {
            Ok(0) => return Step::Ended(Why::Closed),
            Ok(length) => length,
            Err(Errno::AGAIN) => return Step::Dry,
            Err(errno) => return Step::Ended(Why::of(&errno.into())),
        };
        hop.count(length, kit.now);
        if self.big != NEVER {
            self.big = if length >= BIG { self.big + 1 } else { 0 };
        }
        let mut rest = &kit.buffer[..length];
        while !rest.is_empty() {
            match hop.send(rest) {
                Ok(sent) => rest = &rest[sent..],
                Err(Errno::AGAIN) => {
                    self.kept = Some(Box::new(Kept::Bytes(Bytes::copy_from_slice(rest))));
                    return Step::Kept;
                }
                Err(errno) => return Step::Refused(Why::of(&errno.into())),
            }
        }
        Step::Moved(length, length == kit.buffer.len())
    }

    /// The same through a pipe: the bytes do not leave the kernel.
    fn splice(&mut self, hop: &Hop<'_>, kit: &mut Kit<'_>) -> Step {
        let Some(mut pipe) = kit.pipes.take() else {
            self.big = 0;
            return self.copy(hop, kit);
        };
        let length = match pipe.fill(hop.from) {
            Ok(length @ 1..) => length,
            nothing => {
                kit.pipes.put(pipe);
                return self.spliced_nothing(nothing.err());
            }
        };
        hop.count(length, kit.now);
        if length < SMALL {
            self.big = 0;
        }
        loop {
            match pipe.drain(hop.to) {
                Ok(true) => break,
                Ok(false) => {}
                Err(Errno::AGAIN) => {
                    self.kept = Some(Box::new(Kept::Pipe(pipe)));
                    return Step::Kept;
                }
                Err(errno) => return Step::Refused(Why::of(&errno.into())),
            }
        }
        kit.pipes.put(pipe);
        Step::Moved(length, true)
    }

    fn spliced_nothing(&mut self, errno: Option<Errno>) -> Step {
        match errno {
            None => Step::Ended(Why::Closed),
            Some(Errno::AGAIN) => Step::Dry,
            Some(Errno::INVAL | Errno::OPNOTSUPP) => {
                self.big = NEVER;
                Step::Moved(0, true)
            }
            Some(errno) => Step::Ended(Why::of(&errno.into())),
        }
    }
}

fn discard(hop: &Hop<'_>, kit: &mut Kit<'_>) -> Step {
    match hop.receive(kit.buffer) {
        Ok(length @ 1..) => Step::Moved(length, true),
        Err(Errno::AGAIN) => Step::Dry,
        Ok(_) | Err(_) => Step::Ended(Why::Closed),
    }
}

#[cfg(test)]
mod tests;
