//! What each field of a log format says about a request, as far as it is known with the head of the answer.

use std::borrow::Cow;
use std::net::SocketAddr;

use bytes::Bytes;
use wsgate_directives::modules::log_config::{At, Peer, Port, Subject, Thread, What, Which};

use super::{Answered, Process, escape, number, times};
use crate::http::{Conformance, Head};
use crate::mapped::Mapped;
use crate::plan::{Hop, Plan};
use crate::request::Request;
use crate::target::Target;
use crate::url::{bracketed, default_port};

/// LogIOTrackTTFB.
pub(super) fn tracks_first_byte(answered: &Answered<'_>) -> bool {
    answered.request.dir.logio.track_first_byte.as_ref().is_some_and(|on| **on)
}

/// Appends what a field says of the original request or of the one that was answered.
pub(super) fn write(out: &mut Vec<u8>, what: &What, which: Which, answered: &Answered<'_>) {
    let view = View::of(which, answered);
    let View { request, status, .. } = view;
    match what {
        What::Host(peer) | What::Address(peer) => address(out, self::peer(request, *peer)),
        What::LocalAddress => address(out, request.connection.local),
        What::User => user(out, request.user.as_ref()),
        What::Time(At::Begin, format) => times::write(out, format, request.received),
        What::File => item(out, view.file().as_deref()),
        What::RequestHeader(name) => item(out, request.head.headers.get(name)),
        What::AnswerHeader(name) => item(out, view.answer_header(name).as_deref()),
        What::Note(name) => item(out, request.notes.get(name)),
        What::Env(name) => item(out, request.env.get(name)),
        What::Cookie(name) => item(out, request.head.headers.get("Cookie").and_then(|all| cookie(all, name))),
        What::LogId(Subject::Request) => item(out, answered.ids.request),
        What::LogId(Subject::Connection) => item(out, answered.ids.connection),
        What::ServerName => item(out, Some(request.own_host())),
        What::VirtualHost => item(out, Some(&request.server.name)),
        What::Port(port) => number(out, self::port(request, *port)),
        What::Process(thread) => process(out, answered.process, *thread),
        What::Protocol => item(out, Some(request.head.version.to_string())),
        What::Method => item(out, known(&request.head.method)),
        What::Query => {
            if let Some(query) = &request.query {
                out.push(b'?');
                escape::access(out, query);
            }
        }
        What::KeepAlives => number(out, answered.served_before),
        What::RequestLine => item(out, known(&request_line(request))),
        What::Path => item(out, path(request)),
        What::Status if status == 0 => out.push(b'-'),
        What::Status => number(out, status),
        What::Handler => item(out, request.handler()),
        What::Tls(name) => tls(out, request, name),
        What::Bogus(argument) => out.extend_from_slice(argument),
        // Names of users are not asked for (mod_ident), and the others are left to the end.
        What::Logname
        | What::Nothing
        | What::FirstByte
        | What::Time(At::End, _)
        | What::BodyBytesOrDash
        | What::BodyBytes
        | What::RequestTrailer(_)
        | What::AnswerTrailer(_)
        | What::Connection
        | What::Duration(_)
        | What::BytesIn
        | What::BytesOut
        | What::BytesBoth => out.push(b'-'),
    }
}

/// Appends an item, escaped; `-` where there is none.
pub(super) fn item(out: &mut Vec<u8>, value: Option<impl AsRef<[u8]>>) {
    match value {
        Some(value) => escape::access(out, value.as_ref()),
        None => out.push(b'-'),
    }
}

/// The request that a field speaks of.
#[derive(Clone, Copy)]
struct View<'a> {
    request: &'a Request,
    status: u16,
    plan: Option<&'a Plan>,
    answered: &'a Answered<'a>,
}

impl<'a> View<'a> {
    fn of(which: Which, answered: &'a Answered<'a>) -> Self {
        let mut view =
            Self { request: answered.request, status: answered.status, plan: answered.plan, answered };
        while let (Which::Original, Some(failed)) = (which, &view.request.failed) {
            view.request = &failed.request;
            view.status = failed.reply.status.0;
            view.plan = None;
        }
        view
    }

    /// `r->filename`: that of a proxied request is its URL.
    fn file(self) -> Option<Bytes> {
        let Some(Plan { to, uri, .. }) = self.plan else { return self.mapped() };
        let authority = match to {
            Hop::Backend(_, authority) | Hop::Unnamed(authority) => {
                let host = bracketed(&authority.host);
                format!("{}://{host}:{}", authority.scheme, authority.port)
            }
            Hop::Balancer(balancer) => balancer.name.to_string(),
        };
        Some([b"proxy:", authority.as_bytes(), uri].concat().into())
    }

    /// The name of what no backend has answered; the query is part of a URL.
    fn mapped(self) -> Option<Bytes> {
        let name = self.request.filename();
        match (&self.request.mapped, &self.request.query) {
            (Mapped::Backend(_), Some(query)) => Some([&name?, &b"?"[..], query].concat().into()),
            _ => name,
        }
    }

    /// httpd has sent the fields of a 101 by another way, and Date and Server never stay in its table.
    fn answer_header(self, name: &[u8]) -> Option<Cow<'a, [u8]>> {
        let headers = self.answered.headers;
        if name.eq_ignore_ascii_case(b"Content-Type") {
            let value = headers.get(name)?;
            let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
            return Some(Cow::Borrowed(value[..end].trim_ascii_end()));
        }
        let hidden = [&b"Date"[..], b"Server"].iter().any(|own| name.eq_ignore_ascii_case(own));
        if hidden || self.status == 101 {
            return None;
        }
        if name.eq_ignore_ascii_case(b"Set-Cookie") {
            let cookies: Vec<&[u8]> = headers.all(name).map(|value| &value[..]).collect();
            return (!cookies.is_empty()).then(|| Cow::Owned(cookies.join(&b", "[..])));
        }
        headers.get(name).map(|value| Cow::Borrowed(&value[..]))
    }
}

fn peer(request: &Request, peer: Peer) -> SocketAddr {
    match peer {
        Peer::Client => request.client,
        Peer::Connection => request.connection.peer,
    }
}

fn address(out: &mut Vec<u8>, address: SocketAddr) {
    number(out, address.ip().to_canonical());
}

/// An empty name is written as two quotes.
fn user(out: &mut Vec<u8>, user: Option<&Bytes>) {
    match user {
        Some(user) if user.is_empty() => out.extend_from_slice(b"\"\""),
        user => item(out, user),
    }
}

fn port(request: &Request, port: Port) -> u16 {
    match port {
        Port::Canonical => request.server.port.unwrap_or_else(|| default_port(&request.scheme())),
        Port::Local => request.connection.local.port(),
        Port::Remote => request.client.port(),
    }
}

fn process(out: &mut Vec<u8>, process: Process, thread: Thread) {
    match thread {
        Thread::Process => number(out, process.pid),
        Thread::Thread => number(out, process.tid),
        Thread::HexThread => number(out, format_args!("{:x}", process.tid)),
    }
}

/// Of a head of which nothing could be read, nothing is known.
fn known(value: &[u8]) -> Option<&[u8]> {
    (!value.is_empty()).then_some(value)
}

/// `r->uri`: a target without a path has the path `/`, a head that could not be read has none.
fn path(request: &Request) -> Option<&[u8]> {
    let Head { method, target, .. } = &request.head;
    if method.is_empty() {
        return None;
    }
    if !request.path.is_empty() {
        return Some(&request.path);
    }
    // A target that is refused is not taken apart any further.
    Some(Target::parse(method, target, Conformance::Unsafe).map_or(b"/", |target| target.path))
}

/// The request line, a password in an absolute target made illegible.
fn request_line(request: &Request) -> Cow<'_, [u8]> {
    let line = &request.head.line;
    let target = &request.head.target;
    let Some(scheme) = memchr::memmem::find(target, b"://") else { return Cow::Borrowed(line) };
    let behind = &target[scheme + 3..];
    let authority = &behind[..behind.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(behind.len())];
    let user_info = authority.iter().rposition(|byte| *byte == b'@').map(|at| &authority[..at]);
    let password = user_info.and_then(|info| {
        let colon = info.iter().position(|byte| *byte == b':')?;
        Some(scheme + 3 + colon + 1..scheme + 3 + info.len())
    });
    let (Some(password), Some(start)) = (password, memchr::memmem::find(line, target)) else {
        return Cow::Borrowed(line);
    };
    Cow::Owned([&line[..start + password.start], b"XXXXXXXX", &line[start + password.end..]].concat())
}

/// The value of a cookie (httpd's `log_cookie`): names regardless of case, blanks around both cut off.
fn cookie<'a>(all: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    all.split(|byte| *byte == b';').find_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (own, value) = (pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii());
        (own.eq_ignore_ascii_case(name) && !value.is_empty()).then_some(value)
    })
}

/// `ssl_var_lookup`, which knows other variables than mod_ssl's as well. httpd writes the value as it is; quotes and
/// backslashes of a distinguished name stay here too, control bytes do not.
fn tls(out: &mut Vec<u8>, request: &Request, name: &str) {
    let value = match name {
        "HTTPS" => Some(if request.connection.tls.is_some() { "on" } else { "off" }.to_owned()),
        "REMOTE_ADDR" => Some(request.client().to_string()),
        name => request.ssl_var(name),
    };
    match value.filter(|value| !value.is_empty()) {
        Some(value) => escape::control(out, value.as_bytes()),
        None => out.push(b'-'),
    }
}
