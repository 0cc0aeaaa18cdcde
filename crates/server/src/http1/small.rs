//! The few bytes that hyper reads in place of the client's own: canonical heads and the framing of chunks.

use std::io::Write;

use tokio::io::ReadBuf;

use super::framing::Framing;

/// Enough for the longest canonical head.
const ROOM: usize = 96;

/// A little text on its way to hyper.
#[derive(Debug)]
pub(super) struct Small {
    text: [u8; ROOM],
    from: usize,
    to: usize,
}

impl Default for Small {
    fn default() -> Self {
        Self { text: [0; ROOM], from: 0, to: 0 }
    }
}

impl Small {
    pub(super) fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// The head that hyper sees. It holds what hyper has to know: whether the answer has a body, how the request's is
    /// framed, whether another request may follow. Always HTTP/1.1: how the answer to an older client is framed, the
    /// service says ([`super::BodyEnd`]). Never Expect (hyper would answer it) and never Upgrade.
    pub(super) fn canonical(&mut self, is_head: bool, framing: Framing, last: bool) {
        self.put(if is_head { b"HEAD / HTTP/1.1\r\n" } else { b"GET / HTTP/1.1\r\n" });
        if last {
            self.put(b"Connection: close\r\n");
        }
        match framing {
            Framing::Empty => {}
            Framing::Length(length) => self.put_args(format_args!("Content-Length: {length}\r\n")),
            Framing::Chunked => self.put(b"Transfer-Encoding: chunked\r\n"),
        }
        self.put(b"\r\n");
    }

    /// The line in front of a chunk.
    pub(super) fn chunk(&mut self, size: u64) {
        self.put_args(format_args!("{size:x}\r\n"));
    }

    pub(super) fn put(&mut self, text: &[u8]) {
        let to = self.to + text.len();
        self.text[self.to..to].copy_from_slice(text);
        self.to = to;
    }

    /// Moves to `out` what fits.
    pub(super) fn drain(&mut self, out: &mut ReadBuf<'_>) {
        let n = out.remaining().min(self.to - self.from);
        out.put_slice(&self.text[self.from..self.from + n]);
        self.from += n;
        if self.is_empty() {
            (self.from, self.to) = (0, 0);
        }
    }

    fn put_args(&mut self, args: std::fmt::Arguments<'_>) {
        let mut room = &mut self.text[self.to..];
        room.write_fmt(args).expect("a canonical head and a chunk's size fit");
        self.to = ROOM - room.len();
    }
}
