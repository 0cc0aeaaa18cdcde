//! The HTTP protocol module: what is answered or refused by the method alone.

use bytes::Bytes;
use wsgate_directives::methods::BUILT_IN;
use wsgate_directives::modules::core::{Methods, Trace};

use crate::http::Headers;
use crate::reply::{Body, Reply, Status};
use crate::request::{Decision, Phase, Request};

/// Methods that the default handler serves.
const SERVED: &str = "GET,POST,OPTIONS,HEAD";

impl Request {
    /// Whether httpd knows the method, or RegisterHttpMethod names it.
    fn is_method_known(&self) -> bool {
        let named = &self.server.conf.core.registered_methods;
        BUILT_IN.iter().any(|method| self.is_method(method))
            || named.iter().any(|method| self.is_method(method))
    }

    /// Whether the client may hold its body back until it is told to go on (Expect).
    pub fn holds_back(&self) -> bool {
        self.head.headers.get("Expect").is_some_and(|wanted| !wanted.is_empty())
    }

    fn trace_enable(&self) -> Trace {
        self.server.conf.core.trace_enable.as_ref().map_or(Trace::On, |trace| trace.value)
    }

    /// What Allow says (`make_allow`): what the default handler serves if it was asked, and TRACE.
    fn allow(&self, served: &'static str) -> String {
        let trace = if self.trace_enable() == Trace::Off { "" } else { "TRACE" };
        let comma = if served.is_empty() || trace.is_empty() { "" } else { "," };
        format!("{served}{comma}{trace}")
    }
}

/// `HttpProtocolOptions RegisteredMethods`.
pub(crate) fn check_registered(request: &Request) -> Phase<()> {
    let registered = request.server.conf.core.http_methods.as_ref();
    if registered.is_some_and(|methods| **methods == Methods::Registered) && !request.is_method_known() {
        return Err(Status::NOT_IMPLEMENTED.into());
    }
    Ok(())
}

/// Of expectations only 100-continue is known (RFC 9110 section 10.1.1). Whoever has another one may not send the body
/// that was told of.
pub(crate) fn check_expectation(request: &Request) -> Phase<()> {
    match request.head.headers.get("Expect") {
        Some(value) if !value.is_empty() && !value.eq_ignore_ascii_case(b"100-continue") => {
            let mut reply = Reply::page(Status::EXPECTATION_FAILED);
            reply.headers.set("Connection", "close");
            Err(reply)
        }
        _ => Ok(()),
    }
}

/// CONNECT is not for a reverse proxy.
pub(crate) fn check_method(request: &Request) -> Phase<()> {
    if request.is_method("CONNECT") {
        return Err(refused(request, Status::METHOD_NOT_ALLOWED));
    }
    Ok(())
}

/// What no backend gets (the map_to_storage phase): TRACE (`ap_send_http_trace`), and `OPTIONS *`, which asks about
/// the server (`http_send_options`).
pub(crate) fn answer_itself(request: &Request) -> Phase<()> {
    if matches!(request.mapped, crate::mapped::Mapped::Backend(_)) {
        return Ok(());
    }
    if request.is_method("OPTIONS") && *request.path == *b"*" {
        return Err(Reply { body: Body::Unhandled(Bytes::new()), ..Reply::page(Status::OK) });
    }
    if !request.is_method("TRACE") {
        return Ok(());
    }
    let mut reply = trace(request);
    if let Body::Bytes(echo) = reply.body {
        reply.body = Body::Unhandled(echo);
    }
    Err(reply)
}

/// TRACE is not passed on where it is off (`proxy_handler`).
pub(crate) fn check_trace(request: &Request) -> Phase<()> {
    let off = request.trace_enable() == Trace::Off && request.is_method("TRACE");
    if off { Err(Status::METHOD_NOT_ALLOWED.into()) } else { Ok(()) }
}

/// What comes back of a request whose Max-Forwards is used up; none for methods that do not ask for it.
pub(crate) fn turned_back(request: &Request) -> Option<Reply> {
    match &*request.head.method {
        b"TRACE" => Some(trace(request)),
        b"OPTIONS" => Some(options(request, "")),
        _ => None,
    }
}

/// The request itself. A body is never sent back, TraceEnable extended or not.
fn trace(request: &Request) -> Reply {
    match request.trace_enable() {
        Trace::Off => return Status::METHOD_NOT_ALLOWED.into(),
        Trace::On | Trace::Extended if request.has_body() => return Status::REQUEST_ENTITY_TOO_LARGE.into(),
        Trace::On | Trace::Extended => {}
    }
    let mut echo = request.head.line.to_vec();
    echo.extend_from_slice(b"\r\n");
    for field in &request.head.headers {
        for part in [&field.name[..], b": ", &field.value, b"\r\n"] {
            echo.extend_from_slice(part);
        }
    }
    echo.extend_from_slice(b"\r\n");
    let mut headers = Headers::new();
    headers.set("Content-Type", "message/http");
    Reply { body: Body::Bytes(echo.into()), headers, ..Reply::page(Status::OK) }
}

fn options(request: &Request, served: &'static str) -> Reply {
    let mut headers = Headers::new();
    headers.set("Allow", request.allow(served));
    Reply { body: Body::Bytes(Bytes::new()), headers, ..Reply::page(Status::OK) }
}

/// The default handler's last word on methods other than GET, HEAD and POST.
pub(crate) fn by_method(request: &Request) -> Phase<Decision> {
    if request.is_method("OPTIONS") {
        return Ok(Decision::Reply(Box::new(options(request, SERVED))));
    }
    let status = if request.is_method_known() { Status::METHOD_NOT_ALLOWED } else { Status::NOT_IMPLEMENTED };
    Err(refused(request, status))
}

fn refused(request: &Request, status: Status) -> Reply {
    let mut reply = Reply::page(status);
    reply.headers.set("Allow", request.allow(SERVED));
    reply
}

/// Allow where the request did not come as far as the default handler.
pub(crate) fn allow(request: &Request) -> String {
    request.allow("")
}
