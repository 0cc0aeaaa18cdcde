//! mod_authz_core: Require and how rules combine.
//!
//! What one Require line asks for is in `authz_core/test.rs`; here is how lines, sections and scopes go together.

use std::sync::Arc;

use crate::config::{Merge, Set};
use crate::interpret::{Cx, Enter, Outcome, Problem};
use crate::methods::MethodSet;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::{Arg, RawArgs};

mod test;

pub use test::Test;
pub(super) use test::known_methods;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authz_core",
    identifier: "authz_core_module",
    file: "mod_authz_core.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused(
            "<AuthzProviderAlias>",
            Contexts::GLOBAL,
            Arity::Block,
            "rules have no second names here; write the Require line itself",
        ),
        Row::supported(
            "<RequireAll>",
            Contexts::AUTH_CONFIG,
            Shape::Block(require_all),
            "Rules of which none may fail and at least one must hold",
        ),
        Row::supported(
            "<RequireAny>",
            Contexts::AUTH_CONFIG,
            Shape::Block(require_any),
            "Rules of which one must hold",
        ),
        Row::supported(
            "<RequireNone>",
            Contexts::AUTH_CONFIG,
            Shape::Block(require_none),
            "Rules of which none may hold",
        ),
        Row::refused(
            "<RequireNotAll>",
            Contexts::AUTH_CONFIG,
            Arity::Block,
            "httpd as it is commonly built does not know it; use <RequireNone> or Require not",
        ),
        Row::supported(
            "AuthMerging",
            Contexts::AUTH_CONFIG,
            Shape::Take1(auth_merging),
            "How a section's rules go together with those around it: Off, And or Or",
        ),
        Row::supported(
            "AuthzSendForbiddenOnFailure",
            Contexts::AUTH_CONFIG,
            Shape::Flag(send_forbidden),
            "Whether a user who may not enter is answered 403 instead of 401",
        ),
        Row::supported(
            "Require",
            Contexts::AUTH_CONFIG,
            Shape::Raw(require),
            "Who may enter: all, ip, local, env, method, expr, user, group, valid-user, ssl, ssl-verify-client",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// The rules.
    pub rules: Option<Arc<Group>>,
    /// AuthMerging.
    pub merging: Option<Merging>,
    /// AuthzSendForbiddenOnFailure.
    pub send_forbidden: Set<bool>,
    /// The sections that are being read, the innermost last.
    open: Vec<Group>,
}

/// Several rules.
#[derive(Clone, Debug)]
pub struct Group {
    /// The methods that any of them is for.
    pub methods: MethodSet,
    /// How they go together.
    pub logic: Logic,
    /// The rules in order.
    pub rules: Vec<Rule>,
}

/// How rules go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    /// None may fail, one must hold.
    All,
    /// One must hold.
    Any,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it holds, the request is denied; where it does not, it says nothing.
    pub negated: bool,
    /// What has to hold.
    pub what: What,
}

/// What a rule looks at.
#[derive(Clone, Debug)]
pub enum What {
    /// A Require line, and the methods that it is for.
    Test(MethodSet, Test),
    /// Further rules.
    Group(Group),
}

impl What {
    /// The methods that it is for.
    pub fn methods(&self) -> &MethodSet {
        match self {
            Self::Test(methods, _) => methods,
            Self::Group(group) => &group.methods,
        }
    }
}

/// AuthMerging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// The inner rules stand alone.
    Off,
    /// Inner and outer rules must let the request in.
    And,
    /// Either may.
    Or,
}

/// httpd's `merge_authz_core_dir_config`; a scope without a line of the module is not merged at all.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let (rules, merging) = match (add.merging, &base.rules, &add.rules) {
            (None, _, None) => (base.rules.clone(), base.merging),
            (Some(Merging::And), Some(outer), inner) => (Some(joined(Logic::All, outer, inner)), add.merging),
            (Some(Merging::Or), Some(outer), inner) => (Some(joined(Logic::Any, outer, inner)), add.merging),
            (_, _, inner) => (inner.clone(), add.merging),
        };
        let send_forbidden = Merge::merge(&base.send_forbidden, &add.send_forbidden);
        Self { rules, merging, send_forbidden, open: Vec::new() }
    }
}

fn joined(logic: Logic, outer: &Arc<Group>, inner: &Option<Arc<Group>>) -> Arc<Group> {
    let Some(inner) = inner else { return outer.clone() };
    let rule = |group: &Arc<Group>| Rule { negated: false, what: What::Group(Group::clone(group)) };
    let methods = outer.methods.union(&inner.methods);
    Arc::new(Group { methods, logic, rules: vec![rule(outer), rule(inner)] })
}

impl Group {
    fn new(logic: Logic) -> Self {
        Self { methods: MethodSet::NONE, logic, rules: Vec::new() }
    }

    /// Adds a rule; sections that only repeat the logic around them are taken apart, as httpd does.
    fn add(&mut self, rule: Rule, name: &str) -> Outcome {
        if rule.negated && self.logic == Logic::Any {
            let message = format!("{name} has no effect where one of several rules is enough");
            return Err(
                Problem::new(message).help("put it into <RequireAll>, beside a rule that lets someone in")
            );
        }
        self.methods = self.methods.union(rule.what.methods());
        match rule.what {
            What::Group(inner) if !rule.negated && inner.logic == self.logic => {
                self.rules.extend(inner.rules);
            }
            What::Group(inner) if rule.negated && inner.logic != self.logic => {
                let turned = inner.rules.into_iter().map(|rule| Rule { negated: !rule.negated, ..rule });
                self.rules.extend(turned);
            }
            What::Group(inner) if inner.rules.iter().all(|rule| rule.negated) => {
                let message = format!("{name} holds only rules that keep requests out");
                return Err(Problem::new(message).help("add one that lets someone in: Require all granted"));
            }
            what => self.rules.push(Rule { what, ..rule }),
        }
        Ok(())
    }
}

impl DirConf {
    /// Adds a rule to the innermost section, or to the lines outside of any.
    fn add(&mut self, rule: Rule, name: &str) -> Outcome {
        match self.open.last_mut() {
            Some(open) => open.add(rule, name),
            None => {
                let rules = self.rules.get_or_insert_with(|| Arc::new(Group::new(Logic::Any)));
                Arc::make_mut(rules).add(rule, name)
            }
        }
    }

    fn close(&mut self, name: &str, negated: bool) -> Outcome {
        let group = self.open.pop().expect("every section is opened before it is closed");
        if group.rules.is_empty() {
            return Err(Problem::new(format!("{name} holds no rules")));
        }
        self.add(Rule { negated, what: What::Group(group) }, name)
    }
}

fn require(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut words = raw.words();
    let mut provider = words.next();
    let negated = provider.as_ref().is_some_and(|word| word.is("not"));
    if negated {
        provider = words.next();
    }
    let Some(provider) = provider else {
        return Err(Problem::new("Require takes a kind of rule and what it wants"));
    };
    let what = What::Test(cx.methods(), test::read(cx, &provider, &words.rest())?);
    cx.dir.authz_core.add(Rule { negated, what }, "Require not")
}

fn require_all(cx: &mut Cx<'_>, raw: &RawArgs) -> Result<Enter, Problem> {
    open(cx, raw, Logic::All)?;
    Ok(Enter::Group(|cx| cx.dir.authz_core.close("<RequireAll>", false)))
}

fn require_any(cx: &mut Cx<'_>, raw: &RawArgs) -> Result<Enter, Problem> {
    open(cx, raw, Logic::Any)?;
    Ok(Enter::Group(|cx| cx.dir.authz_core.close("<RequireAny>", false)))
}

fn require_none(cx: &mut Cx<'_>, raw: &RawArgs) -> Result<Enter, Problem> {
    open(cx, raw, Logic::Any)?;
    Ok(Enter::Group(|cx| cx.dir.authz_core.close("<RequireNone>", true)))
}

fn open(cx: &mut Cx<'_>, raw: &RawArgs, logic: Logic) -> Outcome {
    if let Some(word) = raw.words().next() {
        return Err(Problem::at(&word, "the section takes no arguments"));
    }
    cx.dir.authz_core.open.push(Group::new(logic));
    Ok(())
}

fn auth_merging(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let merging = match arg.as_bytes().to_ascii_lowercase().as_slice() {
        b"off" => Merging::Off,
        b"and" => Merging::And,
        b"or" => Merging::Or,
        _ => return Err(Problem::at(arg, "AuthMerging takes Off, And or Or")),
    };
    cx.dir.authz_core.merging = Some(merging);
    Ok(())
}

fn send_forbidden(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.authz_core.send_forbidden = Some(cx.set(on));
    Ok(())
}
