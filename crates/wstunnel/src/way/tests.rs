//! A way step by step, between sockets whose far ends are in the test's hands.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use rustix::net::sockopt::set_socket_send_buffer_size;

use super::*;
use crate::buffer;
use crate::pipe::Pipes;

/// The process's pipes: a test that takes them all must not do so under one that needs some.
static ALL_PIPES: Mutex<()> = Mutex::new(());

/// A way from `source` to `sink`, both non-blocking.
struct Bench {
    source: UnixStream,
    from: OwnedFd,
    to: OwnedFd,
    sink: UnixStream,
    pipes: Pipes,
    way: Way,
}

impl Bench {
    /// `in_flight`: what the source's far end may have on the way, and the way's own socket.
    fn new(in_flight: usize) -> Self {
        let (source, from) = UnixStream::pair().unwrap();
        let (to, sink) = UnixStream::pair().unwrap();
        for socket in [&source, &from, &to, &sink] {
            socket.set_nonblocking(true).unwrap();
        }
        set_socket_send_buffer_size(&source, in_flight).unwrap();
        set_socket_send_buffer_size(&to, in_flight).unwrap();
        let way = Way::new(Bytes::new());
        Self { source, from: from.into(), to: to.into(), sink, pipes: Pipes::default(), way }
    }

    fn with(&mut self, work: impl FnOnce(&mut Way, &Hop<'_>, &mut Kit<'_>) -> News) -> News {
        let hop = Hop { from: &self.from, to: &self.to, record: None };
        buffer::with(|buffer| work(&mut self.way, &hop, &mut Kit { buffer, pipes: &mut self.pipes, now: 0 }))
    }

    fn pull(&mut self) -> News {
        self.with(|way, hop, kit| way.pull(hop, false, kit))
    }

    fn flush(&mut self) -> News {
        self.with(Way::flush)
    }

    /// Writes until the source's socket refuses, and says how much.
    fn stuff(&mut self, next: &mut u32) -> usize {
        let mut written = 0;
        loop {
            // Numbered words show any byte out of place.
            let words: Vec<u8> = (0..4096).flat_map(|word| (*next + word).to_be_bytes()).collect();
            match self.source.write(&words) {
                Ok(length) => {
                    assert_eq!(length % 4, 0);
                    *next += u32::try_from(length / 4).unwrap();
                    written += length;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return written,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Reads what has arrived.
    fn take(&mut self, got: &mut Vec<u8>) -> usize {
        let before = got.len();
        match self.sink.read_to_end(got) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("{error}"),
            _ => got.len() - before,
        }
    }
}

fn assert_words(got: &[u8], count: u32) {
    assert_eq!(got.len(), 4 * count as usize);
    for (word, bytes) in got.chunks_exact(4).enumerate() {
        assert_eq!(bytes, u32::try_from(word).unwrap().to_be_bytes(), "word {word}");
    }
}

#[test]
fn a_refused_rest_is_kept_and_the_source_is_left_alone() {
    let mut bench = Bench::new(16 * 1024);
    let mut next = 0;
    let (mut got, mut sent) = (Vec::new(), bench.stuff(&mut next));
    bench.pull();
    while !bench.way.is_stuck() {
        sent += bench.stuff(&mut next);
        bench.pull();
    }
    let refused = bench.stuff(&mut next);
    sent += refused;
    bench.pull();
    assert_eq!(bench.stuff(&mut next), 0, "nothing is read while something is kept");
    while got.len() < sent {
        bench.take(&mut got);
        bench.flush();
    }
    assert!(!bench.way.is_stuck());
    assert_words(&got, next);
}

#[test]
fn bulk_is_spliced_kept_in_a_pipe_and_small_messages_are_read_again() {
    let _turn = ALL_PIPES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bench = Bench::new(1 << 20);
    let mut next = 0;
    let mut got = Vec::new();
    while bench.way.big < BULK {
        bench.stuff(&mut next);
        bench.pull();
        bench.take(&mut got);
        bench.flush();
    }
    // Now through a pipe; with nobody reading the pipe keeps what is refused.
    while !matches!(bench.way.kept.as_deref(), Some(Kept::Pipe(_))) {
        bench.stuff(&mut next);
        bench.pull();
    }
    while bench.take(&mut got) > 0 {
        bench.flush();
    }
    assert!(!bench.way.is_stuck());
    for _ in 0..2 {
        bench.source.write_all(&next.to_be_bytes()).unwrap();
        next += 1;
        bench.pull();
        bench.take(&mut got);
    }
    assert_eq!(bench.way.big, 0, "a small message ends the splicing");
    assert_words(&got, next);
}

#[test]
fn a_call_does_a_bounded_share_and_says_that_there_is_more() {
    let mut bench = Bench::new(1 << 20);
    let mut next = 0;
    let mut got = Vec::new();
    bench.way.big = NEVER;
    let sent = bench.stuff(&mut next);
    assert!(sent > SHARE + buffer::SIZE, "{sent} bytes are too few for this test");
    bench.pull();
    assert!(bench.way.more);
    let first = bench.take(&mut got);
    assert!((SHARE..=SHARE + buffer::SIZE).contains(&first), "{first}");
    while bench.way.more {
        bench.pull();
        bench.take(&mut got);
    }
    assert_words(&got, next);
}

#[test]
fn an_end_shows_behind_the_last_bytes() {
    let mut bench = Bench::new(16 * 1024);
    bench.source.write_all(b"last words").unwrap();
    bench.source.shutdown(std::net::Shutdown::Write).unwrap();
    let news = bench.with(|way, hop, kit| way.pull(hop, true, kit));
    assert!(matches!(news, News::Ended(Why::Closed)), "{news:?}");
    let mut got = Vec::new();
    bench.take(&mut got);
    assert_eq!(got, b"last words");
}

#[test]
fn a_dead_destination_is_refused_in_each_mode() {
    let _turn = ALL_PIPES.lock().unwrap_or_else(PoisonError::into_inner);
    for big in [0, BULK] {
        let mut bench = Bench::new(1 << 20);
        bench.way.big = big;
        let mut next = 0;
        bench.stuff(&mut next);
        bench.sink.shutdown(std::net::Shutdown::Both).unwrap();
        let news = bench.pull();
        assert!(matches!(news, News::Refused(Why::Reset)), "{news:?} at {big}");
        bench.way.abandon();
        assert!(bench.way.is_settled() && !bench.way.is_done());
        while bench.way.more {
            bench.pull();
        }
        assert!(bench.stuff(&mut next) > 0, "what comes is still read");
    }
}

#[test]
fn without_a_pipe_bulk_is_read_and_written() {
    let _turn = ALL_PIPES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bench = Bench::new(1 << 20);
    let mut others = Pipes::default();
    let all: Vec<Pipe> = std::iter::from_fn(|| others.take()).collect();
    assert!(!all.is_empty());
    bench.way.big = BULK;
    let mut next = 0;
    let mut got = Vec::new();
    bench.stuff(&mut next);
    bench.pull();
    while bench.take(&mut got) > 0 || bench.way.more {
        bench.pull();
    }
    assert_words(&got, next);
}
