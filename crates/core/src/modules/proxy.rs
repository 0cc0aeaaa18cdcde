//! mod_proxy: from a path to a backend URL, and from that to a plan.

use std::borrow::Cow;

use bytes::Bytes;
use wsgate_directives::modules::proxy::{From, Mapping, ProxyPass, To, WorkerUrl, without_socket};
use wsgate_directives::regex::substitute;
use wsgate_directives::span::Span;
use wsgate_directives::words::strip_caseless;

use crate::host::split_port;
use crate::http::Headers;
use crate::mapped::Mapped;
use crate::modules::{core, http, proxy_wstunnel};
use crate::path::{self, Slashes, alias_match};
use crate::plan::{Authority, Hop, Plan};
use crate::reply::{Reply, Status};
use crate::request::{Decision, Phase, Request};
use crate::snapshot::Snapshot;
use crate::url::push_query;

/// A request mapped to a backend URL (httpd's filename `proxy:URL`).
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The URL with the rest of the request's path; decoded unless `form` says otherwise.
    pub(crate) url: Bytes,
    /// How its path is to be taken.
    pub(crate) form: Form,
    /// The line that mapped it.
    pub(crate) span: Span,
}

/// How the path of a [`Route`] is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Decoded: it is encoded for the backend.
    Decoded,
    /// As the client sent it, query included (`nocanon`).
    Raw,
    /// Encoded already (`mapping=encoded`).
    Encoded,
}

/// ProxyPass lines that compare before the path is decoded (`proxy_pre_translate_name`).
pub(crate) fn translate_encoded(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let conf = &request.server.conf.proxy;
    let any = conf.passes.iter().chain(&request.dir.proxy.pass).any(|pass| pass.mapping.is_some());
    if any { map(snapshot, request, true) } else { Ok(()) }
}

/// ProxyPass lines (`proxy_translate_name`).
pub(crate) fn translate(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    map(snapshot, request, false)
}

fn map(snapshot: &Snapshot, request: &mut Request, encoded: bool) -> Phase<()> {
    if request.path.first() != Some(&b'/') || request.env.contains("no-proxy") {
        return Ok(());
    }
    let (server, dir) = (request.server.clone(), request.dir.clone());
    for pass in dir.proxy.pass.iter().chain(&server.conf.proxy.passes) {
        if pass.mapping.is_some() != encoded {
            continue;
        }
        match try_pass(snapshot, request, pass)? {
            Try::Next => {}
            Try::Excluded => return Ok(()),
            Try::Taken(route) => {
                request.mapped = Mapped::Backend(route);
                return Ok(());
            }
        }
    }
    Ok(())
}

enum Try {
    Next,
    Excluded,
    Taken(Route),
}

/// httpd's `ap_proxy_trans_match`.
fn try_pass(snapshot: &Snapshot, request: &mut Request, pass: &ProxyPass) -> Phase<Try> {
    let real = match &pass.to {
        To::Exclude => None,
        To::Url(url) => Some(request.filled(pass.interpolate, url)),
    };
    let mut servlet = None;
    let found = match &pass.from {
        From::Prefix(prefix) => {
            let prefix = request.filled(pass.interpolate, prefix);
            if pass.mapping == Some(Mapping::Servlet) {
                servlet = crate::modules::proxy_servlet::alias_match(&request.path, prefix.as_bytes());
                servlet.as_ref().map(|found| Rest { rest: found.rest.clone(), nocanon: false })
            } else {
                by_prefix(request, prefix.as_bytes(), pass.nocanon)
            }
        }
        From::Regex(regex) => {
            let Some(captures) = regex.captures(&request.path)? else { return Ok(Try::Next) };
            let Some(real) = &real else { return Ok(Try::Excluded) };
            // A raw path that the expression matches, too, is taken; else the decoded one, which cannot differ unsafely.
            let unparsed = pass.nocanon.then(|| request.unparsed());
            let raw = unparsed.as_deref().map(|raw| regex.captures(raw)).transpose()?.flatten();
            let nocanon = raw.is_some();
            let captures = raw.unwrap_or(captures);
            let url = substitute(real.as_bytes(), &captures)?;
            let rest = if url == real.as_bytes() { captures.subject().to_vec() } else { Vec::new() };
            return taken(snapshot, request, pass, &url, &Rest { rest: rest.into(), nocanon });
        }
    };
    let Some(found) = found else { return Ok(Try::Next) };
    let Some(real) = real else { return Ok(Try::Excluded) };
    let outcome = taken(snapshot, request, pass, real.as_bytes(), &found)?;
    if let (Try::Taken(_), Some(servlet)) = (&outcome, servlet) {
        request.path = servlet.normalised;
    }
    Ok(outcome)
}

/// What is left of a path behind a prefix.
struct Rest {
    rest: Bytes,
    nocanon: bool,
}

fn by_prefix(request: &Request, prefix: &[u8], nocanon: bool) -> Option<Rest> {
    let length = alias_match(&request.path, prefix);
    if length == 0 {
        return None;
    }
    if nocanon {
        let raw = request.unparsed();
        if alias_match(&raw, prefix) == length {
            return Some(Rest { rest: raw.slice(length..), nocanon });
        }
        log::warn!(
            "the decoded path matched ProxyPass, the one that was sent did not: nocanon is not applied"
        );
    }
    Some(Rest { rest: request.path.slice(length..), nocanon: false })
}

fn taken(snapshot: &Snapshot, request: &Request, pass: &ProxyPass, real: &[u8], found: &Rest) -> Phase<Try> {
    let websocket = [&b"ws://"[..], b"wss://"].iter().any(|scheme| strip_caseless(real, scheme).is_some());
    if !proxy_wstunnel::takes(snapshot.loaded, request, websocket) {
        return Ok(Try::Next);
    }
    let mut url = real.to_vec();
    url.extend_from_slice(&found.rest);
    let form = match (found.nocanon, pass.mapping) {
        (true, _) => Form::Raw,
        (false, Some(_)) => Form::Encoded,
        (false, None) => Form::Decoded,
    };
    Ok(Try::Taken(Route { url: url.into(), form, span: pass.span }))
}

/// `${NAME}` by the environment, unset ones by nothing (`ap_proxy_interpolate`).
fn interpolated(text: &str, env: &Headers) -> String {
    let Some(start) = text.find("${") else { return text.to_owned() };
    let Some(length) = text[start..].find('}') else { return text.to_owned() };
    let name = &text[start + 2..start + length];
    let value = env.get(name).map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default();
    format!("{}{value}{}", &text[..start], interpolated(&text[start + length + 1..], env))
}

impl Request {
    /// A text of a line with its variables filled in, where both the line and ProxyPassInterpolateEnv say so.
    pub(crate) fn filled<'t>(&self, line_says_so: bool, text: &'t str) -> Cow<'t, str> {
        if line_says_so && self.dir.proxy.interpolate_env.as_ref().is_some_and(|on| **on) {
            Cow::Owned(interpolated(text, &self.env))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Path and query as they came (`r->unparsed_uri`).
    pub fn unparsed(&self) -> Bytes {
        if self.query.is_none() {
            return self.raw_path.clone();
        }
        let mut all = self.raw_path.to_vec();
        push_query(&mut all, self.query.as_ref());
        all.into()
    }
}

/// SetHandler or AddHandler with `proxy:URL`: the file's path goes behind the URL (`proxy_handler`).
pub(crate) fn by_handler(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Planned>> {
    let Mapped::Disk(path) = &request.mapped else { return Ok(None) };
    let Some(handler) = request.handler.as_ref().filter(|_| snapshot.loaded.proxy) else { return Ok(None) };
    let Some(url) = handler.strip_prefix(b"proxy:").filter(|url| is_spoken(url)) else { return Ok(None) };
    let url = [url, &*path.name].concat().into();
    let route = Route { url, form: Form::Decoded, span: handler.span };
    let planned = fixup(request, &route)?;
    request.mapped = Mapped::Backend(route);
    Ok(Some(planned))
}

/// Whether wsgate speaks the protocol of a backend's URL.
pub(crate) fn is_spoken(url: &[u8]) -> bool {
    let url = match memchr::memchr(b'|', url) {
        Some(bar) if strip_caseless(url, b"unix:").is_some() => &url[bar + 1..],
        _ => url,
    };
    ["http", "https", "ws", "wss", "balancer"]
        .into_iter()
        .any(|scheme| strip_caseless(url, scheme.as_bytes()).is_some_and(|rest| rest.starts_with(b"://")))
}

/// Makes the URL canonical and finds its backend (`proxy_fixup`, `ap_proxy_pre_request`).
pub(crate) fn fixup(request: &Request, route: &Route) -> Phase<Planned> {
    // The socket is the configuration's; the rest of the path may be any bytes.
    let text = std::str::from_utf8(&route.url);
    let text =
        text.or_else(|error| std::str::from_utf8(&route.url[..error.valid_up_to()])).unwrap_or_default();
    let socketless = without_socket(text).filter(|url| url != text);
    let whole = socketless.as_ref().map(|url| [url.as_bytes(), &route.url[text.len()..]].concat());
    let bytes = whole.as_deref().unwrap_or(&route.url);
    let Some(colon) = bytes.iter().position(|byte| *byte == b':') else {
        return Err(Reply::proxy_error(Status::BAD_REQUEST, "the target is no URL"));
    };
    let behind = bytes[colon + 1..].strip_prefix(b"//").ok_or_else(|| malformed("the target is no URL"))?;
    let slash = behind.iter().position(|byte| *byte == b'/').unwrap_or(behind.len());
    let (authority, path) = behind.split_at(slash);
    if authority.iter().any(|byte| b"?#".contains(byte)) {
        return Err(malformed("what a request brings is no part of a host"));
    }
    if !names_host(authority) {
        return Err(Status::BAD_REQUEST.into());
    }
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let mut uri = vec![b'/'];
    uri.extend_from_slice(&sendable_path(request, route.form, path)?);
    // The query is a part of a raw path.
    if let Some(query) = request.query.as_ref().filter(|_| route.form != Form::Raw) {
        if !path::is_sendable(query) {
            return Err(Reply::page(Status::FORBIDDEN));
        }
        uri.push(b'?');
        uri.extend_from_slice(query);
    }
    let scheme = String::from_utf8_lossy(&bytes[..colon]).to_ascii_lowercase();
    let authority = String::from_utf8_lossy(authority).into_owned();
    let socket = socketless.and_then(|_| WorkerUrl::parse(text, false).ok()?.socket);
    Ok(Planned { scheme, authority, socket, uri: uri.into(), form: route.form, route: route.span })
}

/// A path as it is sent to a backend (`proxy_http_canon`).
///
/// # Errors
/// 400 for bad encoding where slashes stay encoded, 403 for what would have to be encoded and must not be.
pub(crate) fn sendable_path<'a>(request: &Request, form: Form, path: &'a [u8]) -> Phase<Cow<'a, [u8]>> {
    let path = match form {
        Form::Raw | Form::Encoded => Cow::Borrowed(path),
        Form::Decoded => {
            let keep = core::encoded_slashes(&request.dir) == Slashes::Keep;
            Cow::Owned(path::encode(path, keep)?)
        }
    };
    if path::is_sendable(&path) { Ok(path) } else { Err(Reply::page(Status::FORBIDDEN)) }
}

/// Whether an authority has a host, and no port that cannot be (`ap_proxy_canon_netloc`, `apr_parse_addr_port`).
fn names_host(authority: &[u8]) -> bool {
    let start = authority.iter().rposition(|byte| *byte == b'@').map_or(0, |at| at + 1);
    let host = &authority[start..];
    !host.iter().all(u8::is_ascii_digit) && split_port(host).is_ok()
}

fn malformed(why: &str) -> Reply {
    Reply::proxy_error(Status::BAD_REQUEST, why)
}

/// A canonical URL whose backend is still to be found.
#[derive(Debug)]
pub(crate) struct Planned {
    scheme: String,
    authority: String,
    socket: Option<Box<str>>,
    uri: Bytes,
    form: Form,
    route: Span,
}

/// The handler (`proxy_handler`): answers what the proxy answers itself, and finds the backend.
pub(crate) fn handle(snapshot: &Snapshot, request: &mut Request, planned: Planned) -> Phase<Decision> {
    max_forwards(request)?;
    http::check_trace(request)?;
    let server = request.server.clone();
    let Planned { scheme, authority, socket, uri, form, route } = planned;
    let loaded = snapshot.loaded;
    if scheme == "balancer" {
        let name = format!("balancer://{}", authority.to_ascii_lowercase());
        let balancer = server.balancers.iter().find(|balancer| *balancer.name == *name);
        // Only a rule can name a balancer that no other line names: to httpd that is an unknown scheme.
        let unknown = || Reply {
            reason: None,
            ..Reply::proxy_error(Status::INTERNAL_SERVER_ERROR, format!("no line defines {name}"))
        };
        let to = Hop::Balancer(balancer.ok_or_else(unknown)?.clone());
        return Ok(Decision::Proxy(Box::new(Plan { to, uri, form, route, loaded })));
    }
    let site = [&scheme, "://", &authority].concat();
    let url = WorkerUrl::parse(&site, false).map_err(|_| {
        Reply::proxy_error(Status::INTERNAL_SERVER_ERROR, "the target names no host and port")
    })?;
    let whole = site + &String::from_utf8_lossy(&uri);
    let to = match server.backend_for(&whole) {
        Some(backend) => {
            let socket = socket.or_else(|| backend.worker.url.socket.clone());
            Hop::Backend(backend.clone(), authority_of(url, socket))
        }
        None => Hop::Unnamed(authority_of(url, socket)),
    };
    Ok(Decision::Proxy(Box::new(Plan { to, uri, form, route, loaded })))
}

fn authority_of(url: WorkerUrl, socket: Option<Box<str>>) -> Authority {
    let port = url.effective_port();
    Authority { scheme: url.scheme, host: url.host, port, socket }
}

/// Max-Forwards: counted down, and answered here when it is used up.
fn max_forwards(request: &mut Request) -> Phase<()> {
    let configured = request.server.conf.proxy.max_forwards.as_ref().map_or(-1, |number| **number);
    let next = match request.head.headers.get("Max-Forwards") {
        None => configured,
        Some(value) => {
            let number: Option<u64> = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            match number {
                None => return Err(malformed("Max-Forwards request header could not be parsed")),
                Some(0) => {
                    let loops = || malformed("Max-Forwards has reached zero - proxy loop?");
                    return Err(http::turned_back(request).unwrap_or_else(loops));
                }
                Some(number) => i64::try_from(number - 1).unwrap_or(i64::MAX),
            }
        }
    };
    if next >= 0 {
        request.head.headers.set("Max-Forwards", next.to_string());
    }
    Ok(())
}
