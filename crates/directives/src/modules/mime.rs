//! mod_mime: what file names tell of files: types, encodings, languages, character sets, handlers, filters.
//!
//! The table of TypesConfig is read when the configuration is made ready; here it is only named.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::{Merge, Set, Setting};
use crate::filters::{self, Named};
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_mime",
    identifier: "mime_module",
    file: "mod_mime.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: ROWS,
};

const VARIANTS: &str = "wsgate does not choose among variants of a file";
const INPUT: &str = "wsgate runs no filters on what clients send";

const ROWS: &[Row] = &[
    add(
        "AddCharset",
        |cx, value, name| put(cx, Meta::Charset, value, name),
        "The charset of names with these endings",
    ),
    add(
        "AddEncoding",
        |cx, value, name| put(cx, Meta::Encoding, value, name),
        "The Content-Encoding of names with these endings",
    ),
    add(
        "AddHandler",
        |cx, value, name| put(cx, Meta::Handler, value, name),
        "The handler of names with these endings; what wsgate does not run is answered 403",
    ),
    add("AddInputFilter", input_filter, "Nothing: wsgate runs no filters on what clients send"),
    add(
        "AddLanguage",
        |cx, value, name| put(cx, Meta::Language, value, name),
        "The Content-Language of names with these endings",
    ),
    add("AddOutputFilter", output_filter, "The output filters of names with these endings"),
    add(
        "AddType",
        |cx, value, name| put(cx, Meta::Type, value, name),
        "The Content-Type of names with these endings",
    ),
    Row::supported(
        "DefaultLanguage",
        Contexts::FILE_INFO,
        Shape::Take1(default_language),
        "The Content-Language of names that say none",
    ),
    Row::supported(
        "ModMimeUsePathInfo",
        Contexts::SECTION,
        Shape::Flag(use_path_info),
        "Whether what follows a file's name in the URL counts as part of the name",
    ),
    Row::supported(
        "MultiviewsMatch",
        Contexts::FILE_INFO.without(Contexts::LOCATION),
        Shape::Iterate(multiviews_match),
        "Nothing: wsgate does not choose among variants of a file",
    ),
    remove(
        "RemoveCharset",
        |cx, name| take(cx, Meta::Charset, name),
        "Takes back what an outer AddCharset says",
    ),
    remove(
        "RemoveEncoding",
        |cx, name| take(cx, Meta::Encoding, name),
        "Takes back what an outer AddEncoding says",
    ),
    remove(
        "RemoveHandler",
        |cx, name| take(cx, Meta::Handler, name),
        "Takes back what an outer AddHandler says",
    ),
    remove(
        "RemoveInputFilter",
        |cx, name| take(cx, Meta::InputFilters, name),
        "Takes back what an outer AddInputFilter says",
    ),
    remove(
        "RemoveLanguage",
        |cx, name| take(cx, Meta::Language, name),
        "Takes back what an outer AddLanguage says",
    ),
    remove(
        "RemoveOutputFilter",
        |cx, name| take(cx, Meta::OutputFilters, name),
        "Takes back what an outer AddOutputFilter says",
    ),
    remove("RemoveType", remove_type, "Files with these endings have no type, not even that of TypesConfig"),
    Row::supported(
        "TypesConfig",
        Contexts::SERVER,
        Shape::Take1(types_config),
        "The file that says the types of endings; without it a table that is built in does",
    ),
];

const fn add(name: &'static str, handler: fn(&mut Cx<'_>, &Arg, &Arg) -> Outcome, doc: &'static str) -> Row {
    Row::supported(name, Contexts::FILE_INFO, Shape::Iterate2(handler), doc)
}

const fn remove(name: &'static str, handler: fn(&mut Cx<'_>, &Arg) -> Outcome, doc: &'static str) -> Row {
    Row::supported(name, Contexts::FILE_INFO, Shape::Iterate(handler), doc)
}

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// TypesConfig, absolute; only the main server's counts.
    pub types_config: Set<String>,
}

merge_fields!(ServerConf { types_config });

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// What endings say, by their lower-case names without dot.
    pub endings: HashMap<Box<str>, Ending>,
    /// What is taken back of that where it stands on an outer scope's.
    removed: Vec<(Box<str>, Meta)>,
    /// DefaultLanguage.
    pub default_language: Set<Box<str>>,
    /// ModMimeUsePathInfo.
    pub use_path_info: Set<bool>,
    /// MultiviewsMatch, as far as its words must fit together.
    multiviews: Vec<Views>,
}

/// What an ending of a file's name says of it, one entry for each [`Meta`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending([Set<Arc<str>>; 7]);

/// What an ending may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meta {
    /// AddType; empty where RemoveType says that there is none.
    Type,
    /// AddEncoding.
    Encoding,
    /// AddLanguage.
    Language,
    /// AddHandler.
    Handler,
    /// AddCharset.
    Charset,
    /// AddInputFilter: names between semicolons.
    InputFilters,
    /// AddOutputFilter: names between semicolons.
    OutputFilters,
}

impl Ending {
    /// What it says.
    pub fn get(&self, meta: Meta) -> Option<&Setting<Arc<str>>> {
        self.0[meta as usize].as_ref()
    }
}

/// httpd's `merge_mime_dir_configs`: Remove lines count where their scope stands on another, after all Add lines.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut endings = base.endings.clone();
        for (name, ending) in &add.endings {
            let merged = endings.entry(name.clone()).or_default();
            *merged = Ending(std::array::from_fn(|meta| Merge::merge(&merged.0[meta], &ending.0[meta])));
        }
        for (name, meta) in &add.removed {
            if let Some(ending) = endings.get_mut(name) {
                ending.0[*meta as usize] = None;
            }
        }
        Self {
            endings,
            removed: Vec::new(),
            default_language: Merge::merge(&base.default_language, &add.default_language),
            use_path_info: Merge::merge(&base.use_path_info, &add.use_path_info),
            multiviews: Vec::new(),
        }
    }
}

/// An ending's name as a key: lower case, without its dot.
fn key(name: &Arg) -> Result<Box<str>, Problem> {
    let name = name.text()?;
    Ok(name.strip_prefix('.').unwrap_or(name).to_ascii_lowercase().into())
}

fn put(cx: &mut Cx<'_>, meta: Meta, value: &Arg, name: &Arg) -> Outcome {
    let value = cx.set(value.text()?.to_ascii_lowercase().into());
    cx.dir.mime.endings.entry(key(name)?).or_default().0[meta as usize] = Some(value);
    Ok(())
}

fn take(cx: &mut Cx<'_>, meta: Meta, name: &Arg) -> Outcome {
    cx.dir.mime.removed.push((key(name)?, meta));
    Ok(())
}

fn remove_type(cx: &mut Cx<'_>, name: &Arg) -> Outcome {
    let none = cx.set("".into());
    cx.dir.mime.endings.entry(key(name)?).or_default().0[Meta::Type as usize] = Some(none);
    Ok(())
}

fn input_filter(cx: &mut Cx<'_>, value: &Arg, name: &Arg) -> Outcome {
    cx.no_effect(cx.span, "AddInputFilter", INPUT);
    put(cx, Meta::InputFilters, value, name)
}

/// Names of filters that are not there are passed over. INCLUDES stays: files that would go through it are not sent.
fn output_filter(cx: &mut Cx<'_>, value: &Arg, name: &Arg) -> Outcome {
    let (mut kept, key) = (Vec::new(), key(name)?);
    for filter in value.text()?.split(';').filter(|filter| !filter.is_empty()) {
        if filter.eq_ignore_ascii_case("INCLUDES") {
            kept.push(filter);
            continue;
        }
        match filters::output(cx, value, filter)? {
            Named::Filter(_) => kept.push(filter),
            Named::Nothing => {}
            Named::Unknown => filters::warn_unknown(cx, value, filter),
        }
    }
    let value = cx.set(kept.join(";").into());
    cx.dir.mime.endings.entry(key).or_default().0[Meta::OutputFilters as usize] = Some(value);
    Ok(())
}

fn default_language(cx: &mut Cx<'_>, language: &Arg) -> Outcome {
    cx.dir.mime.default_language = Some(cx.set(language.text()?.into()));
    Ok(())
}

fn use_path_info(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.mime.use_path_info = Some(cx.set(on));
    Ok(())
}

/// A word of MultiviewsMatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Views {
    Any,
    NegotiatedOnly,
    /// Filters, Handlers.
    More,
}

fn multiviews_match(cx: &mut Cx<'_>, word: &Arg) -> Outcome {
    let (views, rest) = if word.is("Any") {
        (Views::Any, "NegotiatedOnly, Filters and Handlers")
    } else if word.is("NegotiatedOnly") {
        (Views::NegotiatedOnly, "Any, Filters and Handlers")
    } else if word.is("Filters") || word.is("Handlers") {
        (Views::More, "Any and NegotiatedOnly")
    } else {
        return Err(Problem::at(word, "only Any, NegotiatedOnly, Filters and Handlers are known"));
    };
    if cx.dir.mime.multiviews.iter().any(|known| *known != views) {
        return Err(Problem::at(word, format!("this does not go together with {rest}")));
    }
    if cx.dir.mime.multiviews.is_empty() {
        cx.no_effect(cx.span, "MultiviewsMatch", VARIANTS);
    }
    cx.dir.mime.multiviews.push(views);
    Ok(())
}

fn types_config(cx: &mut Cx<'_>, path: &Arg) -> Outcome {
    if cx.place.vhost {
        cx.no_effect(cx.span, "TypesConfig", "only the main server's counts, in httpd too");
    }
    cx.server.mime.types_config = Some(cx.set(cx.path(path.text()?)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::expand;
    use crate::facts::Facts;
    use crate::files::MemoryFiles;
    use crate::interpret::interpret;
    use crate::registry::Registry;

    /// What an ending's handler is in Locations of these lines, each on top of those before.
    #[track_caller]
    fn check(scopes: &[&str], handler: Option<&str>) {
        let lines: String =
            scopes.iter().map(|lines| format!("<Location />\n{lines}\n</Location>\n")).collect();
        let files = MemoryFiles([("/c".to_owned(), lines.into_bytes())].into());
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        let scopes = config.main.locations.iter().map(|section| section.conf.mime.clone());
        let merged = scopes.reduce(|base, add| Merge::merge(&base, &add)).expect("scopes");
        let got = merged.endings.get("cgi").and_then(|ending| ending.get(Meta::Handler));
        assert_eq!(got.map(|handler| &*handler.value), handler);
    }

    #[test]
    fn what_is_removed_counts_where_scopes_meet() {
        check(&["AddHandler A .cgi .x"], Some("a"));
        check(&["AddHandler a cgi", "RemoveHandler .CGI"], None);
        check(&["AddHandler a cgi", "RemoveHandler cgi", "AddHandler b cgi"], Some("b"));
        check(&["AddHandler a cgi", "AddHandler b cgi\nRemoveHandler cgi"], None);
        check(&["AddHandler a cgi\nRemoveHandler cgi"], Some("a"));
        check(&["RemoveHandler cgi", "AddHandler a cgi"], Some("a"));
    }
}
