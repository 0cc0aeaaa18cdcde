//! How the ends of a tunnel's sides become the one cause of its end. Shared by the engine and the pump.

use std::io;
use std::time::Duration;

use crate::life::Cause;

/// How long a side whose tunnel has ended may take to close as well. A socket closed with unread bytes in it
/// resets the connection, and the reset may overtake bytes that were delivered (httpd: `ap_lingering_close`, 2 s).
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// Why a side ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// In order.
    Closed,
    /// By a reset.
    Reset,
    /// The kernel got no answer from it any more.
    Vanished,
}

impl Why {
    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            // TLS without a close_notify: to the tunnel it is a FIN.
            io::ErrorKind::UnexpectedEof => Self::Closed,
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Self::Vanished
            }
            _ => Self::Reset,
        }
    }
}

/// The first thing that went towards the end; what follows is its consequence.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate(Option<Cause>);

impl Fate {
    /// Decided from outside.
    pub(crate) fn of(cause: Cause) -> Self {
        Self(Some(cause))
    }

    /// Side `side` (0 the client, 1 the backend) ended.
    pub(crate) fn note(&mut self, side: usize, why: Why) {
        self.0.get_or_insert(match (side, why) {
            (0, Why::Closed) => Cause::ClientClosed,
            (0, Why::Reset) => Cause::ClientReset,
            (0, Why::Vanished) => Cause::ClientVanished,
            (_, Why::Closed) => Cause::BackendClosed,
            (_, Why::Reset) => Cause::BackendReset,
            (_, Why::Vanished) => Cause::BackendVanished,
        });
    }

    pub(crate) fn cause(self) -> Cause {
        self.0.unwrap_or(Cause::Failed)
    }
}
