//! A list of rules applied to a request (`apply_rewrite_list`): which rules apply, and what each makes of the path.
//! While it runs, the path is where the request is mapped to; `proxy:` and `passthrough:` before it say what becomes
//! of it, as in httpd, where rules can see and write them.

use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::modules::rewrite::{Condition, Rule, Test};
use wsgate_directives::regex::{Captures, MatchError};
use wsgate_directives::span::Span;

use crate::expr::{self, State};
use crate::facts::Facts;
use crate::mapped::{Mapped, OnDisk};
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

use super::fill;

/// LimitRequestLine where no line sets it.
const LINE_MAX: usize = 8190;

/// What a list of rules came to.
pub(super) enum Applied {
    /// Nothing that matters.
    Unchanged,
    /// The path is another.
    Changed(Rewritten),
}

/// How a path was rewritten.
pub(super) struct Rewritten {
    /// The last rule that applied.
    pub(super) span: Span,
    /// The last rule that applied and has a substitution.
    pub(super) rule: Option<Arc<Rule>>,
    /// Whether the result is not escaped any more (NE).
    pub(super) no_escape: bool,
    /// The status of a redirect.
    pub(super) status: Status,
    /// Whether a URL of this very server became a path.
    pub(super) reduced: bool,
}

/// The section that rules stand in.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    /// Its path, with a slash behind it.
    pub(super) directory: &'a str,
    /// Whether the request was mapped to a backend before.
    pub(super) proxied: bool,
}

/// Rules being applied to a request.
pub(super) struct Engine<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) request: &'a mut Request,
    pub(super) section: Option<Section<'a>>,
    /// What the rule's pattern is matched against (`ctx->uri`).
    pub(super) uri: Bytes,
    /// `$0` to `$9`.
    pub(super) rule_groups: Option<Captures<'static>>,
    /// `%0` to `%9`.
    pub(super) condition_groups: Option<Captures<'static>>,
    /// Headers that the condition at hand read.
    pub(super) vary: Vec<Box<str>>,
    /// The status of a redirect.
    pub(super) status: u16,
    /// Whether a URL of this very server became a path.
    pub(super) reduced: bool,
}

/// What became of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    /// It does not apply.
    No,
    /// It applies and leaves the path.
    Kept,
    /// It applies and the path is another.
    Changed,
}

/// Applies rules.
///
/// # Errors
/// The answer that a rule makes, or 500 where a pattern gave up: it may be there to refuse.
pub(super) fn apply(
    snapshot: &Snapshot,
    request: &mut Request,
    rules: &[Arc<Rule>],
    section: Option<Section<'_>>,
) -> Phase<Applied> {
    let mut engine = Engine {
        snapshot,
        request,
        section,
        uri: Bytes::new(),
        rule_groups: None,
        condition_groups: None,
        vary: Vec::new(),
        status: 200,
        reduced: false,
    };
    engine.list(rules)
}

impl Engine<'_> {
    fn list(&mut self, rules: &[Arc<Rule>]) -> Phase<Applied> {
        let mut changed: Option<Rewritten> = None;
        let mut substituted = None;
        let mut rounds = 1;
        let mut at = 0;
        while let Some(rule) = rules.get(at) {
            at += 1;
            let flags = &rule.flags;
            if self.request.main.is_some() && (flags.not_ahead || flags.redirect) {
                continue;
            }
            let came = self.rule(rule)?;
            if came == Came::No {
                // The rules that are chained to this one, up to the end of the chain.
                let chained = rules[at - 1..].iter().take_while(|rule| rule.flags.chain).count();
                at += chained;
                continue;
            }
            if rule.substitution.is_some() {
                substituted = Some(rule.clone());
            }
            self.check_length()?;
            if flags.answers {
                return Err(self.answer(flags.status));
            }
            let rewritten = |no_escape, this: &Self| Rewritten {
                span: rule.span,
                rule: substituted.clone(),
                no_escape,
                status: Status(this.status),
                reduced: this.reduced,
            };
            if came == Came::Changed {
                changed = Some(rewritten(flags.no_escape, self));
            }
            if flags.pass_through {
                self.set_name([b"passthrough:", &*self.name()].concat());
                changed = Some(rewritten(false, self));
                break;
            }
            if flags.end {
                self.request.rewrite.ended = true;
                break;
            }
            if flags.proxy || flags.last {
                break;
            }
            if let Some(most) = flags.next {
                rounds += 1;
                if rounds >= most {
                    log::error!("rule at {} exceeded {most} rounds", self.snapshot.place(rule.span));
                    return Err(Status::INTERNAL_SERVER_ERROR.into());
                }
                at = 0;
                continue;
            }
            at = at.saturating_add(usize::try_from(flags.skip).unwrap_or(0));
        }
        Ok(changed.map_or(Applied::Unchanged, Applied::Changed))
    }

    /// The answer of a rule; one about a query that must not be sent comes before it.
    fn answer(&self, status: u16) -> Reply {
        let sendable = self.request.query.as_ref().is_none_or(|query| crate::path::is_sendable(query));
        Reply::page(if sendable { Status(status) } else { Status::FORBIDDEN })
    }

    /// Rules that make the path longer each time must end somewhere.
    fn check_length(&self) -> Phase<()> {
        let line = self.request.server.conf.core.limit_request_line.as_ref();
        let most = line.map_or(LINE_MAX, |most| usize::try_from(**most).unwrap_or(usize::MAX));
        if self.name().len() > most.saturating_mul(2) {
            log::error!("a rewritten path became longer than {} bytes", most.saturating_mul(2));
            return Err(Status::INTERNAL_SERVER_ERROR.into());
        }
        Ok(())
    }

    /// `r->filename`.
    pub(super) fn name(&self) -> Bytes {
        self.on_disk().name.clone()
    }

    pub(super) fn on_disk(&self) -> &OnDisk {
        static NOTHING: OnDisk = OnDisk { name: Bytes::new(), rest: Bytes::new(), script: false };
        match &self.request.mapped {
            Mapped::Disk(path) => path,
            _ => &NOTHING,
        }
    }

    pub(super) fn set_name(&mut self, name: Vec<u8>) {
        let rest = self.on_disk().rest.clone();
        self.request.mapped = Mapped::Disk(OnDisk { name: name.into(), rest, script: false });
    }

    /// httpd's `apply_rewrite_rule`.
    fn rule(&mut self, rule: &Rule) -> Phase<Came> {
        self.uri = self.matched_path();
        let groups = rule.pattern.captures(&self.uri).map_err(|error| gave_up(&error))?;
        log::trace!(
            target: "rewrite",
            "applying pattern '{}' to uri '{}'",
            rule.pattern.source().escape_ascii(),
            self.uri.escape_ascii()
        );
        if groups.is_some() == rule.negated {
            return Ok(Came::No);
        }
        self.rule_groups = groups.map(Captures::into_owned);
        self.condition_groups = None;
        let mut vary = Vec::new();
        if !self.conditions(&rule.conditions, &mut vary)? {
            return Ok(Came::No);
        }
        let result = match &rule.substitution {
            Some(substitution) => Some(self.substitute(rule, substitution)?),
            None => None,
        };
        for name in vary {
            self.request.vary(name.as_bytes());
        }
        self.set_variables(rule);
        let Some(result) = result else {
            self.force_type(rule);
            return Ok(Came::Kept);
        };
        self.take(rule, result);
        Ok(Came::Changed)
    }

    /// What patterns see: in a section the path behind the section's, wherever that points to.
    fn matched_path(&self) -> Bytes {
        let OnDisk { name, rest, .. } = self.on_disk();
        let Some(section) = self.section else { return name.clone() };
        let whole = if rest.is_empty() { name.clone() } else { [&**name, &**rest].concat().into() };
        match whole.strip_prefix(section.directory.as_bytes()) {
            Some(inside) if !self.is_backend() => whole.slice_ref(inside),
            _ => whole,
        }
    }

    pub(super) fn is_backend(&self) -> bool {
        self.section.is_some_and(|section| section.proxied) && self.on_disk().name.starts_with(b"proxy:")
    }

    fn conditions(&mut self, conditions: &[Condition], vary: &mut Vec<Box<str>>) -> Phase<bool> {
        let mut left = conditions.iter();
        while let Some(condition) = left.next() {
            self.vary.clear();
            let holds = self.condition(condition)?;
            if condition.no_vary {
                self.vary.clear();
            }
            if condition.or {
                if !holds {
                    continue;
                }
                // One of the alternatives is enough: the others are passed over, the last of them included.
                let mut passed = condition;
                while passed.or {
                    let Some(next) = left.next() else { break };
                    passed = next;
                }
            } else if !holds {
                return Ok(false);
            }
            vary.append(&mut self.vary);
        }
        Ok(true)
    }

    /// httpd's `apply_rewrite_cond`.
    fn condition(&mut self, condition: &Condition) -> Phase<bool> {
        let subject = condition.test.subject().map(|subject| self.fill(subject, None)).unwrap_or_default();
        let facts = Facts { snapshot: self.snapshot, request: self.request };
        let mut groups = None;
        let holds = match &condition.test {
            Test::Regex(_, pattern) => {
                groups = pattern.captures(&subject).map_err(|error| gave_up(&error))?;
                groups.is_some()
            }
            Test::File(_, test) => facts.file(*test, &subject),
            Test::Subrequest(_, kind) => {
                !subject.is_empty() && self.may_look_ahead() && facts.let_through(*kind, &subject)
            }
            Test::Text { relation, operand, caseless, .. } => {
                relation.holds(fill::compare(&subject, operand, *caseless))
            }
            Test::Number { relation, operand, .. } => {
                relation.holds(wsgate_directives::values::atoi(&subject).cmp(operand))
            }
            Test::Expr(expression) => return self.expression(condition, &expression.root),
        };
        log::trace!(
            target: "rewrite",
            "condition at {}: '{}' {}",
            self.snapshot.place(condition.span),
            subject.escape_ascii(),
            if holds == condition.negated { "not-matched" } else { "matched" }
        );
        if let (Some(groups), false) = (groups, condition.negated) {
            self.condition_groups = Some(groups.into_owned());
        }
        Ok(holds != condition.negated)
    }

    fn expression(
        &mut self,
        condition: &Condition,
        root: &wsgate_directives::expr::Condition,
    ) -> Phase<bool> {
        let mut state = State::default();
        let mut facts = Facts { snapshot: self.snapshot, request: self.request };
        let holds = expr::eval(root, &mut facts, &mut state).map_err(|error| {
            let place = self.snapshot.place(condition.span);
            log::error!("{place}: the condition cannot be evaluated: {error}");
            Reply::page(Status::INTERNAL_SERVER_ERROR)
        })?;
        if !condition.no_vary {
            for name in &state.vary {
                self.request.vary(name);
            }
        }
        if holds && !condition.negated {
            self.condition_groups = state.captures;
        }
        Ok(holds != condition.negated)
    }

    /// Whether a subrequest for this one would lead anywhere else (`subreq_ok`).
    pub(super) fn may_look_ahead(&self) -> bool {
        self.request.main.as_ref().is_none_or(|main| main.path != self.request.path)
    }
}

/// httpd takes a pattern that gives up for one that does not match; a rule that refuses must not be passed by.
fn gave_up(error: &MatchError) -> Reply {
    log::error!("a pattern of mod_rewrite was not decided: {error}");
    Reply::page(Status::INTERNAL_SERVER_ERROR)
}
