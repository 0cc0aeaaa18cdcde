//! What one process asks of another that serves: to reload, to stop. It is found by its PidFile.

use std::io::{self, Write};
use std::path::Path;

use nix::sys::signal::{Signal, kill};

use crate::pid_file::{Known, look};

/// What is asked for, by httpd's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Start, unless it runs.
    Start,
    /// End at once.
    Stop,
    /// Reload, or start.
    Restart,
    /// Reload, or start.
    Graceful,
    /// End with the last client.
    GracefulStop,
}

/// What is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing, and this is the exit status.
    Exit(u8),
    /// To start.
    Start,
}

impl Order {
    /// The order of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start,
            "stop" => Self::Stop,
            "restart" => Self::Restart,
            "graceful" => Self::Graceful,
            "graceful-stop" => Self::GracefulStop,
            _ => return None,
        })
    }

    fn signal(self) -> Option<Signal> {
        Some(match self {
            Self::Start => return None,
            Self::Stop => Signal::SIGTERM,
            Self::Restart => Signal::SIGHUP,
            Self::Graceful => Signal::SIGUSR1,
            Self::GracefulStop => Signal::SIGWINCH,
        })
    }

    /// Tells the process, and says in httpd's words if there is none (`ap_signal_server`).
    ///
    /// # Errors
    /// A PidFile that cannot be read, a process that must not be signalled.
    pub(crate) fn give(self, pid_file: &Path, out: &mut dyn Write) -> io::Result<Next> {
        let known = look(pid_file).map_err(|error| {
            io::Error::new(error.kind(), format!("Error retrieving pid file {}: {error}", pid_file.display()))
        })?;
        // Whoever does not read this any more does not need it.
        let mut say = |text: String| drop(writeln!(out, "{text}"));
        let absent = match known {
            Known::Running(pid) => {
                let Some(signal) = self.signal() else {
                    say(format!("httpd (pid {pid}) already running"));
                    return Ok(Next::Exit(0));
                };
                kill(pid, signal).map_err(|error| {
                    io::Error::other(format!("sending signal to server: process {pid}: {error}"))
                })?;
                return Ok(Next::Exit(0));
            }
            Known::Nothing => "httpd (no pid file) not running".to_owned(),
            Known::Stale(pid) => format!("httpd (pid {pid}?) not running"),
        };
        match self {
            Self::Start => return Ok(Next::Start),
            Self::Restart | Self::Graceful => {
                say("httpd not running, trying to start".to_owned());
                return Ok(Next::Start);
            }
            Self::Stop | Self::GracefulStop => say(absent),
        }
        Ok(Next::Exit(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(order: Order, pid_file: &Path, next: Next, says: &str) {
        let mut out = Vec::new();
        assert_eq!(order.give(pid_file, &mut out).unwrap(), next);
        assert_eq!(String::from_utf8(out).unwrap(), says);
    }

    #[test]
    fn without_a_process_there_is_nothing_to_signal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        check(Order::Stop, &path, Next::Exit(0), "httpd (no pid file) not running\n");
        check(Order::Start, &path, Next::Start, "");
        check(Order::Graceful, &path, Next::Start, "httpd not running, trying to start\n");
        let own = nix::unistd::getpid();
        std::fs::write(&path, format!("{own}\n")).unwrap();
        check(Order::GracefulStop, &path, Next::Exit(0), &format!("httpd (pid {own}?) not running\n"));
        std::fs::write(&path, "junk").unwrap();
        assert!(Order::Stop.give(&path, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_process_that_runs_is_signalled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        std::fs::write(&path, format!("{}\n", child.id())).unwrap();
        let running = format!("httpd (pid {}) already running\n", child.id());
        check(Order::Start, &path, Next::Exit(0), &running);
        check(Order::Stop, &path, Next::Exit(0), "");
        let status = child.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(nix::libc::SIGTERM));
    }
}
