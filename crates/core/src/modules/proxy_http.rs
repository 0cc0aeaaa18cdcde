//! mod_proxy_http's side of a request: the header fields that the backend gets (`ap_proxy_create_hdrbrgd`).

use bytes::Bytes;
use wsgate_directives::modules::proxy::{Via, Worker};

use crate::http::{Field, Headers};
use crate::plan::{Authority, Upgrade};
use crate::reply::Status;
use crate::request::{Phase, Request};
use crate::url::default_port;

/// A body can be passed on if it is in chunks and in no other coding; what it was encoded with would be lost
/// (`ap_proxy_http_prefetch`).
pub(crate) fn check_coding(request: &Request) -> Phase<()> {
    match request.head.headers.get("Transfer-Encoding") {
        Some(coding) if !coding.eq_ignore_ascii_case(b"chunked") => {
            log::error!("Transfer-Encoding {} is not supported", coding.escape_ascii());
            Err(Status::INTERNAL_SERVER_ERROR.into())
        }
        _ => Ok(()),
    }
}

/// Fields that belong to one connection and are never passed on (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [&str; 8] = [
    "Connection",
    "Proxy-Connection",
    "Keep-Alive",
    "Upgrade",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Content-Length",
];

/// Removes the fields that Connection names, and Connection itself (`ap_proxy_clear_connection`, which takes blanks and
/// semicolons for commas).
pub(crate) fn clear_connection(headers: &mut Headers) {
    let named: Vec<Bytes> = headers.all(b"Connection").cloned().collect();
    for value in &named {
        for token in value.split(|byte| matches!(byte, b',' | b';' | b' ' | b'\t')) {
            // X-Forwarded-* of the client may go; those of the proxy are added behind this.
            if !token.is_empty() {
                headers.remove(token);
            }
        }
    }
    headers.remove("Connection");
}

/// The fields of a request as a backend gets them, without framing; the Host field comes first, as httpd has it.
pub(crate) fn request_headers(
    request: &Request,
    authority: &Authority,
    worker: Option<&Worker>,
    upgrade: &Upgrade,
) -> Headers {
    let mut headers = request.head.headers.clone();
    let host = headers.get("Host").cloned();
    clear_connection(&mut headers);
    let stays =
        |field: &Field| !HOP_BY_HOP.iter().any(|name| field.is(name.as_bytes())) && !field.is(b"Host");
    headers.retain(|field| stays(field));
    let mut out = Headers::with_capacity(headers.len() + 6);
    out.add("Host", host_field(request, authority, host.as_ref()));
    via(request, &mut headers);
    expect(request, worker, &mut headers);
    if request.dir.proxy.add_headers.as_ref().is_none_or(|on| **on) {
        headers.merge("X-Forwarded-For", request.client_text());
        if let Some(host) = &host {
            headers.merge("X-Forwarded-Host", host);
        }
        headers.merge("X-Forwarded-Server", &request.server.name);
    }
    if request.user.is_some() && !request.env.contains("Proxy-Chain-Auth") {
        headers.remove("Proxy-Authorization");
    }
    for field in headers.iter() {
        out.add(field.name.clone(), field.value.clone());
    }
    if let Upgrade::Framed(token) | Upgrade::Raw(token) = upgrade {
        out.add("Connection", "Upgrade");
        out.add("Upgrade", token.clone());
    }
    out
}

fn host_field(request: &Request, authority: &Authority, client: Option<&Bytes>) -> Bytes {
    let preserve = request.dir.proxy.preserve_host.as_ref().is_some_and(|on| **on);
    match (preserve, client) {
        (true, Some(host)) => host.clone(),
        (true, None) => request.server.name.clone().into(),
        (false, _) => authority.host_field().into(),
    }
}

/// ProxyVia.
fn via(request: &Request, headers: &mut Headers) {
    match via_value(request) {
        Some(value) => headers.merge("Via", value),
        None if request.server.conf.proxy.via.as_ref().is_some_and(|via| **via == Via::Block) => {
            headers.remove("Via");
        }
        None => {}
    }
}

/// What this server writes into Via, if it does.
pub(crate) fn via_value(request: &Request) -> Option<String> {
    let comment = match request.server.conf.proxy.via.as_ref().map(|via| via.value)? {
        Via::Off | Via::Block => return None,
        Via::On => "",
        Via::Full => concat!(" (wsgate/", env!("CARGO_PKG_VERSION"), ")"),
    };
    let version = request.head.version;
    let port = request.own_port();
    let shown = if port == default_port(&request.scheme()) { String::new() } else { format!(":{port}") };
    Some(format!("{}.{} {}{shown}{comment}", version.major, version.minor, request.server.name))
}

/// Expect goes to the backend unless it is answered here; `ping=` adds it to requests with a body.
fn expect(request: &Request, worker: Option<&Worker>, headers: &mut Headers) {
    let forwards = request.dir.proxy.forward_100_continue.as_ref().is_none_or(|on| **on);
    let asked = request.expects_continue();
    let ping = worker.is_some_and(|worker| worker.params.ping.is_some()) && request.has_body();
    if asked && forwards {
        return;
    }
    headers.remove("Expect");
    if ping {
        headers.set("Expect", "100-Continue");
    }
}

impl Request {
    /// Whether the client waits for a 100 (Continue) before it sends its body.
    pub fn expects_continue(&self) -> bool {
        self.head.headers.get("Expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }

    /// Whether a body follows the head.
    pub fn has_body(&self) -> bool {
        let headers = &self.head.headers;
        headers.contains("Transfer-Encoding")
            || headers.get("Content-Length").is_some_and(|length| !length.iter().all(|digit| *digit == b'0'))
    }
}
