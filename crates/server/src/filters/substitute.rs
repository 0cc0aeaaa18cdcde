//! Text that is replaced, line by line.

use std::io;

use bytes::Bytes;
use wsgate_core::filters::Substitutions;

use super::{Filter, PIECE};

/// A body whose lines pass through the rules.
pub(super) struct Substitute {
    rules: Substitutions,
    /// What has come and is no whole line yet.
    line: Vec<u8>,
    input: Bytes,
    output: Vec<u8>,
    pressing: bool,
    finished: bool,
}

impl Substitute {
    pub(super) fn new(rules: Substitutions) -> Self {
        let (line, output) = (Vec::new(), Vec::new());
        Self { rules, line, input: Bytes::new(), output, pressing: false, finished: false }
    }

    /// Takes what there is of the next line; whether that is all of it.
    fn fill(&mut self) -> io::Result<bool> {
        let newline = memchr::memchr(b'\n', &self.input);
        let part = self.input.split_to(newline.map_or(self.input.len(), |at| at + 1));
        self.line.extend_from_slice(&part);
        if self.line.len() > self.rules.max_line {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line is longer than SubstituteMaxLineLength",
            ));
        }
        Ok(newline.is_some() || self.finished && !self.line.is_empty())
    }

    /// The next piece of what has come.
    fn make(&mut self) -> io::Result<Option<Bytes>> {
        while self.output.len() < PIECE && self.fill()? {
            let line = std::mem::take(&mut self.line);
            let made = self.rules.line(&line);
            self.output.extend(made.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?);
        }
        if self.output.is_empty() || self.output.len() < PIECE && !self.pressing {
            return Ok(None);
        }
        self.pressing = self.finished;
        Ok(Some(std::mem::take(&mut self.output).into()))
    }
}

impl Filter for Substitute {
    fn push(&mut self, input: Bytes) {
        self.input = input;
    }

    fn flush(&mut self) -> bool {
        self.pressing = !self.output.is_empty();
        self.pressing
    }

    fn finish(&mut self) {
        (self.pressing, self.finished) = (true, true);
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let made = self.make();
        if made.is_err() {
            // What stands behind a line that cannot be passed on is not passed on either.
            (self.line, self.input) = (Vec::new(), Bytes::new());
        }
        made
    }
}
