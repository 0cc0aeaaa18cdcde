//! How a vanished peer is noticed, and why a silent living one is left alone.
//!
//! A peer whose machine or network is gone sends nothing, not even a reset. With nothing in flight only the
//! kernel's keepalive probes find out; with bytes in flight only the retransmission limit does, and probes are
//! not sent. `TCP_USER_TIMEOUT` bounds the second, and where it is set it also replaces the count of keepalive
//! probes (tcp(7); Linux `tcp_keepalive_timer`): the connection ends at the first probe that finds the user
//! timeout passed. So the two are derived from one figure, the time in which a vanished peer must be noticed:
//!
//! | of 60 s | | |
//! |---|---|---|
//! | idle before the first probe | 5/12 | 25 s |
//! | between probes | 2/12 | 10 s: probes at 25, 35, 45, 55 |
//! | `TCP_USER_TIMEOUT` | 10/12 | 50 s: the probe at 55 s is the first past it; bytes in flight give up at 50 s |
//!
//! A silent living peer's kernel answers each probe, and nothing ends: its program takes no part. One thing does not
//! count as living: a peer that has bytes waiting for it and takes none for the 50 s. Linux (since 5.11) holds a window
//! that stays closed for the user timeout against it, answered or not, and a relay cannot tell the two apart.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// The time in which a vanished TCP peer is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Liveness {
    within: Duration,
}

impl Liveness {
    /// The least time that the kernel's whole seconds can express.
    pub const LEAST: Duration = Duration::from_secs(12);

    /// Notices a vanished peer within this time (at least [`Self::LEAST`]).
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self { within: time.max(Self::LEAST) }
    }

    /// Sets it on a TCP socket. Set on a listener, every socket it accepts inherits it (Linux copies the
    /// options), which costs no system call per connection.
    ///
    /// # Errors
    /// When the kernel refuses an option.
    pub fn apply(self, tcp: &impl AsFd) -> io::Result<()> {
        let socket = SockRef::from(tcp);
        // No count of probes: the user timeout replaces it.
        socket
            .set_tcp_keepalive(&TcpKeepalive::new().with_time(self.share(5)).with_interval(self.share(2)))?;
        socket.set_tcp_user_timeout(Some(self.user_timeout()))
    }

    fn user_timeout(self) -> Duration {
        self.share(10)
    }

    fn share(self, twelfths: u32) -> Duration {
        self.within * twelfths / 12
    }
}

impl Default for Liveness {
    fn default() -> Self {
        Self::within(Duration::from_secs(60))
    }
}
