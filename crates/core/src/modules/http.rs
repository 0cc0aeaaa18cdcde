//! The HTTP protocol module: methods that are answered or refused before anything else looks at the request.

use wsgate_directives::modules::core::Trace;

use crate::reply::{Body, Reply, Status};
use crate::request::{Phase, Request};

/// CONNECT is not for a reverse proxy, and `OPTIONS *` asks about the server, not about a backend.
pub(crate) fn check_method(request: &Request) -> Phase<()> {
    if request.is_method("CONNECT") {
        return Err(Status::METHOD_NOT_ALLOWED.into());
    }
    if request.is_method("OPTIONS") && *request.path == *b"*" {
        return Err(Reply { body: Body::Bytes(bytes::Bytes::new()), ..Reply::page(Status::OK) });
    }
    Ok(())
}

/// What Allow says where nothing but the server itself answers (`make_allow`).
pub(crate) fn allow(request: &Request) -> &'static str {
    match request.server.conf.core.trace_enable.as_ref().map(|trace| trace.value) {
        Some(Trace::Off) => "GET,HEAD,POST,OPTIONS",
        _ => "GET,HEAD,POST,OPTIONS,TRACE",
    }
}
