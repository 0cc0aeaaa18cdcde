//! The machine as requests see it: its clock, its disk, its environment.

use std::ffi::OsStr;
use std::fs::{Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use wsgate_core::moment::Moment;
use wsgate_core::world::{Kind, Links, Stat, World};
use wsgate_directives::modules::core::LogLevels;

use crate::clock;
use crate::disk::read_whole;
use crate::logs::Scope;

/// A file that a request reads may have as many MiB, as httpd's `file()` has it.
const LARGEST: u64 = 10;

/// Files that requests name are opened so: a pipe must not hold a thread, nor a terminal become ours.
pub(crate) const AT_ONCE: i32 = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;

/// The real machine.
#[derive(Debug)]
pub(crate) struct Machine;

impl World for Machine {
    fn now(&self) -> Moment {
        clock::now()
    }

    fn stat(&self, path: &[u8], links: Links) -> io::Result<Stat> {
        let path = Path::new(OsStr::from_bytes(path));
        let found = match links {
            Links::Follow => path.metadata(),
            Links::Keep => path.symlink_metadata(),
        };
        Ok(told(&found?))
    }

    fn read(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        let path = Path::new(OsStr::from_bytes(path));
        let file = OpenOptions::new().read(true).custom_flags(AT_ONCE).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("no regular file"));
        }
        read_whole(file, LARGEST)
    }

    fn list(&self, folder: &[u8], most: usize) -> io::Result<Vec<Bytes>> {
        let mut names = Vec::new();
        for entry in Path::new(OsStr::from_bytes(folder)).read_dir()? {
            if names.len() == most {
                log::error!("{}: only the first {most} names are listed", folder.escape_ascii());
                break;
            }
            names.push(entry?.file_name().into_vec().into());
        }
        Ok(names)
    }

    fn env(&self, name: &[u8]) -> Option<Vec<u8>> {
        std::env::var_os(OsStr::from_bytes(name)).map(OsStringExt::into_vec)
    }

    fn random(&self, bound: usize) -> usize {
        // Each RandomState has keys of its own.
        let number = RandomState::new().hash_one(0);
        usize::try_from(number % (bound as u64).max(1)).unwrap_or_default()
    }

    fn log_levels(&self, levels: &LogLevels) {
        if let Some(scope) = Scope::current() {
            scope.set_levels(levels);
        }
    }
}

/// What is known of something that was found.
pub(crate) fn told(found: &Metadata) -> Stat {
    let kind = match found.file_type() {
        kind if kind.is_file() => Kind::File,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_symlink() => Kind::Link,
        _ => Kind::Other,
    };
    let modified = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let executable = found.permissions().mode() & 0o111 != 0;
    let (seconds, nanoseconds) = (u64::try_from(found.ctime()), u32::try_from(found.ctime_nsec()));
    let since_epoch = Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default());
    let changed = SystemTime::UNIX_EPOCH + since_epoch;
    Stat { kind, size: found.len(), inode: found.ino(), executable, owner: found.uid(), modified, changed }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_pipe_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(Machine.read(pipe.as_os_str().as_bytes()).is_err());
    }

    #[test]
    fn the_disk_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "four").unwrap();
        symlink("file", folder.path().join("link")).unwrap();
        let stat = |name: &str, links| {
            let path = folder.path().join(name);
            Machine.stat(path.as_os_str().as_bytes(), links).ok().map(|stat| (stat.kind, stat.executable))
        };
        assert_eq!(stat("file", Links::Follow), Some((Kind::File, false)));
        assert_eq!(stat("link", Links::Follow), Some((Kind::File, false)));
        assert_eq!(stat("link", Links::Keep).map(|stat| stat.0), Some(Kind::Link));
        assert_eq!(stat("", Links::Follow), Some((Kind::Folder, true)));
        assert_eq!(stat("none", Links::Follow), None);
        assert!(Machine.read(folder.path().as_os_str().as_bytes()).is_err());
        assert_eq!(Machine.read(folder.path().join("link").as_os_str().as_bytes()).unwrap(), b"four");
        assert!(Machine.random(3) < 3 && Machine.random(0) == 0);
    }
}
