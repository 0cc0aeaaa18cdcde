//! The vocabulary of the registry: what a directive is called, where it may stand, what wsgate does with it.
//!
//! A [`Row`] is one directive; a [`Module`] is the table of one Apache module. The tables themselves are in
//! `modules/`, their list in [`crate::modules`]. Nothing here reads a configuration: that is `interpret`'s business.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::interpret::{Cx, Enter, Outcome, Problem};
use crate::modules;
use crate::words::{Arg, RawArgs};

mod contexts;

pub use contexts::{Contexts, Overrides};

/// How many arguments a directive takes that is not acted on; checked all the same, as httpd checks them.
#[derive(Clone, Copy, Debug)]
pub enum Arity {
    /// `On` or `Off`.
    Flag,
    /// So many arguments at least and at most.
    Between(u8, u8),
    /// Exactly one argument, of which this says what is wrong with it.
    Checked(fn(&Arg) -> Outcome),
    /// So many arguments at least and at most, of which this says what is wrong with them.
    CheckedAll(u8, u8, fn(&[Arg]) -> Outcome),
    /// One argument or more.
    Many,
    /// The rest of the line as it stands, possibly empty.
    Raw,
    /// A section; what stands inside is not looked at.
    Block,
}

impl Arity {
    /// Exactly one argument.
    pub const ONE: Self = Self::Between(1, 1);
}

/// The shape of a directive's arguments fused with what takes them (httpd's `cmd_how` and `cmd_func`).
#[derive(Clone, Copy)]
pub enum Shape {
    /// `On` or `Off`.
    Flag(fn(&mut Cx<'_>, bool) -> Outcome),
    /// No argument.
    Take0(fn(&mut Cx<'_>) -> Outcome),
    /// Exactly one argument.
    Take1(fn(&mut Cx<'_>, &Arg) -> Outcome),
    /// Exactly two arguments.
    Take2(fn(&mut Cx<'_>, &Arg, &Arg) -> Outcome),
    /// One or two arguments.
    Take12(fn(&mut Cx<'_>, &Arg, Option<&Arg>) -> Outcome),
    /// Exactly three arguments.
    Take3(fn(&mut Cx<'_>, &Arg, &Arg, &Arg) -> Outcome),
    /// Two or three arguments.
    Take23(fn(&mut Cx<'_>, &Arg, &Arg, Option<&Arg>) -> Outcome),
    /// One to three arguments.
    Take123(fn(&mut Cx<'_>, &Arg, Option<&Arg>, Option<&Arg>) -> Outcome),
    /// One or more arguments, each on its own.
    Iterate(fn(&mut Cx<'_>, &Arg) -> Outcome),
    /// A first argument, then one or more, each together with the first.
    Iterate2(fn(&mut Cx<'_>, &Arg, &Arg) -> Outcome),
    /// All words at once, however many.
    Argv(fn(&mut Cx<'_>, &[Arg]) -> Outcome),
    /// The rest of the line, not split; the handler takes words off it with httpd's rules.
    Raw(fn(&mut Cx<'_>, &RawArgs) -> Outcome),
    /// A section: its argument text decides what scope the body is read in.
    Block(fn(&mut Cx<'_>, &RawArgs) -> Result<Enter, Problem>),
}

/// What wsgate does with a directive.
#[derive(Clone, Copy)]
pub enum Status {
    /// Acted on.
    Supported(Shape),
    /// Read and checked; it cannot change an answer or who gets it. With the reason.
    NoEffect(Arity, &'static str),
    /// Without effect where it says `Off`, refused where it says anything else: it switches on what wsgate does not
    /// do. With the reason and what to do instead.
    OnlyOff(Arity, &'static str),
    /// Would change what is answered, or to whom, and wsgate does not do it: the configuration is not served.
    /// With the reason and what to do instead.
    Refused(Arity, &'static str),
}

/// One directive.
pub struct Row {
    /// As httpd's manual spells it; sections with their brackets: `<Location>`.
    pub name: &'static str,
    /// Where it may stand.
    pub contexts: Contexts,
    /// What wsgate does with it.
    pub status: Status,
    /// One line for the reference.
    pub doc: &'static str,
}

impl Row {
    /// A row that is acted on.
    pub const fn supported(name: &'static str, contexts: Contexts, shape: Shape, doc: &'static str) -> Self {
        Self { name, contexts, status: Status::Supported(shape), doc }
    }

    /// A row without effect here, and why.
    pub const fn no_effect(
        name: &'static str,
        contexts: Contexts,
        arity: Arity,
        reason: &'static str,
    ) -> Self {
        Self { name, contexts, status: Status::NoEffect(arity, reason), doc: reason }
    }

    /// A row that is refused unless it says `Off`, and why.
    pub const fn only_off(
        name: &'static str,
        contexts: Contexts,
        arity: Arity,
        reason: &'static str,
    ) -> Self {
        Self { name, contexts, status: Status::OnlyOff(arity, reason), doc: reason }
    }

    /// A row that is refused, and why.
    pub const fn refused(name: &'static str, contexts: Contexts, arity: Arity, reason: &'static str) -> Self {
        Self { name, contexts, status: Status::Refused(arity, reason), doc: reason }
    }
}

/// Who makes a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Part of httpd, linked in statically by Debian: needs no LoadModule.
    HttpdStatic,
    /// Part of httpd, loaded by LoadModule.
    Httpd,
    /// Made elsewhere.
    ThirdParty,
}

/// The table of one Apache module.
pub struct Module {
    /// As the manual names it: `mod_proxy`, `core`, `event`.
    pub name: &'static str,
    /// As LoadModule names it: `proxy_module`.
    pub identifier: &'static str,
    /// As `<IfModule>` may name it: `mod_proxy.c`.
    pub file: &'static str,
    /// Who makes it.
    pub maker: Maker,
    /// Whether wsgate does the module's work; where no LoadModule line exists only such modules count as loaded.
    pub implemented: bool,
    /// Its directives, sorted by name without regard to case.
    pub rows: &'static [Row],
}

impl Module {
    /// What reading a configuration has to know of it.
    pub fn knowledge(&self) -> crate::expand::Module {
        let built_in = self.maker == Maker::HttpdStatic;
        let (identifier, file, implemented) = (self.identifier, self.file, self.implemented);
        crate::expand::Module { identifier, file, implemented, built_in }
    }
}

/// The registry, as reading a configuration asks it.
pub struct Registry;

impl crate::expand::Knowledge for Registry {
    fn module(&self, name: &str) -> Option<crate::expand::Module> {
        module(name).map(Module::knowledge)
    }

    fn modules_of(&self, directive: &str) -> Vec<crate::expand::Module> {
        let name =
            directive.strip_prefix('<').map_or_else(|| directive.to_owned(), |name| format!("<{name}>"));
        lookup(&name).iter().map(|entry| entry.module.knowledge()).collect()
    }
}

/// A row with the module that it belongs to.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The module.
    pub module: &'static Module,
    /// The row.
    pub row: &'static Row,
}

static INDEX: LazyLock<HashMap<String, Vec<Entry>>> = LazyLock::new(|| {
    let mut index: HashMap<String, Vec<Entry>> = HashMap::new();
    for module in modules::all() {
        for row in module.rows {
            index.entry(row.name.to_ascii_lowercase()).or_default().push(Entry { module, row });
        }
    }
    index
});

/// All rows of a name (several modules may own one), case ignored; sections with brackets: `<location>`.
pub fn lookup(name: &str) -> &'static [Entry] {
    INDEX.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
}

/// The row of a name as a configuration with these modules means it, if one of them brings it. Without any LoadModule
/// line nobody knows what is loaded: a directive that is used is taken to be.
pub fn find(name: &str, modules: &crate::expand::Modules) -> Option<Entry> {
    let entries = lookup(name);
    let loaded = entries.iter().find(|entry| modules.has(entry.module.knowledge()));
    loaded.or_else(|| entries.first().filter(|_| modules.loaded.is_empty())).copied()
}

/// The module of an identifier (`proxy_module`) or source file name (`mod_proxy.c`).
pub fn module(name: &str) -> Option<&'static Module> {
    modules::all().find(|module| module.identifier == name || module.file == name)
}

/// Whether a module of this name counts as loaded.
pub fn is_loaded(name: &str, modules: &crate::expand::Modules) -> bool {
    module(name).is_some_and(|module| modules.has(module.knowledge()))
}

/// The known directive that looks most like `name`: at most a third of its letters differ.
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let near = |row: &'static Row| (distance(&name, &row.name.to_ascii_lowercase()), row.name);
    let best = modules::all().flat_map(|module| module.rows).map(near).min_by_key(|(far, _)| *far)?;
    (best.0 * 3 <= name.len()).then_some(best.1)
}

/// Levenshtein distance in bytes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > a.len() / 3 {
        return usize::MAX / 4;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tables_are_sorted_documented_and_free_of_repetition() {
        for module in modules::all() {
            let names: Vec<String> = module.rows.iter().map(|row| row.name.to_ascii_lowercase()).collect();
            for pair in names.windows(2) {
                assert!(pair[0] < pair[1], "{}: {} stands before {}", module.name, pair[0], pair[1]);
            }
            for row in module.rows {
                assert!(!row.doc.is_empty() && !row.doc.ends_with('.'), "{}: {}", module.name, row.name);
                assert!(!row.contexts.names().is_empty(), "{}: {}", module.name, row.name);
            }
        }
    }

    #[test]
    fn modules_are_unique() {
        let mut seen = HashSet::new();
        for module in modules::all() {
            for name in [module.name, module.identifier, module.file] {
                // mod_shib is its own identifier.
                assert!(seen.insert(name) || name == "mod_shib", "{name} is listed twice");
            }
        }
    }

    /// httpd lets several modules own a name; which of them counts is then what LoadModule says.
    #[test]
    fn only_these_names_belong_to_two_modules() {
        let mut shared: Vec<&str> =
            INDEX.values().filter(|entries| entries.len() > 1).map(|entries| entries[0].row.name).collect();
        shared.sort_unstable();
        assert_eq!(shared, ["HeartbeatStorage", "ScriptLog", "ScriptLogBuffer", "ScriptLogLength"]);
    }

    #[test]
    fn sections_have_brackets_and_directives_none() {
        for row in modules::all().flat_map(|module| module.rows) {
            let section = match row.status {
                Status::Supported(shape) => matches!(shape, Shape::Block(_)),
                Status::NoEffect(arity, _) | Status::OnlyOff(arity, _) | Status::Refused(arity, _) => {
                    matches!(arity, Arity::Block)
                }
            };
            assert_eq!(section, row.name.starts_with('<') && row.name.ends_with('>'), "{}", row.name);
        }
    }

    #[test]
    fn a_misspelling_finds_its_directive() {
        assert_eq!(nearest("ProxyPas"), Some("ProxyPass"));
        assert_eq!(nearest("Xyzzy"), None);
    }
}
