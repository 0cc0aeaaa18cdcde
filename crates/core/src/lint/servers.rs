//! Rules about virtual hosts.

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::proxy::From;

use super::{Route, routes, target};
use crate::snapshot::{Server, Snapshot};

/// An earlier virtual host with the same address and name takes every request of this one.
pub(super) fn duplicates(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let (Some(span), Some(name)) = (server.span, &server.conf.core.server_name) else { return Vec::new() };
    let same = |other: &&std::sync::Arc<Server>| {
        let named = other.conf.core.server_name.as_ref();
        let addresses =
            |of: &Server| of.addresses.iter().map(|address| address.value.clone()).collect::<Vec<_>>();
        named.is_some_and(|named| named.host.eq_ignore_ascii_case(&name.host))
            && addresses(other) == addresses(server)
    };
    let twin = snapshot.servers[1..server.index].iter().find(same);
    let finding = twin.and_then(|twin| twin.span).map(|earlier| {
        let message =
            format!("no request reaches this virtual host: an earlier one is called {}, too", name.host);
        Diagnostic::warning("duplicate-vhost", span, message)
            .related(earlier, "this one")
            .help("give it another ServerName, or join the two")
    });
    finding.into_iter().collect()
}

/// httpd's default is to look for `index.html`, and to say a file's type by its name; no line has to ask for either.
pub(super) fn plain_files(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let Some(root) = &server.conf.core.document_root else { return Vec::new() };
    let passes = routes(server);
    let excluded = passes.iter().any(|route| target(route).is_none());
    let all = |route: &Route<'_>| matches!(&route.pass.from, From::Prefix(path) if &**path == "/");
    if !excluded && passes.iter().any(all) {
        return Vec::new();
    }
    let missing = match (snapshot.loaded.dir, snapshot.loaded.mime) {
        (true, true) => "no index file stands in for a folder (404), and no file has a Content-Type",
        (true, false) => "no index file stands in for a folder (404)",
        (false, true) => "no file has a Content-Type",
        (false, false) => return Vec::new(),
    };
    let message = format!("files of this folder are served as they are: {missing}");
    let help = "wsgate does not do this yet: let another server have the files, by a ProxyPass line";
    vec![Diagnostic::warning("files-as-they-are", root.span, message).help(help)]
}
