//! Heads of HTTP/2 as heads of HTTP/1, and back (RFC 9113 sections 8.2 and 8.3).

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use wsgate_core::answer::AnswerHead;
use wsgate_core::http::{Head, Headers, Version};

use crate::http1::{Flaw, HeadRules, Received};

/// Fields that are about a connection of HTTP/1 and mean nothing here.
const OF_CONNECTIONS: [&[u8]; 5] =
    [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];

/// The request that a stream begins with; `open` if a body follows.
pub(crate) fn received(parts: &Parts, open: bool, rules: &HeadRules) -> Received {
    let target = target(parts);
    let line = format!("{} {target} HTTP/2.0", parts.method);
    let flaw = flaw(parts, line.len(), rules);
    let mut head = Head {
        method: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: target.into(),
        line: line.into(),
        version: Version::HTTP_2,
        headers: fields(parts),
    };
    if open && !head.headers.contains("Content-Length") {
        // As h2_request.c has it: a length that nobody knows.
        head.headers.add("Transfer-Encoding", "chunked");
    }
    match flaw {
        None => Ok(head),
        Some(flaw) => Err(flaw.of(head)),
    }
}

fn target(parts: &Parts) -> String {
    match (parts.uri.path_and_query(), parts.uri.authority()) {
        (_, Some(authority)) if parts.method == http::Method::CONNECT => authority.to_string(),
        (Some(path), _) => path.to_string(),
        (None, _) => "/".to_owned(),
    }
}

/// The limits that HTTP/1 has, too.
fn flaw(parts: &Parts, line: usize, rules: &HeadRules) -> Option<Flaw> {
    if line > rules.line + 1 {
        return Some(Flaw::LONG_LINE);
    }
    if rules.fields != 0 && parts.headers.len() > rules.fields {
        return Some(Flaw::MANY_FIELDS);
    }
    let long =
        |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() > rules.field_size;
    parts.headers.iter().any(long).then_some(Flaw::LONG_FIELD)
}

/// The fields, one of each name; the authority is the host's, whatever a Host field says beside it.
fn fields(parts: &Parts) -> Headers {
    let mut headers = Headers::with_capacity(parts.headers.len() + 2);
    let authority = parts.uri.authority();
    if let Some(authority) = authority {
        headers.add("Host", authority.to_string());
    }
    let crumbs: Vec<&[u8]> = parts.headers.get_all("cookie").iter().map(HeaderValue::as_bytes).collect();
    if !crumbs.is_empty() {
        headers.add("Cookie", crumbs.join(&b"; "[..]));
    }
    for (name, value) in &parts.headers {
        let name = name.as_str();
        // An interim answer cannot be sent, so nobody is asked to wait for one.
        let ours = name == "cookie" || name == "expect" || name == "host" && authority.is_some();
        if !ours {
            headers.add(spelled(name), Bytes::copy_from_slice(value.as_bytes()));
        }
    }
    headers.combine();
    headers
}

/// `accept-language` as `Accept-Language` (h2_util_camel_case_header).
fn spelled(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|letter| {
            let spelled = if start { letter.to_ascii_uppercase() } else { letter };
            start = letter == '-';
            spelled
        })
        .collect()
}

/// An answer for hyper. What cannot be said in HTTP/2 is left out.
pub(crate) fn answer<B>(head: &AnswerHead, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(head.status.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for field in head.headers.iter() {
        let name = HeaderName::from_bytes(&field.name);
        let value = HeaderValue::from_maybe_shared(field.value.clone());
        if let (Ok(name), Ok(value)) = (name, value)
            && !OF_CONNECTIONS.contains(&name.as_str().as_bytes())
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use wsgate_core::reply::Status;

    use super::*;

    fn parts(method: &str, uri: &str, fields: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn shown(head: &Head) -> String {
        let fields = head
            .headers
            .iter()
            .map(|field| format!("{}: {}\n", field.name.escape_ascii(), field.value.escape_ascii()));
        format!("{}\n{}", head.line.escape_ascii(), fields.collect::<String>())
    }

    #[track_caller]
    fn check(parts: &Parts, open: bool, wanted: &str) {
        assert_eq!(shown(&received(parts, open, &HeadRules::default()).unwrap()), wanted);
    }

    #[test]
    fn requests_read_as_they_would_in_http_1() {
        let get = parts(
            "GET",
            "https://a.test:8443/x%20y?q=1",
            &[
                ("cookie", "a=1"),
                ("x-one", "1"),
                ("cookie", "b=2"),
                ("x-one", "2"),
                ("host", "b.test"),
                ("expect", "100-continue"),
            ],
        );
        check(&get, false, "GET /x%20y?q=1 HTTP/2.0\nHost: a.test:8443\nCookie: a=1; b=2\nX-One: 1, 2\n");
        check(
            &parts("POST", "/x", &[("host", "b.test")]),
            true,
            "POST /x HTTP/2.0\nHost: b.test\nTransfer-Encoding: chunked\n",
        );
        let sized = parts("PUT", "http://a.test", &[("content-length", "3")]);
        check(&sized, true, "PUT / HTTP/2.0\nHost: a.test\nContent-Length: 3\n");
        check(&parts("CONNECT", "a.test:443", &[]), false, "CONNECT a.test:443 HTTP/2.0\nHost: a.test:443\n");
        check(&parts("OPTIONS", "*", &[]), false, "OPTIONS * HTTP/2.0\n");
    }

    #[test]
    fn limits_are_those_of_http_1() {
        let rules = HeadRules { line: 20, field_size: 10, fields: 2, ..HeadRules::default() };
        let status = |parts: &Parts| received(parts, false, &rules).map_or_else(|bad| bad.status, |_| 200);
        assert_eq!(status(&parts("GET", "/1234567", &[])), 200);
        assert_eq!(status(&parts("GET", "/12345678", &[])), 414);
        assert_eq!(status(&parts("GET", "/", &[("abcde", "12345")])), 200);
        assert_eq!(status(&parts("GET", "/", &[("abcde", "123456")])), 400);
        assert_eq!(status(&parts("GET", "/", &[("a", "1"), ("b", "1"), ("c", "1")])), 400);
    }

    #[test]
    fn answers_lose_what_is_about_connections() {
        let mut headers = Headers::new();
        for (name, value) in [
            ("Connection", "close"),
            ("Transfer-Encoding", "chunked"),
            ("X-A", "1"),
            ("Set-Cookie", "a"),
            ("Set-Cookie", "b"),
        ] {
            headers.add(name, value);
        }
        let response = answer(&AnswerHead { status: Status(404), reason: Bytes::new(), headers }, ());
        assert_eq!(response.status(), 404);
        let fields: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(fields, [("x-a", "1"), ("set-cookie", "a"), ("set-cookie", "b")]);
    }
}
