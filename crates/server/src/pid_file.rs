//! PidFile: where the server's process number is kept, for those who want to signal it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::kill;
use nix::unistd::{Pid, getpid};

/// The file while the server runs; it goes with this value.
#[derive(Debug)]
pub(crate) struct PidFile(PathBuf);

/// What a PidFile says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// There is none.
    Nothing,
    /// This process runs.
    Running(Pid),
    /// It names a process that does not run any more.
    Stale(Pid),
}

impl PidFile {
    /// Writes this process's number, in one step: nobody reads half of it.
    ///
    /// # Errors
    /// A folder that is missing or must not be written.
    pub(crate) fn write(path: &Path) -> io::Result<Self> {
        if let Ok(Known::Stale(pid)) = look(path) {
            log::warn!("{} was left behind by process {pid}", path.display());
        }
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(format!(".{}", getpid()));
        let fresh = PathBuf::from(fresh);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&fresh)?;
        let written = writeln!(file, "{}", getpid()).and_then(|()| fs::rename(&fresh, path));
        if written.is_err() {
            // It is of no use, and leaving it behind does no harm either.
            let _ = fs::remove_file(&fresh);
        }
        written.map(|()| Self(path.to_owned()))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // A server that was started since may have taken it over.
        if matches!(read(&self.0), Ok(Some(pid)) if pid == getpid())
            && let Err(error) = fs::remove_file(&self.0)
        {
            log::warn!("{} cannot be removed: {error}", self.0.display());
        }
    }
}

/// Whether the process of a PidFile runs. A container gives the same number at each start, so that the own number is
/// nobody's.
///
/// # Errors
/// A file that cannot be read, or that holds no number.
pub(crate) fn look(path: &Path) -> io::Result<Known> {
    let Some(pid) = read(path)? else { return Ok(Known::Nothing) };
    let runs = pid != getpid() && kill(pid, None) != Err(nix::errno::Errno::ESRCH);
    Ok(if runs { Known::Running(pid) } else { Known::Stale(pid) })
}

fn read(path: &Path) -> io::Result<Option<Pid>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    match text.trim().parse() {
        Ok(number) if number > 1 => Ok(Some(Pid::from_raw(number))),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "holds no process number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_lives_as_long_as_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        assert_eq!(look(&path).unwrap(), Known::Nothing);
        let file = PidFile::write(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", getpid()));
        assert_eq!(look(&path).unwrap(), Known::Stale(getpid()));
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(PidFile::write(&folder.path().join("none/pid")).is_err());
    }

    #[test]
    fn a_successors_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let file = PidFile::write(&path).unwrap();
        let parent = nix::unistd::getppid();
        fs::write(&path, format!("{parent}\n")).unwrap();
        drop(file);
        assert_eq!(look(&path).unwrap(), Known::Running(parent));
    }

    #[test]
    fn junk_is_no_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        for junk in ["", "x", "0", "-5", "1"] {
            fs::write(&path, junk).unwrap();
            assert!(look(&path).is_err(), "{junk:?}");
        }
    }
}
