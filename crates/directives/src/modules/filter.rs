//! mod_filter: filters chosen by what is answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Merge;
use crate::expr::{Condition, Expr};
use crate::filters::{self, Filter, Named};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

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
        Row::supported(
            "FilterChain",
            Contexts::OPTIONS,
            Shape::Iterate(chain),
            "The filters of FilterDeclare that answers pass through",
        ),
        Row::supported(
            "FilterDeclare",
            Contexts::OPTIONS,
            Shape::Take12(declare),
            "A filter that picks one of several providers for each answer",
        ),
        Row::supported(
            "FilterProtocol",
            Contexts::OPTIONS,
            Shape::Take23(protocol),
            "What a declared filter changes of an answer beside its body",
        ),
        Row::supported(
            "FilterProvider",
            Contexts::OPTIONS,
            Shape::Take3(provider),
            "A provider of a declared filter, and the answers that it is for",
        ),
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
#[derive(Clone, Debug)]
pub struct Smart {
    /// Where it stands among the filters.
    pub place: Place,
    /// Who may do it; the first whose condition holds does.
    pub providers: Vec<Provider>,
    /// What it does beside, whoever provides it.
    pub protocol: Protocol,
}

/// Where a filter stands (`ap_filter_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where this filter does by itself.
    Of(Filter),
    /// Behind what made the answer.
    Resource,
    /// Behind those that work on the text.
    ContentSet,
    /// Behind all those that change what is sent.
    Protocol,
}

/// What a filter changes of an answer beside its body (FilterProtocol).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    /// `change`: what is said of the old body does not hold.
    pub changes: bool,
    /// `change=yes`: its length neither.
    pub changes_length: bool,
    /// `byteranges=no`: there are no parts of it to be had.
    pub whole_only: bool,
    /// `proxy=no`: it is not for answers of backends.
    pub own_only: bool,
    /// `proxy=transform`: it respects what backends say of transformations.
    pub transforms: bool,
    /// `cache=no`: what comes out is another thing each time.
    pub uncacheable: bool,
}

/// A filter and the answers that it is for.
#[derive(Clone, Debug)]
pub struct Provider {
    /// As the line names it.
    pub name: Box<str>,
    /// The filter; none if it changes nothing here.
    pub filter: Option<Filter>,
    /// The answers.
    pub when: When,
    /// What it does beside.
    pub protocol: Protocol,
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
        let own = format!("BYTYPE:{name}");
        if add(cx, &own, (names, name), When::Types(types.clone()))? {
            cx.dir.filter.chain.push(Link::Smart(own.into()));
        }
    }
    Ok(())
}

/// Adds a provider to a filter (`add_filter`); whether the filter is there only since then.
fn add(cx: &mut Cx<'_>, own: &str, (arg, name): (&Arg, &str), when: When) -> Result<bool, Problem> {
    let filter = match filters::output(cx, arg, name)? {
        Named::Filter(filter) => Some(filter),
        Named::Nothing => None,
        Named::Unknown => {
            return Err(Problem::at(arg, format!("no filter is called {name}"))
                .help("load the module that brings it, or guard the line with <IfModule>"));
        }
    };
    let smart = &mut cx.dir.filter.smart;
    let new = !smart.contains_key(own);
    let place = filter.map_or(Place::Resource, Place::Of);
    let declared = || Arc::new(Smart { place, providers: Vec::new(), protocol: Protocol::default() });
    let provider = Provider { name: name.into(), filter, when, protocol: Protocol::default() };
    // The last line is looked at first.
    Arc::make_mut(smart.entry(own.into()).or_insert_with(declared)).providers.insert(0, provider);
    Ok(new)
}

fn declare(cx: &mut Cx<'_>, name: &Arg, place: Option<&Arg>) -> Outcome {
    let place = match place.map(|place| place.text().map(str::to_ascii_uppercase)).transpose()?.as_deref() {
        Some("CONTENT_SET") => Place::ContentSet,
        Some("PROTOCOL") => Place::Protocol,
        Some("CONNECTION" | "NETWORK") => {
            let message = "filters of connections are not supported: wsgate has filters of answers only";
            return Err(Problem::at(name, message).code("refused").help("use CONTENT_SET or PROTOCOL"));
        }
        Some(_) | None => Place::Resource,
    };
    let smart = Smart { place, providers: Vec::new(), protocol: Protocol::default() };
    cx.dir.filter.smart.insert(name.text()?.into(), Arc::new(smart));
    Ok(())
}

fn provider(cx: &mut Cx<'_>, name: &Arg, provider: &Arg, condition: &Arg) -> Outcome {
    let when = When::Holds(cx.condition(condition, 0)?);
    add(cx, name.text()?, (provider, provider.text()?), when).map(|_| ())
}

/// httpd's `filter_chain`: a sign before the name says where it goes.
fn chain(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let text = arg.text()?;
    let chain = &mut cx.dir.filter.chain;
    let link = |name: &str| Link::Smart(name.into());
    match (text.chars().next(), text.get(1..).unwrap_or_default()) {
        (Some('+'), name) => chain.push(link(name)),
        (Some('@'), name) => chain.insert(0, link(name)),
        (Some('-'), name) => {
            let is = |known: &Link| matches!(known, Link::Smart(known) if known.eq_ignore_ascii_case(name));
            if chain.first().is_some_and(is) {
                chain.remove(0);
            } else {
                chain.retain(|known| !is(known));
            }
        }
        (Some('!'), _) => *chain = vec![Link::Reset],
        (Some('='), name) => *chain = vec![Link::Reset, link(name)],
        _ => chain.push(link(text)),
    }
    Ok(())
}

/// httpd's `filter_protocol`: a word that it does not know is passed over.
fn protocol(cx: &mut Cx<'_>, name: &Arg, second: &Arg, third: Option<&Arg>) -> Outcome {
    let unknown = |arg: &Arg, what: &str| Err(Problem::at(arg, format!("this scope has no such {what}")));
    let (provider, words) = third.map_or((None, second), |words| (Some(second), words));
    let mut protocol = Protocol::default();
    for word in words.text()?.to_ascii_lowercase().split([';', ',', ' ', '\t']) {
        match word {
            "change=yes" => (protocol.changes, protocol.changes_length) = (true, true),
            "change=no" => (protocol.changes, protocol.changes_length) = (false, false),
            "change=1:1" => protocol.changes = true,
            "byteranges=no" => protocol.whole_only = true,
            "proxy=no" => protocol.own_only = true,
            "proxy=transform" => protocol.transforms = true,
            "cache=no" => protocol.uncacheable = true,
            _ => {}
        }
    }
    let Some(smart) = cx.dir.filter.smart.get_mut(name.text()?) else { return unknown(name, "filter") };
    let smart = Arc::make_mut(smart);
    let Some(provider) = provider else {
        smart.protocol = protocol;
        return Ok(());
    };
    let wanted = provider.text()?;
    let mut named = smart.providers.iter_mut().filter(|own| own.name.eq_ignore_ascii_case(wanted)).peekable();
    if named.peek().is_none() {
        return unknown(provider, "provider");
    }
    named.for_each(|own| own.protocol = protocol);
    Ok(())
}
