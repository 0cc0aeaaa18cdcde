//! What requests ask of the machine beside themselves: time, files, the environment, chance. The server has the real
//! one; [`Still`] is a world in memory in which nothing moves.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use wsgate_directives::modules::core::LogLevels;

use crate::moment::Moment;

/// The machine, as requests see it.
pub trait World: fmt::Debug + Send + Sync {
    /// The present time.
    fn now(&self) -> Moment;

    /// What a path names.
    ///
    /// # Errors
    /// Whatever the disk says: there is nothing, or it cannot be seen.
    fn stat(&self, path: &[u8], links: Links) -> io::Result<Stat>;

    /// A file's whole content.
    ///
    /// # Errors
    /// Whatever the disk says: missing, not readable, too large.
    fn read(&self, path: &[u8]) -> io::Result<Vec<u8>>;

    /// The names in a folder, so many at most, in any order and without `.` and `..`; `folder` ends in a slash.
    ///
    /// # Errors
    /// Whatever the disk says; a world may have no folders.
    fn list(&self, folder: &[u8], most: usize) -> io::Result<Vec<Bytes>> {
        let _ = (folder, most);
        Err(io::ErrorKind::NotFound.into())
    }

    /// A variable of the process's environment.
    fn env(&self, name: &[u8]) -> Option<Vec<u8>>;

    /// A number below `bound`, each as likely as another; 0 where `bound` is.
    fn random(&self, bound: usize) -> usize;

    /// LogLevel of the sections that the request at hand is in: it holds for what is said from now on.
    fn log_levels(&self, levels: &LogLevels) {
        let _ = levels;
    }
}

/// What is done about a symbolic link at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// It stands for what it points to.
    Follow,
    /// It is what is asked about.
    Keep,
}

/// What is known of something on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
    /// Its number on its file system.
    pub inode: u64,
    /// Whether anyone may execute it.
    pub executable: bool,
    /// The user whom it belongs to.
    pub owner: u32,
    /// When its content was changed last, as far as anyone says.
    pub modified: SystemTime,
    /// When anything about it was changed last; nobody but the disk sets this.
    pub changed: SystemTime,
}

/// What something on the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link; only where links are not followed.
    Link,
    /// A device, a socket, a pipe.
    Other,
}

/// Files in memory, a day old, and a clock that stands. Folders exist as prefixes of files.
#[derive(Clone, Debug)]
pub struct Still {
    /// The time.
    pub now: Moment,
    /// Contents by absolute path.
    pub files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The environment.
    pub environment: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Default for Still {
    /// No files, at 2026-11-04 14:45:09.
    fn default() -> Self {
        let now = Moment { since_epoch: Duration::from_secs(1_793_803_509), utc_offset: 0 };
        Self { now, files: BTreeMap::new(), environment: BTreeMap::new() }
    }
}

impl World for Still {
    fn now(&self) -> Moment {
        self.now
    }

    fn stat(&self, path: &[u8], _: Links) -> io::Result<Stat> {
        let modified = SystemTime::UNIX_EPOCH + self.now.since_epoch.saturating_sub(Duration::from_hours(24));
        let changed = modified;
        let stat = |kind: Kind, size| {
            let executable = kind == Kind::Folder;
            Stat { kind, size, inode: 1, executable, owner: 0, modified, changed }
        };
        if let Some(content) = self.files.get(path) {
            return Ok(stat(Kind::File, content.len() as u64));
        }
        let mut folder = path.to_vec();
        if folder.last() != Some(&b'/') {
            folder.push(b'/');
        }
        let first = self.files.range(folder.clone()..).next();
        let inside = first.filter(|(first, _)| first.starts_with(&folder));
        inside.map(|_| stat(Kind::Folder, 4096)).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn read(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &[u8], most: usize) -> io::Result<Vec<Bytes>> {
        let inside = self.files.keys().filter_map(|path| path.strip_prefix(folder));
        let mut names: Vec<&[u8]> =
            inside.filter_map(|rest| rest.split(|byte| *byte == b'/').next()).collect();
        names.dedup();
        Ok(names.into_iter().take(most).map(Bytes::copy_from_slice).collect())
    }

    fn env(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.environment.get(name).cloned()
    }

    fn random(&self, _: usize) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_prefixes() {
        let mut world = Still::default();
        world.files.insert(b"/var/www/a.html".to_vec(), b"x".to_vec());
        let kind = |path: &str| world.stat(path.as_bytes(), Links::Follow).ok().map(|stat| stat.kind);
        assert_eq!(kind("/var/www/a.html"), Some(Kind::File));
        assert_eq!(kind("/var/www"), Some(Kind::Folder));
        assert_eq!(kind("/var/www/"), Some(Kind::Folder));
        assert_eq!(kind("/var/w"), None);
    }
}
