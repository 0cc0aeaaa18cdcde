//! Rules about what stands below DocumentRoot.

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::mime::Meta;
use wsgate_directives::span::Span;

use crate::snapshot::{Server, Snapshot};

/// Handlers that httpd has and wsgate does not: what they would answer is refused.
pub(super) fn scripts(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut look = |conf: &DirConf| {
        let mut foreign = |span: Span, name: &str| {
            let message = format!("wsgate does not run {name}: requests for it are answered 403");
            let help = "let another server answer them, by a ProxyPass line";
            found.push(Diagnostic::warning("scripts-not-run", span, message).help(help));
        };
        if let Some(set) = &conf.core.set_handler
            && let Some(name) = set.value.constant().map(<[u8]>::to_ascii_lowercase)
            && snapshot.handlers.is_foreign(&name)
        {
            foreign(set.span, &String::from_utf8_lossy(&name));
        }
        for ending in conf.mime.endings.values() {
            let handler =
                ending.get(Meta::Handler).filter(|name| snapshot.handlers.is_foreign(name.as_bytes()));
            let known =
                ending.get(Meta::Type).filter(|name| snapshot.handlers.is_foreign_type(name.as_bytes()));
            let filter = ending.get(Meta::OutputFilters);
            let filter = filter.filter(|names| {
                names.split(';').any(|name| snapshot.handlers.is_foreign_filter(name.as_bytes()))
            });
            for name in [handler, known, filter].into_iter().flatten() {
                foreign(name.span, name);
            }
        }
    };
    let sections = server.locations.iter().chain(&server.directories).chain(&server.proxies);
    inside(&server.base, &mut look);
    sections.for_each(|section| inside(&section.conf, &mut look));
    found.sort_by_key(|diagnostic| diagnostic.span.map(|span| (span.line, span.column)));
    found
}

/// Settings, and those of the sections in them.
fn inside(conf: &DirConf, look: &mut impl FnMut(&DirConf)) {
    look(conf);
    for section in conf.core.files.iter().chain(&conf.core.ifs) {
        inside(&section.conf, look);
    }
}
