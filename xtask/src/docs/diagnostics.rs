//! docs/diagnostics.md against the sources: every code that can come out is explained there, and no other.
//!
//! Codes are string literals, so they are found as such: in the places where a code is given, and for the document's
//! own, anywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Complaints;
use crate::sources::{self, Source};

const DOCUMENT: &str = "docs/diagnostics.md";

/// What stands in front of a code.
const PLACES: &[&str] = &[
    "Diagnostic::error(",
    "Diagnostic::warning(",
    "Diagnostic::note(",
    "Diagnostic::unplaced(",
    ".code(",
    ".warn(",
    ".warning(",
    ".error(",
    ".note(",
    "code: ",
    "code = ",
];

pub(super) fn check(root: &Path) -> Complaints {
    let document = match fs::read_to_string(root.join(DOCUMENT)) {
        Ok(document) => document,
        Err(error) => return vec![format!("{DOCUMENT}: {error}")],
    };
    let sources = sources::read(root, &["crates/directives/src", "crates/core/src", "crates/server/src"]);
    compare(&document, &sources)
}

fn compare(document: &str, sources: &[Source]) -> Complaints {
    let explained: Vec<&str> = document.lines().filter_map(explained).collect();
    let codes: Vec<(usize, &Source, String)> =
        sources.iter().filter(|source| !source.is_test()).flat_map(of).collect();
    let given: BTreeMap<&str, String> =
        codes.iter().map(|(line, source, code)| (code.as_str(), format!("{}:{line}", source.path))).collect();
    let missing = given.iter().filter(|(code, _)| !explained.contains(code));
    let missing = missing.map(|(code, place)| format!("{place}: {code} is not explained in {DOCUMENT}"));
    let stands = |code: &str| sources.iter().any(|source| source.text.contains(&format!("\"{code}\"")));
    let surplus = explained.iter().filter(|code| !stands(code));
    let surplus = surplus.map(|code| format!("{DOCUMENT}: {code} is given nowhere"));
    missing.chain(surplus).collect()
}

/// The code that a table's row begins with.
fn explained(line: &str) -> Option<&str> {
    line.strip_prefix("| `")?.split_once("` |").map(|(code, _)| code)
}

/// The codes that a file gives: a literal right behind one of the places, or alone on the next line.
fn of(source: &Source) -> Vec<(usize, &Source, String)> {
    let lines: Vec<(usize, &str)> = source.code().collect();
    let mut found = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        for place in PLACES {
            for (start, _) in line.match_indices(place) {
                let behind = line[start + place.len()..].trim_start();
                let next = lines.get(at + 1).map_or("", |(_, line)| line.trim_start());
                let text = if behind.is_empty() { next } else { behind };
                found.extend(literal(text).map(|code| (*number, source, code.to_owned())));
            }
        }
    }
    found
}

/// A kebab-case literal at the start of a text.
fn literal(text: &str) -> Option<&str> {
    let (code, _) = text.strip_prefix('"')?.split_once('"')?;
    let is_code = code.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_and_compared() {
        let text = "a(Diagnostic::error(\"one-two\", span, \"x-y\"));\nb.code(\n    \"three-4\",\n);\n";
        let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
        let document = |rows: &str| compare(rows, std::slice::from_ref(&source));
        assert_eq!(document("| `one-two` | x |\n| `three-4` | y |\n"), Complaints::new());
        assert_eq!(
            document("| `one-two` | x |\n"),
            ["a.rs:2: three-4 is not explained in docs/diagnostics.md"]
        );
        assert_eq!(
            document("| `one-two` | x |\n| `three-4` | y |\n| `five-six` | z |\n"),
            ["docs/diagnostics.md: five-six is given nowhere"]
        );
    }
}
