//! Runs the cases under `cases/expand`: files in, the printed expansion out.
//!
//! A case is blocks, each headed by a line `=== ...`: the text before the first is `case.conf`; `=== file PATH`
//! (seen from ServerRoot /etc/httpd), `=== env NAME=VALUE`, `=== define NAME[=VALUE]`, `=== before LINE`,
//! `=== after LINE`; behind `=== gives` stands what comes out. `UPDATE=1 cargo test` writes that anew.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the cases are files, and they are there")]

mod common;

use std::path::Path;

use wsgate_directives::diag::Severity;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;

#[test]
fn cases_that_are_accepted() {
    run_all("ok", false);
}

#[test]
fn cases_that_are_refused() {
    run_all("err", true);
}

#[track_caller]
fn run_all(folder: &str, refused: bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/expand").join(folder);
    let mut cases: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 10, "the cases are there");
    let failures: Vec<String> = cases.iter().filter_map(|case| run(case, refused).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn run(path: &Path, refused: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(path).unwrap();
    let (input, expected) = text.split_once("=== gives\n").unwrap_or((&text, "(nothing is said)"));
    let (files, facts) = read_case(input);
    let expanded = expand("case.conf", &files, &facts, &common::Few);
    let found = common::print(&expanded);
    let errors = expanded.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if errors != refused {
        return Err(format!("{}: wrong folder:\n{found}", path.display()));
    }
    if found == expected {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{input}=== gives\n{found}")).unwrap();
        return Ok(());
    }
    Err(format!("{}:\n--- expected\n{expected}--- found\n{found}", path.display()))
}

fn read_case(input: &str) -> (MemoryFiles, Facts) {
    let mut files = MemoryFiles::default();
    let mut facts = Facts { server_root: "/etc/httpd".to_owned(), ..Facts::default() };
    for block in format!("file case.conf\n{input}").split("=== ") {
        let (head, body) = block.split_once('\n').unwrap_or((block, ""));
        let (what, value) = head.split_once(' ').unwrap();
        let pair = || value.split_once('=').unwrap_or((value, ""));
        match what {
            "file" => {
                let path =
                    if value.starts_with('/') { value.to_owned() } else { format!("/etc/httpd/{value}") };
                files.0.insert(path, body.as_bytes().to_vec());
            }
            "env" => _ = facts.environment.insert(pair().0.to_owned(), pair().1.to_owned()),
            "define" => _ = facts.defines.insert(pair().0.to_owned(), pair().1.to_owned()),
            "before" => facts.before.push(value.to_owned()),
            "after" => facts.after.push(value.to_owned()),
            other => panic!("unknown block {other}"),
        }
    }
    (files, facts)
}
