//! httpd's core: what is left where no module takes a request.

use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::core::EncodedSlashes;

use crate::mapped::{Mapped, OnDisk};
use crate::modules::{files, http};
use crate::path::{self, Slashes};
use crate::reply::{Reply, Status};
use crate::request::{Decision, Phase, Request};
use crate::snapshot::Snapshot;

/// What becomes of `%2F` (AllowEncodedSlashes).
pub(crate) fn encoded_slashes(dir: &DirConf) -> Slashes {
    match dir.core.allow_encoded_slashes.as_ref().map(|set| set.value) {
        None | Some(EncodedSlashes::Off) => Slashes::Forbid,
        Some(EncodedSlashes::On) => Slashes::Decode,
        Some(EncodedSlashes::NoDecode) => Slashes::Keep,
    }
}

/// What nothing else maps lies below DocumentRoot (`ap_core_translate`).
pub(crate) fn translate(request: &mut Request) -> Phase<()> {
    let path = request.path.clone();
    request.mapped = Mapped::Disk(below_document_root(request, &path)?);
    Ok(())
}

/// A URL path as a path below DocumentRoot.
pub(crate) fn below_document_root(request: &Request, path: &[u8]) -> Phase<OnDisk> {
    if path.first() != Some(&b'/') && path != b"*" {
        return Err(Status::BAD_REQUEST.into());
    }
    let own_path = request.server.conf.core.server_path.as_ref();
    let inside = own_path.and_then(|prefix| path::behind(path, prefix.as_bytes())).unwrap_or(path);
    let start = inside.iter().position(|byte| *byte != b'/').unwrap_or(inside.len());
    let root = request.document_root().trim_end_matches('/').as_bytes();
    let name = path::merge(root, &inside[start..]).filter(|name| name.starts_with(root));
    let name = name.ok_or(Reply::page(Status::FORBIDDEN))?;
    Ok(OnDisk { name: name.into(), ..OnDisk::default() })
}

/// The default handler (`default_handler`). Scripts are never run and never shown.
pub(crate) fn handle(snapshot: &Snapshot, request: &mut Request) -> Phase<Decision> {
    if matches!(&request.mapped, Mapped::Disk(path) if path.script) {
        return Err(Status::FORBIDDEN.into());
    }
    match &*request.head.method {
        b"GET" | b"HEAD" | b"POST" => files::plan(snapshot, request),
        _ => http::by_method(request),
    }
}
