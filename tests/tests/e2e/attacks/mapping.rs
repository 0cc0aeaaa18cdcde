//! Paths and queries that become another target than the one that was decided upon. What backends get is what httpd
//! 2.4.71 sends them.

use wsgate_tests::{Backend, Configuration, Gateway};

/// A backend whose answers say what it was asked for.
async fn telling() -> Backend {
    Backend::scripted(|mut connection| async move {
        loop {
            let head = connection.head().await;
            let target = head.split(' ').nth(1).unwrap();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{target}", target.len());
            connection.send(answer).await;
        }
    })
    .await
}

/// What a backend is asked for when a client asks for this; the status if none is.
async fn asked(gateway: &Gateway, target: &str) -> String {
    let mut client = gateway.connect().await;
    client.request(&format!("GET {target}"), &["Connection: close"]).await;
    let (head, body) = client.answer().await;
    match head.split(' ').nth(1).unwrap() {
        "200" => body,
        status => status.to_owned(),
    }
}

async fn check(lines: &str, cases: &[(&str, &str)]) {
    let backend = telling().await;
    let gateway = Configuration::new().with(&lines.replace("BACKEND", &backend.to_string())).serve().await;
    for (target, expected) in cases {
        assert_eq!(asked(&gateway, target).await, *expected, "{target} with\n{lines}");
    }
}

/// CVE-2024-38473 and what Traefik mended in 2025: decoded once, and encoded again.
#[tokio::test]
async fn nothing_is_decoded_twice() {
    let common = [
        ("/a/%252e%252e/x", "/b/%252e%252e/x"),
        ("/a/%2e%2e/x", "404"),
        ("/a%252fb", "404"),
        ("/a/%3fb", "/b/%3Fb"),
        ("/a/%23x", "/b/%23x"),
        ("/a/%5c..%5cx", "/b/%5C..%5Cx"),
        ("/a/..;/x", "/b/..;/x"),
        ("/a/x?../../y", "/b/x?../../y"),
        ("/a/x?%2e%2e", "/b/x?%2e%2e"),
        ("/a/%c0%ae%c0%ae/x", "/b/%C0%AE%C0%AE/x"),
        ("/a/%00", "404"),
        ("/a/x%2", "400"),
        ("/../a", "400"),
        ("/%61/%7e%41", "/b/~A"),
    ];
    let mapped = "ProxyPass /a http://BACKEND/b";
    for (slashes, cases) in [
        ("Off", [("/a/x%2fy", "404"), ("/a/..%2fx", "404"), ("/a/%252fb", "/b/%252fb")]),
        // Left encoded, `%2f` cannot be told from what was `%252f`.
        ("NoDecode", [("/a/x%2fy", "/b/x%2fy"), ("/a/..%2fx", "/b/..%2fx"), ("/a/%252fb", "/b/%2fb")]),
        ("On", [("/a/x%2fy", "/b/x/y"), ("/a/..%2fx", "404"), ("/a/%252fb", "/b/%252fb")]),
    ] {
        let lines = format!("AllowEncodedSlashes {slashes}\n{mapped}");
        check(&lines, &common).await;
        check(&lines, &cases).await;
    }
}

/// CVE-2021-30641: no way of writing a path is outside of its Location.
#[tokio::test]
async fn every_way_to_a_forbidden_place_is_forbidden() {
    let forbidden = [
        "/a/secret",
        "/a//secret",
        "//a/secret",
        "/a/./secret",
        "/a/x/../secret",
        "/a/%73ecret",
        "/a/secret/",
        "/a/secret?x",
        "/a/x/%2e%2e/secret",
        "/a/x//..//secret",
    ];
    let location = "ProxyPass /a http://BACKEND/b\n<Location /a/secret>\nRequire all denied\n</Location>";
    let denied: Vec<_> = forbidden.iter().map(|target| (*target, "403")).collect();
    check(location, &denied).await;
    check(&format!("AllowEncodedSlashes On\n{location}"), &denied).await;
    check(&format!("AllowEncodedSlashes On\n{location}"), &[("/a/x/..%2fsecret", "403")]).await;
    // Without merging, `//..` takes an empty segment away: what is asked for is /a/x//secret.
    check(&format!("MergeSlashes Off\n{location}"), &denied[..9]).await;
    // What is another place for the backend, too.
    check(
        location,
        &[
            ("/a/%2573ecret", "/b/%2573ecret"),
            ("/a/secret;x", "/b/secret;x"),
            ("/a/..;/a/secret", "/b/..;/a/secret"),
            ("/a/Secret", "/b/Secret"),
            ("/a/secret%3f", "/b/secret%3F"),
            ("/a/x/..%2fsecret", "404"),
        ],
    )
    .await;
}

/// CVE-2023-25690, CVE-2024-38474: what a client's path captures is no second request, and no query.
#[tokio::test]
async fn captures_stay_where_they_are_put() {
    let rules = "RewriteEngine On\n\
                 RewriteRule ^/q/(.*)$ http://BACKEND/x?q=$1 [P]\n\
                 RewriteRule ^/p/(.*)$ http://BACKEND/y/$1 [P]\n\
                 RewriteRule ^/u/(.*)$ http://BACKEND/z/$1 [P,UnsafeAllow3F]\n\
                 ProxyPassMatch ^/m/(.*)$ http://BACKEND/m?q=$1";
    check(
        rules,
        &[
            ("/q/a", "/x?q=a"),
            ("/q/a%20b", "403"),
            ("/q/a%0d%0ab", "403"),
            ("/q/a%3fb", "/x?q=a?b"),
            ("/p/a%20b", "/y/a%20b"),
            ("/p/a%0d%0aX:%20y", "/y/a%0D%0AX:%20y"),
            ("/p/a%3fb", "403"),
            ("/u/a%3fb=c", "/z/a?b=c"),
            ("/m/a%20b", "/m%3Fq=a%20b"),
        ],
    )
    .await;
}

/// CVE-2021-40438, CVE-2021-44224, CVE-2024-39573: who is asked is for the configuration to say.
#[tokio::test]
async fn no_client_names_the_backend() {
    let long = format!("/x?unix:{}|http://127.0.0.1:9/", "A".repeat(5000));
    let rules = "RewriteEngine On\n\
                 RewriteRule ^/r/(.*)$ http://BACKEND/$1 [P]\n\
                 RewriteRule ^/s/(.*)$ $1\n\
                 ProxyPass /x http://BACKEND/x";
    check(
        rules,
        &[
            (&long, &long),
            ("/x/unix:/tmp/x|http://a/", "/x/unix:/tmp/x%7Chttp:/a/"),
            ("/r/unix:/tmp/x|http://a/", "/unix:/tmp/x%7Chttp:/a/"),
            ("/s/proxy:http://127.0.0.1:9/", "404"),
            ("/s/http://127.0.0.1:9/", "404"),
            ("/s/fcgi://127.0.0.1:9/", "404"),
        ],
    )
    .await;
}

/// CVE-2025-54090: `RewriteCond expr` held always.
#[tokio::test]
async fn conditions_hold_when_they_are_true() {
    for (expression, holds) in [
        ("true", true),
        ("false", false),
        ("%{REQUEST_URI} == '/a/x'", true),
        ("%{REQUEST_URI} == '/other'", false),
        ("req('X') == '1'", true),
        ("! (req('X') == '1')", false),
        ("-n req('Y')", false),
        ("-z req('Y')", true),
        ("%{REQUEST_METHOD} in { 'PUT', 'DELETE' }", false),
    ] {
        let backend = telling().await;
        let lines = format!(
            "RewriteEngine On\nRewriteCond expr \"{expression}\"\nRewriteRule ^/a http://{backend}/held [P]\n\
             ProxyPass /a http://{backend}/not"
        );
        let gateway = Configuration::new().with(&lines).serve().await;
        let mut client = gateway.connect().await;
        client.request("GET /a/x", &["X: 1"]).await;
        let expected = if holds { "/held" } else { "/not/x" };
        assert_eq!(client.answer().await.1, expected, "{expression}");
    }
}
