//! What a section's argument matches: a literal prefix, a shell wildcard, or a regular expression.

use std::sync::Arc;

use crate::fnmatch::is_pattern;
use crate::interpret::Problem;
use crate::regex::{Options, Regex};
use crate::words::Arg;

/// A regular expression that an argument is.
///
/// # Errors
/// It does not compile.
pub(crate) fn compiled(arg: &Arg, options: Options) -> Result<Regex, Problem> {
    Regex::with_options(arg.as_bytes(), options)
        .map_err(|error| Problem::within(arg, error.offset, error.to_string()).code("bad-regex"))
}

/// A section's argument.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: Box<str>,
    /// How it matches.
    pub kind: PatternKind,
}

/// How a [`Pattern`] matches.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// The text itself, by path segments.
    Literal,
    /// A shell wildcard (`apr_fnmatch`).
    Wildcard,
    /// A regular expression, searched.
    Regex(Arc<Regex>),
}

impl Pattern {
    /// A literal or, if it holds `*`, `?` or `[`, a wildcard.
    ///
    /// # Errors
    /// Text that is not UTF-8.
    pub fn plain(arg: &Arg) -> Result<Self, Problem> {
        let text = arg.text()?;
        let kind = if is_pattern(text.as_bytes()) { PatternKind::Wildcard } else { PatternKind::Literal };
        Ok(Self { text: text.into(), kind })
    }

    /// A regular expression.
    ///
    /// # Errors
    /// Text that is not UTF-8, or that does not compile.
    pub fn regex(arg: &Arg) -> Result<Self, Problem> {
        let text = arg.text()?;
        let regex = Regex::new(text.as_bytes())
            .map_err(|error| Problem::at(arg, error.to_string()).code("bad-regex"))?;
        Ok(Self { text: text.into(), kind: PatternKind::Regex(Arc::new(regex)) })
    }

    /// Whether it is a regular expression.
    pub fn is_regex(&self) -> bool {
        matches!(self.kind, PatternKind::Regex(_))
    }
}
