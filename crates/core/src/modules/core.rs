//! httpd's core: what is left where no module takes a request.

use bytes::Bytes;
use wsgate_directives::config::Setting;
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::core::EncodedSlashes;

use crate::facts::Facts;
use crate::mapped::{Mapped, OnDisk};
use crate::modules::{files, http, proxy_balancer, status};
use crate::path::{self, Slashes};
use crate::reply::{Reply, Status};
use crate::request::{Decision, Phase, Request};
use crate::snapshot::Snapshot;

/// What becomes of `%2F` (AllowEncodedSlashes).
pub(crate) fn encoded_slashes(dir: &DirConf) -> Slashes {
    match dir.core.allow_encoded_slashes.0.as_ref().map(|set| set.value) {
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
    let name = path::merge(root, &inside[start..]).filter(|name| path::behind(name, root).is_some());
    let name = name.ok_or(Reply::page(Status::FORBIDDEN))?;
    Ok(OnDisk { name: name.into(), ..OnDisk::default() })
}

/// ForceType and SetHandler (`core_override_type`).
pub(crate) fn override_type(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let dir = request.dir.clone();
    if let Some(forced) = dir.core.force_type.as_ref().filter(|forced| *forced.value != *"none") {
        request.content_type = Some(Bytes::copy_from_slice(forced.value.as_bytes()));
    }
    if let Some(set) = &dir.core.set_handler {
        let name = Facts { snapshot, request }.text(&set.value).map_err(|error| {
            log::error!("{}: not evaluated: {error}", snapshot.place(set.span));
            Status::INTERNAL_SERVER_ERROR
        })?;
        let socket = memchr::memmem::find(&name, b"proxy:unix").is_some();
        let name = if socket { name } else { name.to_ascii_lowercase() };
        if name != b"none" {
            request.handler = Some(Setting { value: name.into(), span: set.span });
        }
    }
    Ok(())
}

/// Whether httpd has a handler for the request that wsgate does not run.
fn is_for_others(snapshot: &Snapshot, request: &Request) -> bool {
    if matches!(&request.mapped, Mapped::Disk(path) if path.script) {
        return request.found.is_some();
    }
    if request.output_filters.iter().any(|name| snapshot.handlers.is_foreign_filter(name)) {
        return true;
    }
    match (&request.handler, &request.content_type) {
        (Some(name), _) => snapshot.handlers.is_foreign(name),
        (None, Some(known)) => snapshot.handlers.is_foreign_type(known),
        (None, None) => false,
    }
}

/// The default handler (`default_handler`). Scripts are never run and never shown.
pub(crate) fn handle(snapshot: &Snapshot, request: &mut Request) -> Phase<Decision> {
    if status::is_asked(snapshot, request) {
        return Ok(Decision::Status);
    }
    if proxy_balancer::is_asked(snapshot, request) {
        return Ok(Decision::Balancers);
    }
    if is_for_others(snapshot, request) {
        return Err(Status::FORBIDDEN.into());
    }
    match &*request.head.method {
        b"GET" | b"HEAD" | b"POST" => files::plan(request),
        _ => http::by_method(request),
    }
}
