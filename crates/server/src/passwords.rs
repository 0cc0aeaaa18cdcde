//! Checks passwords away from the workers: hash functions are slow on purpose.
//!
//! A few threads of low priority compute, one check at a time each, and a bounded number of checks waits for them. What
//! came out is remembered for a while, so that a crowd that reconnects costs one computation for each user. The key of
//! what is remembered holds what was stored: a changed password counts at once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use wsgate_core::passwords::Check;

mod des_crypt;
mod md5_crypt;
mod schemes;

/// So many checks wait at most; further ones are turned away.
const WAITING: usize = 64;
/// How long an outcome is remembered: mod_authn_socache's default.
const REMEMBERED: Duration = Duration::from_secs(300);
/// So many right passwords are remembered, and as many wrong ones: who guesses must not crowd out who knows.
const MOST: usize = 4096;
/// How nice the threads are to those that serve.
const NICE: i32 = 10;

/// Checks passwords.
pub(crate) struct Passwords {
    jobs: SyncSender<Job>,
    known: Arc<Known>,
}

/// There are too many checks already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Busy;

struct Job {
    check: Check,
    name: Name,
    answer: oneshot::Sender<bool>,
}

impl Passwords {
    /// Starts the threads; they end when this is dropped.
    ///
    /// # Errors
    /// There can be no threads.
    pub(crate) fn start() -> io::Result<Self> {
        let (jobs, queue) = sync_channel(WAITING);
        let (queue, known) = (Arc::new(Mutex::new(queue)), Arc::new(Known::default()));
        let threads = thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(4));
        for _ in 0..threads {
            let (queue, known) = (queue.clone(), known.clone());
            thread::Builder::new().name("passwords".to_owned()).spawn(move || work(&queue, &known))?;
        }
        Ok(Self { jobs, known })
    }

    /// Whether a password is right.
    ///
    /// # Errors
    /// Too many others are asking.
    pub(crate) async fn check(&self, check: &Check) -> Result<bool, Busy> {
        let name = self.known.name(check);
        if let Some(right) = self.known.get(&name) {
            return Ok(right);
        }
        let (answer, waiting) = oneshot::channel();
        self.jobs.try_send(Job { check: check.clone(), name, answer }).map_err(|error| {
            if matches!(error, TrySendError::Disconnected(_)) {
                log::error!("no thread checks passwords any more");
            }
            Busy
        })?;
        waiting.await.map_err(|_| Busy)
    }
}

fn work(queue: &Mutex<Receiver<Job>>, known: &Known) {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        log::debug!("passwords are checked with the priority of everything else: {error}");
    }
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { check, name, answer }) = job else { return };
        if answer.is_closed() {
            continue;
        }
        let right = known.get(&name).unwrap_or_else(|| {
            let right = schemes::is_right(&check.stored, &check.password);
            known.put(name, right);
            right
        });
        // The client may be gone.
        let _ = answer.send(right);
    }
}

/// What a check is remembered by.
type Name = [u8; 32];

/// What came out of checks.
struct Known {
    key: [u8; 32],
    right: Mutex<HashMap<Name, Instant>>,
    wrong: Mutex<HashMap<Name, Instant>>,
}

impl Default for Known {
    fn default() -> Self {
        // Each RandomState has keys of its own, from the system.
        let mut key = [0; 32];
        for part in key.chunks_mut(8) {
            part.copy_from_slice(&RandomState::new().hash_one(0).to_ne_bytes());
        }
        Self { key, right: Mutex::default(), wrong: Mutex::default() }
    }
}

impl Known {
    /// Passwords are not kept, nor anything they could be guessed by without the key.
    fn name(&self, check: &Check) -> Name {
        let mut digest = Sha256::new_with_prefix(self.key);
        digest.update(check.stored.len().to_ne_bytes());
        digest.update(&check.stored);
        digest.update(&check.password);
        digest.finalize().into()
    }

    fn get(&self, name: &Name) -> Option<bool> {
        let fresh = |names: &Mutex<HashMap<Name, Instant>>| {
            let names = names.lock().unwrap_or_else(PoisonError::into_inner);
            names.get(name).is_some_and(|since| since.elapsed() < REMEMBERED)
        };
        if fresh(&self.right) { Some(true) } else { fresh(&self.wrong).then_some(false) }
    }

    fn put(&self, name: Name, right: bool) {
        let names = if right { &self.right } else { &self.wrong };
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MOST {
            names.retain(|_, since| since.elapsed() < REMEMBERED);
        }
        if names.len() >= MOST {
            names.clear();
        }
        names.insert(name, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::task::Poll;

    use super::*;

    fn check(stored: &str, password: &str) -> Check {
        Check { stored: stored.to_owned().into(), password: password.to_owned().into() }
    }

    const SHA: &str = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

    #[tokio::test]
    async fn checks_and_remembers() {
        let passwords = Passwords::start().unwrap();
        for _ in 0..2 {
            assert_eq!(passwords.check(&check(SHA, "secret")).await, Ok(true));
            assert_eq!(passwords.check(&check(SHA, "wrong")).await, Ok(false));
        }
        let known = |check| passwords.known.get(&passwords.known.name(&check));
        assert_eq!(known(check(SHA, "secret")), Some(true));
        assert_eq!(known(check(SHA, "wrong")), Some(false));
        assert_eq!(known(check(SHA, "other")), None);
        assert_eq!(known(check("{SHA}other", "secret")), None, "what is stored has changed");
    }

    #[tokio::test]
    async fn a_crowd_is_turned_away() {
        let (jobs, queue) = sync_channel(1);
        let passwords = Passwords { jobs, known: Arc::new(Known::default()) };
        let one = check("stored", "one");
        let waits = passwords.check(&one);
        tokio::pin!(waits);
        let is_pending = poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx).is_pending())).await;
        assert!(is_pending);
        assert_eq!(passwords.check(&check("stored", "two")).await, Err(Busy));
        drop(queue);
        assert_eq!(waits.await, Err(Busy), "nobody is left to answer");
    }

    #[test]
    fn guesses_do_not_crowd_out_knowledge() {
        let known = Known::default();
        let right = known.name(&check("s", "right"));
        known.put(right, true);
        for guess in 0..2 * MOST {
            known.put(known.name(&check("s", &guess.to_string())), false);
        }
        assert_eq!(known.get(&right), Some(true));
        assert!(known.wrong.lock().unwrap().len() <= MOST);
    }
}
