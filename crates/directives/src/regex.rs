//! Regular expressions as httpd has them (`ap_regex_t`): PCRE2 over bytes, never UTF-8 mode.
//!
//! One type for every place of the language that takes a pattern: the Match sections and directives, RewriteRule,
//! SetEnvIf, expressions. What the `pcre2` crate cannot be told is put into the pattern, see [`dialect`].
//! A match can fail (its limit is reached); that is an error and never "no match", so that callers fail closed.

mod dialect;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use pcre2::bytes::CaptureLocations;

/// A substituted text has to stay below this length (AP_PREGSUB_MAXLEN).
const SUBSTITUTED_MAX: usize = 8192 * 8;

/// Matching with JIT may use this much stack; the crate's default of 32 kB is too little for a long URL.
const JIT_STACK_MAX: usize = 1 << 20;

/// Idle match data that a pattern keeps for its next matches.
const SPARES_MAX: usize = 8;

/// How a pattern is compiled: the flags of `ap_regcomp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Letter case does not count (`i`, NoCase, `AP_REG_ICASE`).
    pub caseless: bool,
    /// `^` and `$` match at every line (`m`, `AP_REG_NEWLINE`).
    pub multi_line: bool,
    /// `.` matches a newline too (`s`, `AP_REG_DOTALL`).
    pub dot_all: bool,
    /// `$` matches at the very end only, not before a last newline (`AP_REG_DOLLAR_ENDONLY`).
    pub dollar_end_only: bool,
}

impl Options {
    /// What httpd uses unless RegexDefaultOptions says otherwise (`AP_REG_DEFAULT`).
    pub const DEFAULT: Self =
        Self { caseless: false, multi_line: false, dot_all: true, dollar_end_only: true };
    /// The same, ignoring letter case.
    pub const CASELESS: Self = Self { caseless: true, ..Self::DEFAULT };
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A pattern that does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// Byte offset in the pattern as written.
    pub offset: usize,
    /// PCRE2's words.
    pub message: String,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.message, self.offset)
    }
}

impl std::error::Error for CompileError {}

/// The engine gave up (match limit, stack) before it knew whether the subject matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchError(String);

impl fmt::Display for MatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for MatchError {}

/// A compiled pattern; cloning shares it.
#[derive(Clone)]
pub struct Regex(Arc<Compiled>);

struct Compiled {
    source: Vec<u8>,
    options: Options,
    engine: pcre2::bytes::Regex,
    /// Match data owns a JIT stack: too dear to make for every match.
    spares: Mutex<Vec<CaptureLocations>>,
}

impl Regex {
    /// Compiles a pattern with httpd's default flags.
    ///
    /// # Errors
    /// The pattern is not valid PCRE2, or holds a zero byte.
    pub fn new(pattern: &[u8]) -> Result<Self, CompileError> {
        Self::with_options(pattern, Options::DEFAULT)
    }

    /// Compiles a pattern.
    ///
    /// # Errors
    /// The pattern is not valid PCRE2, or holds a zero byte.
    pub fn with_options(pattern: &[u8], options: Options) -> Result<Self, CompileError> {
        if let Some(offset) = memchr::memchr(0, pattern) {
            return Err(CompileError { offset, message: "zero byte in pattern".to_owned() });
        }
        let translated = dialect::translate(pattern, options);
        let mut builder = pcre2::bytes::RegexBuilder::new();
        builder.caseless(options.caseless).multi_line(options.multi_line).dotall(options.dot_all);
        builder.jit_if_available(true).max_jit_stack_size(Some(JIT_STACK_MAX));
        let engine = builder.build(&translated.pattern).map_err(|error| CompileError {
            offset: translated.origin(error.offset().unwrap_or(0)).min(pattern.len()),
            message: words(&error),
        })?;
        let spares = Mutex::default();
        Ok(Self(Arc::new(Compiled { source: pattern.to_vec(), options, engine, spares })))
    }

    /// The pattern as written.
    pub fn source(&self) -> &[u8] {
        &self.0.source
    }

    /// How many groups the pattern has, without the whole match (`re_nsub`).
    pub fn groups(&self) -> usize {
        self.0.engine.captures_len() - 1
    }

    /// The named groups, in order of their number; one name may stand for several groups, as httpd allows.
    pub fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        let names = self.0.engine.capture_names().iter().enumerate();
        names.filter_map(|(group, name)| Some((group, name.as_deref()?)))
    }

    /// Whether the subject has a match anywhere.
    ///
    /// # Errors
    /// The engine gave up: access rules have to deny, others to answer 500.
    pub fn is_match(&self, subject: &[u8]) -> Result<bool, MatchError> {
        self.0.engine.is_match(subject).map_err(|error| MatchError(words(&error)))
    }

    /// The first match and its groups.
    ///
    /// # Errors
    /// As for [`Regex::is_match`].
    pub fn captures<'s>(&self, subject: &'s [u8]) -> Result<Option<Captures<'s>>, MatchError> {
        self.captures_at(subject, 0)
    }

    /// The first match that begins at `start` or behind it; `^` and look-behind still see the whole subject.
    ///
    /// # Errors
    /// As for [`Regex::is_match`].
    pub fn captures_at<'s>(
        &self,
        subject: &'s [u8],
        start: usize,
    ) -> Result<Option<Captures<'s>>, MatchError> {
        if start > subject.len() {
            return Ok(None);
        }
        let spare = self.spares().pop();
        let mut locations = spare.unwrap_or_else(|| self.0.engine.capture_locations());
        let found = self.0.engine.captures_read_at(&mut locations, subject, start);
        let captures = found.map_err(|error| MatchError(words(&error))).map(|found| {
            found.map(|_| Captures {
                subject: Cow::Borrowed(subject),
                groups: (0..=self.groups()).map(|group| locations.get(group)).collect(),
            })
        });
        let mut spares = self.spares();
        if spares.len() < SPARES_MAX {
            spares.push(locations);
        }
        captures
    }

    fn spares(&self) -> std::sync::MutexGuard<'_, Vec<CaptureLocations>> {
        self.0.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source && self.0.options == other.0.options
    }
}

impl Eq for Regex {}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regex({:?}, {:?})", self.source().escape_ascii().to_string(), self.0.options)
    }
}

/// PCRE2's own words, without the crate's "PCRE2: error doing this: ".
fn words(error: &pcre2::Error) -> String {
    let text = error.to_string();
    text.splitn(3, ": ").last().unwrap_or_default().to_owned()
}

/// The groups of a match, with the subject they lie in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures<'s> {
    subject: Cow<'s, [u8]>,
    groups: Vec<Option<(usize, usize)>>,
}

impl<'s> Captures<'s> {
    /// The text of a group, 0 being the whole match; `None` if it took no part in the match or does not exist.
    pub fn get(&self, group: usize) -> Option<&[u8]> {
        self.range(group).and_then(|range| self.subject.get(range))
    }

    /// Where a group lies in the subject.
    pub fn range(&self, group: usize) -> Option<Range<usize>> {
        self.groups.get(group).copied().flatten().map(|(start, end)| start..end)
    }

    /// What was matched against.
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The same with a subject of its own, to be kept for later `$n`.
    pub fn into_owned(self) -> Captures<'static> {
        Captures { subject: Cow::Owned(self.subject.into_owned()), groups: self.groups }
    }
}

/// The result of [`substitute`] would be too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "substitution of {SUBSTITUTED_MAX} bytes or more")
    }
}

impl std::error::Error for TooLong {}

/// Fills `$0` to `$9` of a template with the groups of a match (`ap_pregsub`): a group without text gives
/// nothing, `\` takes the byte behind it as it is, `&` and `$` before anything but a digit are plain bytes.
///
/// # Errors
/// The result would reach httpd's limit of 64 kB.
pub fn substitute(template: &[u8], captures: &Captures<'_>) -> Result<Vec<u8>, TooLong> {
    substitute_within(template, captures, SUBSTITUTED_MAX)
}

/// The same, where the text has to stay below another length.
///
/// # Errors
/// It does not.
pub fn substitute_within(template: &[u8], captures: &Captures<'_>, most: usize) -> Result<Vec<u8>, TooLong> {
    let mut out = Vec::with_capacity(template.len());
    let mut rest = template;
    loop {
        rest = match rest {
            [] => return Ok(out),
            [b'$', digit @ b'0'..=b'9', tail @ ..] => {
                out.extend_from_slice(captures.get(usize::from(digit - b'0')).unwrap_or_default());
                tail
            }
            [b'\\', byte, tail @ ..] | [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
        if out.len() >= most {
            return Err(TooLong);
        }
    }
}

#[cfg(test)]
mod tests;
