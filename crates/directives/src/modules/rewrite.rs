//! mod_rewrite: rewriting of URLs by rules. Here is what the lines say, with everything compiled that can be;
//! `wsgate_core::modules::rewrite` applies it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Merge, Set};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

mod conditions;
mod flags;
mod line;
mod lints;
mod maps;
mod options;
mod review;
mod rules;
mod template;

pub use conditions::{Condition, Test};
pub use flags::{Escape, Flags, Query};
pub use maps::{Internal, Map, MapKind};
pub use options::Options;
pub(super) use review::review;
pub use rules::Rule;
pub use template::{LookAhead, Name, Part, Template};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_rewrite",
    identifier: "rewrite_module",
    file: "mod_rewrite.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "RewriteBase",
            Contexts::FILE_INFO,
            Shape::Take1(base),
            "The URL of the section, for rules in it that give a relative path",
        ),
        Row::supported(
            "RewriteCond",
            Contexts::FILE_INFO,
            Shape::Raw(conditions::condition),
            "A condition of the next RewriteRule",
        ),
        Row::supported(
            "RewriteEngine",
            Contexts::FILE_INFO,
            Shape::Flag(engine),
            "Whether rules are applied; Off where not set",
        ),
        Row::supported(
            "RewriteMap",
            Contexts::SERVER,
            Shape::Take23(maps::map),
            "Names a table of texts: txt, rnd or int",
        ),
        Row::supported(
            "RewriteOptions",
            Contexts::FILE_INFO,
            Shape::Iterate(options::option),
            "How rules are inherited, and which requests they see",
        ),
        Row::supported(
            "RewriteRule",
            Contexts::FILE_INFO,
            Shape::Raw(rules::rule),
            "Rewrites the path of requests that match a regular expression",
        ),
    ],
};

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// Whether any line of this module stands in this very server: without one its requests see no rules, inherited
    /// or not.
    pub touched: bool,
    /// RewriteEngine.
    pub engine: Set<bool>,
    /// RewriteOptions.
    pub options: Set<Options>,
    /// RewriteMap lines by name.
    pub maps: BTreeMap<Box<[u8]>, Arc<Map>>,
    /// RewriteRule lines, in order.
    pub rules: Vec<Arc<Rule>>,
    /// RewriteCond lines that wait for their rule.
    pending: Vec<Condition>,
}

/// httpd's `config_server_merge`.
impl Merge for ServerConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let options: Set<Options> = Merge::merge(&base.options, &add.options);
        let inherits = Inherits::of(value(&base.options), value(&options));
        let maps = match inherits {
            Inherits::Nothing => add.maps.clone(),
            // As in httpd, the inherited map of a name is the one that counts only with InheritBefore.
            Inherits::Behind => overlaid(&base.maps, &add.maps),
            Inherits::Before => overlaid(&add.maps, &base.maps),
        };
        Self {
            touched: add.touched,
            engine: Merge::merge(&base.engine, &add.engine),
            options,
            maps,
            rules: inherits.list(&base.rules, &add.rules),
            pending: Vec::new(),
        }
    }
}

fn overlaid(
    below: &BTreeMap<Box<[u8]>, Arc<Map>>,
    above: &BTreeMap<Box<[u8]>, Arc<Map>>,
) -> BTreeMap<Box<[u8]>, Arc<Map>> {
    let mut all = below.clone();
    all.extend(above.iter().map(|(name, map)| (name.clone(), map.clone())));
    all
}

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// Whether any line of this module stands in the section; one without them changes nothing of what is around.
    touched: bool,
    /// RewriteEngine.
    pub engine: Set<bool>,
    /// RewriteOptions.
    pub options: Set<Options>,
    /// RewriteBase.
    pub base: Set<Box<str>>,
    /// The section's path with a slash behind it, whatever the path means; none outside of sections.
    pub directory: Option<Box<str>>,
    /// RewriteRule lines, in order.
    pub rules: Vec<Arc<Rule>>,
    /// RewriteCond lines that wait for their rule.
    pending: Vec<Condition>,
}

/// httpd's `config_perdir_merge`; it is not called for sections without lines of this module.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        if !add.touched {
            return base.clone();
        }
        let options: Set<Options> = Merge::merge(&base.options, &add.options);
        let inherits = Inherits::of(value(&base.options), value(&options));
        let keeps_base = value(&options).merge_base;
        Self {
            touched: true,
            engine: Merge::merge(&base.engine, &add.engine),
            options,
            base: if keeps_base { Merge::merge(&base.base, &add.base) } else { add.base.clone() },
            directory: add.directory.clone(),
            rules: inherits.list(&base.rules, &add.rules),
            pending: Vec::new(),
        }
    }
}

fn value(options: &Set<Options>) -> Options {
    options.as_ref().map(|options| options.value).unwrap_or_default()
}

/// What becomes of the outer scope's rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inherits {
    Nothing,
    /// They come behind the scope's own.
    Behind,
    /// They come before them.
    Before,
}

impl Inherits {
    fn of(outer: Options, own: Options) -> Self {
        let takes = !own.ignore_inherit;
        if own.inherit || outer.inherit_down && takes {
            Self::Behind
        } else if own.inherit_before || outer.inherit_down_before && takes {
            Self::Before
        } else {
            Self::Nothing
        }
    }

    fn list<T: Clone>(self, outer: &Vec<T>, own: &Vec<T>) -> Vec<T> {
        match self {
            Self::Nothing => own.clone(),
            Self::Behind => Merge::merge(own, outer),
            Self::Before => Merge::merge(outer, own),
        }
    }
}

/// Notes that the module has a line here (httpd then makes its settings for the section).
fn touch(cx: &mut Cx<'_>) {
    cx.server.rewrite.touched = true;
    cx.dir.rewrite.touched = true;
    cx.dir.rewrite.directory = cx
        .place
        .path()
        .map(|path| if path.ends_with('/') { path.into() } else { format!("{path}/").into_boxed_str() });
}

fn engine(cx: &mut Cx<'_>, on: bool) -> Outcome {
    touch(cx);
    let set = Some(cx.set(on));
    cx.dir.rewrite.engine = set;
    if cx.place.path().is_none() {
        cx.server.rewrite.engine = set;
    }
    Ok(())
}

fn base(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    touch(cx);
    if cx.place.path().is_none() && cx.place.htaccess.is_none() {
        return Err(Problem::new("RewriteBase is only for sections and .htaccess files"));
    }
    let url = arg.text()?;
    if !url.starts_with('/') {
        return Err(Problem::at(arg, "RewriteBase must be a URL path: it begins with /"));
    }
    cx.dir.rewrite.base = Some(cx.set(url.into()));
    Ok(())
}

#[cfg(test)]
mod tests;
