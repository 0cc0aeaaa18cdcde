//! What the tests of whole requests share.

use std::sync::Arc;

use wsgate_core::http::Head;
use wsgate_core::request::{Connection, Decided, Request, decide, fail};
use wsgate_core::snapshot::{Snapshot, resolve};
use wsgate_core::world::Still;
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

/// A configuration without errors, of a server that is called `srv.test`; comments `#file PATH CONTENT` are files.
pub(crate) fn snapshot(configuration: &str) -> Snapshot {
    let environment = [("FROM_OUTSIDE".to_owned(), "outside".to_owned())].into();
    let facts = Facts { environment, server_root: "/etc/httpd".to_owned(), ..Facts::default() };
    let text = format!("ServerName srv.test\n{configuration}");
    let files = MemoryFiles([("/httpd.conf".to_owned(), text.into_bytes())].into());
    let config = interpret(expand("/httpd.conf", &files, &facts, &Registry));
    let errors: Vec<&Diagnostic> =
        config.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?} in\n{configuration}");
    let mut world = Still::default();
    for file in configuration.lines().filter_map(|line| line.strip_prefix("#file ")) {
        let (path, content) = file.split_once(' ').unwrap_or((file, ""));
        world.files.insert(path.as_bytes().to_vec(), content.as_bytes().to_vec());
    }
    resolve(&config, &Still::default(), Arc::new(world)).0
}

/// What is decided about a request from 192.0.2.7.
pub(crate) fn decided(snapshot: &Snapshot, head: Head) -> Decided {
    let (local, peer) = (([127, 0, 0, 1], 80).into(), ([192, 0, 2, 7], 40_000).into());
    let connection = Arc::new(Connection { local, peer, proxied: None, tls: None });
    let (request, received) = Request::receive(snapshot, connection, head, snapshot.world.now());
    match received {
        Ok(()) => decide(snapshot, request),
        Err(reply) => fail(snapshot, request, reply),
    }
}
