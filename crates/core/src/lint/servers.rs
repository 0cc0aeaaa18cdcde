//! Rules about virtual hosts.

use wsgate_directives::diag::Diagnostic;

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
