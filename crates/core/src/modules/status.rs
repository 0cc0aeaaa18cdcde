//! mod_status: who shows the figures of the process. What they are, the server knows.

use crate::request::Request;
use crate::snapshot::Snapshot;

/// The handler, and the type that httpd takes for it (`STATUS_MAGIC_TYPE`).
const NAMES: [&[u8]; 2] = [b"server-status", b"application/x-httpd-status"];

/// Whether a request asks for the figures (`status_handler`).
pub(crate) fn is_asked(snapshot: &Snapshot, request: &Request) -> bool {
    let handler = request.handler_in_charge();
    snapshot.loaded.status
        && handler.is_some_and(|name| NAMES.contains(&name))
        && (request.is_method("GET") || request.is_method("HEAD"))
}
