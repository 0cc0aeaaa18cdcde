//! One request and its answer on a connection: what the stream under hyper and whoever drives hyper tell each other.
//!
//! hyper frames the bodies and runs the connection; the heads on the wire are ours (see [`wire`](crate::wire)).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use crate::error::{BoxError, Kind};
use crate::head::{AnswerHead, HeadRules};

/// Shared by the wire, the request's body and the exchange, all on one thread.
pub(crate) type SharedTurn = Rc<RefCell<Turn>>;

/// What is read from the backend at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing is to come.
    #[default]
    Idle,
    /// The head of an answer.
    Head,
    /// What hyper frames.
    Body,
}

/// The state of the current request on a connection.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub(crate) phase: Phase,
    /// What goes out in place of the head that hyper writes.
    pub(crate) head: Option<Bytes>,
    pub(crate) rules: HeadRules,
    /// Whether the request is HEAD.
    pub(crate) of_head: bool,
    /// The longest silence.
    pub(crate) silence: Duration,
    /// The longest wait for a 100 (Continue), while one is waited for; the body is held back meanwhile.
    pub(crate) awaits_continue: Option<Duration>,
    /// Whether more of the request's body is to come: then the backend has nothing to say yet.
    pub(crate) sending: bool,
    /// Whether the backend takes no more bytes; what it answers still counts.
    pub(crate) deaf: bool,
    pub(crate) interim: VecDeque<AnswerHead>,
    pub(crate) interims: usize,
    pub(crate) answer: Option<AnswerHead>,
    pub(crate) failure: Option<Kind>,
    pub(crate) body_error: Option<BoxError>,
    /// Bytes written to the backend.
    pub(crate) sent: u64,
}
