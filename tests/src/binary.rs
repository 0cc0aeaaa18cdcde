//! Finds the built `wsgate`, and builds it where it is missing or older than its sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().unwrap();
    // target/PROFILE/deps/e2e-HASH
    let folder = test.parent().and_then(Path::parent).expect("tests are built into deps");
    let binary = folder.join("wsgate");
    let built = modified(&binary);
    if built.is_none_or(|built| newest_source() > built) {
        build(folder);
    }
    binary
});

/// The path of the server's binary, of the same profile as the tests.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn wsgate() -> &'static Path {
    &BINARY
}

fn build(folder: &Path) {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--package", "wsgate-server", "--target-dir"]);
    command.arg(folder.parent().expect("a profile's folder lies in the target folder"));
    if folder.ends_with("release") {
        command.arg("--release");
    }
    assert!(command.current_dir(workspace()).status().unwrap().success(), "wsgate does not build");
}

fn newest_source() -> SystemTime {
    let mut left = vec![workspace().join("crates"), workspace().join("conf"), workspace().join("Cargo.toml")];
    let mut newest = SystemTime::UNIX_EPOCH;
    while let Some(path) = left.pop() {
        if path.is_dir() && !path.ends_with("tests") {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Some(modified) = modified(&path).filter(|_| path.is_file()) {
            newest = newest.max(modified);
        }
    }
    newest
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
