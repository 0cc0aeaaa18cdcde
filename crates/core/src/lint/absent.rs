//! Files and folders that lines name and that are not there, whether or not a request will ever need them: httpd looks
//! while it reads the lines.

use wsgate_directives::config::Setting;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::ssl;

use crate::snapshot::{Server, Snapshot};
use crate::world::{Kind, Links, World};

/// DocumentRoot: httpd does not start without the main server's, and warns of a virtual host's (`set_document_root`).
pub(super) fn document_root(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let Some(root) = &server.conf.core.document_root else { return Vec::new() };
    if is_there(&*snapshot.world, &root.value, Kind::Folder) {
        return Vec::new();
    }
    let main = snapshot.servers[0].conf.core.document_root.as_ref();
    let message = format!("DocumentRoot {} is no folder", root.value);
    let finding = if main.is_some_and(|main| main.span == root.span) {
        Diagnostic::error("file-missing", root.span, message)
    } else {
        Diagnostic::warning("file-missing", root.span, message)
    };
    vec![finding.help(format!("mkdir -p {}", root.value))]
}

/// What mod_ssl's lines name (`ssl_cmd_check_file`, `ssl_cmd_check_dir`).
pub(super) fn tls(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let (front, back) = (&server.conf.ssl, &server.base.ssl);
    let of_side = |side: &ssl::Side| [side.ca_file.clone(), side.crl_file.clone()].into_iter().flatten();
    let files = front.certificates.0.iter().chain(&front.keys.0).cloned();
    let files = files.chain([&front.chain, &front.ca_names_file].into_iter().flatten().cloned());
    let files = files.chain([&back.machine_file, &back.machine_chain].into_iter().flatten().cloned());
    let files = files.chain(of_side(&front.clients)).chain(of_side(&back.backends));
    let paths = [&front.clients.ca_path, &front.clients.crl_path, &front.ca_names_path];
    let folders =
        paths.into_iter().chain([&back.backends.ca_path, &back.backends.crl_path, &back.machine_path]);
    let folders = folders.flatten().cloned().map(|path| (path, Kind::Folder));
    let named = files.map(|path| (path, Kind::File)).chain(folders);
    named.filter(|(path, kind)| !is_there(&*snapshot.world, &path.value, *kind)).map(missing).collect()
}

fn missing((path, kind): (Setting<String>, Kind)) -> Diagnostic {
    let what = if kind == Kind::Folder { "is no folder" } else { "is no file, or is empty" };
    Diagnostic::error("file-missing", path.span, format!("{} {what}", path.value))
}

/// Whether there is something of a kind; a file must hold something.
fn is_there(world: &dyn World, path: &str, kind: Kind) -> bool {
    let found = world.stat(path.as_bytes(), Links::Follow);
    match found {
        Ok(found) => found.kind == kind && (kind == Kind::Folder || found.size > 0),
        // Who may not look does not know.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}
