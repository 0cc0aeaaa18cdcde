//! Reading a configuration: executes, in reading order, what httpd executes while it reads, and leaves a tree.
//!
//! Include and IncludeOptional, Define and UnDefine, `${NAME}`, the `<IfX>` sections, macros, LoadModule,
//! ServerRoot and Error happen here (httpd's EXEC_ON_READ); what is left of the text are [`Item`]s, about whose
//! meaning nothing is known yet. Nothing in a false block is looked at but its sections' balance.

#[allow(dead_code)]
mod variables;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::facts::Facts;
use crate::files::Files;
use crate::span::{Sources, Span};
use crate::words::{Arg, RawArgs};

/// What the configuration language has to know about the registry of directives and modules.
pub trait Knowledge {
    /// The module that a name in `<IfModule>` or LoadModule stands for: a source file (`mod_proxy.c`) or an
    /// identifier (`proxy_module`), letter case significant. `None`: nobody has heard of it.
    fn module(&self, name: &str) -> Option<Module>;

    /// The modules that bring a directive (`ProxyPass`) or a section (`<Proxy`), letter case ignored. Empty: unknown.
    fn modules_of(&self, directive: &str) -> Vec<Module>;
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
}

/// What LoadModule did.
#[derive(Clone, Debug, Default)]
pub struct Modules {
    /// Identifier to the argument of its first LoadModule line.
    pub loaded: BTreeMap<String, Span>,
}

impl Modules {
    /// Whether a module counts as loaded.
    ///
    /// A configuration with LoadModule lines loads exactly those and what Debian compiles in. One without (a
    /// lone virtual-host file) leaves it to the surroundings, so all that wsgate implements count.
    pub fn has(&self, module: Module) -> bool {
        let unsaid = self.loaded.is_empty() && module.implemented;
        module.built_in || unsaid || self.loaded.contains_key(module.identifier)
    }
}

/// Reads the file at `root_path` (relative to the server root of `facts`) and all that it includes.
pub fn expand(root_path: &str, files: &dyn Files, facts: &Facts, known: &dyn Knowledge) -> Expanded {
    let mut expanded = Expanded { server_root: facts.server_root.clone(), ..Expanded::default() };
    let text: std::sync::Arc<[u8]> = files.read(root_path).unwrap_or_default().into();
    let origin = crate::span::Origin::Root;
    let source = crate::span::SourceFile { path: root_path.to_owned(), text: text.clone(), origin };
    let file = expanded.sources.add(source);
    let lines = crate::syntax::lines(file, &text, &mut expanded.diagnostics);
    let _ = known;
    let variables = variables::Variables::new(facts);
    let mut open: Vec<Section> = Vec::new();
    for line in lines.iter().filter(|line| !line.is_void()) {
        let Some(line_text) = variables.substitute(&line.text) else { continue };
        for (span, name) in line_text.undefined {
            let message = format!("${{{name}}} is not defined");
            expanded.diagnostics.push(Diagnostic::warning("undefined-variable", span, message));
        }
        let Some(statement) = crate::syntax::statement(&line_text.text) else { continue };
        let (span, last_line) = (line.text.span(), line.last_line);
        let (name, args) = (statement.name, statement.args);
        let item = match statement.kind {
            crate::syntax::Kind::Directive => Item::Directive(Directive { name, args, span, last_line }),
            crate::syntax::Kind::Open => {
                open.push(Section { name, args, span, last_line, body: Vec::new() });
                continue;
            }
            crate::syntax::Kind::Close => match open.pop() {
                Some(section) => Item::Section(section),
                None => continue,
            },
        };
        match open.last_mut() {
            Some(section) => section.body.push(item),
            None => expanded.items.push(item),
        }
    }
    expanded
}
