//! Rules about `.htaccess` files. Requests find them as they come: what is looked at here lies in or above the folders
//! that the configuration names.

use wsgate_directives::config::Scope;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::alias::From;
use wsgate_directives::pattern::PatternKind;
use wsgate_directives::span::Span;

use crate::reply::Status;
use crate::snapshot::{Server, Snapshot};
use crate::walk;

/// Files with mistakes.
pub(super) fn mistakes(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let found = folders(server).into_iter().filter_map(|(folder, span)| {
        let fault = walk::fault(snapshot, server, folder)?;
        // Whoever checks a configuration may see less of the disk than who serves it.
        (fault.status == Status::INTERNAL_SERVER_ERROR).then(|| {
            let message = format!("requests for files below {folder} are answered 500: {}", fault.why);
            Diagnostic::warning("htaccess-mistake", span, message)
        })
    });
    found.collect()
}

/// Folders that may speak for themselves.
pub(super) fn unseen(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let lets = server.directories.iter().filter_map(|section| {
        let allowed = section.conf.core.allow_override.filter(|set| !set.value.is_none());
        let listed = section.conf.core.allow_override_list.as_ref().filter(|listed| !listed.is_empty());
        allowed.map(|set| set.span).or(listed.map(|listed| listed.span))
    });
    let message = "what .htaccess files say below this folder is read as requests come, and not checked here";
    lets.map(|span| Diagnostic::note("htaccess-unseen", span, message)).collect()
}

/// The folders that DocumentRoot, Alias and `<Directory>` lines name.
fn folders(server: &Server) -> Vec<(&str, Span)> {
    let root = server.conf.core.document_root.as_ref().map(|root| (&*root.value, root.span));
    let aliases = server.conf.alias.aliases.iter();
    let aliases = aliases.filter(|alias| matches!(alias.from, From::Prefix(_)));
    let sections = server.directories.iter().filter_map(|section| match &section.scope {
        Scope::Directory(pattern) if matches!(pattern.kind, PatternKind::Literal) => {
            Some((&*pattern.text, section.span))
        }
        _ => None,
    });
    root.into_iter().chain(aliases.map(|alias| (&*alias.to, alias.span))).chain(sections).collect()
}
