//! What stands behind a log: a file, a program, the system's log.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wsgate_directives::log_destination::Program;

use super::queue::Outlet;

/// A file, opened for appending.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
}

impl LogFile {
    /// Opens or creates it.
    ///
    /// # Errors
    /// It cannot be opened for writing.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: open(path)? })
    }

    /// Whether writing to it may wait for someone: a terminal, a pipe, anything but a regular file.
    pub(super) fn may_block(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| !metadata.is_file())
    }
}

/// httpd's mode: 0666 less the umask.
fn open(path: &Path) -> io::Result<File> {
    // Opening these by name fails where they are sockets, as under systemd.
    match path.to_str() {
        Some("/dev/stderr" | "/proc/self/fd/2") => return own(&io::stderr()),
        Some("/dev/stdout" | "/proc/self/fd/1") => return own(&io::stdout()),
        _ => {}
    }
    let fifo = std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo());
    // To open a named pipe for writing only is to wait for a reader.
    OpenOptions::new().append(true).create(true).read(fifo).mode(0o666).open(path)
}

fn own(stream: &impl AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(OwnedFd::into)
}

impl Outlet for LogFile {
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.file = open(&self.path)?;
        Ok(())
    }
}

/// A program that reads lines from its standard input; started anew when it has ended.
pub(super) struct PipedProgram {
    program: Program,
    child: Option<Child>,
    /// When it may be started again, and how long it has to wait if it ends at once then.
    pause: Pause,
}

/// How long a program that ends again and again has to wait.
struct Pause {
    not_before: Option<Instant>,
    next: Duration,
}

impl Pause {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(30);

    /// A start at `now`, or the time that is still to wait.
    fn start(&mut self, now: Instant) -> Result<(), Duration> {
        match self.not_before {
            Some(then) if then > now => return Err(then - now),
            // It ran for a while since: this is not one of a series.
            Some(then) if now - then > Self::LONGEST => self.next = Self::FIRST,
            _ => {}
        }
        self.not_before = Some(now + self.next);
        self.next = (self.next * 2).min(Self::LONGEST);
        Ok(())
    }
}

impl PipedProgram {
    /// Starts the program.
    ///
    /// # Errors
    /// It cannot be started.
    pub(super) fn start(program: Program) -> io::Result<Self> {
        let pause = Pause { not_before: None, next: Pause::FIRST };
        let mut piped = Self { program, child: None, pause };
        piped.child = Some(piped.spawn()?);
        Ok(piped)
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut words = self.program.words().into_iter();
        let mut command = if self.program.shell {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &self.program.command]);
            shell
        } else {
            let name = words.next().ok_or_else(|| io::Error::other("no program is named"))?;
            let mut command = Command::new(name);
            command.args(words);
            command
        };
        command.current_dir(&*self.program.folder).stdin(Stdio::piped()).spawn()
    }

    /// The running program, started anew if it has ended.
    fn running(&mut self) -> io::Result<&mut Child> {
        let ended = match &mut self.child {
            Some(child) => child.try_wait()?,
            None => None,
        };
        if let Some(status) = ended {
            log::error!(target: "core", "piped log program '{}' failed unexpectedly: {status}", self.program.command);
            self.child = None;
        }
        if self.child.is_none() {
            self.pause.start(Instant::now()).map_err(|wait| {
                io::Error::other(format!("it ended, and is not started again before {} ms", wait.as_millis()))
            })?;
            self.child = Some(self.spawn()?);
        }
        self.child.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// How much of the lines the program took.
    fn pass(&mut self, lines: &[u8]) -> Result<(), (usize, io::Error)> {
        let child = self.running().map_err(|error| (0, error))?;
        let Some(input) = &mut child.stdin else { return Err((0, io::ErrorKind::BrokenPipe.into())) };
        let mut taken = 0;
        while taken < lines.len() {
            match input.write(&lines[taken..]) {
                Ok(count) => taken += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err((taken, error)),
            }
        }
        Ok(())
    }

    /// Ends a program that closed its input but did not end: what it was told is lost either way.
    fn give_up(&mut self) {
        if let Some(mut child) = self.child.take() {
            let status = match child.try_wait() {
                Ok(Some(status)) => status.to_string(),
                _ => {
                    _ = child.kill();
                    child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
                }
            };
            log::error!(target: "core", "piped log program '{}' failed unexpectedly: {status}", self.program.command);
        }
    }
}

impl Outlet for PipedProgram {
    /// A program that ends in the middle is started anew and gets what it had not taken, from the start of a line on.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let Err((taken, error)) = self.pass(lines) else { return Ok(()) };
        if error.kind() != io::ErrorKind::BrokenPipe {
            return Err(error);
        }
        self.give_up();
        let rest = lines[..taken].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.pass(&lines[rest..]).map_err(|(_, error)| error)
    }

    /// A program opens files by itself.
    fn reopen(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for PipedProgram {
    /// The end of its input is what tells a program to end; it is waited for, so that it leaves nothing behind.
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.stdin.take());
            _ = child.wait();
        }
    }
}

/// The system's log: a datagram for each line, which has its priority, time and tag in front already.
pub(super) struct SystemLog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl SystemLog {
    /// The log behind a socket, usually `/dev/log`. It need not be there yet.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), socket: None }
    }

    fn send(&mut self, line: &[u8]) -> io::Result<()> {
        if self.socket.is_none() {
            let socket = UnixDatagram::unbound()?;
            socket.connect(&self.path)?;
            self.socket = Some(socket);
        }
        let sent = self.socket.as_ref().map_or(Ok(0), |socket| socket.send(line));
        if sent.is_err() {
            self.socket = None;
        }
        sent.map(|_| ())
    }
}

impl Outlet for SystemLog {
    /// The log's daemon may have been started anew: a second attempt makes a new connection.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if self.send(line).is_err() {
                self.send(line)?;
            }
        }
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.socket = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
