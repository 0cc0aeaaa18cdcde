//! Into the background: a second process of this program serves there, and this one ends when that is ready.
//!
//! The program starts itself anew instead of forking: nothing that runs is copied half, and whoever started it learns
//! whether the server really serves.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

/// Starts this program with its own options and some more, and waits until that process is [`ready`] or gives up; its
/// messages are ours as long.
///
/// # Errors
/// The process cannot be started.
pub(crate) fn start(more: &[&str], name: &str) -> io::Result<ExitCode> {
    let mut command = Command::new("/proc/self/exe");
    command.arg0(std::env::args_os().next().unwrap_or_else(|| name.into()));
    let mut child = command
        .args(std::env::args_os().skip(1))
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut word = Vec::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_end(&mut word)?;
    }
    if !word.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let status = child.wait()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(status.filter(|code| *code != 0).unwrap_or(1)))
}

/// Makes this process one of its own: no terminal's signals reach it, and it keeps no folder busy.
///
/// # Errors
/// What the kernel says.
pub(crate) fn settle() -> io::Result<()> {
    nix::unistd::setsid()?;
    std::env::set_current_dir("/")
}

/// Tells whoever waits in [`start`] that all is well, and lets go of its streams.
///
/// # Errors
/// What the kernel says.
pub(crate) fn ready() -> io::Result<()> {
    // If it waits no more, all is well, too.
    let _ = io::stdout().write_all(b"ready\n").and_then(|()| io::stdout().flush());
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    nix::unistd::dup2_stdin(&nothing)?;
    nix::unistd::dup2_stdout(&nothing)?;
    Ok(nix::unistd::dup2_stderr(&nothing)?)
}
