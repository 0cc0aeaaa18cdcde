//! Passwords that have to be checked before a request is decided.
//!
//! A check takes a hash function some milliseconds to seconds, which is no business of this crate: a request asks, what
//! it comes to meanwhile is thrown away, and it is decided again from the start once the answer is known. So every
//! outcome is the one that the answers lead to, however deep in a subrequest the question arose.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::reply::Reply;
use crate::request::{Decided, Decision, Request, decide, fail};
use crate::snapshot::Snapshot;

/// Whether a password is the one that was stored?
#[derive(Clone, PartialEq, Eq)]
pub struct Check {
    /// What is stored: a hash, and how it is made.
    pub stored: Bytes,
    /// What the client says.
    pub password: Bytes,
}

/// Neither belongs into a log.
impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

/// A request that waits for the answer to a question.
#[derive(Debug)]
pub struct Pending {
    /// The question.
    pub check: Check,
    /// What the request was about to become.
    pub(crate) fate: Fate,
}

/// Which decision a question interrupted.
#[derive(Debug)]
pub(crate) enum Fate {
    /// What is done about it.
    Decide,
    /// What stands in for this answer.
    Fail(Reply),
}

/// Goes on with a request whose question is answered: decides it again, knowing more.
pub fn resume(snapshot: &Snapshot, request: Request, pending: Pending, holds: bool) -> Decided {
    let Pending { check, fate } = pending;
    request.checks.learn(check, holds);
    match fate {
        Fate::Decide => decide(snapshot, request),
        Fate::Fail(reply) => fail(snapshot, request, reply),
    }
}

/// What was decided, unless a question has to be answered first.
pub(crate) fn unless_asked(
    decided: Decided,
    before: Option<Request>,
    fate: impl FnOnce() -> Fate,
) -> Decided {
    match (decided.request.checks.open(), before) {
        (Some(check), Some(request)) => {
            let pending = Pending { check, fate: fate() };
            Decided { request, decision: Decision::Check(Box::new(pending)) }
        }
        // Without a copy there was no AuthType, and so nobody to ask.
        (_, _) => decided,
    }
}

/// The questions and answers of a request and of all requests that are made for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    answers: Vec<(Check, bool)>,
    open: Option<Check>,
}

impl Checks {
    /// The answer, if it is known; if not, it is asked for.
    pub(crate) fn answer(&self, check: Check) -> Option<bool> {
        let mut known = self.known();
        let found = known.answers.iter().find(|(asked, _)| *asked == check).map(|(_, holds)| *holds);
        if found.is_none() {
            known.open.get_or_insert(check);
        }
        found
    }

    /// The question that has to be answered first.
    pub(crate) fn open(&self) -> Option<Check> {
        self.known().open.take()
    }

    /// Remembers an answer.
    pub(crate) fn learn(&self, check: Check, holds: bool) {
        self.known().answers.push((check, holds));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
