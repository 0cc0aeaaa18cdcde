//! Walks the tree of an expression: operators, comparisons, look-ups. What functions do with their argument alone is
//! [`transform`]'s.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;
use std::ops::ControlFlow;

use wsgate_directives::expr::{
    Comparison, ComparisonKind, Condition, Function, Glob, List, TimePart, Variable, Word,
};
use wsgate_directives::fnmatch::{Flags, fnmatch};
use wsgate_directives::regex::Regex;
use wsgate_directives::values::atoi;
use wsgate_directives::words::strip_caseless;

use super::{Context, Error, LocalTime, Lookup, Probe, State, transform};

/// Conditions and words inside each other (AP_EXPR_MAX_RECURSION).
const DEPTH_MAX: usize = 20;

/// MODULE_MAGIC_NUMBER_MAJOR of httpd 2.4.
const API_VERSION: &[u8] = b"20120211";

type Text<'e> = Result<Cow<'e, [u8]>, Error>;

pub(super) struct Evaluator<'c> {
    context: &'c mut dyn Context,
    state: &'c mut State,
    depth: usize,
}

impl<'c> Evaluator<'c> {
    pub(super) fn new(context: &'c mut dyn Context, state: &'c mut State) -> Self {
        Self { context, state, depth: 0 }
    }

    /// Runs one level deeper; an error ends the evaluation, so it need not come back up.
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == DEPTH_MAX {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let value = run(self)?;
        self.depth -= 1;
        Ok(value)
    }

    pub(super) fn condition(&mut self, condition: &Condition) -> Result<bool, Error> {
        self.deeper(|this| this.level(condition))
    }

    /// What httpd evaluates in one stack frame: negations, and the last operand of `&&` and `||`.
    fn level(&mut self, mut condition: &Condition) -> Result<bool, Error> {
        let mut negated = false;
        loop {
            condition = match condition {
                Condition::Not(inner) => {
                    negated = !negated;
                    inner
                }
                Condition::All(operands) => match self.decided(operands, false)? {
                    ControlFlow::Continue(last) => last,
                    ControlFlow::Break(value) => return Ok(value != negated),
                },
                Condition::Any(operands) => match self.decided(operands, true)? {
                    ControlFlow::Continue(last) => last,
                    ControlFlow::Break(value) => return Ok(value != negated),
                },
                leaf => return Ok(self.leaf(leaf)? != negated),
            };
        }
    }

    /// Evaluates all operands but the last up to one that has the deciding value; the last is left to the caller.
    fn decided<'e>(
        &mut self,
        operands: &'e [Condition],
        deciding: bool,
    ) -> Result<ControlFlow<bool, &'e Condition>, Error> {
        let Some((last, operands)) = operands.split_last() else {
            return Ok(ControlFlow::Break(false));
        };
        for operand in operands {
            if self.condition(operand)? == deciding {
                return Ok(ControlFlow::Break(deciding));
            }
        }
        Ok(ControlFlow::Continue(last))
    }

    fn leaf(&mut self, condition: &Condition) -> Result<bool, Error> {
        match condition {
            Condition::Constant(value) => Ok(*value),
            Condition::Not(_) | Condition::All(_) | Condition::Any(_) => self.condition(condition),
            Condition::Compare { left, comparison, right } => {
                let (left, right) = (self.word(left)?, self.word(right)?);
                Ok(compare(*comparison, &left, &right))
            }
            Condition::In { needle, list } => {
                let needle = self.word(needle)?;
                self.contains(list, &needle)
            }
            Condition::Matches(subject, regex) => {
                let subject = self.word(subject)?;
                self.matches(regex, &subject)
            }
            Condition::Glob { subject, rule, pattern } => {
                let (subject, pattern) = (self.word(subject)?, self.word(pattern)?);
                Ok(fnmatch(&pattern, &subject, glob_flags(*rule)))
            }
            Condition::AddressIn(word, subnet) => {
                Ok(address(&self.word(word)?).is_some_and(|address| subnet.contains(address)))
            }
            Condition::ClientIn(subnet) => Ok(subnet.contains(self.context.client())),
            Condition::Empty(word) => Ok(self.word(word)?.is_empty()),
            Condition::True(word) => Ok(is_true(&self.word(word)?)),
            Condition::File(test, word) => {
                let path = self.word(word)?;
                self.context.probe(Probe::File(*test, &path))
            }
            Condition::Subrequest(kind, word) => {
                let target = self.word(word)?;
                self.context.probe(Probe::Subrequest(*kind, &target))
            }
        }
    }

    /// httpd's lists are read from their end.
    fn contains(&mut self, list: &List, needle: &[u8]) -> Result<bool, Error> {
        match list {
            List::Words(words) => {
                for word in words.iter().rev() {
                    if *self.word(word)? == *needle {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            List::PeerExtensions(extension) => {
                let extension = self.word(extension)?;
                Ok(self.context.peer_extensions(&extension)?.iter().any(|value| value == needle))
            }
        }
    }

    /// Only a pattern with groups changes what `$0` to `$9` are, be it that it does not match.
    fn matches(&mut self, regex: &Regex, subject: &[u8]) -> Result<bool, Error> {
        if regex.groups() == 0 {
            return regex.is_match(subject).map_err(Error::Match);
        }
        let captures = regex.captures(subject).map_err(Error::Match)?;
        self.state.captures = captures.map(wsgate_directives::regex::Captures::into_owned);
        self.state.unmatched = self.state.captures.is_none();
        Ok(!self.state.unmatched)
    }

    pub(super) fn word<'e>(&mut self, word: &'e Word) -> Text<'e> {
        self.deeper(|this| match word {
            Word::Text(text) | Word::Digits(text) => Ok(Cow::Borrowed(text.as_slice())),
            Word::Concat(parts) => {
                let mut whole = Vec::new();
                for part in parts {
                    whole.extend_from_slice(&this.word(part)?);
                }
                Ok(Cow::Owned(whole))
            }
            Word::Variable(variable) => this.variable(*variable),
            Word::Ssl(name) => this.lookup(Lookup::Ssl(name)),
            Word::Backref(group) => {
                let group = this.state.captures.as_ref().and_then(|captures| captures.get(*group));
                Ok(Cow::Owned(group.unwrap_or_default().to_vec()))
            }
            Word::Call(function, argument) => {
                let argument = this.word(argument)?;
                this.call(*function, &argument)
            }
        })
    }

    fn variable<'e>(&mut self, variable: Variable) -> Text<'e> {
        match variable {
            Variable::Time(part) => Ok(Cow::Owned(time(part, self.context.now()).into_bytes())),
            Variable::ApiVersion => Ok(Cow::Borrowed(API_VERSION)),
            variable => self.lookup(Lookup::Variable(variable)),
        }
    }

    fn call<'e>(&mut self, function: Function, argument: &[u8]) -> Text<'e> {
        match function {
            Function::Request => {
                // RFC 9110, section 12.5.5: Host is part of what is asked for.
                if !argument.eq_ignore_ascii_case(b"host") {
                    self.state.vary.push(argument.to_vec());
                }
                self.lookup(Lookup::Request(argument))
            }
            Function::RequestNoVary => self.lookup(Lookup::Request(argument)),
            Function::Response => self.lookup(Lookup::Response(argument)),
            Function::RequestEnv => self.lookup(Lookup::RequestEnv(argument)),
            Function::Note => self.lookup(Lookup::Note(argument)),
            Function::OsEnv => self.lookup(Lookup::OsEnv(argument)),
            Function::Env => self.environment(argument),
            Function::Ssl => self.ssl(argument),
            Function::File => self.lookup(Lookup::File(argument)),
            Function::FileSize => {
                let size = self.context.lookup(Lookup::FileSize(argument))?;
                Ok(Cow::Owned(size.map_or_else(|| b"0".to_vec(), Cow::into_owned)))
            }
            Function::Transform(transform) => Ok(Cow::Owned(transform::apply(transform, argument))),
        }
    }

    fn lookup<'e>(&mut self, what: Lookup<'_>) -> Text<'e> {
        let text = self.context.lookup(what)?;
        Ok(Cow::Owned(text.map(Cow::into_owned).unwrap_or_default()))
    }

    fn environment<'e>(&mut self, name: &[u8]) -> Text<'e> {
        for what in [Lookup::Note(name), Lookup::RequestEnv(name)] {
            if let Some(value) = self.context.lookup(what)? {
                return Ok(Cow::Owned(value.into_owned()));
            }
        }
        self.lookup(Lookup::OsEnv(name))
    }

    /// `%{SSL:name}` (ssl_var_lookup): mod_ssl's variables and its older spellings of the others, without Vary.
    fn ssl<'e>(&mut self, name: &[u8]) -> Text<'e> {
        if let Some(header) = strip_caseless(name, b"HTTP:") {
            return self.lookup(Lookup::Request(header));
        }
        if let Some(name) = strip_caseless(name, b"ENV:") {
            return self.environment(name);
        }
        match Word::variable(name) {
            Some(Word::Ssl(name)) => self.lookup(Lookup::Ssl(&name)),
            Some(Word::Variable(variable)) => self.variable(variable),
            Some(Word::Call(_, header)) => {
                let header = self.word(&header)?.into_owned();
                self.lookup(Lookup::Request(&header))
            }
            _ => Ok(Cow::Borrowed(b"")),
        }
    }
}

fn compare(comparison: Comparison, left: &[u8], right: &[u8]) -> bool {
    let ordering: Ordering = match comparison.kind {
        ComparisonKind::Text => left.cmp(right),
        ComparisonKind::Number => atoi(left).cmp(&atoi(right)),
    };
    comparison.relation.holds(ordering)
}

fn glob_flags(rule: Glob) -> Flags {
    match rule {
        Glob::Text => Flags::default(),
        Glob::CaselessText => Flags { case_blind: true, ..Flags::default() },
        Glob::Path => Flags { pathname: true, ..Flags::default() },
    }
}

/// An address as written; a zone does not count. httpd would also ask the DNS: here a name is in no network.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    match text.split_once('%') {
        Some((address, zone)) if address.contains(':') && !zone.is_empty() => address.parse().ok(),
        _ => text.parse().ok(),
    }
}

fn is_true(text: &[u8]) -> bool {
    let no = |word: &[u8]| text.eq_ignore_ascii_case(word);
    !(text.is_empty() || text == b"0" || no(b"off") || no(b"no") || no(b"false"))
}

/// A part of a time, as `TIME` and its kin write it.
pub(crate) fn time(part: TimePart, now: LocalTime) -> String {
    let LocalTime { year, month, day, hour, minute, second, weekday } = now;
    match part {
        TimePart::Whole => format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"),
        TimePart::Year => format!("{year:04}"),
        TimePart::Month => format!("{month:02}"),
        TimePart::Day => format!("{day:02}"),
        TimePart::Hour => format!("{hour:02}"),
        TimePart::Minute => format!("{minute:02}"),
        TimePart::Second => format!("{second:02}"),
        TimePart::Weekday => weekday.to_string(),
    }
}
