//! Where a way leads: the two sockets, their system calls, and the record of what passes.

use std::os::fd::OwnedFd;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::entry::Entry;
use crate::pipe::Pipes;

/// From one socket to the other.
pub(crate) struct Hop<'a> {
    pub(crate) from: &'a OwnedFd,
    pub(crate) to: &'a OwnedFd,
    /// The tunnel's record, and the side that the bytes come from; none when the tunnel has ended.
    pub(crate) record: Option<(&'a Entry, usize)>,
}

/// What a driver lends for a call.
pub(crate) struct Kit<'a> {
    pub(crate) buffer: &'a mut [u8],
    pub(crate) pipes: &'a mut Pipes,
    /// The present, on the tunnel's clock.
    pub(crate) now: u64,
}

impl Hop<'_> {
    /// 0 is the source's end.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        retry_on_intr(|| recv(self.from, &mut *buffer, RecvFlags::empty()).map(|(length, _)| length))
    }

    pub(crate) fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        retry_on_intr(|| send(self.to, bytes, SendFlags::NOSIGNAL))
    }

    /// So many bytes came from the source.
    pub(crate) fn count(&self, length: usize, now: u64) {
        if let Some((entry, from)) = self.record {
            entry.count(from, length, now);
        }
    }

    /// What was kept went on.
    pub(crate) fn touch(&self, now: u64) {
        if let Some((entry, _)) = self.record {
            entry.touch(now);
        }
    }
}
