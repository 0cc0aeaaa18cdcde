//! The command line of the built binary. That this file exists also makes `cargo test` build the binary, which the
//! end-to-end tests of the workspace then find.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where and ends")]

use std::process::{Command, Output};

fn wsgate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wsgate")).args(arguments).output().unwrap()
}

#[test]
fn help_names_the_commands() {
    let output = wsgate(&["--help"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for command in ["serve", "check", "reload", "stop", "demo"] {
        assert!(text.contains(command), "{text}");
    }
}

#[track_caller]
fn is_a_usage_error(arguments: &[&str]) {
    let output = wsgate(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
}

#[test]
fn usage_errors_end_with_2() {
    is_a_usage_error(&[]);
    is_a_usage_error(&["fly"]);
    is_a_usage_error(&["check", "--format", "xml"]);
    is_a_usage_error(&["check", "-f"]);
    is_a_usage_error(&["serve", "--quickly"]);
    is_a_usage_error(&["serve", "-e", "loud"]);
    is_a_usage_error(&["check", "-e", "info"]);
    is_a_usage_error(&["demo", "--port", "65536"]);
}
