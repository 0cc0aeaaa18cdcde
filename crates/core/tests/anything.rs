//! Any request through all phases of any configuration: nothing panics, all ends.
//!
//! The lines are those that a request's bytes get deepest into (expressions, look-aheads, maps, substitutions); the
//! requests are what has brought servers of this kind down.

use bytes::Bytes;
use proptest::prelude::*;
use wsgate_core::answer::{AnswerHead, interim, of_backend, of_reply, switching};
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::plan::Hop;
use wsgate_core::reply::Status;
use wsgate_core::request::{Decided, Decision, fail};
use wsgate_core::snapshot::Snapshot;

mod common;

const LINES: &[&str] = &[
    "ProxyPreserveHost On",
    "UseCanonicalName On",
    "MergeSlashes Off",
    "AllowEncodedSlashes On",
    "AllowEncodedSlashes NoDecode",
    "ProxyVia Full",
    "ProxyAddHeaders Off",
    "ProxyErrorOverride On",
    "HttpProtocolOptions Unsafe",
    "ProxyPass /p/ http://back.test/b/",
    "ProxyPass /n/ http://back.test/b/ nocanon",
    "ProxyPass /w/ ws://back.test/w/ upgrade=ANY",
    "ProxyPassMatch ^/m(.*)x(.*)$ http://back.test$2?$1",
    "ProxyPass /b/ balancer://c/ stickysession=S|s\n<Proxy balancer://c>\nBalancerMember http://one.test/m route=a\n</Proxy>",
    "ProxyPassReverse / http://back.test/",
    "ProxyPassReverseCookiePath / /x",
    "ProxyPassReverseCookieDomain back.test front.test",
    "Redirect /r http://x.test/",
    "RedirectMatch ^/s(.*)$ /t$1$1",
    "ErrorDocument 404 /p/err%{REQUEST_URI}",
    "ErrorDocument 403 \"%{unescape:%{QUERY_STRING}}\"",
    "RequestHeader edit* X-Any (.) \"$1$1\"",
    "RequestHeader setifempty X-Env %{MATCH}e",
    "Header edit Location (.*) \"expr=%{tolower:%{REQUEST_URI}}\"",
    "SetEnvIf Host (.*) MATCH=$1",
    "SetEnvIfExpr \"%{HTTP_HOST} =~ m#(.*)#\" MATCH=$1",
    "RewriteEngine On",
    "RewriteOptions Inherit",
    "RewriteRule ^/l(.*)$ /l$1$1 [N=8]",
    "RewriteCond %{LA-U:REQUEST_FILENAME} (.*)\nRewriteRule ^(/.*)$ $1%1 [PT]",
    "RewriteCond expr \"%{REQUEST_URI} -strmatch '*' && -n req('Upgrade')\"\nRewriteRule /u(.*) ws://back.test/$1 [P]",
    "RewriteCond %{HTTP:Upgrade} =websocket [NC,OR]\nRewriteCond %{THE_REQUEST} \"(.*) (.*)\"\nRewriteRule (.*) ws://back.test/%2 [P,QSA]",
    "RewriteMap low int:tolower\nRewriteRule ^/i(.*) http://back.test/${low:$1|%{HTTP_HOST}} [P,NE,B]",
    "RewriteRule ^/e(.*) - [E=a:$1,CO=c:$1:.h.test,T=$1,L]",
    "RewriteRule ^/j(.*) $1 [R=307,QSL]",
    "<Location /q>\nRequire expr \"%{QUERY_STRING} =~ /a(b*)*c/\"\n</Location>",
    "<LocationMatch \"^/(?<name>[^/]*)/z\">\nRequestHeader set X-Name %{MATCH_NAME}e\n</LocationMatch>",
    "<If \"%{HTTP:Host} =~ m#(.*)\\.(.*)#\">\nRedirect 302 \"/$1$2\"\n</If>",
    "<VirtualHost *:80>\nServerName a.test\nServerAlias *.b.test\nServerPath /v\n</VirtualHost>",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "/", "//", "..", "%2f", "%00", "%0d%0a", "%252e", "%", "?", "#", ";", ":", "@", "[", "]", "[::1]", "\\", " ",
            "unix:", "http://", "balancer://c", "proxy:", "|", "a", "p/", "m", "x", "w/", "b/", "u/", "l", "i", "e", "j", "q",
            "z", "v/", "a.test", "S=x.a", "\u{e9}", "*", "ab", "c", "$1", "%1", "${low:a}", "%{HTTP_HOST}", "65536", ":0",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => (any::<u8>(), 1000usize..9000).prop_map(|(byte, count)| vec![byte; count]),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn request() -> impl Strategy<Value = Head> {
    let method = prop::sample::select(vec!["GET", "HEAD", "POST", "OPTIONS", "TRACE", "CONNECT", "*", "get"]);
    let start = prop::sample::select(vec!["/", "/", "/", "", "http://", "https://h.test/", "*"]);
    let name = prop::sample::select(vec![
        "Host",
        "Host",
        "Upgrade",
        "Connection",
        "Expect",
        "Cookie",
        "X-Any",
        "Max-Forwards",
        "X-Forwarded-For",
        "Via",
        "Content-Length",
        "Transfer-Encoding",
        "Authorization",
        "Range",
        "Referer",
    ]);
    let version =
        prop::sample::select(vec![Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2]);
    let fields = prop::collection::vec((name, bytes()), 0..6);
    (method, start, bytes(), fields, version).prop_map(|(method, start, rest, fields, version)| {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.add(name, value);
        }
        let target: Bytes = [start.as_bytes(), &rest].concat().into();
        let line = [method.as_bytes(), b" ", &target, b" HTTP/1.1"].concat().into();
        Head { line, method: Bytes::from_static(method.as_bytes()), target, version, headers }
    })
}

/// Follows a request to its end, by way of a backend that answers the same to all.
fn follow(snapshot: &Snapshot, head: Head, fields: &Headers) {
    let mut decided = common::decided(snapshot, head);
    for _ in 0..20 {
        let Decided { mut request, decision } = decided;
        let plan = match decision {
            Decision::Reply(reply) => return drop(of_reply(snapshot, &mut request, &reply)),
            Decision::Proxy(plan) => plan,
            Decision::File(_)
            | Decision::Listing
            | Decision::Check(_)
            | Decision::Status
            | Decision::Balancers => return,
        };
        let backend = match &plan.to {
            Hop::Backend(backend, _) => Some(backend.clone()),
            Hop::Balancer(balancer) => Some(balancer.members[0].clone()),
            Hop::Unnamed(_) => None,
        };
        let failed = match plan.leg(&request, backend.as_deref()) {
            Err(failed) => failed,
            Ok(leg) => {
                let _ = switching(&request, &leg.upgrade, fields.clone());
                let _ = interim(&request, fields.clone());
                let answer =
                    AnswerHead { status: Status(302), reason: Bytes::new(), headers: fields.clone() };
                match of_backend(snapshot, &mut request, answer, leg.protocol.as_ref()) {
                    Ok(_) => return,
                    Err(failed) => failed,
                }
            }
        };
        decided = fail(snapshot, request, failed);
    }
    panic!("it does not end");
}

proptest! {
    #[test]
    fn no_request_panics(
        lines in prop::collection::vec(prop::sample::select(LINES), 1..10),
        heads in prop::collection::vec(request(), 1..6),
        answers in prop::collection::vec(
            (prop::sample::select(vec!["Location", "Set-Cookie", "Upgrade", "Connection", "Date", "Content-Length"]), bytes()),
            0..4,
        ),
    ) {
        let snapshot = common::snapshot(&lines.join("\n"));
        let mut fields = Headers::new();
        for (name, value) in answers {
            fields.add(name, value);
        }
        for head in heads {
            follow(&snapshot, head, &fields);
        }
    }

    /// However many attributes, and however long (CVE-2026-34356 in httpd).
    #[test]
    fn cookies_of_any_kind_are_mapped(
        attributes in prop::collection::vec(("(?i)(path|domain|x|) ?=?", "/?[a-z./\"= ]{0,8}", 1usize..3000), 0..12),
    ) {
        let snapshot = common::snapshot(
            "ProxyPass / http://back.test/\nProxyPassReverseCookiePath / /longer/path\n\
             ProxyPassReverseCookieDomain a much.longer.domain.test",
        );
        let cookie: String =
            attributes.iter().map(|(name, value, times)| format!("{name}={};", value.repeat(times % 7 * times / 7))).collect();
        let mut headers = Headers::new();
        headers.add("Host", "h.test");
        let target = Bytes::from_static(b"/");
        let line = Bytes::from_static(b"GET / HTTP/1.1");
        let head = Head { line, method: Bytes::from_static(b"GET"), target, version: Version::HTTP_11, headers };
        let mut fields = Headers::new();
        fields.add("Set-Cookie", cookie);
        follow(&snapshot, head, &fields);
    }
}
