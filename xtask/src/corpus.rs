//! What the built server makes of a folder of real configurations: one line each, and the reasons by frequency.
//!
//! A file without a virtual host is put into one, as its owner would; everything else is checked as it stands.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::{Complaints, say};

/// What the chore takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder with the configurations.
    folder: PathBuf,
    /// The server to ask.
    #[arg(long, default_value = "target/release/wsgate")]
    binary: PathBuf,
    /// Lines to process before each file, such as LoadModule lines.
    #[arg(long, value_name = "FILE")]
    prologue: Option<PathBuf>,
}

/// Checks every file. Fails only where the server does: a refusal is what one wants to see.
pub(crate) fn run(root: &Path, args: &Args) -> Complaints {
    let binary = root.join(&args.binary);
    let mut files = match configurations(&args.folder) {
        Ok(files) => files,
        Err(error) => return vec![format!("{}: {error}", args.folder.display())],
    };
    files.sort();
    let mut complaints = Complaints::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut accepted = 0;
    for file in &files {
        match check(&binary, file, args.prologue.as_deref()) {
            Ok(errors) if errors.is_empty() => {
                accepted += 1;
                say(format!("accepted {}", name(file)));
            }
            Ok(errors) => {
                say(format!("refused  {}", name(file)));
                for error in errors {
                    say(format!("         {error}"));
                    *reasons.entry(format!("{}: {}", error.code, error.message)).or_default() += 1;
                }
            }
            Err(error) => complaints.push(format!("{}: {error}", name(file))),
        }
    }
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    say("");
    for (reason, count) in reasons {
        say(format!("{count:4} {reason}"));
    }
    say(format!("{accepted} of {} accepted", files.len()));
    complaints
}

fn configurations(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "conf")).collect())
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// One of the server's errors.
#[derive(Deserialize)]
struct Finding {
    severity: String,
    code: String,
    message: String,
    place: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    file: String,
    line: u32,
    column: u32,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(Place { file, line, column }) = &self.place {
            write!(f, "{}:{line}:{column}: ", name(Path::new(file)))?;
        }
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// The errors of one file; an error of this function is one of the server.
fn check(binary: &Path, file: &Path, prologue: Option<&Path>) -> Result<Vec<Finding>, String> {
    let mut command = Command::new(binary);
    command.args(["check", "--format", "json", "-c", "Listen 80"]);
    if let Some(prologue) = prologue {
        command.arg("-C").arg(format!("Include {}", absolute(prologue)));
    }
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    if text.to_ascii_lowercase().contains("<virtualhost") {
        command.arg("-f").arg(absolute(file));
    } else {
        command.args(["-c", "<VirtualHost *:80>", "-c"]).arg(format!("Include {}", absolute(file)));
        command.args(["-c", "</VirtualHost>", "-f", "/dev/null"]);
    }
    let output = command.output().map_err(|error| format!("{}: {error}", binary.display()))?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let findings: Result<Vec<Finding>, _> =
        String::from_utf8_lossy(&output.stdout).lines().map(serde_json::from_str).collect();
    let findings = findings.map_err(|error| error.to_string())?;
    Ok(findings.into_iter().filter(|finding| finding.severity == "error").collect())
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}
