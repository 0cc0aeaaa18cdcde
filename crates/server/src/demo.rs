//! `wsgate demo`: a shipped configuration, served in front of an echo backend of its own. Everything that the demo needs
//! is in the binary; the gateway itself is the one that `serve` runs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;

use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_proxy::Backends;

use crate::load::{Loaded, load_from};
use crate::logs::{self, OpenLogs};
use crate::render::{Format, render};
use crate::serve;
use crate::server::Server;

mod backend;

/// As it would lie below ServerRoot; findings and tunnels name it so.
const PATH: &str = "/conf/demo/demo.conf";
const CONFIGURATION: &str = include_str!("../../../conf/demo/demo.conf");

/// Serves the demo on a port of the loopback interface until a signal ends it. 1: it cannot start.
pub(crate) fn run(port: u16) -> ExitCode {
    logs::init(Some("warn,wsgate::tunnel=info"));
    serve::raise_descriptor_limit();
    match start(port) {
        Ok(server) => serve::until_signal(server),
        Err(error) => {
            log::error!("{error}");
            ExitCode::from(1)
        }
    }
}

fn start(port: u16) -> io::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let behind = listener.local_addr()?.port();
    let loaded = load(port, behind);
    let Some(generation) = loaded.generation else {
        let findings = render(&loaded.diagnostics, &loaded.sources, Format::Text, false);
        return Err(io::Error::other(format!("the shipped configuration does not load:\n{findings}")));
    };
    let server = Server::start(generation, OpenLogs::default())
        .map_err(|error| io::Error::new(error.kind(), format!("{error} (--port takes another one)")))?;
    backend::start(listener)?;
    // Whoever cannot read this can still open the page.
    let _ = write!(
        io::stdout(),
        "wsgate serves conf/demo/demo.conf in front of an echo backend on 127.0.0.1:{behind}\n\n    \
         a page that talks through it:  http://127.0.0.1:{port}/\n    \
         for your own client:           ws://127.0.0.1:{port}/echo\n    \
         its tunnels, live:             http://127.0.0.1:{port}/server-status\n\n\
         Ctrl+C ends it.\n"
    );
    Ok(server)
}

fn load(port: u16, backend: u16) -> Loaded {
    let files = MemoryFiles([(PATH.to_owned(), CONFIGURATION.as_bytes().to_vec())].into());
    let defines = [("PORT", port), ("BACKEND", backend)];
    let defines: BTreeMap<String, String> =
        defines.into_iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    let facts = Facts { server_root: "/".to_owned(), defines, ..Facts::default() };
    load_from(&files, PATH, &facts, &Backends::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_configuration_has_no_faults() {
        let loaded = load(8080, 9000);
        let findings = render(&loaded.diagnostics, &loaded.sources, Format::Text, false);
        assert!(loaded.generation.is_some() && loaded.diagnostics.is_empty(), "{findings}");
    }
}
