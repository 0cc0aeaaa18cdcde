//! `-S`, `-M` and the like: what was read, in httpd's layout (`dump_vhosts`, `core_dump_config`, `dump_loaded_modules`).

use std::net::IpAddr;

use nix::unistd::geteuid;
use wsgate_core::snapshot::{Server, Snapshot};
use wsgate_directives::config::{Config, Setting};
use wsgate_directives::log_destination::Destination;
use wsgate_directives::modules::core::HostPattern;
use wsgate_directives::span::{FileId, Origin, Sources};

use super::options::DUMPS;
use super::texts;
use crate::privileges::{find_group, find_user};

/// What the defines ask for.
pub(super) fn dump(defines: &[String], config: &Config, snapshot: &Snapshot) -> String {
    let parts: [(&str, &dyn Fn() -> String); 4] = [
        (DUMPS[0], &|| vhosts(snapshot)),
        (DUMPS[1], &|| process(config)),
        (DUMPS[2], &|| modules(config)),
        (DUMPS[3], &|| includes(&config.sources)),
    ];
    parts
        .into_iter()
        .filter(|(name, _)| defines.iter().any(|define| define == name))
        .map(|(_, part)| part())
        .collect()
}

fn vhosts(snapshot: &Snapshot) -> String {
    let mut text = "VirtualHost configuration:\n".to_owned();
    for (address, port, servers) in snapshot.vhosts.lists() {
        let host = match address {
            None => "*".to_owned(),
            Some(IpAddr::V6(ip)) => format!("[{ip}]"),
            Some(ip) => ip.to_string(),
        };
        let port = if port == 0 { "*".to_owned() } else { port.to_string() };
        let servers: Vec<&Server> = servers.iter().map(|index| &*snapshot.servers[*index]).collect();
        let label = format!("{host}:{port}");
        match servers[..] {
            [] => {}
            [only] => text += &format!("{label:<22} {}\n", named(only, snapshot)),
            [first, ..] => {
                text += &format!("{label:<22} is a NameVirtualHost\n");
                text += &format!("{:8} default server {}\n", "", named(first, snapshot));
                for server in servers {
                    text += &format!("{:8} port {port} namevhost {}\n", "", named(server, snapshot));
                    text += &aliases(server);
                }
            }
        }
    }
    text
}

/// `-t -D DUMP_CERTS`: the files of all certificates of servers (`ssl_hook_ConfigTest`).
pub(super) fn certificates(snapshot: &Snapshot) -> String {
    let files = snapshot.servers.iter().flat_map(|server| &server.conf.ssl.certificates.0);
    files.fold("Server certificates:\n".to_owned(), |text, file| text + "  " + &file.value + "\n")
}

fn named(server: &Server, snapshot: &Snapshot) -> String {
    let place = server.span.map_or_else(String::new, |span| format!(" ({})", snapshot.sources.place(span)));
    format!("{}{place}", server.name)
}

fn aliases(server: &Server) -> String {
    let line = |alias: &Setting<HostPattern>| match &alias.value {
        HostPattern::Name(name) => format!("{:16} alias {name}\n", ""),
        HostPattern::Wildcard(name) => format!("{:16} wild alias {name}\n", ""),
    };
    server.conf.core.server_aliases.iter().map(line).collect()
}

fn process(config: &Config) -> String {
    let (core, mpm) = (&config.main.conf.core, &config.main.conf.mpm);
    let mut text = format!("ServerRoot: \"{}\"\n", config.server_root);
    if let Some(root) = &core.document_root {
        text += &format!("Main DocumentRoot: \"{}\"\n", root.value);
    }
    if let Some(Destination::File(path)) = core.error_log.as_ref().map(|to| &to.value) {
        text += &format!("Main ErrorLog: \"{path}\"\n");
    }
    let pid_file = super::pid_file(config);
    text += &format!("PidFile: \"{}\"\n", pid_file.display());
    for (name, value) in &config.defines {
        let value = value.as_ref().filter(|value| !value.is_empty());
        text += &format!("Define: {name}{}\n", value.map_or_else(String::new, |value| format!("={value}")));
    }
    let used = if geteuid().is_root() { "" } else { " not_used" };
    let line = |what: &str, name: &str, id: u32| format!("{what}: name=\"{name}\" id={id}{used}\n");
    let user = mpm.user.as_ref().and_then(|name| Some((name, find_user(name)?.uid)));
    let group = mpm.group.as_ref().and_then(|name| Some((name, find_group(name)?)));
    text += &user.map_or_else(String::new, |(name, id)| line("User", name, id.as_raw()));
    text += &group.map_or_else(String::new, |(name, id)| line("Group", name, id.as_raw()));
    text
}

fn modules(config: &Config) -> String {
    let mut text = "Loaded Modules:\n".to_owned();
    let loaded = &config.modules;
    let counted = texts::of_httpd().filter(|module| loaded.has(module.knowledge()));
    for module in counted {
        let how = if loaded.loaded.contains_key(module.identifier) { "shared" } else { "static" };
        text += &format!(" {} ({how})\n", module.identifier);
    }
    let known = |name: &str| texts::of_httpd().any(|module| module.identifier == name);
    for name in loaded.loaded.keys().filter(|name| !known(name)) {
        text += &format!(" {name} (shared)\n");
    }
    text
}

/// The files by how deep they are included, with the line that does it.
fn includes(sources: &Sources) -> String {
    let mut text = "Included configuration files:\n".to_owned();
    for (id, file) in sources.iter() {
        match &file.origin {
            Origin::Root => text += &format!("  (*) {}\n", file.path),
            Origin::Include(from) => {
                text += &format!("{:1$}({2}) {3}\n", "", 2 * depth(sources, id), from.line, file.path);
            }
            Origin::Macro { .. } => {}
        }
    }
    text
}

fn depth(sources: &Sources, id: FileId) -> usize {
    1 + sources.trail(id).len()
}
