//! Reading a configuration: executes, in reading order, what httpd executes while it reads, and leaves a tree.
//!
//! Include and IncludeOptional, Define and UnDefine, `${NAME}`, the `<IfX>` sections, macros, LoadModule,
//! ServerRoot and Error happen here (httpd's EXEC_ON_READ); what is left of the text are [`Item`]s, about whose
//! meaning nothing is known yet. Nothing in a false block is looked at but its sections' balance.

mod conditions;
mod directives;
mod macros;
mod nesting;
mod paths;
mod reader;
mod variables;
mod version;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::facts::{Environment, Facts};
use crate::files::Files;
use crate::span::{Origin, SourceFile, Sources, Span};
use crate::syntax::{self, Statement};
use crate::words::{Arg, RawArgs};

use macros::Macros;
use paths::Demand;
use reader::Reader;
use variables::{Substituted, Variables};

/// What the configuration language has to know about the registry of directives and modules.
pub trait Knowledge {
    /// The module that a name in `<IfModule>` or LoadModule stands for: a source file (`mod_proxy.c`) or an
    /// identifier (`proxy_module`), letter case significant. `None`: nobody has heard of it.
    fn module(&self, name: &str) -> Option<Module>;

    /// The modules that bring a directive (`ProxyPass`) or a section (`<Proxy`), letter case ignored. Empty: unknown.
    fn modules_of(&self, directive: &str) -> Vec<Module>;

    /// What keeps a directive or a section (`<Proxy`) from standing in what is read; nothing does in the server's own
    /// configuration.
    fn objection(&self, _directive: &str, _modules: &Modules) -> Option<Objection> {
        None
    }
}

/// Why a directive is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Whether it is passed over, with a warning; else it is an error.
    pub skipped: bool,
    /// The code of the finding.
    pub code: &'static str,
    /// What is wrong with it.
    pub message: String,
}

/// A module of httpd, or a third party's, as far as reading a configuration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// As LoadModule names it: `proxy_module`.
    pub identifier: &'static str,
    /// Its source file: `mod_proxy.c`.
    pub file: &'static str,
    /// Whether wsgate acts on its directives.
    pub implemented: bool,
    /// Whether Debian's httpd has it compiled in, so that no LoadModule is needed.
    pub built_in: bool,
}

/// One directive or section, in reading order.
#[derive(Clone, Debug)]
pub enum Item {
    /// `Name args`.
    Directive(Directive),
    /// `<Name args> ... </Name>`.
    Section(Section),
}

/// A directive that httpd would keep for after the reading (and ServerRoot, which it would not).
#[derive(Clone, Debug)]
pub struct Directive {
    /// The name as it is written.
    pub name: Arg,
    /// What stands behind it, `${NAME}` substituted.
    pub args: RawArgs,
    /// Name and arguments, as far as they stand on the first physical line.
    pub span: Span,
    /// The last physical line of a continued directive: httpd reports its errors there.
    pub last_line: u32,
}

/// A section that takes effect later: VirtualHost, Location, If, ...
#[derive(Clone, Debug)]
pub struct Section {
    /// The name without angle brackets, as it is written.
    pub name: Arg,
    /// What stands between the name and the line's last `>`, `${NAME}` substituted.
    pub args: RawArgs,
    /// The opening line, as far as it stands on the first physical line.
    pub span: Span,
    /// The last physical line of a continued opening: httpd reports its errors there.
    pub last_line: u32,
    /// What is inside.
    pub body: Vec<Item>,
}

/// A configuration with everything executed that httpd executes while it reads.
#[derive(Debug, Default)]
pub struct Expanded {
    /// What is left, in reading order.
    pub items: Vec<Item>,
    /// All files and macro expansions, in reading order.
    pub sources: Sources,
    /// What was found, in reading order.
    pub diagnostics: Vec<Diagnostic>,
    /// The modules that the configuration loads.
    pub modules: Modules,
    /// What is defined at the end: name to value, `None` for a Define without one.
    pub defines: BTreeMap<String, Option<String>>,
    /// ServerRoot at the end, without a slash behind it.
    pub server_root: String,
    /// The process's environment.
    pub environment: Environment,
}

/// What LoadModule did.
#[derive(Clone, Debug, Default)]
pub struct Modules {
    /// Identifier to the argument of its first LoadModule line.
    pub loaded: BTreeMap<String, Span>,
    /// Whether the configuration says itself what is loaded: it has a LoadModule line.
    pub explicit: bool,
}

impl Modules {
    /// Whether a module counts as loaded.
    ///
    /// A configuration with LoadModule lines loads exactly those and what Debian compiles in. One without (a
    /// lone virtual-host file) leaves it to the surroundings, so all that wsgate implements count.
    pub fn has(&self, module: Module) -> bool {
        let unsaid = !self.explicit && module.implemented;
        module.built_in || unsaid || self.loaded.contains_key(module.identifier)
    }
}

/// Reads the file at `root_path` (relative to the server root of `facts`) and all that it includes.
pub fn expand(root_path: &str, files: &dyn Files, facts: &Facts, known: &dyn Knowledge) -> Expanded {
    let expanded = Expander::new(files, facts, known, Modules::default()).run(root_path, facts);
    if expanded.modules.loaded.is_empty() {
        return expanded;
    }
    // It has LoadModule lines: read it again knowing that, as `<IfModule>` may stand before them.
    let modules = Modules { explicit: true, ..Modules::default() };
    let again = Expander::new(files, facts, known, modules).run(root_path, facts);
    if again.modules.loaded.is_empty() { expanded } else { again }
}

/// The longest line of a text that belongs to a configuration: httpd's HUGE_STRING_LEN.
const LONGEST_LINE: usize = 8191;

/// Reads a text by itself in the surroundings of a configuration that was read before. `sources` is where it will be
/// listed, and decides what ids its places carry.
pub fn expand_text(
    text: SourceFile,
    sources: Sources,
    files: &dyn Files,
    known: &dyn Knowledge,
    around: &Surroundings,
) -> Expanded {
    let mut expander = Expander::new(files, &around.facts, known, around.modules.clone());
    expander.reader.sources = sources;
    expander.reader.longest = LONGEST_LINE;
    expander.reader.enter_file(text);
    expander.read();
    expander.finish(&around.facts)
}

/// What a configuration lends to the texts that belong to it: its variables, its modules, its ServerRoot.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The environment, what is defined, and ServerRoot.
    pub facts: Facts,
    /// Which modules count as loaded.
    pub modules: Modules,
}

/// The state of a reading; what it can do is spread over the modules below.
struct Expander<'a> {
    files: &'a dyn Files,
    known: &'a dyn Knowledge,
    reader: Reader,
    variables: Variables,
    macros: Macros,
    modules: Modules,
    server_root: String,
    /// The bodies of the sections that are being kept, innermost last, on top of what is outside of all.
    bodies: Vec<Vec<Item>>,
}

/// A line as it is executed: taken apart after `${NAME}` was substituted in it.
#[derive(Debug)]
struct Logical {
    statement: Statement,
    span: Span,
    last_line: u32,
}

impl<'a> Expander<'a> {
    fn new(files: &'a dyn Files, facts: &Facts, known: &'a dyn Knowledge, modules: Modules) -> Self {
        let (reader, variables, macros) = (Reader::new(), Variables::new(facts), Macros::default());
        let server_root = paths::merge("/", &facts.server_root);
        Self { files, known, reader, variables, macros, modules, server_root, bodies: vec![Vec::new()] }
    }

    fn run(mut self, root_path: &str, facts: &Facts) -> Expanded {
        self.command_lines(&facts.before);
        // Only now: `-C` may have set ServerRoot.
        let root = paths::merge(&self.server_root, root_path);
        for path in self.find(&root, Demand::Needed, &Origin::Root) {
            self.enter_file(path, Origin::Root);
            self.read();
        }
        self.command_lines(&facts.after);
        self.finish(facts)
    }

    fn finish(mut self, facts: &Facts) -> Expanded {
        Expanded {
            items: self.bodies.swap_remove(0),
            sources: self.reader.sources,
            diagnostics: self.reader.diagnostics,
            modules: self.modules,
            defines: self.variables.listing(),
            server_root: self.server_root,
            environment: facts.environment.clone(),
        }
    }

    fn command_lines(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            let path = "-c/-C directives".to_owned();
            let text = lines.join("\n").into_bytes().into();
            self.reader.enter_file(SourceFile { path, text, origin: Origin::Root });
            self.read();
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.reader.report(diagnostic);
    }

    /// The next line that says something, `${NAME}` substituted.
    fn statement(&mut self) -> Option<Logical> {
        loop {
            let line = self.reader.line()?;
            if line.is_void() {
                continue;
            }
            let Some(text) = self.substituted(&line.text) else { continue };
            if let Some(statement) = syntax::statement(&text) {
                return Some(Logical { statement, span: text.span(), last_line: line.last_line });
            }
        }
    }

    fn substituted(&mut self, line: &RawArgs) -> Option<RawArgs> {
        let Some(Substituted { text, undefined }) = self.variables.substitute(line) else {
            let message = "the values of its variables make this line too long";
            self.report(Diagnostic::error("line-too-long", line.span(), message));
            return None;
        };
        for (span, name) in undefined {
            let message = format!("${{{name}}} is not defined, and stays as it is");
            let help =
                format!("define it before this line (`Define {name} value`) or set it in the environment");
            self.report(Diagnostic::warning("undefined-variable", span, message).help(help));
        }
        let grown = text.as_bytes().len().saturating_sub(line.as_bytes().len());
        self.reader.spend(0, grown, Some(line.span()));
        Some(text)
    }
}

impl Logical {
    fn directive(self) -> Item {
        let Statement { name, args, .. } = self.statement;
        Item::Directive(Directive { name, args, span: self.span, last_line: self.last_line })
    }

    fn section(self, body: Vec<Item>) -> Item {
        let Statement { name, args, .. } = self.statement;
        Item::Section(Section { name, args, span: self.span, last_line: self.last_line, body })
    }

    fn args(&self) -> &RawArgs {
        &self.statement.args
    }

    /// The name for messages.
    fn name(&self) -> String {
        shown(&self.statement.name.bytes)
    }

    fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span, message)
    }

    fn warning(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, self.span, message)
    }
}

/// Bytes of the configuration for messages, as far as a message has room for them.
fn shown(bytes: &[u8]) -> String {
    const ROOM: usize = 500;
    match bytes.get(..ROOM) {
        Some(start) if bytes.len() > ROOM => format!("{}...", String::from_utf8_lossy(start)),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
