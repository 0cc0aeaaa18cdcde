//! Raw argument text and its words, each byte of which knows its physical line and column.
//!
//! httpd joins continued lines, substitutes `${NAME}` and only then splits words (ap_getword_conf), and how many
//! it splits depends on the directive. So a line stays [`RawArgs`] until someone who knows the directive asks for
//! [`RawArgs::words`]; no step loses the place a byte came from.

use std::fmt;
use std::ops::Range;
use std::str::Utf8Error;

use nom::IResult;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till1, take_while};
use nom::combinator::{opt, recognize, verify};
use nom::multi::many0_count;
use nom::sequence::{pair, preceded};

use crate::span::{FileId, Span};

/// Text of one logical line, or a part of it, with the place of every byte.
#[derive(Clone, PartialEq, Eq)]
pub struct RawArgs {
    file: FileId,
    bytes: Vec<u8>,
    /// Ascending by `start`; the first one starts at 0, also where there are no bytes.
    pieces: Vec<Piece>,
}

/// A run of bytes that stand side by side in the file, or that replaced one stretch of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    start: usize,
    line: u32,
    column: u32,
    /// Length of the `${NAME}` in the file where the bytes are its value.
    replaced: Option<u32>,
}

impl RawArgs {
    /// Empty text at a place, to be filled by the `push` functions.
    pub(crate) fn at(file: FileId, line: u32, column: u32) -> Self {
        Self { file, bytes: Vec::new(), pieces: vec![Piece { start: 0, line, column, replaced: None }] }
    }

    /// Appends bytes that stand in the file from this place on.
    pub(crate) fn push_line(&mut self, line: u32, bytes: &[u8]) {
        self.push_piece(Piece { start: self.bytes.len(), line, column: 1, replaced: None });
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a part of another text of the same file.
    pub(crate) fn push_part(&mut self, from: &Self, range: Range<usize>) {
        let part = from.slice(range);
        for piece in part.pieces {
            self.push_piece(Piece { start: self.bytes.len() + piece.start, ..piece });
        }
        self.bytes.extend_from_slice(&part.bytes);
    }

    /// Appends a value that replaces `range` of another text of the same file.
    pub(crate) fn push_value(&mut self, from: &Self, range: Range<usize>, value: &[u8]) {
        let span = from.span_of(range);
        let start = self.bytes.len();
        self.push_piece(Piece { start, line: span.line, column: span.column, replaced: Some(span.len) });
        self.bytes.extend_from_slice(value);
    }

    fn push_piece(&mut self, piece: Piece) {
        while self.pieces.last().is_some_and(|last| last.start >= piece.start) {
            self.pieces.pop();
        }
        self.pieces.push(piece);
    }

    /// Takes the last byte off (the backslash of a continuation).
    pub(crate) fn pop(&mut self) {
        self.bytes.pop();
    }

    /// The bytes as httpd's handler would see them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, for handlers that read it whole.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn text(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.bytes)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The place of the whole text: what of it stands on its first physical line.
    pub fn span(&self) -> Span {
        self.span_of(0..self.bytes.len())
    }

    /// The place of some of the bytes: what of them stands on their first physical line.
    ///
    /// # Panics
    /// If the range is not inside the text.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        assert!(range.start <= range.end && range.end <= self.bytes.len(), "a range of this text");
        let first = self.piece_at(range.start);
        let at = self.pieces[first];
        // Inside a value every byte stands at its `${NAME}`; behind the last one, behind it.
        let inside = range.start < self.bytes.len() || range.start == at.start;
        let column =
            if at.replaced.is_some() && inside { at.column } else { self.end_in_piece(first, range.start) };
        let end = self.pieces[first..]
            .iter()
            .enumerate()
            .take_while(|(_, piece)| piece.line == at.line && piece.start < range.end)
            .map(|(next, _)| self.end_in_piece(first + next, range.end))
            .max();
        let len = end.filter(|_| !range.is_empty()).map_or(0, |end| end.saturating_sub(column));
        Span { file: self.file, line: at.line, column, len }
    }

    /// A part of the text.
    ///
    /// # Panics
    /// If the range is not inside the text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let place = self.span_of(range.start..range.start);
        let first = self.piece_at(range.start);
        let replaced = self.pieces[first].replaced.filter(|_| !range.is_empty());
        let mut pieces = vec![Piece { start: 0, line: place.line, column: place.column, replaced }];
        let inside = self.pieces[first + 1..].iter().take_while(|piece| piece.start < range.end);
        pieces.extend(inside.map(|piece| Piece { start: piece.start - range.start, ..*piece }));
        Self { file: self.file, bytes: self.bytes[range].to_vec(), pieces }
    }

    /// The text without white space around it.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let Some(start) = self.bytes.iter().position(|byte| !is_space(*byte)) else {
            return self.slice(self.bytes.len()..self.bytes.len());
        };
        let end = self.bytes.iter().rposition(|byte| !is_space(*byte)).map_or(start, |last| last + 1);
        self.slice(start..end)
    }

    /// Its words, split as ap_getword_conf does.
    pub fn words(&self) -> Words<'_> {
        Words { raw: self, at: 0 }
    }

    fn piece_at(&self, offset: usize) -> usize {
        self.pieces.partition_point(|piece| piece.start <= offset).saturating_sub(1)
    }

    /// The column behind the bytes of a piece that lie before `end`.
    fn end_in_piece(&self, index: usize, end: usize) -> u32 {
        let piece = self.pieces[index];
        let next = self.pieces.get(index + 1).map_or(self.bytes.len(), |next| next.start);
        let copied = u32::try_from(end.min(next) - piece.start).unwrap_or(u32::MAX);
        piece.column.saturating_add(piece.replaced.unwrap_or(copied))
    }
}

impl fmt::Debug for RawArgs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}:{}", self.bytes.escape_ascii(), self.span().line, self.span().column)
    }
}

/// One word, quotes taken off and backslashes resolved.
#[derive(Clone, PartialEq, Eq)]
pub struct Arg {
    /// The word as the handler sees it.
    pub bytes: Vec<u8>,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl Arg {
    /// The word as text.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub fn text(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.bytes)
    }

    /// The word as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the word is empty (`""`): to httpd's argument counts that is the same as no word.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the word is this one, ASCII letter case ignored.
    pub fn is(&self, word: &str) -> bool {
        self.bytes.eq_ignore_ascii_case(word.as_bytes())
    }
}

impl fmt::Debug for Arg {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}@{}:{}", self.bytes.escape_ascii().to_string(), self.span.line, self.span.column)
    }
}

/// Takes words off a text one by one; what is left can be had at any time.
///
/// It ends where only white space is left, as httpd's `*args == 0` does. An empty quoted word is a word here.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    raw: &'a RawArgs,
    at: usize,
}

impl Words<'_> {
    /// What is left, from the next word on.
    pub fn rest(&self) -> RawArgs {
        let (rest, _) = spaces(&self.raw.bytes[self.at..]).unwrap_or((&[], &[]));
        self.raw.slice(self.raw.bytes.len() - rest.len()..self.raw.bytes.len())
    }
}

impl Iterator for Words<'_> {
    type Item = Arg;

    fn next(&mut self) -> Option<Arg> {
        let left = &self.raw.bytes[self.at..];
        let (behind, token) = preceded(spaces, token).parse(left).ok()?;
        let end = self.raw.bytes.len() - behind.len();
        self.at = end;
        Some(Arg { bytes: unescape(token), span: self.raw.span_of(end - token.len()..end) })
    }
}

/// Takes one word off raw bytes as httpd's ap_getword_conf does: the word, and what follows it and its white space.
///
/// An empty word means that nothing was left, or an empty quoted word.
pub fn getword_conf(line: &[u8]) -> (Vec<u8>, &[u8]) {
    let Ok((behind, token)) = preceded(spaces, token).parse(line) else { return (Vec::new(), &[]) };
    let (rest, _) = spaces(behind).unwrap_or((&[], &[]));
    (unescape(token), rest)
}

/// What follows a prefix, ASCII letter case ignored.
pub fn strip_caseless<'t>(text: &'t [u8], prefix: &[u8]) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// C's isspace, which httpd uses for configuration lines.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn spaces(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while(is_space).parse(input)
}

/// A word as it is written. An open quote runs to the end of the line.
fn token(input: &[u8]) -> IResult<&[u8], &[u8]> {
    alt((|input| quoted(b'"', input), |input| quoted(b'\'', input), take_till1(is_space))).parse(input)
}

fn quoted(quote: u8, input: &[u8]) -> IResult<&[u8], &[u8]> {
    let mark = [quote];
    let plain = take_till1(move |byte| byte == quote || byte == b'\\');
    let escaped =
        pair(tag(&b"\\"[..]), verify(take(1usize), move |next: &[u8]| next[0] == quote || next[0] == b'\\'));
    let inside = many0_count(alt((plain, recognize(escaped), tag(&b"\\"[..]))));
    recognize((tag(&mark[..]), inside, opt(tag(&mark[..])))).parse(input)
}

/// Takes quotes off and resolves `\\`, and backslash-quote where the word is in that quote (substring_conf).
fn unescape(token: &[u8]) -> Vec<u8> {
    let quote = token.first().copied().filter(|first| matches!(first, b'"' | b'\''));
    let mut word = Vec::with_capacity(token.len());
    let mut left = if quote.is_some() { &token[1..] } else { token };
    while let [first, behind @ ..] = left {
        match behind {
            [next, behind @ ..] if *first == b'\\' && (*next == b'\\' || Some(*next) == quote) => {
                word.push(*next);
                left = behind;
            }
            _ if Some(*first) == quote => break,
            _ => {
                word.push(*first);
                left = behind;
            }
        }
    }
    word
}
