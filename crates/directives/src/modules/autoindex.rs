//! mod_autoindex: listings of folders. They are plain lists of names.

use crate::config::{Merge, Set};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::{Arg, RawArgs};

const PLAIN: &str = "listings are plain lists of names";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_autoindex",
    identifier: "autoindex_module",
    file: "mod_autoindex.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::no_effect("AddAlt", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("AddAltByEncoding", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("AddAltByType", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("AddDescription", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("AddIcon", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("AddIconByEncoding", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("AddIconByType", Contexts::INDEXES, Arity::Between(2, u8::MAX), PLAIN),
        Row::no_effect("DefaultIcon", Contexts::INDEXES, Arity::ONE, PLAIN),
        Row::no_effect("FancyIndexing", Contexts::ANYWHERE, Arity::Raw, PLAIN),
        Row::no_effect("HeaderName", Contexts::INDEXES, Arity::ONE, PLAIN),
        Row::no_effect("IndexHeadInsert", Contexts::INDEXES, Arity::ONE, PLAIN),
        Row::supported(
            "IndexIgnore",
            Contexts::INDEXES,
            Shape::Iterate(index_ignore),
            "Names that listings leave out, with wildcards",
        ),
        Row::supported(
            "IndexIgnoreReset",
            Contexts::INDEXES,
            Shape::Flag(|cx, on| {
                cx.dir.autoindex.ignores_alone = on;
                Ok(())
            }),
            "Whether what outer scopes leave out is listed again",
        ),
        Row::supported(
            "IndexOptions",
            Contexts::INDEXES,
            Shape::Raw(index_options),
            "How listings look: Charset, Type, IgnoreCase, IgnoreClient, ShowForbidden and VersionSort are acted on",
        ),
        Row::supported(
            "IndexOrderDefault",
            Contexts::INDEXES,
            Shape::Take2(index_order_default),
            "In which order names are listed where the client asks for none",
        ),
        Row::no_effect("IndexStyleSheet", Contexts::INDEXES, Arity::ONE, PLAIN),
        Row::no_effect("ReadmeName", Contexts::INDEXES, Arity::ONE, PLAIN),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// IndexOptions without their values.
    pub options: ListOptions,
    /// Charset.
    pub charset: Set<Box<str>>,
    /// Type.
    pub content_type: Set<Box<str>>,
    /// IndexOrderDefault: descending.
    pub descending: Set<bool>,
    /// IndexIgnore.
    pub ignores: Vec<Ignore>,
    /// IndexIgnoreReset.
    ignores_alone: bool,
}

/// A name that listings leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// What paths of folders begin with where this holds.
    pub scope: Box<str>,
    /// The name, with wildcards.
    pub name: Box<str>,
}

/// httpd's `merge_autoindex_configs`.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut ignores = add.ignores.clone();
        if !add.ignores_alone {
            ignores.extend_from_slice(&base.ignores);
        }
        Self {
            options: Merge::merge(&base.options, &add.options),
            charset: Merge::merge(&base.charset, &add.charset),
            content_type: Merge::merge(&base.content_type, &add.content_type),
            descending: Merge::merge(&base.descending, &add.descending),
            ignores,
            ignores_alone: add.ignores_alone,
        }
    }
}

/// A set of IndexOptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    on: u32,
    added: u32,
    removed: u32,
}

/// An option of [`ListOptions`] that is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOption {
    /// Letter case does not count for the order.
    IgnoreCase = 1,
    /// The client has no say in the order.
    IgnoreClient = 2,
    /// What the client may not have is listed, too.
    ShowForbidden = 4,
    /// Numbers in names count as numbers.
    VersionSort = 8,
}

/// `None`.
const NONE: u32 = 1 << 31;

/// Every option by its name; one without a bit of its own changes nothing here but that the set is not empty.
const NAMES: &[(&str, u32)] = &[
    ("AddAltClass", OTHER),
    ("DescriptionWidth", OTHER),
    ("FancyIndexing", OTHER),
    ("FoldersFirst", OTHER),
    ("HTMLTable", OTHER),
    ("IconHeight", OTHER),
    ("IconsAreLinks", OTHER),
    ("IconWidth", OTHER),
    ("IgnoreCase", ListOption::IgnoreCase as u32),
    ("IgnoreClient", ListOption::IgnoreClient as u32),
    ("NameWidth", OTHER),
    ("None", NONE),
    ("ScanHTMLTitles", OTHER),
    ("ShowForbidden", ListOption::ShowForbidden as u32),
    ("SuppressColumnSorting", OTHER),
    ("SuppressDescription", OTHER),
    ("SuppressHTMLPreamble", OTHER),
    ("SuppressIcon", OTHER),
    ("SuppressLastModified", OTHER),
    ("SuppressRules", OTHER),
    ("SuppressSize", OTHER),
    ("TrackModified", OTHER),
    ("UseOldDateFormat", OTHER),
    ("VersionSort", ListOption::VersionSort as u32),
    ("XHTML", OTHER),
];

const OTHER: u32 = 1 << 30;

impl ListOptions {
    /// Whether an option is on.
    pub fn has(self, option: ListOption) -> bool {
        self.on & option as u32 != 0
    }
}

/// Options with a sign stand on those of the outer scope, others in their place.
impl Merge for ListOptions {
    fn merge(base: &Self, add: &Self) -> Self {
        if add.on & NONE != 0 {
            return Self { on: NONE, ..Self::default() };
        }
        let mut merged = *add;
        if add.on == 0 {
            let added = (base.added | add.added) & !add.removed;
            merged = Self { on: base.on & !NONE, added, removed: base.removed | add.removed };
        }
        merged.on = (merged.on | merged.added) & !merged.removed;
        merged
    }
}

fn index_options(cx: &mut Cx<'_>, args: &RawArgs) -> Outcome {
    let mut noted = false;
    for word in args.words() {
        let (sign, text) = match word.as_bytes() {
            [sign @ (b'+' | b'-'), name @ ..] => (Some(*sign), name),
            name => (None, name),
        };
        let equals = text.iter().position(|byte| *byte == b'=');
        let (name, value) = equals.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
        if let Some(value) = value.filter(|_| sign.is_none()) {
            let value = cx.set(String::from_utf8_lossy(value).into_owned().into_boxed_str());
            if name.eq_ignore_ascii_case(b"Charset") {
                cx.dir.autoindex.charset = Some(value);
                continue;
            }
            if name.eq_ignore_ascii_case(b"Type") {
                cx.dir.autoindex.content_type = Some(value);
                continue;
            }
        }
        let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        let Some((_, bit)) = known else {
            return Err(Problem::at(&word, "IndexOptions does not know this word"));
        };
        if *bit == OTHER && !std::mem::replace(&mut noted, true) {
            let what = format!("IndexOptions {}", String::from_utf8_lossy(name));
            cx.no_effect(word.span, &what, PLAIN);
        }
        let options = &mut cx.dir.autoindex.options;
        match sign {
            Some(_) if *bit == NONE => return Err(Problem::at(&word, "None takes no sign")),
            Some(b'+') => (options.added, options.removed) = (options.added | bit, options.removed & !bit),
            Some(_) => (options.added, options.removed) = (options.added & !bit, options.removed | bit),
            None if *bit == NONE => *options = ListOptions { on: NONE, ..ListOptions::default() },
            None => *options = ListOptions { on: options.on & !NONE | bit, ..ListOptions::default() },
        }
    }
    Ok(())
}

fn index_ignore(cx: &mut Cx<'_>, name: &Arg) -> Outcome {
    let scope = cx.place.path().unwrap_or_default().into();
    cx.dir.autoindex.ignores.push(Ignore { scope, name: name.text()?.into() });
    Ok(())
}

fn index_order_default(cx: &mut Cx<'_>, direction: &Arg, key: &Arg) -> Outcome {
    let descending = direction.is("Descending");
    if !descending && !direction.is("Ascending") {
        return Err(Problem::at(direction, "only Ascending and Descending are known"));
    }
    if !["Name", "Date", "Size", "Description"].into_iter().any(|known| key.is(known)) {
        return Err(Problem::at(key, "only Name, Date, Size and Description are known"));
    }
    cx.dir.autoindex.descending = Some(cx.set(descending));
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

    /// Whether VersionSort is on where Locations of these lines stand on each other.
    #[track_caller]
    fn check(scopes: &[&str], on: bool) {
        let lines: String =
            scopes.iter().map(|lines| format!("<Location />\n{lines}\n</Location>\n")).collect();
        let files = MemoryFiles([("/c".to_owned(), lines.into_bytes())].into());
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        let confs = config.main.locations.iter().map(|section| section.conf.autoindex.clone());
        let merged = confs.fold(DirConf::default(), |base, add| Merge::merge(&base, &add));
        assert_eq!(merged.options.has(ListOption::VersionSort), on, "{scopes:?}");
    }

    #[test]
    fn options_stand_on_each_other_by_their_signs() {
        check(&["IndexOptions VersionSort"], true);
        check(&["IndexOptions VersionSort", "IndexOptions +IgnoreCase"], true);
        check(&["IndexOptions VersionSort", "IndexOptions IgnoreCase"], false);
        check(&["IndexOptions VersionSort", "IndexOptions -VersionSort"], false);
        check(&["IndexOptions VersionSort", "IndexOptions None"], false);
        check(&["IndexOptions None", "IndexOptions +VersionSort"], true);
        check(&["IndexOptions +VersionSort", "IndexOptions Charset=UTF-8"], true);
    }
}
