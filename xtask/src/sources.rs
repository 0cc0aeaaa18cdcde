//! The workspace's Rust files as text, for the checks that read them. Not a parser: lines and words only.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file.
pub(crate) struct Source {
    /// Its path below the workspace's folder.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl Source {
    /// Whether it is nothing but tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
    }

    /// Its lines in front of its own tests, with their numbers, comments left out.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        lines
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// All Rust files below some of the workspace's folders, sorted by path.
pub(crate) fn read(root: &Path, folders: &[&str]) -> Vec<Source> {
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        Source { path, text }
    };
    files(root, folders, &["rs"]).into_iter().map(source).collect()
}

/// All files with these extensions below some of the workspace's folders, sorted.
pub(crate) fn files(root: &Path, folders: &[&str], extensions: &[&str]) -> Vec<PathBuf> {
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = left.pop() {
        // A folder that is not there yet has no files.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                left.extend((!path.ends_with("target")).then_some(path));
            } else if extensions.iter().any(|wanted| path.extension().is_some_and(|own| own == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
