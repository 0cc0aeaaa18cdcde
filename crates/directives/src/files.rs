//! The disk as the configuration language needs it. The server reads real files; tests read from memory.

use std::collections::BTreeMap;
use std::io;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file (or anything that can be read like one).
    File,
    /// A folder.
    Folder,
}

/// Read access to configuration files.
pub trait Files {
    /// The whole content of a file.
    ///
    /// # Errors
    /// Whatever the disk says: missing, not readable, too large.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// What the path names, symbolic links followed; `None` if nothing is there.
    fn kind(&self, path: &str) -> Option<Kind>;

    /// Whether the path itself is a symbolic link: httpd follows none in the middle of an Include's wildcard.
    fn is_link(&self, _path: &str) -> bool {
        false
    }

    /// The bare names in a folder, sorted by byte value.
    ///
    /// # Errors
    /// Whatever the disk says: missing, not a folder, not readable.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
}

/// Files in memory, by absolute path; folders exist as prefixes of files.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn kind(&self, path: &str) -> Option<Kind> {
        if self.0.contains_key(path) {
            return Some(Kind::File);
        }
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.0
            .range(folder.clone()..)
            .next()
            .filter(|(name, _)| name.starts_with(&folder))
            .map(|_| Kind::Folder)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let inside = self.0.range(folder.clone()..).take_while(|(name, _)| name.starts_with(&folder));
        let mut names: Vec<String> = inside
            .filter_map(|(name, _)| name[folder.len()..].split('/').next().map(str::to_owned))
            .collect();
        names.dedup();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }
}
