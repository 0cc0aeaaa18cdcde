//! `expr=` of an access log: what it asks of the answer is known by now, the rest is as for any expression.

use std::borrow::Cow;
use std::net::IpAddr;

use wsgate_directives::expr::{Condition, Expr, Variable};

use super::Answered;
use crate::expr::{Context, Error, LocalTime, Lookup, Probe, State, eval};
use crate::facts::Facts;

/// Whether the condition of a log holds. One that cannot be evaluated lets no line through, and the error log says so.
pub(super) fn holds(condition: &Expr<Condition>, answered: &Answered<'_>) -> bool {
    let facts = Facts { snapshot: answered.snapshot, request: answered.request };
    match eval(&condition.root, &mut Logged { facts, answered }, &mut State::default()) {
        Ok(holds) => holds,
        Err(error) => {
            log::warn!(target: "log_config", "the condition of an access log cannot be evaluated: {error}");
            false
        }
    }
}

struct Logged<'a> {
    facts: Facts<'a>,
    answered: &'a Answered<'a>,
}

impl Context for Logged<'_> {
    fn lookup(&mut self, what: Lookup<'_>) -> Result<Option<Cow<'_, [u8]>>, Error> {
        match what {
            Lookup::Variable(Variable::RequestStatus) => {
                Ok(Some(Cow::Owned(self.answered.status.to_string().into_bytes())))
            }
            Lookup::Response(name) => {
                Ok(self.answered.headers.get(name).map(|value| Cow::Borrowed(&value[..])))
            }
            what => self.facts.lookup(what),
        }
    }

    fn client(&mut self) -> IpAddr {
        self.facts.client()
    }

    fn now(&mut self) -> LocalTime {
        Context::now(&mut self.facts)
    }

    fn probe(&mut self, probe: Probe<'_>) -> Result<bool, Error> {
        self.facts.probe(probe)
    }

    fn peer_extensions(&mut self, extension: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        self.facts.peer_extensions(extension)
    }
}
