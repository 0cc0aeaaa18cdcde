//! Kernel pipes for splice(2), lent for as long as bytes are in them.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rustix::io::{Errno, retry_on_intr};
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

/// What one splice may move. The kernel may give less to an unprivileged process; then it moves less.
const SIZE: usize = 1 << 20;
/// Pipes of the process. Each can hold [`SIZE`] bytes of kernel memory and takes two descriptors; bulk beyond it
/// goes through the shared buffer.
const MOST: usize = 256;
/// Empty pipes that a thread keeps.
const SPARE: usize = 4;

const AT_ONCE: SpliceFlags = SpliceFlags::MOVE.union(SpliceFlags::NONBLOCK);

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// A thread's empty pipes.
#[derive(Debug, Default)]
pub(crate) struct Pipes {
    spare: Vec<Pipe>,
}

/// A pipe and how many bytes are in it.
#[derive(Debug)]
pub(crate) struct Pipe {
    out: OwnedFd,
    into: OwnedFd,
    held: usize,
}

impl Pipes {
    /// An empty pipe, if there is one to be had.
    pub(crate) fn take(&mut self) -> Option<Pipe> {
        self.spare.pop().or_else(Pipe::new)
    }

    /// Back to the others, if it is empty.
    pub(crate) fn put(&mut self, pipe: Pipe) {
        if pipe.held == 0 && self.spare.len() < SPARE {
            self.spare.push(pipe);
        }
    }
}

impl Pipe {
    fn new() -> Option<Self> {
        if LIVE.fetch_add(1, Relaxed) >= MOST {
            LIVE.fetch_sub(1, Relaxed);
            return None;
        }
        let Ok((out, into)) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK) else {
            LIVE.fetch_sub(1, Relaxed);
            return None;
        };
        // Smaller is slower, not wrong.
        let _ = fcntl_setpipe_size(&into, SIZE);
        Some(Self { out, into, held: 0 })
    }

    /// Takes from a socket what the pipe can hold; 0 is the socket's end.
    pub(crate) fn fill(&mut self, from: impl AsFd) -> Result<usize, Errno> {
        let moved = retry_on_intr(|| splice(&from, None, &self.into, None, SIZE, AT_ONCE))?;
        self.held += moved;
        Ok(moved)
    }

    /// Gives a socket what it takes; true if nothing is left.
    pub(crate) fn drain(&mut self, to: impl AsFd) -> Result<bool, Errno> {
        self.held -= retry_on_intr(|| splice(&self.out, None, &to, None, self.held, AT_ONCE))?;
        Ok(self.held == 0)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Relaxed);
    }
}
