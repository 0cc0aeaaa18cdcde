//! Checks of form that neither rustfmt nor clippy makes. Functions' lengths are clippy's (clippy.toml).

use std::path::Path;

use crate::sources::{self, Source};
use crate::{Complaints, say};

/// From here on a file should look for its seam.
const LONG: usize = 400;
/// A file longer than this does not pass.
const TOO_LONG: usize = 500;

/// Checks all Rust files of the workspace.
pub(crate) fn check(root: &Path) -> Complaints {
    let sources = sources::read(root, &["crates", "tests", "xtask"]);
    for source in &sources {
        let lines = source.text.lines().count();
        if (LONG + 1..=TOO_LONG).contains(&lines) {
            say(format!("warning: {}: {lines} lines: look for its seam", source.path));
        }
    }
    sources.iter().flat_map(complaints).collect()
}

fn complaints(source: &Source) -> Complaints {
    let mut found = Complaints::new();
    let lines = source.text.lines().count();
    if lines > TOO_LONG {
        found.push(format!("{}: {lines} lines, at most {TOO_LONG}", source.path));
    }
    // A file of tests lies beside the file that says what they test.
    if !source.text.starts_with("//!") && !source.is_test() {
        found.push(format!("{}: no `//!` in front that says what the file is", source.path));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn complains(path: &str, text: &str, expected: usize) {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        assert_eq!(complaints(&source).len(), expected, "{:?}", complaints(&source));
    }

    #[test]
    fn long_and_mute_files_are_found() {
        complains("a.rs", "//! What it is.\n", 0);
        complains("a.rs", "fn a() {}\n", 1);
        complains("a/tests.rs", "fn a() {}\n", 0);
        complains("a.rs", &format!("//! Long.\n{}", "\n".repeat(TOO_LONG)), 1);
    }
}
