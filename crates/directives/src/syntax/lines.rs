//! Bytes to logical lines: continuations joined, white space around them taken off.

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

/// All logical lines of a file, in order. What is wrong with the bytes goes to `diagnostics`; reading goes on.
pub fn lines(file: FileId, text: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Vec<Line> {
    let mut reader = Reader { file, left: text, line: 0, diagnostics };
    let marked = reader.byte_order_mark();
    let mut lines = Vec::new();
    while let Some(line) = reader.logical_line(if lines.is_empty() { marked } else { 0 }) {
        lines.push(line);
    }
    lines
}

struct Reader<'a> {
    file: FileId,
    left: &'a [u8],
    /// The number of physical lines read.
    line: u32,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// The length of a mark that the file begins with. httpd takes it for a part of the first directive's name.
    fn byte_order_mark(&mut self) -> usize {
        let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
        let Some(mark) = marks.into_iter().find(|mark| self.left.starts_with(mark)) else { return 0 };
        let span = Span { file: self.file, line: 1, column: 1, len: len32(mark.len()) };
        self.diagnostics.push(
            Diagnostic::error("byte-order-mark", span, "the file begins with a byte order mark")
                .help("save the file as UTF-8 without a byte order mark"),
        );
        mark.len()
    }

    /// The next line with its continuations; `skip` bytes at its start are not read.
    fn logical_line(&mut self, skip: usize) -> Option<Line> {
        let (mut physical, mut ended) = self.physical_line()?;
        let mut text = RawArgs::at(self.file, self.line, 1);
        text.push_line(self.line, physical);
        // httpd looks for the backslash in the joined text, so an empty line behind `\\` continues once more.
        while ended && ends_in_continuation(text.as_bytes()) {
            if text.as_bytes().ends_with(b"\r") {
                text.pop();
            }
            text.pop();
            let Some(next) = self.physical_line() else { break };
            (physical, ended) = next;
            text.push_line(self.line, physical);
        }
        let text = text.slice(skip.min(text.as_bytes().len())..text.as_bytes().len()).trimmed();
        Some(Line { text, last_line: self.line })
    }

    /// The next physical line and whether it may be continued: it has a line feed and no NUL.
    fn physical_line(&mut self) -> Option<(&'a [u8], bool)> {
        if self.left.is_empty() {
            return None;
        }
        let (behind, (line, feed)) = physical_line(self.left).ok()?;
        self.left = behind;
        self.line = self.line.saturating_add(1);
        match memchr::memchr(0, line) {
            None => Some((line, feed)),
            Some(end) => {
                self.nul(end);
                Some((&line[..end], false))
            }
        }
    }

    /// httpd handles lines as C strings and so does not see what follows a NUL.
    fn nul(&mut self, at: usize) {
        let span = Span { file: self.file, line: self.line, column: len32(at).saturating_add(1), len: 1 };
        self.diagnostics.push(
            Diagnostic::warning("nul-byte", span, "a NUL byte ends this line early")
                .label("what follows is not read")
                .help("the file is damaged or not plain text; remove the byte"),
        );
    }
}

/// A line without its line feed, and whether it has one.
fn physical_line(input: &[u8]) -> IResult<&[u8], (&[u8], bool)> {
    let feed = opt(tag(&b"\n"[..])).map(|feed| feed.is_some());
    (take_till(|byte| byte == b'\n'), feed).parse(input)
}

fn ends_in_continuation(text: &[u8]) -> bool {
    text.strip_suffix(b"\r").unwrap_or(text).ends_with(b"\\")
}

fn len32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
