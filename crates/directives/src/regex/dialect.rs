//! Rewrites a pattern so that the `pcre2` crate, which lacks some options and takes only `str`, gives what httpd gives.
//!
//! - DOLLAR_ENDONLY: `$` becomes `\z` wherever it is an anchor and multi-line mode is off. Without this a rule
//!   ending in `$` would let a path with a last newline through (CVE-2017-15715).
//! - DUPNAMES: `(?J)` in front, where groups have names.
//! - Bytes that are no UTF-8 become `\xHH`; the engine works on bytes anyway.
//! - A match limit below PCRE2's, because a worker serves its other connections only after the match.
//!
//! Everything else passes as it is: errors are PCRE2's to find.

use super::Options;

/// PCRE2's own limit is ten times as high: seconds of one core for one hostile request.
const MATCH_LIMIT: &[u8] = b"(*LIMIT_MATCH=1000000)";

/// The pattern for the engine, and the way back to the offsets of the one written.
pub(super) struct Translated {
    pub(super) pattern: String,
    /// (offset in `pattern`, offset in the source) wherever the difference of both changes.
    shifts: Vec<(usize, usize)>,
}

impl Translated {
    /// The offset in the source of an offset in the translated pattern.
    pub(super) fn origin(&self, offset: usize) -> usize {
        let next = self.shifts.partition_point(|(out, _)| *out <= offset);
        match next.checked_sub(1).map(|last| self.shifts[last]) {
            Some((out, source)) => source + (offset - out),
            None => 0,
        }
    }
}

/// Translates a pattern; see the head of this file.
pub(super) fn translate(pattern: &[u8], options: Options) -> Translated {
    let mode = Mode { multi_line: options.multi_line, extended: false };
    let mut walk = Walk {
        rest: pattern,
        source_len: pattern.len(),
        out: MATCH_LIMIT.to_vec(),
        shifts: Vec::new(),
        escape_high: std::str::from_utf8(pattern).is_err(),
        dollar_end_only: options.dollar_end_only,
        mode,
        outer: Vec::new(),
    };
    walk.leading_verbs();
    if has_names(pattern) {
        walk.out.extend_from_slice(b"(?J)");
    }
    walk.mark();
    while !walk.rest.is_empty() {
        walk.step();
    }
    let pattern = String::from_utf8_lossy(&walk.out).into_owned();
    Translated { pattern, shifts: walk.shifts }
}

fn has_names(pattern: &[u8]) -> bool {
    let opens = |at: usize| matches!(&pattern[at..], [b'(', b'?', b'P' | b'<' | b'\'', ..]);
    (0..pattern.len()).any(opens)
}

/// The modes that change what `$` and `#` mean; inline options change them up to the end of their group.
#[derive(Clone, Copy)]
struct Mode {
    multi_line: bool,
    extended: bool,
}

impl Mode {
    /// Applies the letters of `(?flags)`.
    fn apply(mut self, flags: &[u8]) -> Self {
        let mut on = true;
        for flag in flags {
            match flag {
                b'^' => self = Self { multi_line: false, extended: false },
                b'-' => on = false,
                b'm' => self.multi_line = on,
                b'x' => self.extended = on,
                _ => {}
            }
        }
        self
    }
}

struct Walk<'p> {
    rest: &'p [u8],
    source_len: usize,
    out: Vec<u8>,
    shifts: Vec<(usize, usize)>,
    escape_high: bool,
    dollar_end_only: bool,
    mode: Mode,
    outer: Vec<Mode>,
}

impl Walk<'_> {
    /// `(*UTF)` and its kind count only at the very start.
    fn leading_verbs(&mut self) {
        while let [b'(', b'*', b'A'..=b'Z', ..] = self.rest {
            self.copy_through(b")");
        }
    }

    fn step(&mut self) {
        match self.rest {
            [b'\\', ..] => self.escape(),
            [b'[', ..] => self.class(),
            [b'(', b'?', b'#', ..] => self.copy_through(b")"),
            [b'(', b'*', b'A'..=b'Z' | b':', ..] => self.copy_through(b")"),
            [b'(', b'?', ..] => self.options(),
            [b'(', ..] => {
                self.outer.push(self.mode);
                self.copy(1);
            }
            [b')', ..] => {
                self.mode = self.outer.pop().unwrap_or(self.mode);
                self.copy(1);
            }
            [b'#', ..] if self.mode.extended => self.copy_through(b"\n"),
            [b'$', ..] if self.dollar_end_only && !self.mode.multi_line => self.replace(1, b"\\z"),
            _ => self.copy(1),
        }
    }

    /// `\Q...\E` whole, `\cX` with its letter, any other escape with the byte behind it.
    fn escape(&mut self) {
        match self.rest {
            [_, b'Q', ..] => self.quoted(),
            [_, b'c', ..] => self.copy(3),
            [_, 0x80..=0xff, ..] if self.escape_high => self.rest = &self.rest[1..],
            _ => self.copy(2),
        }
    }

    fn quoted(&mut self) {
        self.copy(2);
        while !self.rest.is_empty() && !self.rest.starts_with(b"\\E") {
            match self.rest[0] {
                byte @ 0x80.. if self.escape_high => {
                    self.replace(1, format!("\\E\\x{byte:02x}\\Q").as_bytes());
                }
                _ => self.copy(1),
            }
        }
        self.copy(2);
    }

    /// A character class up to its `]`: one that stands first is a member, `[:name:]` is skipped whole.
    fn class(&mut self) {
        self.copy(1);
        if self.rest.first() == Some(&b'^') {
            self.copy(1);
        }
        if self.rest.first() == Some(&b']') {
            self.copy(1);
        }
        loop {
            match self.rest {
                [] => return,
                [b']', ..] => return self.copy(1),
                [b'\\', ..] => self.escape(),
                [b'[', mark @ (b':' | b'.' | b'='), tail @ ..] => {
                    let close = tail.iter().position(|byte| *byte == b']').filter(|at| *at > 0);
                    match close.filter(|at| tail[at - 1] == *mark) {
                        Some(at) => self.copy(at + 3),
                        None => self.copy(1),
                    }
                }
                _ => self.copy(1),
            }
        }
    }

    /// `(?flags)` changes the current mode, `(?flags:` that of the group it opens, any other `(?` only opens one.
    fn options(&mut self) {
        let flags = &self.rest[2..];
        let len = flags.iter().take_while(|b| b.is_ascii_alphabetic() || matches!(b, b'^' | b'-')).count();
        let mode = self.mode.apply(&flags[..len]);
        match flags.get(len) {
            Some(b')') => {
                self.mode = mode;
                self.copy(len + 3);
            }
            Some(b':') => {
                self.outer.push(self.mode);
                self.mode = mode;
                self.copy(len + 3);
            }
            _ => {
                self.outer.push(self.mode);
                self.copy(2);
            }
        }
    }

    fn copy_through(&mut self, end: &[u8]) {
        let at = memchr::memmem::find(self.rest, end);
        self.copy(at.map_or(self.rest.len(), |at| at + end.len()));
    }

    fn copy(&mut self, len: usize) {
        for _ in 0..len.min(self.rest.len()) {
            match self.rest[0] {
                byte @ 0x80.. if self.escape_high => self.replace(1, format!("\\x{byte:02x}").as_bytes()),
                byte => {
                    self.out.push(byte);
                    self.rest = &self.rest[1..];
                }
            }
        }
    }

    fn replace(&mut self, len: usize, with: &[u8]) {
        self.out.extend_from_slice(with);
        self.rest = &self.rest[len..];
        self.mark();
    }

    fn mark(&mut self) {
        self.shifts.push((self.out.len(), self.source_len - self.rest.len()));
    }
}
