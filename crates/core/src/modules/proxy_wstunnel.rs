//! mod_proxy_wstunnel, and what mod_proxy_http makes of upgrades: which requests become tunnels, and how long those
//! may be silent.

use std::time::Duration;

use bytes::Bytes;
use wsgate_directives::modules::proxy::Worker;

use crate::plan::{Authority, Protocol, Times, Upgrade};
use crate::reply::{Reply, Status};
use crate::request::Request;
use crate::snapshot::Loaded;

/// httpd's Timeout where nothing sets it.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Whether mod_proxy_http serves `ws://` (`ProxyWebsocketFallbackToProxyHttp`, and what is loaded).
pub(crate) fn falls_back(loaded: Loaded, request: &Request) -> bool {
    let on = request.dir.proxy_wstunnel.fallback.is_none_or(|on| *on);
    loaded.proxy_http && (on || !loaded.proxy_wstunnel)
}

/// Whether ProxyPass to a `ws://` URL takes this request at all (`proxy_wstunnel_check_trans`): mod_proxy_wstunnel
/// on its own leaves requests without an Upgrade to others.
pub(crate) fn takes(loaded: Loaded, request: &Request, websocket: bool) -> bool {
    !websocket || falls_back(loaded, request) || request.head.headers.contains("Upgrade")
}

/// What is made of the request's Upgrade field towards a backend.
pub(crate) fn upgrade(
    loaded: Loaded,
    request: &Request,
    authority: &Authority,
    worker: Option<&Worker>,
) -> Result<Upgrade, Reply> {
    let param = worker.and_then(|worker| worker.params.upgrade.as_ref()).map(|token| token.value.as_ref());
    let asked = request.head.headers.get("Upgrade");
    if authority.websocket() && !falls_back(loaded, request) {
        if !loaded.proxy_wstunnel {
            return Err(no_handler(&authority.scheme));
        }
        return raw(param, asked);
    }
    if !loaded.proxy_http || !matches!(&*authority.scheme, "http" | "https" | "ws" | "wss") {
        return Err(no_handler(&authority.scheme));
    }
    // An upgrade is decided by the Upgrade field as a whole (`ap_proxy_http_handler`).
    let protocol = protocol(authority, worker).filter(|_| !request.env.contains("force-proxy-request-1.0"));
    Ok(match (protocol, asked) {
        (Some(protocol), Some(asked)) if protocol.is(asked) => Upgrade::Framed(asked.clone()),
        _ => Upgrade::None,
    })
}

/// What connections of mod_proxy_http to a backend may be changed to: `upgrade=`, else WebSocket for `ws://`.
pub(crate) fn protocol(authority: &Authority, worker: Option<&Worker>) -> Option<Protocol> {
    match worker.and_then(|worker| worker.params.upgrade.as_ref()) {
        Some(token) if &*token.value == "NONE" => None,
        Some(token) => Some(Protocol(token.value.clone())),
        None => authority.websocket().then(|| Protocol("WebSocket".into())),
    }
}

/// mod_proxy_wstunnel's own view (`proxy_wstunnel_handler`): another token is answered 426.
fn raw(param: Option<&str>, asked: Option<&Bytes>) -> Result<Upgrade, Reply> {
    let token = param.unwrap_or("WebSocket");
    let accepted = asked.is_some_and(|asked| token == "*" || asked.eq_ignore_ascii_case(token.as_bytes()));
    if !accepted {
        let mut reply = Reply::page(Status::UPGRADE_REQUIRED);
        reply.headers.set("Connection", "Upgrade");
        reply.headers.set("Upgrade", token.to_owned());
        return Err(reply);
    }
    // httpd writes the parameter, not the client's spelling. A `*` would be no token: then the client's it is.
    let sent = match (token, asked) {
        ("WebSocket", _) => Bytes::from_static(b"WebSocket"),
        ("*", Some(asked)) => asked.clone(),
        (token, _) => Bytes::copy_from_slice(token.as_bytes()),
    };
    Ok(Upgrade::Raw(sent))
}

/// No module that is loaded takes URLs of this scheme (`proxy_handler`).
pub(crate) fn no_handler(scheme: &str) -> Reply {
    let why = format!("no loaded module handles {scheme}://");
    Reply { reason: None, ..Reply::proxy_error(Status::INTERNAL_SERVER_ERROR, why) }
}

/// The limits of an attempt. A tunnel's idle time is ProxyWebsocketIdleTimeout where it is set, else httpd 2.4's
/// rule: the larger of Timeout and the worker's or the proxy's; mod_proxy_wstunnel on its own has none.
pub(crate) fn times(request: &Request, worker: Option<&Worker>, upgrade: &Upgrade) -> Times {
    let conf = &request.server.conf;
    let timeout = conf.core.timeout.as_ref().map_or(TIMEOUT, |time| **time);
    let own = worker.and_then(|worker| worker.params.timeout.as_ref()).map(|time| **time);
    let backend = own.or(conf.proxy.timeout.as_ref().map(|time| **time));
    let io = backend.unwrap_or(timeout);
    let connect =
        worker.and_then(|worker| worker.params.connection_timeout.as_ref()).map_or(io, |time| **time);
    let idle = match (&request.dir.proxy_wstunnel.idle_timeout, upgrade) {
        (Some(set), _) => Some(**set).filter(|time| !time.is_zero()),
        (None, Upgrade::Raw(_)) => None,
        (None, _) => Some(timeout.max(io)),
    };
    Times { connect, io, idle }
}
