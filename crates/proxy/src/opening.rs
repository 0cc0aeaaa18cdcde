//! Tunnels that are being opened to one backend. When thousands of clients come back at once, after a restart or a
//! network's outage, so many ask it at the same time, others wait in line, and who would wait for too long is told so.
//!
//! Tunnels that are open, and plain requests, stand in no line.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// So many are opened at once: what the queues of listening backends hold by default (httpd's, nginx's, Node's 511).
/// Beyond it their kernels drop what comes, and clients wait for seconds.
const AT_ONCE: usize = 511;
/// So many wait for their turn.
const LINE: usize = 4096;
/// For so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// A backend's line.
#[derive(Debug)]
pub(crate) struct Openings {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The right to open a tunnel, until it is open or refused.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is given back when dropped")] OwnedSemaphorePermit);

/// There is no getting in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowded;

impl Default for Openings {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0) }
    }
}

impl Openings {
    pub(crate) async fn turn(&self) -> Result<Turn, Crowded> {
        if let Ok(turn) = self.turns.clone().try_acquire_owned() {
            return Ok(Turn(turn));
        }
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= LINE {
            return Err(Crowded);
        }
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        drop(waiting);
        turn.ok().and_then(Result::ok).map(Turn).ok_or(Crowded)
    }
}

/// Somebody in the line; clients may leave it at any time.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use tokio::task::{LocalSet, spawn_local, yield_now};

    use super::*;

    async fn until_waiting(openings: &Openings, count: usize) {
        while openings.waiting.load(Ordering::Relaxed) != count {
            yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_gets_in_by_turns_and_the_line_has_an_end() {
        LocalSet::new()
            .run_until(async {
                let openings = Rc::<Openings>::default();
                let mut open = Vec::new();
                for _ in 0..AT_ONCE {
                    open.push(openings.turn().await.unwrap());
                }
                let wait = || {
                    let openings = openings.clone();
                    spawn_local(async move { openings.turn().await })
                };
                let first = wait();
                let mut line: Vec<_> = (1..LINE).map(|_| wait()).collect();
                until_waiting(&openings, LINE).await;
                assert_eq!(openings.turn().await.err(), Some(Crowded));
                open.pop();
                assert!(first.await.unwrap().is_ok());
                // The first has left the line, and gave its turn back: another gets in, and one more may wait.
                line.push(wait());
                until_waiting(&openings, LINE - 1).await;
                line[1].abort();
                let mut got_in = 0;
                for waiter in line {
                    got_in += usize::from(waiter.await.is_ok_and(|turn| turn.is_ok()));
                }
                assert_eq!((got_in, openings.waiting.load(Ordering::Relaxed)), (LINE - 1, 0));
            })
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_too_long() {
        let openings = Openings::default();
        let mut open = Vec::new();
        for _ in 0..AT_ONCE {
            open.push(openings.turn().await.unwrap());
        }
        let begun = tokio::time::Instant::now();
        assert_eq!(openings.turn().await.err(), Some(Crowded));
        assert_eq!(begun.elapsed(), PATIENCE);
        open.clear();
        assert!(openings.turn().await.is_ok());
    }
}
