//! Compression by gzip.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use flate2::{Compress, FlushCompress, Status};
use wsgate_core::http::Headers;
use wsgate_directives::filters::{Compression, Notes};

use super::{Filter, PIECE};

/// A body that becomes a gzip file.
pub(super) struct Gzip {
    library: Compress,
    input: Bytes,
    output: Vec<u8>,
    /// What is asked of the library next.
    aim: FlushCompress,
    /// Whether it may hold something back.
    holds: bool,
    done: bool,
    notes: Arc<Notes>,
}

/// What the file has around what is compressed, which httpd does not count.
const AROUND: u64 = 10 + 8;

impl Gzip {
    pub(super) fn new(compression: Compression, notes: Arc<Notes>) -> Self {
        let level = flate2::Compression::new(compression.level.into());
        Self {
            library: Compress::new_gzip(level, compression.window),
            input: Bytes::new(),
            output: Vec::with_capacity(PIECE),
            aim: FlushCompress::None,
            holds: false,
            done: false,
            notes,
        }
    }

    fn piece(&mut self) -> Option<Bytes> {
        let piece = std::mem::replace(&mut self.output, Vec::with_capacity(PIECE));
        (!piece.is_empty()).then(|| piece.into())
    }
}

impl Filter for Gzip {
    fn push(&mut self, input: Bytes) {
        self.holds |= !input.is_empty();
        self.input = input;
    }

    fn flush(&mut self) -> bool {
        if self.holds {
            self.aim = FlushCompress::Sync;
        }
        self.holds
    }

    fn finish(&mut self) {
        self.aim = FlushCompress::Finish;
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        while !self.done {
            if self.input.is_empty() && matches!(self.aim, FlushCompress::None) {
                return Ok(None);
            }
            let before = self.library.total_in();
            let status = self.library.compress_vec(&self.input, &mut self.output, self.aim)?;
            let taken = usize::try_from(self.library.total_in() - before).unwrap_or(usize::MAX);
            self.input.advance(taken.min(self.input.len()));
            self.done = status == Status::StreamEnd;
            if self.output.len() == self.output.capacity() {
                return Ok(self.piece());
            }
            if self.input.is_empty() && matches!(self.aim, FlushCompress::Sync) {
                (self.aim, self.holds) = (FlushCompress::None, false);
                return Ok(self.piece());
            }
        }
        Ok(self.piece())
    }

    fn note(&self, notes: &mut Headers) {
        if self.done {
            let output = self.library.total_out().saturating_sub(AROUND);
            for (name, said) in self.notes.said(self.library.total_in(), output) {
                notes.set(name.to_owned(), said);
            }
        }
    }
}
