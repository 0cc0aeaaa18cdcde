//! A log as those see it who write to it: a bounded buffer that a writer thread empties.
//!
//! Writing is a copy into memory under a lock that nobody holds longer than that. A buffer that is full loses lines,
//! counts them, and says so; nothing waits for a disk or a program. Lines that come while the thread is busy go out in
//! one piece, and nothing lies about while it is idle.

use std::fmt;
use std::io;
use std::mem::take;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The most bytes that wait for a log.
const LIMIT: usize = 4 << 20;

/// A buffer of up to this size is used again.
const KEPT: usize = 64 << 10;

/// How often losses are reported.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// The module that messages about logs belong to.
const LOG: &str = "log_config";

/// Where lines end up.
pub(super) trait Outlet: Send {
    /// Writes whole lines.
    ///
    /// # Errors
    /// They are lost, and why.
    fn write(&mut self, lines: &[u8]) -> io::Result<()>;

    /// Begins anew where the name may stand for something else by now: a file that was moved away.
    ///
    /// # Errors
    /// It goes on as before, and why.
    fn reopen(&mut self) -> io::Result<()>;
}

/// A log that lines can be written to. When nobody has it any more its thread closes it, all lines written.
#[derive(Clone)]
pub(crate) struct Sink(Arc<Handle>);

/// The hold of all who write. What it holds is given to the thread at the end: to close a log may take time.
struct Handle(Option<Arc<Queue>>);

struct Queue {
    name: String,
    limit: usize,
    waiting: Mutex<Waiting>,
    outlet: Mutex<Writing>,
    desk: Sender<Job>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    spare: Vec<u8>,
    lost: u64,
    /// The log begins anew behind so many of the bytes that wait.
    reopen: Option<usize>,
    /// The thread has been told and has not come yet.
    told: bool,
}

struct Writing {
    outlet: Box<dyn Outlet>,
    failing: bool,
    lost: u64,
    reported: Option<Instant>,
}

enum Job {
    Drain(Arc<Queue>),
    Barrier(SyncSender<()>),
}

/// A thread that writes the lines of some logs.
#[derive(Clone)]
pub(super) struct Desk(Sender<Job>);

impl Desk {
    /// Starts the thread; it ends with the last log that it writes.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn start(name: &str) -> io::Result<Self> {
        let (sender, jobs) = channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || work(&jobs))?;
        Ok(Self(sender))
    }

    /// A log written by this thread.
    pub(super) fn sink(&self, name: String, outlet: Box<dyn Outlet>) -> Sink {
        self.sink_of(name, outlet, LIMIT)
    }

    /// A log written by this thread, of which at most `limit` bytes wait.
    pub(super) fn sink_of(&self, name: String, outlet: Box<dyn Outlet>, limit: usize) -> Sink {
        let outlet = Mutex::new(Writing { outlet, failing: false, lost: 0, reported: None });
        let queue = Queue { name, limit, waiting: Mutex::default(), outlet, desk: self.0.clone() };
        Sink(Arc::new(Handle(Some(Arc::new(queue)))))
    }
}

fn work(jobs: &Receiver<Job>) {
    for job in jobs {
        match job {
            Job::Drain(queue) => queue.drain(),
            Job::Barrier(passed) => _ = passed.send(()),
        }
    }
}

impl Sink {
    /// Writes lines, each with its line feed; never waits.
    pub(crate) fn write(&self, lines: &[u8]) {
        let Some(queue) = &self.0.0 else { return };
        let mut waiting = locked(&queue.waiting);
        if waiting.lines.len() + lines.len() > queue.limit {
            waiting.lost += 1;
            return;
        }
        waiting.lines.extend_from_slice(lines);
        queue.tell(waiting);
    }

    /// Has the thread begin anew behind what was written so far.
    pub(crate) fn reopen(&self) {
        let Some(queue) = &self.0.0 else { return };
        let mut waiting = locked(&queue.waiting);
        waiting.reopen = Some(waiting.lines.len());
        queue.tell(waiting);
    }

    /// Whether both are the same log.
    #[cfg(test)]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// One that does not keep the log open.
    pub(super) fn downgrade(&self) -> WeakSink {
        WeakSink(Arc::downgrade(&self.0))
    }

    /// Something to wait at until all that was written before has gone out.
    pub(super) fn barrier(&self) -> Receiver<()> {
        let (passed, barrier) = sync_channel(1);
        if let Some(queue) = &self.0.0 {
            queue.send(Job::Barrier(passed));
        }
        barrier
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            let desk = queue.desk.clone();
            _ = desk.send(Job::Drain(queue));
        }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.0.0.as_ref().map(|queue| &queue.name)).finish()
    }
}

/// A log that may be closed already.
pub(super) struct WeakSink(std::sync::Weak<Handle>);

impl WeakSink {
    pub(super) fn upgrade(&self) -> Option<Sink> {
        self.0.upgrade().map(Sink)
    }
}

impl Queue {
    fn tell(self: &Arc<Self>, mut waiting: MutexGuard<'_, Waiting>) {
        if !waiting.told {
            waiting.told = true;
            drop(waiting);
            self.send(Job::Drain(self.clone()));
        }
    }

    /// The thread lives as long as there is a sender, and this queue has one.
    fn send(&self, job: Job) {
        _ = self.desk.send(job);
    }

    fn write(&self, writing: &mut Writing, lines: &[u8]) {
        if !lines.is_empty() {
            let written = writing.outlet.write(lines);
            self.tell_of(writing.outcome(written, lines));
        }
    }

    fn tell_of(&self, news: Option<News>) {
        let name = &self.name;
        match news {
            None => {}
            Some(News::Failing(error)) => log::error!(target: LOG, "{name} cannot be written: {error}"),
            Some(News::Working) => log::warn!(target: LOG, "{name} is written again"),
            Some(News::NotReopened(error)) => {
                log::error!(target: LOG, "{name} goes on as before, it cannot be opened anew: {error}");
            }
            Some(News::Lost(lines)) => log::warn!(target: LOG, "{name} lost {lines} lines"),
        }
    }

    /// Writes all that waits.
    fn drain(&self) {
        let writing = &mut *locked(&self.outlet);
        let (mut lines, lost, reopen) = {
            let waiting = &mut *locked(&self.waiting);
            waiting.told = false;
            let spare = take(&mut waiting.spare);
            let lines = std::mem::replace(&mut waiting.lines, spare);
            (lines, take(&mut waiting.lost), take(&mut waiting.reopen))
        };
        writing.lost += lost;
        let (before, behind) = lines.split_at(reopen.unwrap_or(lines.len()));
        self.write(writing, before);
        if reopen.is_some()
            && let Err(error) = writing.outlet.reopen()
        {
            self.tell_of(Some(News::NotReopened(error)));
        }
        self.write(writing, behind);
        self.tell_of(writing.losses(Instant::now()));
        if lines.capacity() <= KEPT {
            lines.clear();
            locked(&self.waiting).spare = lines;
        }
    }
}

/// What the error log has to know about a log.
#[derive(Debug)]
enum News {
    Failing(io::Error),
    Working,
    NotReopened(io::Error),
    Lost(u64),
}

impl Writing {
    /// A log that fails is reported once, until it works again.
    fn outcome(&mut self, written: io::Result<()>, lines: &[u8]) -> Option<News> {
        match written {
            Ok(()) => take(&mut self.failing).then_some(News::Working),
            Err(error) => {
                self.lost += memchr::memchr_iter(b'\n', lines).count() as u64;
                let known = std::mem::replace(&mut self.failing, true);
                (!known).then_some(News::Failing(error))
            }
        }
    }

    /// Lines that are lost are counted together for a while.
    fn losses(&mut self, now: Instant) -> Option<News> {
        let due = self.reported.is_none_or(|last| now - last >= REPORT_EVERY);
        if self.lost == 0 || self.failing || !due {
            return None;
        }
        self.reported = Some(now);
        Some(News::Lost(take(&mut self.lost)))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
