//! A long run of mutated configurations through parse, expand and interpret: none may panic, hang or name a place that
//! is not in its file. Each input follows from the seed and its number alone, so a finding is repeated with
//! `--seed S --first N --count 1`. Coverage-guided fuzzing of the same path is tests/fuzz.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::expand::{Surroundings, expand};
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::htaccess::{self, Permit};
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::core::AllowOverride;
use wsgate_directives::registry::{Overrides, Registry};
use wsgate_directives::span::Sources;

use crate::{Complaints, say};

mod input;

use input::{Input, Seeds};

/// An input that takes longer than this hangs.
const HANG: Duration = Duration::from_secs(20);

/// What the chore takes.
#[derive(Clone, clap::Args)]
pub(crate) struct Args {
    /// How many inputs.
    #[arg(long, default_value_t = 100_000)]
    count: u64,
    /// The number of the first one.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Where the random numbers start.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads.
    #[arg(long, default_value_t = 1)]
    threads: u64,
}

/// Runs the inputs; complains of each that panics, and ends the process at one that hangs.
pub(crate) fn run(root: &Path, args: &Args) -> Complaints {
    let seeds = Arc::new(Seeds::read(root));
    let found = Arc::new(Mutex::new(Complaints::new()));
    let started = Instant::now();
    // A panic is a finding with its input; the default message in between would only hide it.
    panic::set_hook(Box::new(|_| {}));
    let crews: Vec<_> = (0..args.threads.max(1))
        .map(|number| {
            let (args, seeds, found) = (args.clone(), seeds.clone(), found.clone());
            let now = Arc::new(AtomicU64::new(args.first));
            let watched = now.clone();
            let worker = thread::spawn(move || work(number, &args, &seeds, &now, &found));
            (worker, watched)
        })
        .collect();
    let (workers, watched): (Vec<_>, Vec<_>) = crews.into_iter().unzip();
    watch(&workers, &watched, args);
    let slowest = workers.into_iter().filter_map(|worker| worker.join().ok()).max().unwrap_or_default();
    let _ = panic::take_hook();
    let seconds = started.elapsed().as_secs();
    let complaints = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    say(format!(
        "{} inputs in {seconds} s, {} panics; the slowest took {} ms (number {})",
        args.count,
        complaints.len(),
        slowest.0.as_millis(),
        slowest.1
    ));
    complaints
}

/// Every `threads`-th input. The longest time that one took, and its number.
fn work(
    number: u64,
    args: &Args,
    seeds: &Seeds,
    now: &AtomicU64,
    found: &Mutex<Complaints>,
) -> (Duration, u64) {
    let mut slowest = (Duration::ZERO, args.first);
    let mine = (args.first + number..args.first + args.count).step_by(args.threads.max(1) as usize);
    for index in mine {
        now.store(index, Relaxed);
        let input = seeds.input(args.seed, index);
        let started = Instant::now();
        if let Err(cause) = panic::catch_unwind(AssertUnwindSafe(|| read(&input))) {
            let text = cause.downcast_ref::<String>().cloned();
            let text = text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let complaint = format!("input {index}: {}\n{input}", text.unwrap_or_default());
            found.lock().unwrap_or_else(PoisonError::into_inner).push(complaint);
        }
        slowest = slowest.max((started.elapsed(), index));
    }
    slowest
}

/// Waits for the workers; an input that all looks find unchanged for too long hangs.
fn watch(workers: &[thread::JoinHandle<(Duration, u64)>], watched: &[Arc<AtomicU64>], args: &Args) {
    let mut last: Vec<(u64, Instant)> = watched.iter().map(|_| (u64::MAX, Instant::now())).collect();
    while !workers.iter().all(thread::JoinHandle::is_finished) {
        thread::sleep(Duration::from_millis(200));
        for ((worker, now), last) in workers.iter().zip(watched).zip(&mut last) {
            let index = now.load(Relaxed);
            if index != last.0 {
                *last = (index, Instant::now());
            } else if last.1.elapsed() > HANG && !worker.is_finished() {
                say(format!("input {index} of seed {} hangs", args.seed));
                std::process::exit(2);
            }
        }
    }
}

/// The path of the server's load, up to the typed configuration; then each file as a `.htaccess` that may say anything.
fn read(input: &Input) {
    let files =
        MemoryFiles(input.files.iter().map(|(name, text)| (format!("/f/{name}"), text.clone())).collect());
    let environment = [("A".to_owned(), "of the environment".to_owned())].into();
    let facts = Facts { server_root: "/f".to_owned(), environment, ..Facts::default() };
    let config = interpret(expand("a.conf", &files, &facts, &Registry));
    check_places(&config.diagnostics, &config.sources);
    let allowed = Some(AllowOverride { classes: Overrides::ALL, ..AllowOverride::UNSET });
    let (permit, around) = (Permit { allowed, listed: None }, Surroundings::default());
    for (path, text) in &files.0 {
        let reading = htaccess::read((path, text), ("/f/", &permit), 9, &files, &around);
        check_places(&reading.findings, &reading.sources);
    }
}

fn check_places(findings: &[Diagnostic], sources: &Sources) {
    for diagnostic in findings {
        let related = diagnostic.related.iter().map(|(span, _)| *span);
        for span in diagnostic.span.into_iter().chain(related) {
            let line = sources.line(span);
            let end = u64::from(span.column) + u64::from(span.len);
            assert!(
                span.column >= 1 && end <= line.len() as u64 + 1,
                "{} names {span:?} in {}",
                diagnostic.code,
                line.escape_ascii()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_inputs_are_read() {
        let seeds = Seeds::read(&crate::workspace());
        for index in 0..1000 {
            read(&seeds.input(7, index));
        }
    }
}
