//! Diagnostics as data. How they look on a terminal is the server's business.

use crate::span::Span;

/// How much a diagnostic weighs. Only errors keep a configuration from being served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration is not served.
    Error,
    /// Served, but probably not as meant.
    Warning,
    /// Served as written; worth knowing.
    Note,
}

/// One finding about the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable kebab-case name, documented in the reference: `unknown-directive`.
    pub code: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// What happened, one line, without a final dot.
    pub message: String,
    /// Where; `None` only where no file is at fault (a missing root file).
    pub span: Option<Span>,
    /// A few words under the marked text.
    pub label: Option<String>,
    /// Other places that matter, with what they are.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    /// A note at a place.
    pub fn note(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, span, message)
    }

    /// An error that no place in a file is at fault for.
    pub fn unplaced(code: &'static str, message: impl Into<String>) -> Self {
        let (severity, message) = (Severity::Error, message.into());
        Self { code, severity, message, span: None, label: None, related: Vec::new(), help: None }
    }

    fn new(severity: Severity, code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity, span: Some(span), ..Self::unplaced(code, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the words under the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn related(mut self, span: Span, what: impl Into<String>) -> Self {
        self.related.push((span, what.into()));
        self
    }
}
