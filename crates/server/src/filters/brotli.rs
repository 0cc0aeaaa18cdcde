//! Compression by Brotli (RFC 7932).

use std::io::{self, Write};
use std::sync::Arc;

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use wsgate_core::http::Headers;
use wsgate_directives::filters::{Compression, Notes};

use super::{Filter, PIECE};

/// A body that becomes a Brotli stream.
pub(super) struct Brotli {
    library: Option<CompressorWriter<Vec<u8>>>,
    output: Vec<u8>,
    /// Whether it may hold something back.
    holds: bool,
    /// Whether what there is shall not wait for more.
    pressing: bool,
    /// How much has come, and gone out.
    counts: (u64, u64),
    notes: Arc<Notes>,
}

impl Brotli {
    pub(super) fn new(compression: Compression, block: u8, notes: Arc<Notes>) -> Self {
        let params = BrotliEncoderParams {
            quality: compression.level.into(),
            lgwin: compression.window.into(),
            lgblock: block.into(),
            ..BrotliEncoderParams::default()
        };
        let library = CompressorWriter::with_params(Vec::new(), PIECE, &params);
        Self {
            library: Some(library),
            output: Vec::new(),
            holds: false,
            pressing: false,
            counts: (0, 0),
            notes,
        }
    }
}

impl Filter for Brotli {
    fn push(&mut self, input: Bytes) {
        let Some(library) = &mut self.library else { return };
        self.holds |= !input.is_empty();
        self.counts.0 += input.len() as u64;
        // What is written to memory is always written.
        let _ = library.write_all(&input);
        self.output.append(library.get_mut());
    }

    fn flush(&mut self) -> bool {
        let Some(library) = self.library.as_mut().filter(|_| self.holds) else { return false };
        let _ = library.flush();
        self.output.append(library.get_mut());
        (self.holds, self.pressing) = (false, true);
        true
    }

    fn finish(&mut self) {
        if let Some(library) = self.library.take() {
            self.output.append(&mut library.into_inner());
        }
        self.pressing = true;
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.output.is_empty() || !self.pressing && self.output.len() < PIECE {
            return Ok(None);
        }
        self.pressing = self.library.is_none();
        self.counts.1 += self.output.len() as u64;
        Ok(Some(std::mem::take(&mut self.output).into()))
    }

    fn note(&self, notes: &mut Headers) {
        if self.library.is_none() {
            let (input, output) = self.counts;
            for (name, said) in self.notes.said(input, output) {
                notes.set(name.to_owned(), said);
            }
        }
    }
}
