//! What can go wrong while a tunnel is opened: a kind and a side, never prose.
//!
//! What ends a tunnel that was open is not an error but a [`Cause`](crate::Cause).

use std::fmt;
use std::io;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The peer that asked for the tunnel.
    Client,
    /// The backend.
    Origin,
    /// This process or its machine (descriptors, addresses, memory).
    Us,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no address to connect to.
    Unresolvable,
    /// The backend refused the connection, or its socket file does not exist.
    Refused,
    /// The connection was not established in time.
    ConnectTimeout,
    /// The connection could not be established for another reason of the network's.
    Unreachable,
    /// This machine could not make the socket (descriptors, ports, the source address).
    NoSocket,
    /// The backend closed or reset the connection before it began to answer.
    Closed,
    /// It did so within the head of its answer.
    HeadCut,
    /// The backend did not answer in time.
    Silent,
    /// A line of the answer's head, or the whole head, is larger than allowed.
    HeadTooLarge,
    /// The head is not HTTP, or there are more interim answers than anyone has use for.
    Malformed,
    /// A 101 that names no protocol.
    UpgradeMissing,
    /// A 101 that switches to another protocol than was asked for.
    UpgradeOther,
}

impl Kind {
    /// Whose fault this is.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::NoSocket => Side::Us,
            _ => Side::Origin,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Unresolvable => "no address",
            Self::Refused => "connection refused",
            Self::ConnectTimeout => "connect timed out",
            Self::Unreachable => "unreachable",
            Self::NoSocket => "no socket",
            Self::Closed => "closed before its answer",
            Self::HeadCut => "answer's head cut short",
            Self::Silent => "no answer in time",
            Self::HeadTooLarge => "answer's head too large",
            Self::Malformed => "malformed answer",
            Self::UpgradeMissing => "101 without Upgrade",
            Self::UpgradeOther => "101 to another protocol",
        }
    }
}

/// A failure to open a tunnel.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub kind: Kind,
    cause: Option<io::Error>,
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub fn side(&self) -> Side {
        self.kind.side()
    }

    pub(crate) fn io(kind: Kind, cause: io::Error) -> Self {
        Self { kind, cause: Some(cause) }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind, cause: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|e| e as _)
    }
}
