//! Reading a `.htaccess` file: the same language, one file, as much of it as AllowOverride lets speak.
//!
//! Not where it is found, nor what holds around it. What cannot be read whole is not read at all: there is a section, or
//! there are errors.

use std::sync::Arc;

use crate::config::{Scope, Section};
use crate::diag::{Diagnostic, Severity};
use crate::expand::{Knowledge, Module, Modules, Objection, Surroundings, expand_text};
use crate::files::Files;
use crate::interpret::interpret_section;
use crate::modules::core::AllowOverride;
use crate::pattern::{Pattern, PatternKind};
use crate::registry::{self, Registry};
use crate::span::{Origin, SourceFile, Sources, Span};

/// What `.htaccess` files may say somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permit {
    /// AllowOverride; none where no line sets it.
    pub allowed: Option<AllowOverride>,
    /// AllowOverrideList.
    pub listed: Option<Arc<[&'static str]>>,
}

impl Permit {
    /// Whether such files are looked for at all. They are where nothing is said about it, and may hold nothing then.
    pub fn looks(&self) -> bool {
        let quiet = self.allowed.is_some_and(AllowOverride::is_none);
        !quiet || self.listed.as_ref().is_some_and(|listed| !listed.is_empty())
    }

    /// Whether a directive may stand there.
    pub fn lets(&self, row: &registry::Row) -> bool {
        let allowed = self.allowed.unwrap_or(AllowOverride::UNSET);
        let listed = self.listed.as_ref().is_some_and(|listed| listed.contains(&row.name));
        listed || allowed.classes.meets(row.contexts.overrides)
    }
}

/// What was made of a file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it says for the folder that it lies in; none if there are errors.
    pub section: Option<Arc<Section>>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
    /// The file, for naming places.
    pub sources: Sources,
}

/// Reads the file `path` for its folder, which ends in a slash. Its id will be the one behind `others` further files.
pub fn read(
    (path, text): (&str, &[u8]),
    (folder, permit): (&str, &Permit),
    others: usize,
    files: &dyn Files,
    around: &Surroundings,
) -> Reading {
    let file = SourceFile { path: path.to_owned(), text: text.into(), origin: Origin::Root };
    let known = Permitted(permit);
    let expanded = expand_text(file, Sources::behind(others), files, &known, around);
    let scope = Scope::Directory(Pattern { text: folder.into(), kind: PatternKind::Literal });
    let allowed = permit.allowed.unwrap_or(AllowOverride::UNSET);
    let span = Span { file: expanded.sources.first(), line: 1, column: 1, len: 0 };
    let (section, findings) = interpret_section(&expanded, scope, span, allowed);
    let fit = findings.iter().all(|finding| finding.severity != Severity::Error);
    Reading { section: fit.then_some(section), findings, sources: expanded.sources }
}

/// The registry, as far as a `.htaccess` file may use it.
struct Permitted<'a>(&'a Permit);

impl Knowledge for Permitted<'_> {
    fn module(&self, name: &str) -> Option<Module> {
        Registry.module(name)
    }

    fn modules_of(&self, directive: &str) -> Vec<Module> {
        Registry.modules_of(directive)
    }

    /// `invoke_cmd` and `ap_walk_config_sub`.
    fn objection(&self, directive: &str, modules: &Modules) -> Option<Objection> {
        let allowed = self.0.allowed.unwrap_or(AllowOverride::UNSET);
        let name = if directive.starts_with('<') { format!("{directive}>") } else { directive.to_owned() };
        let Some(entry) = registry::find(&name, modules) else {
            // What nobody knows is an error further on.
            let message = format!("{name} is no directive of httpd, or its module is not loaded");
            return allowed.skips_unknown.then_some(Objection {
                skipped: true,
                code: "unknown-directive",
                message,
            });
        };
        if self.0.lets(entry.row) {
            return None;
        }
        // A section that is decided while reading: httpd passes over its line and trips over its end.
        let conditional = name.len() > "<If>".len() && name.to_ascii_lowercase().starts_with("<if");
        let skipped = allowed.skips_forbidden && !conditional;
        let message = format!("{} is not allowed here by AllowOverride", entry.row.name);
        Some(Objection { skipped, code: "not-overridden", message })
    }
}
