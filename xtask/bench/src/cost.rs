//! What a peer spends: processor time and memory of its processes from /proc, and where perf can count them,
//! instructions.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// What was spent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Processor time in ticks of a hundredth of a second.
    pub(crate) ticks: u64,
    /// Instructions in user space and in the kernel.
    pub(crate) instructions: Option<(u64, u64)>,
    /// Growth of the memory that is its own (PSS), in bytes.
    pub(crate) memory: Option<u64>,
}

/// Watches a process and its children.
#[derive(Debug)]
pub(crate) struct Meter {
    root: u32,
    /// Where perf writes, if there is a perf that counts.
    perf: Option<PathBuf>,
}

/// A time that is being measured.
pub(crate) struct Span<'m> {
    meter: &'m Meter,
    ticks: u64,
    perf: Option<Child>,
}

const EVENTS: &str = "instructions:u,instructions:k";

/// Whether perf is here and the machine lets it count instructions.
pub(crate) fn perf_counts() -> bool {
    let mut trial = Command::new("perf");
    trial.args(["stat", "-x", ",", "-e", EVENTS, "true"]).stdout(Stdio::null());
    trial.output().is_ok_and(|done| counted(&String::from_utf8_lossy(&done.stderr)).is_some())
}

/// `COUNT,,EVENT,...` for each event.
fn counted(text: &str) -> Option<(u64, u64)> {
    let of = |event: &str| {
        let line = text.lines().find(|line| line.contains(event))?;
        line.split(',').next()?.parse().ok()
    };
    Some((of("instructions:u")?, of("instructions:k")?))
}

impl Meter {
    /// For the process `root`; with `perf` it leaves its figures in this file.
    pub(crate) fn new(root: u32, perf: Option<PathBuf>) -> Self {
        Self { root, perf }
    }

    pub(crate) fn begin(&self) -> Span<'_> {
        let perf = self.perf.as_ref().and_then(|file| {
            let pids: Vec<_> = self.pids().iter().map(u32::to_string).collect();
            let mut perf = Command::new("perf");
            perf.args(["stat", "-x", ",", "-e", EVENTS, "-p", &pids.join(","), "-o"]).arg(file);
            perf.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
        });
        Span { meter: self, ticks: self.ticks(), perf }
    }

    /// Memory that is the processes' own, what they share divided among those who share it.
    pub(crate) fn memory(&self) -> u64 {
        let of = |pid: &u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        };
        self.pids().iter().filter_map(of).sum::<u64>() * 1024
    }

    fn ticks(&self) -> u64 {
        let of = |pid: &u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let fields: Vec<_> = text.rsplit_once(") ")?.1.split(' ').collect();
            Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
        };
        self.pids().iter().filter_map(of).sum()
    }

    /// The process and all below it.
    fn pids(&self) -> Vec<u32> {
        let mut found = vec![self.root];
        let mut at = 0;
        while let Some(pid) = found.get(at) {
            let of_threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
            let children: Vec<u32> = of_threads
                .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
                .flat_map(|text| {
                    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()
                })
                .collect();
            found.extend(children);
            at += 1;
        }
        found
    }
}

impl Span<'_> {
    pub(crate) fn end(self) -> Cost {
        let ticks = self.meter.ticks() - self.ticks;
        let instructions = self.perf.and_then(|perf| self.meter.perf_end(perf).ok().flatten());
        Cost { ticks, instructions, memory: None }
    }
}

impl Meter {
    fn perf_end(&self, mut perf: Child) -> io::Result<Option<(u64, u64)>> {
        let pid = i32::try_from(perf.id()).map_err(io::Error::other)?;
        kill(Pid::from_raw(pid), Signal::SIGINT)?;
        perf.wait()?;
        let Some(file) = &self.perf else { return Ok(None) };
        Ok(counted(&fs::read_to_string(file)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perf_is_read_or_not_there() {
        let text = "# started\n\n1234,,instructions:u,99,100.00,,\n56,,instructions:k,99,100.00,,\n";
        assert_eq!(counted(text), Some((1234, 56)));
        assert_eq!(counted("<not supported>,,instructions:u,0,100.00,,\n"), None);
    }

    #[test]
    fn this_process_has_memory() {
        assert!(Meter::new(std::process::id(), None).memory() > 4096);
    }
}
