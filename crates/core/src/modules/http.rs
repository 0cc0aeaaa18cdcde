//! The HTTP protocol module: methods that are answered or refused before anything else looks at the request.

use crate::reply::{Body, Reply, Status};
use crate::request::{Phase, Request};

/// CONNECT is not for a reverse proxy, and `OPTIONS *` asks about the server, not about a backend.
pub(crate) fn check_method(request: &Request) -> Phase<()> {
    if request.is_method("CONNECT") {
        let mut reply = Reply::page(Status::METHOD_NOT_ALLOWED);
        reply.headers.set("Allow", "GET,HEAD,POST,OPTIONS,TRACE");
        return Err(reply);
    }
    if request.is_method("OPTIONS") && *request.path == *b"*" {
        return Err(Reply { body: Body::Bytes(bytes::Bytes::new()), ..Reply::page(Status::OK) });
    }
    Ok(())
}
