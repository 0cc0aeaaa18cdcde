//! docs/security.md against the sources: the tests that it names are there.

use std::fs;
use std::path::Path;

use crate::Complaints;

const DOCUMENT: &str = "docs/security.md";

pub(super) fn check(root: &Path) -> Complaints {
    match fs::read_to_string(root.join(DOCUMENT)) {
        Ok(document) => missing(&document, |path| fs::read_to_string(root.join(path)).ok()),
        Err(error) => vec![format!("{DOCUMENT}: {error}")],
    }
}

/// What the last column of the table names and `read` does not find: files, and tests in them.
fn missing(document: &str, read: impl Fn(&str) -> Option<String>) -> Complaints {
    let rows = document.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let mut complaints = Complaints::new();
    for row in rows.filter(|line| line.starts_with('|')) {
        let cell = row.trim_end_matches(['|', ' ']).rsplit(" | ").next().unwrap_or_default();
        let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            complaints.push(format!("{DOCUMENT}: no test in {row}"));
        }
        for name in named {
            let (path, test) = name.split_once("::").map_or((name, None), |(path, test)| (path, Some(test)));
            let stands =
                read(path).is_some_and(|text| test.is_none_or(|test| text.contains(&format!("fn {test}("))));
            if !stands {
                complaints.push(format!("{DOCUMENT}: there is no {name}"));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(cell: &str, expected: &[&str]) {
        let document = format!("text `x`\n\n| A | B |\n|---|---|\n| `y` | {cell} |\n");
        let read = |path: &str| (path == "a.rs").then(|| "fn one() {}\nasync fn two() {}\n".to_owned());
        let found: Vec<String> = missing(&document, read)
            .iter()
            .map(|complaint| complaint.rsplit(' ').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tests_are_looked_for() {
        finds("`a.rs::one` `a.rs::two` `a.rs`", &[]);
        finds("`a.rs::three` `b.rs::one` `c.case`", &["a.rs::three", "b.rs::one", "c.case"]);
        finds("nothing", &["|"]);
    }
}
