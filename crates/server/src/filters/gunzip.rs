//! Decompression of gzip, within bounds.

use std::io;

use bytes::{Buf, Bytes};
use flate2::{Decompress, FlushDecompress, Status};
use wsgate_directives::modules::deflate::Inflation;

use super::{Filter, PIECE};

/// A gzip file that becomes what is in it. What stands behind the file's end is left out, as httpd does.
pub(super) struct Gunzip {
    library: Decompress,
    bounds: Inflation,
    /// How many pieces in a row were too large for what they came from.
    excesses: u32,
    input: Bytes,
    output: Vec<u8>,
    finished: bool,
    done: bool,
}

impl Gunzip {
    pub(super) fn new(bounds: Inflation) -> Self {
        Self {
            library: Decompress::new_gzip(15),
            bounds,
            excesses: 0,
            input: Bytes::new(),
            output: Vec::with_capacity(PIECE),
            finished: false,
            done: false,
        }
    }

    /// httpd's `check_ratio`.
    fn check_ratio(&mut self) -> io::Result<()> {
        let ratio = self.library.total_out().checked_div(self.library.total_in()).unwrap_or(0);
        self.excesses = if ratio < self.bounds.ratio.into() { 0 } else { self.excesses.saturating_add(1) };
        if self.excesses > self.bounds.burst {
            return Err(invalid("what is compressed is too large for DeflateInflateRatioLimit"));
        }
        Ok(())
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Filter for Gunzip {
    fn push(&mut self, input: Bytes) {
        self.input = input;
    }

    fn flush(&mut self) -> bool {
        // Nothing that could be decompressed is held back.
        false
    }

    fn finish(&mut self) {
        self.finished = true;
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        while !self.done && !self.input.is_empty() {
            let before = self.library.total_in();
            let status = self.library.decompress_vec(&self.input, &mut self.output, FlushDecompress::None)?;
            let taken = usize::try_from(self.library.total_in() - before).unwrap_or(usize::MAX);
            self.input.advance(taken.min(self.input.len()));
            self.check_ratio()?;
            self.done = status == Status::StreamEnd;
            if self.output.len() == self.output.capacity() {
                break;
            }
        }
        if self.done {
            self.input.clear();
        }
        if self.finished && !self.done {
            return Err(invalid("what is compressed ends before its end"));
        }
        let piece = std::mem::take(&mut self.output);
        if piece.is_empty() {
            self.output = piece;
            return Ok(None);
        }
        self.output = Vec::with_capacity(PIECE);
        Ok(Some(piece.into()))
    }
}
