//! Compression by Brotli (RFC 7932).

use std::io::{self, Write};

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use wsgate_directives::filters::Compression;

use super::{Filter, PIECE};

/// A body that becomes a Brotli stream.
pub(super) struct Brotli {
    library: Option<CompressorWriter<Vec<u8>>>,
    output: Vec<u8>,
    /// Whether it may hold something back.
    holds: bool,
    /// Whether what there is shall not wait for more.
    pressing: bool,
}

impl Brotli {
    pub(super) fn new(compression: Compression, block: u8) -> Self {
        let params = BrotliEncoderParams {
            quality: compression.level.into(),
            lgwin: compression.window.into(),
            lgblock: block.into(),
            ..BrotliEncoderParams::default()
        };
        let library = CompressorWriter::with_params(Vec::new(), PIECE, &params);
        Self { library: Some(library), output: Vec::new(), holds: false, pressing: false }
    }
}

impl Filter for Brotli {
    fn push(&mut self, input: Bytes) {
        let Some(library) = &mut self.library else { return };
        self.holds |= !input.is_empty();
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
        Ok(Some(std::mem::take(&mut self.output).into()))
    }
}
