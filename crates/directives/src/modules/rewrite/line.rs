//! RewriteCond and RewriteRule split their lines by rules of their own (`parseargline`): a backslash only keeps the
//! white space behind it from ending a word, and stays. Their flags are a list in brackets (`cmd_parseflagfield`).

use std::ops::Range;

use crate::interpret::{Cx, Problem};
use crate::words::{Arg, RawArgs, is_space};

/// The two or three words of a line.
pub(super) struct Line {
    /// Test string, or pattern.
    pub(super) first: Arg,
    /// Condition pattern, or substitution.
    pub(super) second: Arg,
    /// `[L,R=301]`.
    pub(super) flags: Option<Arg>,
    /// The first word behind them, at which nothing looks; not a comment.
    pub(super) ignored: Option<Arg>,
}

impl Line {
    pub(super) fn split(directive: &str, raw: &RawArgs) -> Result<Self, Problem> {
        let text = raw.as_bytes();
        let arg = |range: Range<usize>| Arg { bytes: text[range.clone()].to_vec(), span: raw.span_of(range) };
        let (first, behind) = word(text, 0);
        let Some(behind) = behind else {
            let problem = Problem::new(format!("{directive} takes at least two arguments"));
            return Err(problem.code("wrong-arguments"));
        };
        let (second, behind) = word(text, behind);
        let (third, behind) = behind.map(|behind| word(text, behind)).unzip();
        let ignored = behind.flatten().map(|behind| word(text, behind).0);
        let ignored = ignored.filter(|range| !range.is_empty() && text[range.start] != b'#');
        // Only white space behind the second word is no third word; an empty quoted one is.
        let third = third.filter(|range| !range.is_empty() || text.get(range.start).is_some());
        Ok(Self { first: arg(first), second: arg(second), flags: third.map(arg), ignored: ignored.map(arg) })
    }
}

impl Line {
    /// Warns of what is not looked at, in httpd neither: flags in a second pair of brackets, most of all.
    pub(super) fn warn_of_ignored(&self, cx: &mut Cx<'_>) {
        if let Some(word) = &self.ignored {
            let message = "nothing behind the third word is looked at: flags stand in one pair of brackets";
            cx.warn("ignored-argument", word, message);
        }
    }
}

/// A word from `at` on, and where the text goes on behind it; nowhere if the word is the last.
fn word(text: &[u8], at: usize) -> (Range<usize>, Option<usize>) {
    let space = |index: usize| text.get(index).is_some_and(|byte| is_space(*byte));
    let mut start = at;
    while space(start) {
        start += 1;
    }
    let quote = text.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    start += usize::from(quote.is_some());
    let mut end = start;
    while let Some(byte) = text.get(end) {
        if Some(*byte) == quote || quote.is_none() && is_space(*byte) {
            return (start..end, Some(end + 1));
        }
        end += if *byte == b'\\' && space(end + 1) { 2 } else { 1 };
    }
    (start..text.len(), None)
}

/// One flag: `R=301`.
pub(super) struct Flag {
    /// What stands before `=`, in small letters.
    pub(super) key: String,
    /// What stands behind it; empty if there is none.
    pub(super) value: Arg,
    /// The whole.
    pub(super) whole: Arg,
}

/// The flags in brackets.
pub(super) fn flags(arg: &Arg) -> Result<Vec<Flag>, Problem> {
    let inside = arg.bytes.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    let inside = inside.ok_or_else(|| {
        Problem::at(arg, "flags must stand in brackets")
            .help("write [L,R=301] without spaces, or put the flags into quotes")
    })?;
    let mut at = 1;
    let mut flags = Vec::new();
    for part in inside.split(|byte| *byte == b',') {
        let start = at + (part.len() - part.trim_ascii_start().len());
        let part = part.trim_ascii();
        let whole = piece(arg, start..start + part.len());
        at = start + arg.bytes[start..].iter().position(|byte| *byte == b',').unwrap_or_default() + 1;
        let equals = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
        let behind = (equals + 1).min(part.len());
        let key = String::from_utf8_lossy(&part[..equals]).to_ascii_lowercase();
        flags.push(Flag { key, value: piece(arg, start + behind..start + part.len()), whole });
    }
    Ok(flags)
}

/// A part of a word.
pub(super) fn piece(arg: &Arg, range: Range<usize>) -> Arg {
    let bytes = arg.bytes[range.clone()].to_vec();
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let span = match arg.span.len == number(arg.bytes.len()) {
        true => {
            let column = arg.span.column.saturating_add(number(range.start));
            crate::span::Span { column, len: number(range.len()), ..arg.span }
        }
        // Bytes that stand for something else, or on several lines: the place of each is not known.
        false => arg.span,
    };
    Arg { bytes, span }
}
