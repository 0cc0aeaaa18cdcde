//! Bytes to logical lines: continuations joined, white space around them taken off.

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;
use nom::IResult;
use nom::Parser;
use nom::bytes::complete::{tag, take_till};
use nom::combinator::opt;

use crate::diag::Diagnostic;
use crate::span::{FileId, Span};
use crate::words::RawArgs;

/// One logical line, blank and comment lines included.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its text without white space around it, before any substitution.
    pub text: RawArgs,
    /// Its last physical line: where httpd reports an error in it.
    pub last_line: u32,
}

impl Line {
    /// Whether the line says nothing. A comment is one after joining: it goes on over continuations.
    pub fn is_void(&self) -> bool {
        self.text.is_empty() || self.is_comment()
    }

    /// Whether the line is a comment.
    pub fn is_comment(&self) -> bool {
        self.text.as_bytes().starts_with(b"#")
    }
}

/// The logical lines of one text, read on demand.
///
/// What is wrong with the bytes goes to the diagnostics given to [`Lines::next`]; reading goes on.
#[derive(Clone, Debug)]
pub struct Lines {
    file: FileId,
    text: Arc<[u8]>,
    /// How much of the text is read.
    read: usize,
    /// The number of physical lines read.
    line: u32,
}

impl Lines {
    /// All of a file.
    pub fn new(file: FileId, text: Arc<[u8]>) -> Self {
        Self { file, text, read: 0, line: 0 }
    }

    /// The next line with its continuations; `None` at the end.
    pub fn next(&mut self, diagnostics: &mut Vec<Diagnostic>) -> Option<Line> {
        let skip = if self.read == 0 { self.byte_order_mark(diagnostics) } else { 0 };
        let mut physical = self.physical_line(diagnostics)?;
        let mut text = RawArgs::at(self.file, self.line, 1);
        text.push_line(self.line, &self.text[physical.range.clone()]);
        // httpd looks for the backslash in the joined text, so an empty line behind `\\` continues once more.
        while physical.may_go_on && ends_in_backslash(text.as_bytes()) {
            if text.as_bytes().ends_with(b"\r") {
                text.pop();
            }
            text.pop();
            let Some(next) = self.physical_line(diagnostics) else { break };
            physical = next;
            text.push_line(self.line, &self.text[physical.range.clone()]);
        }
        let end = text.as_bytes().len();
        Some(Line { text: text.slice(skip.min(end)..end).trimmed(), last_line: self.line })
    }

    /// The length of a mark that the file begins with. httpd takes it for a part of the first directive's name.
    fn byte_order_mark(&self, diagnostics: &mut Vec<Diagnostic>) -> usize {
        let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
        let Some(mark) = marks.into_iter().find(|mark| self.text.starts_with(mark)) else { return 0 };
        let span = Span { file: self.file, line: 1, column: 1, len: len32(mark.len()) };
        diagnostics.push(
            Diagnostic::error("byte-order-mark", span, "the file begins with a byte order mark")
                .help("save the file as UTF-8 without a byte order mark"),
        );
        mark.len()
    }

    fn physical_line(&mut self, diagnostics: &mut Vec<Diagnostic>) -> Option<Physical> {
        let left = self.text.get(self.read..).filter(|left| !left.is_empty())?;
        let (behind, (line, feed)) = physical_line(left).ok()?;
        let start = self.read;
        let end = start + memchr(0, line).unwrap_or(line.len());
        let cut = end < start + line.len();
        self.read = self.text.len() - behind.len();
        self.line = self.line.saturating_add(1);
        if cut {
            // httpd handles lines as C strings and so does not see what follows a NUL.
            let column = len32(end - start).saturating_add(1);
            diagnostics.push(
                Diagnostic::warning(
                    "nul-byte",
                    Span { file: self.file, line: self.line, column, len: 1 },
                    "a NUL byte ends this line early",
                )
                .label("what follows is not read")
                .help("the file is damaged or not plain text; remove the byte"),
            );
        }
        Some(Physical { range: start..end, may_go_on: feed && !cut })
    }
}

struct Physical {
    range: Range<usize>,
    /// It ends in a line feed, so that a backslash before it continues the line.
    may_go_on: bool,
}

/// A line without its line feed, and whether it has one.
fn physical_line(input: &[u8]) -> IResult<&[u8], (&[u8], bool)> {
    let feed = opt(tag(&b"\n"[..])).map(|feed| feed.is_some());
    (take_till(|byte| byte == b'\n'), feed).parse(input)
}

fn ends_in_backslash(text: &[u8]) -> bool {
    text.strip_suffix(b"\r").unwrap_or(text).ends_with(b"\\")
}

fn len32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
