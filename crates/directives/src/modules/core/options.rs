//! Options: what may be done in a folder.

use crate::config::Merge;
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Row, Shape};
use crate::words::{Arg, RawArgs};

/// The row.
pub(super) const OPTIONS: Row = Row::supported(
    "Options",
    Contexts::OPTIONS,
    Shape::Raw(options),
    "What may be done in a folder: symbolic links, listings",
);

/// A set of the names that Options takes (httpd's `OPT_*` bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options(u8);

impl Options {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// A folder without an index is listed.
    pub const INDEXES: Self = Self(1);
    /// Server-side includes that run nothing.
    pub const INCLUDES: Self = Self(2);
    /// Symbolic links are followed.
    pub const FOLLOW_SYM_LINKS: Self = Self(4);
    /// Scripts are run.
    pub const EXEC_CGI: Self = Self(8);
    /// Server-side includes may run programs.
    pub const INCLUDES_EXEC: Self = Self(32);
    /// Symbolic links are followed where link and target have one owner.
    pub const SYM_LINKS_IF_OWNER_MATCH: Self = Self(64);
    /// The best variant of a file is chosen.
    pub const MULTI_VIEWS: Self = Self(128);
    /// What `All` stands for: MultiViews and SymLinksIfOwnerMatch are not in it.
    pub const ALL: Self = Self(1 | 2 | 4 | 8 | 32);
    /// Every one there is.
    pub const EVERY: Self = Self(1 | 2 | 4 | 8 | 32 | 64 | 128);

    /// Whether all of `other` are in it.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What a name stands for, letter case ignored.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let is = |(known, _): &&(&str, Self)| known.as_bytes().eq_ignore_ascii_case(name);
        NAMES.iter().find(is).map(|(_, options)| *options)
    }
}

const NAMES: &[(&str, Options)] = &[
    ("All", Options::ALL),
    ("ExecCGI", Options::EXEC_CGI),
    ("FollowSymLinks", Options::FOLLOW_SYM_LINKS),
    ("Includes", Options::INCLUDES.or(Options::INCLUDES_EXEC)),
    ("IncludesNOEXEC", Options::INCLUDES),
    ("Indexes", Options::INDEXES),
    ("MultiViews", Options::MULTI_VIEWS),
    ("None", Options::NONE),
    ("RunScripts", Options::MULTI_VIEWS.or(Options::EXEC_CGI)),
    ("SymLinksIfOwnerMatch", Options::SYM_LINKS_IF_OWNER_MATCH),
];

/// What Options lines say (`opts`, `opts_add` and `opts_remove` of httpd's core).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderOptions {
    /// What is on, if nothing else is said further out; links are followed unless somebody says otherwise.
    pub on: Options,
    /// Whether a line said exactly what is on, so that what holds further out does not matter.
    exact: bool,
    added: Options,
    removed: Options,
}

impl Default for FolderOptions {
    fn default() -> Self {
        let (added, removed) = (Options::NONE, Options::NONE);
        Self { on: Options::FOLLOW_SYM_LINKS, exact: false, added, removed }
    }
}

impl FolderOptions {
    fn add(&mut self, options: Options) {
        self.added = self.added.or(options);
        self.removed = self.removed.without(options);
        self.on = self.on.or(options);
    }

    fn remove(&mut self, options: Options) {
        self.removed = self.removed.or(options);
        self.added = self.added.without(options);
        self.on = self.on.without(options);
    }
}

/// `merge_core_dir_configs`.
impl Merge for FolderOptions {
    fn merge(base: &Self, add: &Self) -> Self {
        if add.exact {
            return *add;
        }
        let added = base.added.without(add.removed).or(add.added);
        let removed = base.removed.without(add.added).or(add.removed);
        Self { on: base.on.without(removed).or(added), exact: base.exact, added, removed }
    }
}

/// How the words before said it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// There are none.
    Unsaid,
    /// `All` or `None`: either manner may follow.
    Whole,
    /// Names without a sign.
    Plain,
    /// Names with `+` or `-`.
    Signed,
}

fn options(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut manner = Manner::Unsaid;
    for word in raw.words() {
        let (sign, name) = match word.as_bytes() {
            [sign @ (b'+' | b'-'), name @ ..] => (Some(*sign), name),
            name => (None, name),
        };
        match (sign, manner) {
            (Some(_), Manner::Plain) | (None, Manner::Signed) => return Err(mixed(&word)),
            (None, Manner::Unsaid) => {
                (cx.dir.core.options.on, cx.dir.core.options.exact) = (Options::NONE, true);
            }
            _ => {}
        }
        let Some(options) = Options::named(name) else {
            return Err(Problem::at(&word, format!("illegal option {}", name.escape_ascii())));
        };
        let whole = name.eq_ignore_ascii_case(b"All") || name.eq_ignore_ascii_case(b"None");
        if whole && (sign.is_some() || manner != Manner::Unsaid) {
            let message = "All and None come first and without + or -";
            return Err(Problem::at(&word, message));
        }
        manner = match sign {
            Some(_) => Manner::Signed,
            None if whole || manner == Manner::Whole => Manner::Whole,
            None => Manner::Plain,
        };
        if let Some(allowed) = cx.place.htaccess
            && !allowed.options.has(options)
        {
            let message = format!("option {} is not allowed here", name.escape_ascii());
            return Err(Problem::at(&word, message).code("not-overridden"));
        }
        let set = &mut cx.dir.core.options;
        match sign {
            Some(b'-') => set.remove(options),
            Some(_) => set.add(options),
            None => set.on = set.on.or(options),
        }
        if sign != Some(b'-') && !whole {
            tell(cx, &word, options);
        }
    }
    Ok(())
}

fn mixed(word: &Arg) -> Problem {
    Problem::at(word, "either all Options start with + or -, or none does")
        .help("without signs the line says exactly what is on; with them it changes what holds around")
}

/// Says what a name asks for that wsgate does not do.
fn tell(cx: &mut Cx<'_>, word: &Arg, options: Options) {
    if options.has(Options::MULTI_VIEWS) && cx.may_be_loaded("negotiation_module") {
        let message = "no variant of a file is chosen: a name without its extension is not found";
        cx.warn("not-negotiated", word, message);
    }
    if options.has(Options::EXEC_CGI) || options.has(Options::INCLUDES) {
        let name = String::from_utf8_lossy(word.as_bytes()).into_owned();
        cx.no_effect(word.span, &name, "wsgate runs no scripts and no server-side includes");
    }
}
