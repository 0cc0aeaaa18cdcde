//! mod_filter: filters chosen by what is answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Merge;
use crate::expr::{Condition, Expr};
use crate::filters::{self, Filter, Named};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

const WHY: &str = "wsgate builds no filter chains of its own; use AddOutputFilterByType or SetOutputFilter";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_filter",
    identifier: "filter_module",
    file: "mod_filter.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "AddOutputFilterByType",
            Contexts::FILE_INFO,
            Shape::Argv(by_type),
            "Filters for answers of these media types",
        ),
        Row::refused("FilterChain", Contexts::OPTIONS, Arity::Many, WHY),
        Row::refused("FilterDeclare", Contexts::OPTIONS, Arity::Between(1, 2), WHY),
        Row::refused("FilterProtocol", Contexts::OPTIONS, Arity::Between(2, 3), WHY),
        Row::refused("FilterProvider", Contexts::OPTIONS, Arity::Between(3, 3), WHY),
        Row::no_effect(
            "FilterTrace",
            Contexts::CONFIG,
            Arity::Between(2, 2),
            "traces filter chains into the error log only",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// Filters by name; those of an inner scope hide those of an outer one.
    pub smart: BTreeMap<Box<str>, Arc<Smart>>,
    /// The names of those that stand in the way of an answer, in order.
    pub chain: Vec<Link>,
}

/// A filter that picks one of several providers when it sees the answer.
#[derive(Clone, Debug, Default)]
pub struct Smart {
    /// Who may do it; the first whose condition holds does.
    pub providers: Vec<Provider>,
}

/// A filter and the answers that it is for.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The filter.
    pub filter: Filter,
    /// The answers.
    pub when: When,
}

/// Answers that a provider is for.
#[derive(Clone, Debug)]
pub enum When {
    /// Those of these media types.
    Types(Arc<[Box<[u8]>]>),
    /// Those for which this holds.
    Holds(Arc<Expr<Condition>>),
}

/// A place in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The filter of this name.
    Smart(Box<str>),
    /// Nothing that stands before it counts.
    Reset,
}

impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut smart = base.smart.clone();
        smart.extend(add.smart.iter().map(|(name, filter)| (name.clone(), filter.clone())));
        Self { smart, chain: Merge::merge(&base.chain, &add.chain) }
    }
}

impl DirConf {
    /// The filters of the chain in order. A name that no filter has is passed over, as in httpd.
    pub fn chain(&self) -> impl Iterator<Item = &Smart> {
        let start = self.chain.iter().rposition(|link| *link == Link::Reset).map_or(0, |reset| reset + 1);
        self.chain[start..].iter().filter_map(|link| match link {
            Link::Smart(name) => self.smart.get(name).map(|filter| &**filter),
            Link::Reset => None,
        })
    }
}

/// httpd's `filter_bytype`: each filter of the first word is one that is chosen by type.
fn by_type(cx: &mut Cx<'_>, words: &[Arg]) -> Outcome {
    let [names, types @ ..] = words else {
        return Err(Problem::new("at least a filter and a media type are required").code("wrong-arguments"));
    };
    if types.is_empty() {
        return Err(Problem::new("at least a filter and a media type are required").code("wrong-arguments"));
    }
    let types: Arc<[Box<[u8]>]> = types.iter().map(|arg| arg.as_bytes().into()).collect();
    for name in names.text()?.split(';').filter(|name| !name.is_empty()) {
        let filter = match filters::output(cx, names, name)? {
            Named::Filter(filter) => filter,
            Named::Nothing => continue,
            Named::Unknown => return Err(unknown(names, name)),
        };
        let own: Box<str> = format!("BYTYPE:{name}").into();
        let conf = &mut cx.dir.filter;
        if !conf.smart.contains_key(&own) {
            conf.chain.push(Link::Smart(own.clone()));
        }
        // The last line is looked at first.
        let provider = Provider { filter, when: When::Types(types.clone()) };
        Arc::make_mut(conf.smart.entry(own).or_default()).providers.insert(0, provider);
    }
    Ok(())
}

fn unknown(arg: &Arg, name: &str) -> Problem {
    Problem::at(arg, format!("no filter is called {name}"))
        .help("load the module that brings it, or guard the line with <IfModule>")
}
