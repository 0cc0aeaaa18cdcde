//! Whether a tunnel may be opened now. There is a limit to the number of tunnels, so that they never take the last
//! descriptors: plain requests always find some. And there is the line of their backend.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use wsgate_core::reply::{Reply, Status};
use wsgate_proxy::{BackendState, Turn};
use wsgate_wstunnel::Tunnels;

/// Descriptors of a tunnel.
const EACH: usize = 2;
/// Clients are told to come back in 1 to so many seconds, so that not all come back at once.
const SPREAD: usize = 8;

/// Lets tunnels in.
#[derive(Debug)]
pub(crate) struct Admission {
    most: usize,
    /// How many are being opened.
    opening: AtomicUsize,
    turned_away: AtomicUsize,
}

/// Somebody who was let in, until the tunnel is open or refused.
#[derive(Debug)]
pub(crate) struct Admitted<'a> {
    opening: &'a AtomicUsize,
    _turn: Option<Turn>,
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.opening.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Admission {
    /// By what this process may still open.
    pub(crate) fn by_descriptors() -> Self {
        use nix::sys::resource::{Resource, getrlimit};
        let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        Self::among(limit.saturating_sub(open))
    }

    /// With so many descriptors to give away: most of them to tunnels, some stay for plain requests.
    fn among(free: usize) -> Self {
        let kept = (free / 128).max((free / 4).min(32));
        Self { most: (free - kept) / EACH, opening: AtomicUsize::new(0), turned_away: AtomicUsize::new(0) }
    }

    /// Waits for the backend's turn.
    ///
    /// # Errors
    /// 503: there is no room, or too long a line.
    pub(crate) async fn enter(
        &self,
        tunnels: &Tunnels,
        backend: &BackendState,
    ) -> Result<Admitted<'_>, Reply> {
        let others = self.opening.fetch_add(1, Ordering::Relaxed);
        let mut admitted = Admitted { opening: &self.opening, _turn: None };
        if tunnels.open() + others >= self.most {
            return Err(self.turn_away("as many as descriptors allow"));
        }
        let Ok(turn) = backend.turn().await else { return Err(self.turn_away("too many at once")) };
        admitted._turn = Some(turn);
        Ok(admitted)
    }

    fn turn_away(&self, why: &str) -> Reply {
        let count = self.turned_away.fetch_add(1, Ordering::Relaxed) + 1;
        // One line for each would be part of the storm.
        if count.is_power_of_two() {
            log::warn!("clients who wanted a tunnel and were told to come back later: {count} ({why})");
        }
        let mut reply = Reply::page(Status::SERVICE_UNAVAILABLE);
        reply.headers.set("Retry-After", (1 + count % SPREAD).to_string());
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tunnels_do_not_take_the_last_descriptors() {
        assert_eq!([0, 24, 220, 20_000].map(|free| Admission::among(free).most), [0, 9, 94, 9922]);
    }
}
