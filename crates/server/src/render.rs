//! Diagnostics for people, for scripts and for programs.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use clap::ValueEnum;
use serde::Serialize;
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::span::{Origin, Sources, Span};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the line, marked, and what to do.
    Text,
    /// One line each: `file:line:column: severity[code]: message`.
    Line,
    /// One JSON object a line.
    Json,
}

/// Writes all diagnostics, errors first; `colour` for terminals.
pub(crate) fn render(diagnostics: &[Diagnostic], sources: &Sources, format: Format, colour: bool) -> String {
    let one = |diagnostic: &Diagnostic| match format {
        Format::Text => text(diagnostic, sources, colour),
        Format::Line => line(diagnostic, sources),
        Format::Json => json(diagnostic, sources),
    };
    diagnostics.iter().map(|diagnostic| one(diagnostic) + "\n").collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place =
        diagnostic.span.map_or_else(String::new, |span| format!("{}:{}: ", sources.place(span), span.column));
    let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
    format!("{place}{}[{}]: {}{help}", severity(diagnostic.severity), diagnostic.code, diagnostic.message)
}

#[derive(Serialize)]
struct Json<'a> {
    severity: &'static str,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    included_from: Vec<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<JsonRelated<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    length: u32,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    place: JsonPlace<'a>,
    what: &'a str,
}

fn json(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = |span: Span| JsonPlace {
        file: &sources.file(span.file).path,
        line: span.line,
        column: span.column,
        length: span.len,
    };
    let related = diagnostic.related.iter().map(|(span, what)| JsonRelated { place: place(*span), what });
    let trail = diagnostic.span.map(|span| sources.trail(span.file)).unwrap_or_default();
    let object = Json {
        severity: severity(diagnostic.severity),
        code: diagnostic.code,
        message: &diagnostic.message,
        place: diagnostic.span.map(place),
        included_from: trail.into_iter().map(place).collect(),
        related: related.collect(),
        help: diagnostic.help.as_deref(),
    };
    serde_json::to_string(&object).expect("strings and numbers always serialize")
}

fn text(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut main = Group::with_title(level.primary_title(&*diagnostic.message).id(diagnostic.code));
    let quotes: Vec<Quote<'_>> = diagnostic.span.iter().map(|span| Quote::new(*span, sources)).collect();
    for quote in &quotes {
        let annotation = AnnotationKind::Primary.span(quote.range.clone()).label(diagnostic.label.as_deref());
        main = main.element(quote.snippet().annotation(annotation));
    }
    let related: Vec<(Quote<'_>, &str)> =
        diagnostic.related.iter().map(|(span, what)| (Quote::new(*span, sources), what.as_str())).collect();
    for (quote, what) in &related {
        main = main.element(
            quote.snippet().annotation(AnnotationKind::Context.span(quote.range.clone()).label(*what)),
        );
    }
    let trail = diagnostic.span.map(|span| trail(span, sources)).unwrap_or_default();
    for step in &trail {
        main = main.element(Level::NOTE.message(&**step));
    }
    if let Some(help) = &diagnostic.help {
        main = main.element(Level::HELP.message(&**help));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[main])
}

/// Where an error is, in the words in which httpd says it and for which scripts look.
pub(crate) fn syntax_error(diagnostic: &Diagnostic, sources: &Sources) -> Option<String> {
    let span = diagnostic.span.filter(|_| diagnostic.severity == Severity::Error)?;
    let path = &sources.file(span.file).path;
    Some(format!("Syntax error on line {} of {path}", sources.last_line(span)))
}

/// A line of a file, as text that can be shown.
struct Quote<'a> {
    path: &'a str,
    line: usize,
    text: String,
    range: std::ops::Range<usize>,
}

impl<'a> Quote<'a> {
    fn new(span: Span, sources: &'a Sources) -> Self {
        let file = sources.file(span.file);
        let bytes = sources.line(span);
        let column = (span.column.saturating_sub(1) as usize).min(bytes.len());
        let end = (column + span.len as usize).min(bytes.len());
        // Each part is made text by itself, so that the range stays right behind bytes that are not UTF-8.
        let shown = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        let (before, marked) = (shown(&bytes[..column]), shown(&bytes[column..end]));
        let range = before.len()..before.len() + marked.len();
        let text = before + &marked + &shown(&bytes[end..]);
        Self { path: &file.path, line: span.line as usize, text, range }
    }

    fn snippet<T: Clone>(&self) -> Snippet<'_, T> {
        Snippet::source(self.text.as_str()).path(self.path).line_start(self.line).fold(false)
    }
}

/// How the file came to be read, innermost first.
fn trail(span: Span, sources: &Sources) -> Vec<String> {
    let mut steps = Vec::new();
    let mut at = span.file;
    loop {
        match &sources.file(at).origin {
            Origin::Root => return steps,
            Origin::Include(from) => {
                steps.push(format!("included from {}", sources.place(*from)));
                at = from.file;
            }
            Origin::Macro { name, used, defined } => {
                steps.push(format!(
                    "in macro {name}, used at {} and defined at {}",
                    sources.place(*used),
                    sources.place(*defined)
                ));
                at = used.file;
            }
        }
    }
}
