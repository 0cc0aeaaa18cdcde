//! No byte of a request ends a line of a header, whatever the configuration makes of it.

use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use wsgate_core::answer::{AnswerHead, of_backend, of_reply};
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::plan::Hop;
use wsgate_core::reply::Status;
use wsgate_core::request::{Decided, Decision, fail};
use wsgate_core::snapshot::Snapshot;

mod common;

/// Every way in which what a client sends gets into a field.
const CONFIGURATION: &str = r##"
ProxyPass /p http://back.test/p
SetEnvIfExpr "%{unescape:%{QUERY_STRING}} =~ /(.*)/" found=$1
SetEnvIf Request_URI (.*) path=$1
RequestHeader set X-Env "%{found}e %{path}e"
RequestHeader set X-Expr "expr=%{unescape:%{QUERY_STRING}}"
RequestHeader set X-Edited start
RequestHeader edit X-Edited start "expr=%{unescape:%{QUERY_STRING}}"
RequestHeader append X-Appended "expr=%{REQUEST_URI}"
Redirect /r http://x.test/
RedirectMatch ^/m(.*)$ http://x.test$1
ErrorDocument 404 "http://x.test/%{unescape:%{QUERY_STRING}}"
<Location /e>
  Redirect 302 "http://x.test/%{unescape:%{QUERY_STRING}}"
</Location>
<Location /p/answer>
  Header set X-Env "%{found}e %{path}e"
  Header set X-Expr "expr=%{unescape:%{QUERY_STRING}}"
  Header edit X-Theirs .+ "expr=%{unescape:%{QUERY_STRING}}"
</Location>
<Location /always>
  Header always set X-Expr "expr=%{unescape:%{QUERY_STRING}}"
</Location>
"##;

static SNAPSHOT: LazyLock<Snapshot> = LazyLock::new(|| common::snapshot(CONFIGURATION));

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
}

fn request(target: String) -> Decided {
    let mut headers = Headers::new();
    headers.add("Host", "h.test");
    let (method, target) = (Bytes::from_static(b"GET"), Bytes::from(target));
    let line = [&b"GET "[..], &target, b" HTTP/1.1"].concat().into();
    let head = Head { line, method, target, version: Version::HTTP_11, headers };
    common::decided(&SNAPSHOT, head)
}

fn check(headers: &Headers) {
    for field in headers {
        let control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
        assert!(!field.name.iter().any(control), "{field:?}");
        assert!(!field.value.iter().any(control), "{field:?}");
    }
}

/// Follows a request to the answer, checking every head on the way.
fn follow(mut decided: Decided) {
    loop {
        let Decided { mut request, decision } = decided;
        let plan = match decision {
            Decision::Reply(reply) => {
                return check(&of_reply(&SNAPSHOT, &mut request, &reply).0.head.headers);
            }
            Decision::Proxy(plan) => plan,
            Decision::File(_) => panic!("there are no files here"),
            Decision::Listing => panic!("there are no folders here"),
            Decision::Status | Decision::Balancers => panic!("nothing here shows figures"),
            Decision::Check(_) => panic!("nothing here asks for a password"),
        };
        let Hop::Backend(backend, _) = &plan.to else { panic!("the backend has a line") };
        let leg = plan.leg(&request, Some(backend)).expect("a leg");
        check(&leg.headers);
        let mut headers = Headers::new();
        headers.add("X-Theirs", "theirs");
        let answer = AnswerHead { status: Status::OK, reason: Bytes::from_static(b"OK"), headers };
        match of_backend(&SNAPSHOT, &mut request, answer, leg.protocol.as_ref()) {
            Ok(answer) => return check(&answer.head.headers),
            Err(reply) => decided = fail(&SNAPSHOT, request, reply),
        }
    }
}

proptest! {
    #[test]
    fn no_line_ends_early(
        place in prop::sample::select(vec!["/p/x", "/p/answer", "/r/", "/m/", "/e/", "/always/", "/none/"]),
        path in prop::collection::vec(any::<u8>(), 0..6),
        query in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n')], 0..12),
    ) {
        follow(request(format!("{place}{}?{}", encoded(&path), encoded(&query))));
    }
}
