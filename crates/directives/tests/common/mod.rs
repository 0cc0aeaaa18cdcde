//! What the tests of the expansion share: a small registry, and a printer of what came out.

use std::fmt::Write;

use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::expand::{Expanded, Item, Knowledge, Module};
use wsgate_directives::span::{Sources, Span};
use wsgate_directives::words::{Arg, RawArgs};

/// A registry of a few modules.
pub(crate) struct Few;

const fn module(identifier: &'static str, file: &'static str, implemented: bool, built_in: bool) -> Module {
    Module { identifier, file, implemented, built_in }
}

const MODULES: &[(Module, &[&str])] = &[
    (
        module("core_module", "core.c", true, true),
        &["ServerName", "Include", "<VirtualHost", "<Location", "Timeout"],
    ),
    (module("version_module", "mod_version.c", true, true), &["<IfVersion"]),
    (module("macro_module", "mod_macro.c", true, false), &["Use", "<Macro"]),
    (module("proxy_module", "mod_proxy.c", true, false), &["ProxyPass", "<Proxy"]),
    (module("dav_module", "mod_dav.c", false, false), &["Dav"]),
    (module("security2_module", "mod_security2.c", false, false), &["SecRuleEngine"]),
];

impl Knowledge for Few {
    fn module(&self, name: &str) -> Option<Module> {
        let mut modules = MODULES.iter().map(|(module, _)| *module);
        modules.find(|module| module.identifier == name || module.file == name)
    }

    fn modules_of(&self, directive: &str) -> Vec<Module> {
        let has = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(directive));
        MODULES.iter().filter(|(_, names)| has(names)).map(|(module, _)| *module).collect()
    }
}

/// Items, findings and state, one a line.
pub(crate) fn print(expanded: &Expanded) -> String {
    let mut out = String::new();
    print_items(&expanded.items, &expanded.sources, 0, &mut out);
    for diagnostic in &expanded.diagnostics {
        print_diagnostic(diagnostic, &expanded.sources, &mut out);
    }
    for identifier in expanded.modules.loaded.keys() {
        _ = writeln!(out, "loaded {identifier}");
    }
    if expanded.server_root != "/etc/httpd" {
        _ = writeln!(out, "ServerRoot is {}", expanded.server_root);
    }
    out
}

fn print_items(items: &[Item], sources: &Sources, depth: usize, out: &mut String) {
    for item in items {
        let (name, args, span, last_line) = match item {
            Item::Directive(directive) => {
                (&directive.name, &directive.args, directive.span, directive.last_line)
            }
            Item::Section(section) => (&section.name, &section.args, section.span, section.last_line),
        };
        let bracket = if matches!(item, Item::Section(_)) { "<" } else { "" };
        let place = place(sources, span);
        _ = write!(out, "{:indent$}{place} {bracket}{}", "", word(name), indent = depth * 2);
        print_words(args, span, out);
        if last_line != span.line {
            _ = write!(out, " (to line {last_line})");
        }
        out.push('\n');
        if let Item::Section(section) = item {
            print_items(&section.body, sources, depth + 1, out);
        }
    }
}

fn print_words(args: &RawArgs, line: Span, out: &mut String) {
    for arg in args.words() {
        let Span { line: at, column, len, .. } = arg.span;
        _ = if at == line.line {
            write!(out, " {}@{column}+{len}", word(&arg))
        } else {
            write!(out, " {}@{at}:{column}+{len}", word(&arg))
        };
    }
}

fn word(arg: &Arg) -> String {
    let text = arg.bytes.escape_ascii().to_string();
    if text.is_empty() || text.contains(' ') { format!("[{text}]") } else { text }
}

fn print_diagnostic(diagnostic: &Diagnostic, sources: &Sources, out: &mut String) {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let at = diagnostic.span.map_or("nowhere".to_owned(), |span| {
        let via = sources.trail(span.file).into_iter().map(|span| format!(" from {}", place(sources, span)));
        format!("{}+{}{}", place(sources, span), span.len, via.collect::<String>())
    });
    _ = write!(out, "{severity} {} {at}: {}", diagnostic.code, diagnostic.message);
    for (span, what) in &diagnostic.related {
        _ = write!(out, " [{} {what}]", place(sources, *span));
    }
    out.push('\n');
}

fn place(sources: &Sources, span: Span) -> String {
    let path =
        sources.file(span.file).path.strip_prefix("/etc/httpd/").unwrap_or(&sources.file(span.file).path);
    let path = if path == "case.conf" { String::new() } else { format!("{path}:") };
    format!("{path}{}:{}", span.line, span.column)
}
