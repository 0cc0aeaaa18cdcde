//! `cargo xtask bench`: builds wsgate and the load that measures it, both optimised, and runs the load.

use std::path::Path;
use std::process::{Command, ExitStatus};

use clap::Args as Arguments;

use crate::Complaints;

#[derive(Arguments)]
pub(crate) struct Args {
    /// What the load is told; `--help` shows what there is to tell.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    load: Vec<String>,
}

/// Measures wsgate beside its peers.
pub(crate) fn run(root: &Path, args: &Args) -> Complaints {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = root.join("target/release");
    let mut build = Command::new(cargo);
    build.current_dir(root).args([
        "build",
        "--release",
        "--package",
        "wsgate-server",
        "--package",
        "wsgate-bench",
    ]);
    let mut load = Command::new(built.join("wsgate-bench"));
    load.arg("--wsgate").arg(built.join("wsgate")).args(&args.load);
    [build, load].iter_mut().find_map(|step| complaint(step.status())).into_iter().collect()
}

fn complaint(done: std::io::Result<ExitStatus>) -> Option<String> {
    match done {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("it ended with {status}")),
        Err(error) => Some(error.to_string()),
    }
}
