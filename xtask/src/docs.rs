//! The reference: documents written from the registry, and those that are held against the code.

use std::fs;
use std::path::Path;

use crate::{Complaints, say};

mod diagnostics;
mod directives;
mod security;

/// A generated document: its path, and what writes it.
type Generated = (&'static str, fn() -> String);

const GENERATED: [Generated; 2] =
    [("docs/directives.md", directives::supported), ("docs/compatibility.md", directives::others)];

/// Writes the generated documents, or with `check` only tells which are not up to date; then checks the others.
pub(crate) fn run(root: &Path, check: bool) -> Complaints {
    let mut complaints = Complaints::new();
    for (name, write) in GENERATED {
        let path = root.join(name);
        let text = write();
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            complaints.push(format!("{name} is out of date: run cargo xtask docs"));
        } else if let Err(error) = fs::write(&path, text) {
            complaints.push(format!("{name}: {error}"));
        } else {
            say(format!("{name} written"));
        }
    }
    complaints.extend(diagnostics::check(root));
    complaints.extend(security::check(root));
    complaints
}
