//! mod_authz_core: how rules combine. What a single rule looks at is asked of a function.

use wsgate_directives::modules::authz_core::{Group, Logic, Rule, Test, What};

/// What a rule says about a request (`authz_status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Let it in.
    Granted,
    /// Keep it out.
    Denied,
    /// Keep it out, unless a user says who it is from.
    NeedsUser,
    /// Nothing.
    Neutral,
}

/// Why nothing can be said about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// What httpd takes for a rule that does not hold: a group file that cannot be read.
    Unknown,
    /// An error (`AUTHZ_GENERAL_ERROR`).
    Error,
}

/// What one Require line says.
pub(crate) type Tester<'a> = &'a mut dyn FnMut(&Test) -> Result<Verdict, Undecided>;

/// What the rules say about a request of a method (`apply_authz_sections`).
///
/// # Errors
/// A rule cannot be evaluated: nobody is let in. httpd lets `not` make something of a rule whose group file is
/// missing; here such a rule opens no door either.
pub(crate) fn apply(rules: &Group, method: &[u8], test: Tester<'_>) -> Result<Verdict, Undecided> {
    if rules.methods.contains(method) {
        Rules { method, test }.group(rules, false)
    } else {
        Ok(Verdict::Granted)
    }
}

struct Rules<'a> {
    method: &'a [u8],
    test: Tester<'a>,
}

impl Rules<'_> {
    fn group(&mut self, group: &Group, negated: bool) -> Result<Verdict, Undecided> {
        use Verdict::{Denied, Granted, NeedsUser, Neutral};
        let mut all = Neutral;
        for rule in &group.rules {
            let verdict = self.rule(rule, group.logic, negated)?;
            all = match (group.logic, all, verdict) {
                (Logic::All, _, Denied) | (Logic::Any, _, Granted) => return Ok(verdict),
                (_, so_far, Neutral) => so_far,
                (_, Neutral, _) | (Logic::All, _, NeedsUser) | (Logic::Any, Denied, NeedsUser) => verdict,
                (_, so_far, _) => so_far,
            };
        }
        Ok(all)
    }

    fn rule(&mut self, rule: &Rule, around: Logic, negated: bool) -> Result<Verdict, Undecided> {
        if !rule.what.methods().contains(self.method) {
            return Ok(if around == Logic::All { Verdict::Granted } else { Verdict::Neutral });
        }
        let negated = negated || rule.negated;
        let verdict = match &rule.what {
            What::Test(_, what) => match (self.test)(what) {
                Err(Undecided::Unknown) if !negated => Verdict::Denied,
                verdict => verdict?,
            },
            What::Group(inner) => self.group(inner, negated)?,
        };
        Ok(match verdict {
            Verdict::Granted if rule.negated => Verdict::Denied,
            Verdict::Denied | Verdict::NeedsUser if rule.negated => Verdict::Neutral,
            verdict => verdict,
        })
    }
}
