//! Rules about what stands below DocumentRoot.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::mime::Meta;
use wsgate_directives::modules::rewrite::{Part, Rule};
use wsgate_directives::span::Span;

use crate::snapshot::{Server, Snapshot};

/// Handlers that httpd has and wsgate does not: what they would answer is refused.
pub(super) fn scripts(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let sections = server.locations.iter().chain(&server.directories).chain(&server.proxies);
    inside(&server.base, &mut all);
    sections.for_each(|section| inside(&section.conf, &mut all));
    let mut found = forced(snapshot, &server.conf.rewrite.rules);
    found.extend(all.iter().flat_map(|conf| foreign(snapshot, conf)));
    let actions = all.iter().flat_map(|conf| &conf.actions.actions);
    let answered: HashSet<&str> = actions.map(|action| &*action.name).collect();
    // An Action line says who does.
    found.retain(|(_, name)| !answered.contains(&**name));
    found.sort_by_key(|(span, _)| (span.line, span.column));
    let told = |(span, name): (Span, Cow<'_, str>)| {
        let message = format!("wsgate does not run {name}: requests for it are answered 403");
        let told = match &*name {
            // Debian's own files have this line, whether or not anybody has such a file.
            "type-map" => Diagnostic::note("scripts-not-run", span, message),
            _ => Diagnostic::warning("scripts-not-run", span, message),
        };
        told.help("let another server answer them, by a ProxyPass line")
    };
    found.into_iter().map(told).collect()
}

/// Settings, and those of the sections in them.
fn inside<'a>(conf: &'a DirConf, all: &mut Vec<&'a DirConf>) {
    all.push(conf);
    for section in conf.core.files.iter().chain(&conf.core.ifs) {
        inside(&section.conf, all);
    }
}

/// The foreign handlers that settings name, one way or another.
fn foreign<'a>(snapshot: &Snapshot, conf: &'a DirConf) -> Vec<(Span, Cow<'a, str>)> {
    let handlers = &snapshot.handlers;
    let mut found = forced(snapshot, &conf.rewrite.rules);
    if let Some(set) = &conf.core.set_handler
        && let Some(name) = set.value.constant().map(<[u8]>::to_ascii_lowercase)
        && handlers.is_foreign(&name)
    {
        found.push((set.span, String::from_utf8_lossy(&name).into_owned().into()));
    }
    for ending in conf.mime.endings.values() {
        let handler = ending.get(Meta::Handler).filter(|name| handlers.is_foreign(name.as_bytes()));
        let known = ending.get(Meta::Type).filter(|name| handlers.is_foreign_type(name.as_bytes()));
        let filter = ending
            .get(Meta::OutputFilters)
            .filter(|names| names.split(';').any(|name| handlers.is_foreign_filter(name.as_bytes())));
        let named = [handler, known, filter].into_iter().flatten();
        found.extend(named.map(|name| (name.span, Cow::Borrowed(&*name.value))));
    }
    found
}

/// Those that rules force by their flag H.
fn forced<'a>(snapshot: &Snapshot, rules: &'a [Arc<Rule>]) -> Vec<(Span, Cow<'a, str>)> {
    let name = |rule: &'a Arc<Rule>| match &*rule.flags.handler.as_ref()?.0 {
        [Part::Text(name)] => {
            Some((rule.span, name)).filter(|_| snapshot.handlers.is_foreign(&name.to_ascii_lowercase()))
        }
        _ => None,
    };
    rules.iter().filter_map(name).map(|(span, name)| (span, String::from_utf8_lossy(name))).collect()
}
