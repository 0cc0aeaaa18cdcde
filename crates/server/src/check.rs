//! `wsgate check`: says what serving a configuration would do, without serving it.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use wsgate_directives::diag::Severity;

use crate::cli::Source;
use crate::load::{Loaded, load};
use crate::render::{Format, render, syntax_error};

/// Loads what `serve` would load and writes all findings to standard output. 0: accepted, 1: refused or invalid.
pub(crate) fn run(source: &Source, format: Format) -> ExitCode {
    let loaded = load(source, &Arc::default());
    let mut out = std::io::stdout().lock();
    let colour = out.is_terminal();
    let text = render(&loaded.diagnostics, &loaded.sources, format, colour);
    let summary = if format == Format::Text { summary(&loaded) } else { String::new() };
    // A reader that has gone away has seen enough.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.write_all(summary.as_bytes()));
    if loaded.generation.is_some() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// How many findings there are; the first error also in httpd's words, which scripts look for.
fn summary(loaded: &Loaded) -> String {
    let Loaded { diagnostics, sources, .. } = loaded;
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let verdict = if errors == 0 { "accepted" } else { "not accepted" };
    let first = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    let place =
        first.and_then(|error| Some(format!("{}: {}\n", syntax_error(error, sources)?, error.message)));
    format!("{}{verdict}: {errors} errors, {warnings} warnings, {notes} notes\n", place.unwrap_or_default())
}
