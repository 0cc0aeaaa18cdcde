//! Hosts that are too long or no hosts at all, where configurations use them most.

use wsgate_tests::{Backend, Configuration};

/// CVE-2026-63292, CVE-2024-38477: a Host of 64 kB, and others that have been too much for someone.
#[tokio::test]
async fn odd_hosts_are_400_or_served_and_nothing_else() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let many_labels = format!("{}x", "h.".repeat(4000));
    for (limit, largest) in [("", "400"), ("LimitRequestFieldSize 100000\n", "200")] {
        let lines =
            format!("{limit}ProxyPreserveHost On\nUseCanonicalName Off\nProxyPass / http://{backend}/");
        let gateway = Configuration::new().with(&lines).serve().await;
        for (host, expected) in [
            ("h".repeat(8100), "200"),
            ("h".repeat(65_536), largest),
            (many_labels.clone(), "200"),
            ("[::1".to_owned(), "400"),
            ("[::1]:x".to_owned(), "400"),
            ("a..b".to_owned(), "400"),
            ("a b".to_owned(), "400"),
            ("a/b".to_owned(), "400"),
            ("user@a".to_owned(), "400"),
            ("a:99999".to_owned(), "400"),
            (String::new(), "400"),
        ] {
            let mut client = gateway.connect().await;
            client.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
            let head = client.head().await;
            let shown = &host[..host.len().min(20)];
            assert_eq!(head.split(' ').nth(1), Some(expected), "{shown} ({}): {head}", host.len());
        }
    }
}
