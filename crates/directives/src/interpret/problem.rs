//! Why a directive cannot be taken.

use crate::diag::Diagnostic;
use crate::span::Span;
use crate::words::Arg;
use std::str::Utf8Error;

/// A handler's refusal. Becomes a [`Diagnostic`] at the argument at fault, or at the directive's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name; `bad-argument` unless set.
    pub code: &'static str,
    /// What is wrong, one line.
    pub message: String,
    /// The argument at fault.
    pub span: Option<Span>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of the whole directive.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: "bad-argument", message: message.into(), span: None, help: None }
    }

    /// A problem of one argument.
    pub fn at(arg: &Arg, message: impl Into<String>) -> Self {
        Self { span: Some(arg.span), ..Self::new(message) }
    }

    /// A problem at a byte of an argument; of all of it where escapes make the byte's place unknown.
    pub fn within(arg: &Arg, offset: usize, message: impl Into<String>) -> Self {
        let len = u32::try_from(arg.bytes.len()).unwrap_or(u32::MAX);
        let start = match arg.span.len.checked_sub(len) {
            Some(quotes @ (0 | 2)) => arg.span.column + quotes / 2,
            _ => return Self::at(arg, message),
        };
        let offset = u32::try_from(offset).unwrap_or(u32::MAX).min(len);
        let span = Span { column: start.saturating_add(offset), len: u32::from(offset < len), ..arg.span };
        Self { span: Some(span), ..Self::new(message) }
    }

    /// Gives it a name of its own.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The diagnostic for a directive whose name stands at `directive`.
    pub(super) fn diagnose(self, directive: Span) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, self.span.unwrap_or(directive), self.message);
        diagnostic.help = self.help;
        diagnostic
    }
}

impl From<Utf8Error> for Problem {
    fn from(_: Utf8Error) -> Self {
        Self::new("this is not UTF-8 text")
    }
}
