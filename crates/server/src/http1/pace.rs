//! `RequestReadTimeout`: a deadline that moves with what has come, as in modules/filters/mod_reqtimeout.c.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// One stage of `RequestReadTimeout`, such as `header=20-40,MinRate=500`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// The time for all of it, before anything has come.
    pub(crate) timeout: Duration,
    /// The time that no rate extends beyond.
    pub(crate) max: Option<Duration>,
    /// Bytes that earn another second each time so many have come.
    pub(crate) min_rate: Option<NonZeroU32>,
}

/// A deadline under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    latest: Option<Instant>,
    /// What one byte earns.
    per_byte: Duration,
}

impl Deadline {
    /// The deadline of a stage that begins now.
    pub(crate) fn new(stage: &Stage, now: Instant) -> Self {
        // In whole microseconds, rounded down, as httpd counts it.
        let per_byte = stage.min_rate.map_or(0, |rate| 1_000_000 / u64::from(rate.get()));
        Self {
            at: now + stage.timeout,
            latest: stage.max.map(|max| now + max),
            per_byte: Duration::from_micros(per_byte),
        }
    }

    /// So many bytes have come.
    pub(crate) fn extend(&mut self, bytes: usize) {
        let earned = u32::try_from(bytes).ok().and_then(|bytes| self.per_byte.checked_mul(bytes));
        let at = earned.and_then(|earned| self.at.checked_add(earned)).unwrap_or(self.at);
        self.at = self.latest.map_or(at, |latest| at.min(latest));
    }

    /// How long the next read may wait, `io` at most; `None` when time is up. httpd never waits for less than a
    /// second while there is any time left.
    pub(crate) fn wait(&self, now: Instant, io: Duration) -> Option<Duration> {
        let left = self.at.checked_duration_since(now).filter(|left| !left.is_zero())?;
        Some(left.max(Duration::from_secs(1)).min(io))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(timeout: u64, max: Option<u64>, rate: u32) -> Stage {
        let secs = Duration::from_secs;
        Stage { timeout: secs(timeout), max: max.map(secs), min_rate: NonZeroU32::new(rate) }
    }

    /// The milliseconds a read may wait, `after` milliseconds from the start with `bytes` read.
    #[track_caller]
    fn check(stage: &Stage, bytes: usize, after: u64, io: u64, wait: Option<u128>) {
        let start = Instant::now();
        let mut deadline = Deadline::new(stage, start);
        deadline.extend(bytes);
        let got = deadline.wait(start + Duration::from_millis(after), Duration::from_secs(io));
        assert_eq!(got.map(|wait| wait.as_millis()), wait);
    }

    #[test]
    fn deadlines_move_with_the_bytes() {
        let (fixed, rated, capped) = (stage(5, None, 0), stage(5, None, 500), stage(5, Some(7), 500));
        check(&fixed, 0, 0, 60, Some(5000));
        check(&fixed, 9999, 3000, 60, Some(2000));
        check(&fixed, 0, 4500, 60, Some(1000));
        check(&fixed, 0, 5000, 60, None);
        check(&fixed, 0, 0, 3, Some(3000));
        check(&rated, 250, 0, 60, Some(5500));
        check(&rated, 5000, 0, 60, Some(15000));
        check(&capped, 5000, 0, 60, Some(7000));
        check(&capped, 5000, 7000, 60, None);
        check(&stage(5, None, 3), 3, 0, 60, Some(5999));
        check(&stage(5, None, 2_000_000), 3, 0, 60, Some(5000));
        check(&rated, usize::MAX, 0, 60, Some(5000));
    }
}
