//! mod_proxy's side of an answer: what of a backend's header fields the client gets, and ProxyPassReverse.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use wsgate_directives::modules::proxy::Reverse;
use wsgate_directives::words::strip_caseless;

use crate::http::Headers;
use crate::http_date;
use crate::modules::proxy_http::{clear_connection, via_value};
use crate::moment::Moment;
use crate::reply::{Reply, Status};
use crate::request::Request;

/// What ProxyErrorOverride says of a backend's answer.
pub(crate) fn is_overridden(request: &Request, status: Status) -> bool {
    request.dir.proxy.error_override.as_ref().is_some_and(|set| {
        set.on && if set.statuses.is_empty() { status.is_error() } else { set.statuses.contains(&status.0) }
    })
}

/// What stands in for an answer that ProxyErrorOverride takes away: its status line is kept, and the challenge of a 401.
pub(crate) fn overridden(status: Status, reason: Bytes, headers: &Headers) -> Reply {
    let mut reply = Reply { reason: Some(reason).filter(|reason| !reason.is_empty()), ..Reply::page(status) };
    if let Some(challenge) = headers.get("WWW-Authenticate").filter(|_| status == Status::UNAUTHORIZED) {
        reply.headers.set("WWW-Authenticate", challenge.clone());
    }
    reply
}

/// The status line of an answer. Where it is an ErrorDocument and ProxyErrorOverride would take the error away, the
/// error's own stays.
pub(crate) fn kept_status(request: &Request, status: Status, reason: Bytes) -> (Status, Bytes) {
    if !is_overridden(request, request.status) || status.is_bodyless() || request.is_method("HEAD") {
        return (status, reason);
    }
    let own = || Bytes::from_static(request.status.reason().as_bytes());
    (request.status, request.reason.clone().unwrap_or_else(own))
}

/// The fields of a backend's answer as the client gets them, without framing. Upgrade is left to who opens tunnels.
pub(crate) fn headers(request: &Request, mut headers: Headers) -> Headers {
    clear_connection(&mut headers);
    for name in [
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Connection",
        "Transfer-Encoding",
        "Trailer",
        "TE",
        "Upgrade",
    ] {
        headers.remove(name);
    }
    headers.retain(|field| {
        let names = |name: &str| field.is(name.as_bytes());
        let rewritten = if ["Location", "Content-Location", "URI", "Destination"].into_iter().any(names) {
            location(request, &field.value)
        } else if ["Date", "Expires", "Last-Modified"].into_iter().any(names) {
            canonical_date(&field.value)
        } else if field.is(b"Set-Cookie") {
            cookie(request, &field.value)
        } else {
            None
        };
        if let Some(value) = rewritten {
            field.value = value;
        }
        true
    });
    if let Some(via) = via_value(request) {
        headers.add("Via", via);
    }
    headers
}

/// A date in the form that RFC 9110 prefers; none for what is no date.
fn canonical_date(date: &[u8]) -> Option<Bytes> {
    let since_epoch = Duration::from_secs(http_date::parse(date)?);
    Some(Moment { since_epoch, utc_offset: 0 }.http_date().into())
}

/// A URL of the backend as a URL of this server (`ap_proxy_location_reverse_map`); none if no line knows it.
fn location(request: &Request, url: &Bytes) -> Option<Bytes> {
    request.dir.proxy.reverses.iter().find_map(|reverse| {
        let ours = request.filled(reverse.interpolate, &reverse.ours);
        let theirs = request.filled(reverse.interpolate, &reverse.theirs);
        let rest = if strip_caseless(theirs.as_bytes(), b"balancer://").is_some() {
            behind_member(request, &theirs, url, ours == "/")
        } else if theirs.starts_with('/') {
            behind(path_of(url), theirs.as_bytes())
        } else {
            behind(url, theirs.as_bytes())
        };
        let mapped = [ours.as_bytes(), rest?].concat();
        let absolute = !mapped.starts_with(b"/");
        Some(if absolute { mapped.into() } else { [request.own_url().as_bytes(), &mapped].concat().into() })
    })
}

/// What follows a text in a URL; letter case is ignored all the way, as httpd does.
fn behind<'u>(url: &'u [u8], text: &[u8]) -> Option<&'u [u8]> {
    strip_caseless(url, text).filter(|_| !text.is_empty())
}

/// The path of an absolute URL; anything else as it is.
fn path_of(url: &[u8]) -> &[u8] {
    let Some(authority) = url.windows(3).position(|three| three == b"://").map(|at| at + 3) else {
        return url;
    };
    url[authority..].iter().position(|byte| *byte == b'/').map_or(url, |at| &url[authority + at..])
}

/// What follows the URL of any member of a balancer; `rooted`: it goes behind a lone slash.
fn behind_member<'u>(request: &Request, theirs: &str, url: &'u [u8], rooted: bool) -> Option<&'u [u8]> {
    let name_end = theirs[11..].find('/').map_or(theirs.len(), |at| 11 + at);
    let (name, path) = theirs.split_at(name_end);
    let balancer =
        request.server.balancers.iter().find(|balancer| balancer.name.eq_ignore_ascii_case(name))?;
    balancer.members.iter().find_map(|member| {
        let base = &*member.worker.name;
        if path.len() > 1 {
            return behind(url, format!("{}{path}", base.strip_suffix('/').unwrap_or(base)).as_bytes());
        }
        let rest = behind(url, base.as_bytes())?;
        Some(if rooted { rest.strip_prefix(b"/").unwrap_or(rest) } else { rest })
    })
}

/// Domain and Path of a cookie, the last one where there are several (`ap_proxy_cookie_reverse_map`); none if no line
/// knows them.
fn cookie(request: &Request, value: &Bytes) -> Option<Bytes> {
    let proxy = &request.dir.proxy;
    if proxy.cookie_paths.is_empty() && proxy.cookie_domains.is_empty() {
        return None;
    }
    let mut parts: Vec<Cow<'_, [u8]>> = value.split(|byte| *byte == b';').map(Cow::from).collect();
    let path = replace_last(&mut parts, b"path=", |path| {
        replaced(request, &proxy.cookie_paths, path, <[u8]>::starts_with)
    });
    let domain = replace_last(&mut parts, b"domain=", |domain| {
        replaced(request, &proxy.cookie_domains, domain, |domain, prefix| {
            strip_caseless(domain, prefix).is_some()
        })
    });
    (path || domain).then(|| parts.join(&b';').into())
}

/// Gives the last attribute of this name another value; whether there is one.
fn replace_last(
    parts: &mut [Cow<'_, [u8]>],
    name: &[u8],
    new: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> bool {
    let value_at = |part: &[u8]| {
        let blanks = part.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        strip_caseless(&part[blanks..], name).map(|_| blanks + name.len())
    };
    let last = parts.iter_mut().rev().find_map(|part| value_at(part).map(|at| (part, at)));
    let Some((part, at)) = last else { return false };
    let Some(value) = new(&part[at..]) else { return false };
    *part = [&part[..at], &value].concat().into();
    true
}

/// The replacement of the first line whose text a value begins with; the whole value is replaced, as in httpd.
fn replaced(
    request: &Request,
    lines: &[Reverse],
    value: &[u8],
    begins: impl Fn(&[u8], &[u8]) -> bool,
) -> Option<Vec<u8>> {
    lines.iter().find_map(|line| {
        let theirs = request.filled(line.interpolate, &line.theirs);
        begins(value, theirs.as_bytes())
            .then(|| request.filled(line.interpolate, &line.ours).into_owned().into_bytes())
    })
}
