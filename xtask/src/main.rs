//! The project's own chores, run as `cargo xtask NAME`. Nothing here is part of the server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

mod bench;
mod corpus;
mod docs;
mod fuzz;
mod layers;
mod sources;
mod tidy;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "wsgate's own chores")]
enum Chore {
    /// Checks who depends on whom, and that the pure crates stay pure.
    Layers,
    /// Checks that files stay small and say what they are.
    Tidy,
    /// Writes the generated documents and checks the others against the code.
    Docs {
        /// Write nothing: fail where a document is not what it should be.
        #[arg(long)]
        check: bool,
    },
    /// Says of each configuration in a folder whether it is accepted, and if not, why.
    Corpus(corpus::Args),
    /// Measures wsgate beside nginx, haproxy and apache2, whichever is installed.
    Bench(bench::Args),
    /// Throws mutated configurations at parse, expand and interpret.
    Fuzz(fuzz::Args),
}

/// What a chore found to complain about; none is success.
type Complaints = Vec<String>;

fn main() -> ExitCode {
    let root = workspace();
    let complaints = match Chore::parse() {
        Chore::Layers => layers::check(&root),
        Chore::Tidy => tidy::check(&root),
        Chore::Docs { check } => docs::run(&root, check),
        Chore::Corpus(args) => corpus::run(&root, &args),
        Chore::Bench(args) => bench::run(&root, &args),
        Chore::Fuzz(args) => fuzz::run(&root, &args),
    };
    for complaint in &complaints {
        say(complaint);
    }
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The workspace's folder: this crate's parent.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "chores speak to a terminal")]
fn say(line: impl std::fmt::Display) {
    println!("{line}");
}
