//! How a request is passed to a backend: everything that does not depend on which member of a balancer is picked,
//! and [`Plan::leg`] for what does.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wsgate_directives::modules::proxy::{Worker, default_port};
use wsgate_directives::span::Span;

use crate::http::Headers;
use crate::modules::proxy::{Form, sendable_path};
use crate::modules::{proxy_http, proxy_wstunnel};
use crate::reply::Reply;
use crate::request::Request;
use crate::snapshot::{Backend, Balancer, Loaded};
use crate::url::bracketed;

/// A request to be passed on.
#[derive(Clone, Debug)]
pub struct Plan {
    /// To whom.
    pub to: Hop,
    /// `path?query` of the URL, encoded; begins with `/`. Behind a balancer the member's path goes in front of it.
    pub uri: Bytes,
    /// How the path was taken, and so how a member's is.
    pub(crate) form: Form,
    /// The line that mapped the request.
    pub route: Span,
    /// Which modules are there to do it.
    pub loaded: Loaded,
}

/// Who gets a request.
#[derive(Clone, Debug)]
pub enum Hop {
    /// A backend that a line names.
    Backend(Arc<Backend>, Authority),
    /// A backend that no line names (httpd's default reverse worker): its connection is not kept.
    Unnamed(Authority),
    /// A member of a balancer, still to be picked.
    Balancer(Arc<Balancer>),
}

/// Scheme, host and port of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// `http`, `https`, `ws` or `wss`.
    pub scheme: Box<str>,
    /// Host name or address, IPv6 addresses without brackets.
    pub host: Box<str>,
    /// The port.
    pub port: u16,
    /// The unix socket to connect to instead.
    pub socket: Option<Box<str>>,
}

impl Authority {
    /// Whether the backend speaks TLS.
    pub fn secure(&self) -> bool {
        matches!(&*self.scheme, "https" | "wss")
    }

    /// Whether the scheme asks for WebSocket tunnels.
    pub fn websocket(&self) -> bool {
        matches!(&*self.scheme, "ws" | "wss")
    }

    /// The value of the Host field: the port is left out if it is the scheme's.
    pub fn host_field(&self) -> String {
        let host = bracketed(&self.host);
        if self.port == default_port(&self.scheme) {
            host.into_owned()
        } else {
            [&*host, ":", &self.port.to_string()].concat()
        }
    }

    /// The authority of a worker.
    pub fn of(worker: &Worker) -> Self {
        let url = &worker.url;
        let port = url.effective_port();
        Self { scheme: url.scheme.clone(), host: url.host.clone(), port, socket: url.socket.clone() }
    }
}

/// One attempt: a request as a particular backend gets it.
#[derive(Debug)]
pub struct Leg {
    /// Where it goes.
    pub authority: Authority,
    /// What is made of an upgrade.
    pub upgrade: Upgrade,
    /// What connections to the backend may be changed to.
    pub protocol: Option<Protocol>,
    /// The method.
    pub method: Bytes,
    /// The request target.
    pub uri: Bytes,
    /// The header fields, without those of the framing and the connection.
    pub headers: Headers,
    /// The limits.
    pub times: Times,
    /// Whether the connection may be kept for other requests.
    pub reusable: bool,
    /// Whether the request is sent as HTTP/1.0 (`force-proxy-request-1.0`).
    pub http10: bool,
    /// The largest header line of an answer, bytes (`responsefieldsize=`).
    pub response_field_size: u32,
}

/// What is made of a request's Upgrade field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// It is an ordinary request.
    None,
    /// The backend is asked for this protocol; its answer is read (mod_proxy_http).
    Framed(Bytes),
    /// The backend is asked for this protocol; its answer is passed on unread (mod_proxy_wstunnel).
    Raw(Bytes),
}

/// A protocol that connections may be changed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol(pub(crate) Box<str>);

impl Protocol {
    /// Whether an Upgrade field, taken as a whole, names it; `*` is any.
    pub(crate) fn is(&self, field: &[u8]) -> bool {
        &*self.0 == "*" || field.eq_ignore_ascii_case(self.0.as_bytes())
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// To connect.
    pub connect: Duration,
    /// Between two reads or writes, the answer's head included.
    pub io: Duration,
    /// Silence of a tunnel in both directions; none is no limit.
    pub idle: Option<Duration>,
}

impl Plan {
    /// The request as `backend` gets it; none for the backend that no line names.
    ///
    /// # Errors
    /// The answer where the backend's scheme has no handler, the upgrade is refused, or the member's path cannot be sent.
    pub fn leg(&self, request: &Request, backend: Option<&Backend>) -> Result<Leg, Reply> {
        let worker = backend.map(|backend| &backend.worker);
        if matches!(self.to, Hop::Balancer(_)) && !self.loaded.balancer {
            return Err(proxy_wstunnel::no_handler("balancer"));
        }
        let authority = match (&self.to, worker) {
            (Hop::Backend(_, authority) | Hop::Unnamed(authority), _) => authority.clone(),
            (Hop::Balancer(_), Some(member)) => Authority::of(member),
            (Hop::Balancer(balancer), None) => {
                return Err(Reply::proxy_error(
                    crate::reply::Status::SERVICE_UNAVAILABLE,
                    format!("no member of {} is usable", balancer.name),
                ));
            }
        };
        let upgrade = proxy_wstunnel::upgrade(self.loaded, request, &authority, worker)?;
        if !matches!(upgrade, Upgrade::Raw(_)) {
            proxy_http::check_coding(request)?;
        }
        let uri = match (&self.to, worker) {
            (Hop::Balancer(_), Some(member)) if !member.url.path.is_empty() => {
                let path = sendable_path(request, self.form, member.url.path.as_bytes())?;
                [&*path, &self.uri].concat().into()
            }
            _ => self.uri.clone(),
        };
        let keeps =
            worker.is_some_and(|worker| !worker.params.disable_reuse.as_ref().is_some_and(|off| **off));
        let env = &request.env;
        let http10 = env.contains("force-proxy-request-1.0");
        Ok(Leg {
            headers: proxy_http::request_headers(request, &authority, worker, &upgrade),
            protocol: proxy_wstunnel::protocol(&authority, worker),
            method: request.head.method.clone(),
            times: proxy_wstunnel::times(request, worker, &upgrade),
            reusable: keeps && !http10 && !env.contains("proxy-nokeepalive"),
            response_field_size: worker.and_then(|w| w.params.response_field_size).map_or(8192, |size| *size),
            authority,
            upgrade,
            uri,
            http10,
        })
    }
}
