//! The texts that rules make of URLs: which are absolute, how they are escaped, where their query begins.

use bytes::Bytes;
use wsgate_directives::modules::rewrite::{Escape, Query};
use wsgate_directives::words::strip_caseless;

use crate::hex;
use crate::path::escape;
use crate::request::Request;
use crate::url::default_port;

/// The scheme that a URL begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scheme {
    /// Its length, `://` included.
    pub(super) len: usize,
    /// Whether a `?` in it begins a query.
    pub(super) has_query: bool,
}

/// What httpd knows as absolute URLs, and whether they have queries.
const SCHEMES: &[(&[u8], bool)] = &[
    (b"ajp://", true),
    (b"balancer://", true),
    (b"ftp://", false),
    (b"fcgi://", true),
    (b"gopher://", false),
    (b"http://", true),
    (b"https://", true),
    (b"h2://", true),
    (b"h2c://", true),
    (b"ldap://", false),
    (b"mailto:", true),
    (b"news:", false),
    (b"nntp://", false),
    (b"scgi://", true),
    (b"ws://", true),
    (b"wss://", true),
    (b"unix://", true),
    (b"unix:", true),
];

/// The scheme of an absolute URL (`is_absolute_uri`).
pub(super) fn scheme(url: &[u8]) -> Option<Scheme> {
    if url.len() <= 5 || url[0] == b'/' {
        return None;
    }
    let known = SCHEMES.iter().find(|(scheme, _)| strip_caseless(url, scheme).is_some());
    known.map(|(scheme, has_query)| Scheme { len: scheme.len(), has_query: *has_query })
}

/// An absolute URL as a Location field has it (`escape_absolute_uri`): the host stays as it is.
pub(super) fn escape_absolute(url: &[u8]) -> Vec<u8> {
    let start = scheme(url).map_or(0, |scheme| scheme.len);
    if start == 0 || url[start - 1] != b'/' {
        return [&url[..start], &escape(&url[start..])].concat();
    }
    let Some(slash) = url[start..].iter().position(|byte| *byte == b'/') else { return url.to_vec() };
    let (kept, path) = url.split_at(start + slash + 1);
    if !url[..4].eq_ignore_ascii_case(b"ldap") {
        return [kept, &escape(path)].concat();
    }
    // RFC 2255: five parts between question marks.
    let parts: Vec<Vec<u8>> = path.splitn(5, |byte| *byte == b'?').map(escape).collect();
    [kept, &parts.join(&b'?')].concat()
}

/// A group as [B] has it, in the way of PHP's urlencode (`escape_backref`).
pub(super) fn escape_group(group: &[u8], how: &Escape) -> Vec<u8> {
    let mut out = Vec::with_capacity(group.len() + 8);
    for byte in group {
        let listed = how.only.as_ref().is_some_and(|only| only.contains(byte));
        let other = if how.controls { matches!(byte, 0..=32 | 127) } else { how.only.is_none() };
        let kept = how.except.as_ref().is_some_and(|except| except.contains(byte));
        match byte {
            byte if kept || !(listed || other) => out.push(*byte),
            b'_' => out.push(b'_'),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            b' ' if !how.no_plus => out.push(b'+'),
            byte => {
                out.push(b'%');
                out.extend_from_slice(&hex::lower(*byte));
            }
        }
    }
    out
}

/// Takes the query off a result; gives what is left (`splitout_queryargs`).
pub(super) fn split_query(result: Vec<u8>, how: Query, query: &mut Option<Bytes>) -> Vec<u8> {
    if how.none {
        *query = None;
        return result;
    }
    let skip = match scheme(&result) {
        Some(Scheme { has_query: false, .. }) => {
            *query = None;
            return result;
        }
        Some(scheme) => scheme.len,
        None => 0,
    };
    if how.discard {
        *query = None;
    }
    let mut marks = result[skip..].iter();
    let is_mark = |byte: &u8| *byte == b'?';
    let mark = if how.last { marks.rposition(is_mark) } else { marks.position(is_mark) };
    let Some(mark) = mark.map(|mark| skip + mark) else { return result };
    let own = &result[mark + 1..];
    let mut all = match (how.append, own.is_empty()) {
        (false, _) => own.to_vec(),
        (true, true) => query.take().map(|query| query.to_vec()).unwrap_or_default(),
        (true, false) => [own, b"&", query.as_deref().unwrap_or_default()].concat(),
    };
    if all.last() == Some(&b'&') {
        all.pop();
    }
    *query = Some(all).filter(|all| !all.is_empty()).map(Bytes::from);
    result[..mark].to_vec()
}

/// A path below `old` as one below `new`; any other as it is (`subst_prefix_path`).
pub(super) fn with_prefix(path: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let old = old.strip_suffix(b"/").unwrap_or(old);
    match path.strip_prefix(old).and_then(|rest| rest.strip_prefix(b"/")) {
        Some(rest) if new.is_empty() || new.ends_with(b"/") => [new, rest].concat(),
        Some(rest) => [new, b"/", rest].concat(),
        None => path.to_vec(),
    }
}

/// A URL with this server's name before it, unless it has one (`fully_qualify_uri`).
pub(super) fn qualified(request: &Request, url: Vec<u8>) -> Vec<u8> {
    if request.is_method("CONNECT") || scheme(&url).is_some() {
        return url;
    }
    let slash: &[u8] = if url.starts_with(b"/") { b"" } else { b"/" };
    [request.own_url().as_bytes(), slash, &url].concat()
}

/// The path of a URL of this very server (`reduce_uri`).
pub(super) fn own_path(request: &Request, url: &[u8]) -> Option<Vec<u8>> {
    let own = request.scheme();
    let rest = strip_caseless(url, own.as_bytes())?.strip_prefix(b"://").filter(|rest| !rest.is_empty())?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b':')).unwrap_or(rest.len());
    let (host, behind) = rest.split_at(end);
    let slash = behind.iter().position(|byte| *byte == b'/').unwrap_or(behind.len());
    let port = match behind.first() {
        Some(b':') => wsgate_directives::values::atoi(&behind[1..slash]),
        _ => default_port(&own).into(),
    };
    let path = if behind[slash..].is_empty() { b"/" } else { &behind[slash..] };
    request.is_own(host, port).then(|| path.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes() {
        let len = |url: &str| scheme(url.as_bytes()).map(|scheme| scheme.len);
        assert_eq!(len("http://a"), Some(7));
        assert_eq!(len("WSS://a"), Some(6));
        assert_eq!(len("unix:/a|http://b"), Some(5));
        assert_eq!(len("unix:///a"), Some(7));
        assert_eq!(
            (len("ws://"), len("/ws://a"), len("foo://a"), len("proxy:http://a")),
            (None, None, None, None)
        );
    }

    #[track_caller]
    fn split(result: &str, how: Query, query: Option<&'static str>, expected: (&str, Option<&str>)) {
        let mut query = query.map(Bytes::from);
        let path = split_query(result.as_bytes().to_vec(), how, &mut query);
        let query = query.map(|query| String::from_utf8(query.to_vec()).unwrap());
        assert_eq!((String::from_utf8(path).unwrap().as_str(), query.as_deref()), expected, "{result}");
    }

    #[test]
    fn queries() {
        let plain = Query::default();
        let append = Query { append: true, ..plain };
        split("/a", plain, Some("q"), ("/a", Some("q")));
        split("/a?b", plain, Some("q"), ("/a", Some("b")));
        split("/a?", plain, Some("q"), ("/a", None));
        split("/a?b&", plain, None, ("/a", Some("b")));
        split("/a?b", append, Some("q"), ("/a", Some("b&q")));
        split("/a?b", append, None, ("/a", Some("b")));
        split("/a?", append, Some("q"), ("/a", Some("q")));
        split("/a?b?c", Query { last: true, ..plain }, None, ("/a?b", Some("c")));
        split("/a", Query { discard: true, ..plain }, Some("q"), ("/a", None));
        split("/a?b", Query { none: true, ..plain }, Some("q"), ("/a?b", None));
        split("ftp://h/a?b", plain, Some("q"), ("ftp://h/a?b", None));
    }

    #[test]
    fn prefixes_are_replaced() {
        let cases = [
            ("/var/www/a", "/var/www/", "/base", "/base/a"),
            ("/var/www/a", "/var/www", "/", "/a"),
            ("/var/wwwa", "/var/www/", "/base", "/var/wwwa"),
            ("/var/www", "/var/www/", "/base", "/var/www"),
        ];
        for (path, old, new, expected) in cases {
            let got = with_prefix(path.as_bytes(), old.as_bytes(), new.as_bytes());
            assert_eq!(String::from_utf8_lossy(&got), expected, "{path}");
        }
    }

    #[test]
    fn groups_are_escaped() {
        let all = Escape::default();
        let text = |how: &Escape| String::from_utf8(escape_group(b"a b/c?\x01_", how)).unwrap();
        assert_eq!(text(&all), "a+b%2fc%3f%01_");
        assert_eq!(text(&Escape { no_plus: true, ..all.clone() }), "a%20b%2fc%3f%01_");
        assert_eq!(text(&Escape { only: Some(b"?"[..].into()), ..all.clone() }), "a b/c%3f\u{1}_");
        assert_eq!(text(&Escape { except: Some(b"/"[..].into()), ..all.clone() }), "a+b/c%3f%01_");
        assert_eq!(text(&Escape { controls: true, ..all }), "a+b/c?%01_");
    }
}
