//! From expanded items to typed configuration: one loop for all directives.
//!
//! Looks the row up, checks the context, splits the arguments by the row's shape, calls its handler. Knows no
//! directive by name.

use crate::config::{Config, Scope, Section, Server, Setting};
use crate::diag::{Diagnostic, Severity};
use crate::expand::{Directive, Expanded, Item, Modules, Section as ItemSection};
use crate::facts::Environment;
use crate::methods::MethodSet;
use crate::modules::core::AllowOverride;
use crate::modules::{self, DirConf, ServerConf};
use crate::registry::{self, Contexts, Entry, Overrides, Shape, Status};
use crate::span::Span;
use crate::words::Arg;
use std::sync::Arc;

mod arguments;
mod expressions;
mod problem;

pub use problem::Problem;

/// What a handler answers.
pub type Outcome = Result<(), Problem>;

/// The scope in which the body of a section is read, as the section's handler decided.
pub enum Enter {
    /// A `<VirtualHost>` on these addresses.
    VirtualHost(Vec<Setting<String>>),
    /// A section with settings of its own.
    Section(Scope),
    /// The surrounding scope, for these methods only (`<Limit>`, `<LimitExcept>`).
    Limit(MethodSet),
    /// The surrounding scope; the function is called behind the body (`<RequireAll>`).
    Group(fn(&mut Cx<'_>) -> Outcome),
}

/// What a handler may look at and change.
pub struct Cx<'a> {
    /// The settings of the server that the directive stands in.
    pub server: &'a mut ServerConf,
    /// The settings of the section that it stands in, or the server's defaults outside of sections.
    pub dir: &'a mut DirConf,
    /// The directive's name in the file.
    pub span: Span,
    /// Where it stands.
    pub place: Place<'a>,
    /// Which modules count as loaded.
    pub modules: &'a Modules,
    /// ServerRoot, for relative paths.
    pub server_root: &'a str,
    /// The process's environment.
    pub environment: &'a Environment,
    notes: &'a mut Vec<Diagnostic>,
}

/// Where a directive stands.
#[derive(Clone, Copy, Default)]
pub struct Place<'a> {
    /// Inside a `<VirtualHost>`.
    pub vhost: bool,
    /// The innermost section with settings of its own.
    pub section: Option<&'a Scope>,
    /// The methods of the `<Limit>` or `<LimitExcept>` around.
    pub limit: Option<&'a MethodSet>,
    /// In a `.htaccess` file, and what it may say.
    pub htaccess: Option<AllowOverride>,
    /// Inside a group of access rules (`<RequireAll>`), where httpd takes nothing else (OR_AUTHCFG).
    pub group: bool,
}

impl Place<'_> {
    /// The context, as [`Contexts`] counts them.
    pub fn context(&self) -> Contexts {
        let context = match self.section {
            Some(Scope::Directory(_)) if self.htaccess.is_some() => Contexts::HTACCESS,
            None if self.vhost => Contexts::VHOST,
            None => Contexts::GLOBAL,
            Some(Scope::Location(_)) => Contexts::LOCATION,
            Some(Scope::Proxy(_)) => Contexts::PROXY,
            Some(Scope::Directory(_)) => Contexts::DIRECTORY,
            Some(Scope::Files(_)) => Contexts::FILES,
            Some(Scope::If(_) | Scope::ElseIf(_) | Scope::Else) => Contexts::IF,
        };
        let context = if self.limit.is_some() { context.or(Contexts::LIMITED) } else { context };
        if self.htaccess.is_some() { context.or(Contexts::HTACCESS) } else { context }
    }

    /// The path or pattern of the section (httpd's `cmd->path`); none at server level.
    pub fn path(&self) -> Option<&str> {
        match self.section? {
            Scope::Location(pattern)
            | Scope::Directory(pattern)
            | Scope::Files(pattern)
            | Scope::Proxy(pattern) => Some(&pattern.text),
            Scope::If(_) | Scope::ElseIf(_) | Scope::Else => Some("*If"),
        }
    }
}

impl Cx<'_> {
    /// The methods that the directive is for.
    pub fn methods(&self) -> MethodSet {
        self.place.limit.cloned().unwrap_or_default()
    }

    /// A value set by this directive.
    pub fn set<T>(&self, value: T) -> Setting<T> {
        Setting { value, span: self.span }
    }

    /// Adds a finding that does not stop the directive.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.notes.push(diagnostic);
    }

    /// Says that a part of the directive is accepted and changes nothing here, and why.
    pub fn no_effect(&mut self, at: Span, what: &str, why: &str) {
        self.report(Diagnostic::note("no-effect", at, format!("{what} has no effect: {why}")));
    }

    /// A warning at an argument.
    pub fn warn(&mut self, code: &'static str, arg: &Arg, message: impl Into<String>) {
        self.report(Diagnostic::warning(code, arg.span, message));
    }

    /// Warns of a line in `<Proxy>` about where requests lead: which `<Proxy>` they are in is known only then.
    pub fn warn_if_mapped_already(&mut self) {
        if let Some(Scope::Proxy(_)) = self.place.section {
            let message =
                "requests are mapped before any <Proxy> is looked at: this does nothing, in httpd neither";
            let warning = Diagnostic::warning("section-too-late", self.span, message);
            self.report(warning.help("put it into the server or into a <Location>"));
        }
    }

    /// Whether a module is there as far as anyone knows: where nothing says what is loaded, whoever uses one has it.
    pub fn may_be_loaded(&self, module: &str) -> bool {
        self.modules.loaded.is_empty() || registry::is_loaded(module, self.modules)
    }

    /// An absolute path: relative ones are below ServerRoot (`ap_server_root_relative`).
    pub fn path(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.server_root) }
    }
}

/// Makes the typed configuration of everything that was read.
pub fn interpret(mut expanded: Expanded) -> Config {
    let found = std::mem::take(&mut expanded.diagnostics);
    let mut run = Run::of(&expanded, found);
    let mut main = Server::default();
    run.items(&expanded.items, Target { server: &mut main, section: None }, Place::default());
    let Run { diagnostics, vhosts, .. } = run;
    let sources = Arc::new(expanded.sources);
    let mut config = Config {
        sources,
        main,
        vhosts,
        modules: expanded.modules,
        server_root: expanded.server_root,
        defines: expanded.defines,
        environment: expanded.environment,
        diagnostics: Vec::new(),
    };
    let mut findings = diagnostics;
    modules::review(&config, &mut findings);
    findings.sort_by_key(|diagnostic| diagnostic.severity != Severity::Error);
    config.diagnostics = findings;
    config
}

/// Makes a section of everything that a `.htaccess` file says.
pub fn interpret_section(
    expanded: &Expanded,
    scope: Scope,
    span: Span,
    allowed: AllowOverride,
) -> (Arc<Section>, Vec<Diagnostic>) {
    let mut run = Run::of(expanded, expanded.diagnostics.clone());
    // What handlers keep of the server is for their own use while they read.
    let (mut server, mut conf) = (Box::<Server>::default(), unset());
    let place = Place { section: Some(&scope), htaccess: Some(allowed), ..Place::default() };
    run.items(&expanded.items, Target { server: &mut server, section: Some(&mut conf) }, place);
    let diagnostics = run.diagnostics;
    (finished(scope, span, conf), diagnostics)
}

struct Run<'a> {
    modules: &'a Modules,
    server_root: &'a str,
    environment: &'a Environment,
    diagnostics: Vec<Diagnostic>,
    vhosts: Vec<Server>,
}

/// What a body's directives write to: a server, and a section's settings where they stand in one.
struct Target<'a> {
    server: &'a mut Server,
    section: Option<&'a mut DirConf>,
}

impl Target<'_> {
    fn reborrow(&mut self) -> Target<'_> {
        Target { server: self.server, section: self.section.as_deref_mut() }
    }
}

impl<'a> Run<'a> {
    /// Over what was read, with what was found in it so far.
    fn of(expanded: &'a Expanded, diagnostics: Vec<Diagnostic>) -> Self {
        let Expanded { modules, server_root, environment, .. } = expanded;
        Self { modules, server_root, environment, diagnostics, vhosts: Vec::new() }
    }
}

impl Run<'_> {
    fn items(&mut self, items: &[Item], mut target: Target<'_>, place: Place<'_>) {
        for item in items {
            match item {
                Item::Directive(directive) => self.directive(directive, target.reborrow(), place),
                Item::Section(section) => self.section(section, target.reborrow(), place),
            }
        }
    }

    fn directive(&mut self, directive: &Directive, target: Target<'_>, place: Place<'_>) {
        let name = &directive.name;
        let Some(entry) = self.entry(name, "", place) else { return };
        let words: Vec<Arg> = directive.args.words().collect();
        let outcome = match entry.row.status {
            Status::Supported(shape) => self.call(name.span, target, place, |cx| {
                arguments::invoke(entry.row.name, shape, cx, &directive.args, &words)
            }),
            Status::NoEffect(arity, reason) => arguments::check(entry.row.name, arity, &words)
                .map(|()| self.no_effect(entry, name.span, reason)),
            Status::OnlyOff(arity, _) if arguments::is_off(&words) => {
                arguments::check(entry.row.name, arity, &words)
                    .map(|()| self.no_effect(entry, name.span, "it is never on here"))
            }
            Status::OnlyOff(_, reason) | Status::Refused(_, reason) => Err(refusal(entry, reason)),
        };
        self.finish(outcome, name.span);
    }

    fn section(&mut self, section: &ItemSection, mut target: Target<'_>, place: Place<'_>) {
        let name = &section.name;
        let Some(entry) = self.entry(name, "<", place) else { return };
        let entered = match entry.row.status {
            Status::Supported(Shape::Block(open)) => {
                let entered = self.call(name.span, target.reborrow(), place, |cx| open(cx, &section.args));
                entered.map(|enter| self.body(section, enter, target, place))
            }
            Status::Supported(_) => Err(Problem::new(format!("{} is no section", entry.row.name))),
            Status::NoEffect(_, reason) => {
                self.no_effect(entry, name.span, reason);
                Ok(())
            }
            Status::OnlyOff(_, reason) | Status::Refused(_, reason) => Err(refusal(entry, reason)),
        };
        self.finish(entered, name.span);
    }

    fn body(&mut self, section: &ItemSection, enter: Enter, mut target: Target<'_>, place: Place<'_>) {
        match enter {
            Enter::VirtualHost(addresses) => {
                let main = target.server.conf.core.server_name.as_ref();
                let default_port = main.and_then(|name| name.port);
                self.virtual_host(section, virtual_host(section.span, addresses, default_port), place);
            }
            Enter::Section(scope) => {
                let mut conf = unset();
                let inside = Place { section: Some(&scope), ..place };
                let Target { server, section: outer } = &mut target;
                self.items(&section.body, Target { server, section: Some(&mut conf) }, inside);
                attach(finished(scope, section.span, conf), server, outer.as_deref_mut());
            }
            Enter::Limit(methods) => {
                let inside = Place { limit: Some(&methods), ..place };
                self.items(&section.body, target, inside);
            }
            Enter::Group(close) => {
                let inside = Place { group: true, ..place };
                self.items(&section.body, target.reborrow(), inside);
                let outcome = self.call(section.name.span, target, place, close);
                self.finish(outcome, section.name.span);
            }
        }
    }

    fn virtual_host(&mut self, section: &ItemSection, mut server: Box<Server>, place: Place<'_>) {
        let inside = Place { vhost: true, ..place };
        self.items(&section.body, Target { server: &mut server, section: None }, inside);
        self.vhosts.push(*server);
    }

    /// The row of a name, if it may stand here.
    fn entry(&mut self, name: &Arg, bracket: &str, place: Place<'_>) -> Option<Entry> {
        let shown = String::from_utf8_lossy(name.as_bytes());
        let wanted = if bracket.is_empty() { shown.to_string() } else { format!("<{shown}>") };
        let found = registry::find(&wanted, self.modules);
        let Some(entry) = found.or_else(|| registry::lookup(&wanted).first().copied()) else {
            self.diagnostics.push(unknown(&wanted, name.span));
            return None;
        };
        if found.is_none() {
            let module = entry.module;
            let message = format!("{wanted} belongs to {}, which is not loaded", module.name);
            let help = format!("add LoadModule {} modules/{}.so", module.identifier, module.name);
            self.diagnostics.push(Diagnostic::error("module-not-loaded", name.span, message).help(help));
            return None;
        }
        if place.group && !entry.row.contexts.overrides.meets(Overrides::AUTH_CONFIG) {
            let message =
                format!("{} is no access rule: it is not allowed in a group of them", entry.row.name);
            let diagnostic = Diagnostic::error("wrong-context", name.span, message);
            self.diagnostics.push(diagnostic.help("put it before the group or behind it"));
            return None;
        }
        if !entry.row.contexts.allows(place.context()) {
            let message = format!("{} is not allowed here", entry.row.name);
            let names = entry.row.contexts.names().join(", ");
            let diagnostic = Diagnostic::error("wrong-context", name.span, message);
            self.diagnostics.push(diagnostic.help(format!("it may stand in: {names}")));
            return None;
        }
        Some(entry)
    }

    fn no_effect(&mut self, entry: Entry, span: Span, reason: &str) {
        let message = format!("{} has no effect: {reason}", entry.row.name);
        self.diagnostics.push(Diagnostic::note("no-effect", span, message));
    }

    fn call<T>(
        &mut self,
        span: Span,
        target: Target<'_>,
        place: Place<'_>,
        handler: impl FnOnce(&mut Cx<'_>) -> T,
    ) -> T {
        let Server { conf, base, .. } = target.server;
        let dir = target.section.unwrap_or(base);
        let Self { modules, server_root, environment, .. } = *self;
        let notes = &mut self.diagnostics;
        handler(&mut Cx { server: conf, dir, span, place, modules, server_root, environment, notes })
    }

    fn finish(&mut self, outcome: Outcome, directive: Span) {
        if let Err(problem) = outcome {
            self.diagnostics.push(problem.diagnose(directive));
        }
    }
}

/// Settings on the heap, and made in a frame of its own: sections nest, and their settings are large.
#[inline(never)]
fn unset() -> Box<DirConf> {
    Box::default()
}

/// A virtual host of which nothing has been read yet; see [`unset`].
#[inline(never)]
fn virtual_host(span: Span, addresses: Vec<Setting<String>>, default_port: Option<u16>) -> Box<Server> {
    Box::new(Server { span: Some(span), addresses, default_port, ..Server::default() })
}

/// A section whose body has been read; see [`unset`].
#[inline(never)]
fn finished(scope: Scope, span: Span, conf: Box<DirConf>) -> Arc<Section> {
    Arc::new(Section { scope, span, conf: *conf })
}

/// Puts a finished section where httpd keeps it.
fn attach(section: Arc<Section>, server: &mut Server, dir: Option<&mut DirConf>) {
    match section.scope {
        Scope::Location(_) => server.locations.push(section),
        Scope::Directory(_) => server.directories.push(section),
        Scope::Proxy(_) => server.proxies.push(section),
        Scope::Files(_) => dir.unwrap_or(&mut server.base).core.files.push(section),
        Scope::If(_) | Scope::ElseIf(_) | Scope::Else => {
            dir.unwrap_or(&mut server.base).core.ifs.push(section);
        }
    }
}

fn refusal(entry: Entry, reason: &str) -> Problem {
    let message = format!("{} ({}) is not supported", entry.row.name, entry.module.name);
    Problem::new(message).code("refused").help(reason)
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error("unknown-directive", span, format!("{name} is no directive of httpd"));
    match registry::nearest(name) {
        Some(near) => diagnostic.help(format!("did you mean {near}?")),
        None => diagnostic.help("remove the line, or guard it with <IfModule> of the module that brings it"),
    }
}
