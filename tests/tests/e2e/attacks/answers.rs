//! Answers of a backend that tries to say more to a client than one answer.

use wsgate_tests::{Backend, Configuration};

/// CVE-2022-37436, CVE-2023-38709, CVE-2024-24795, CVE-2024-42516: what a client gets is one answer, without the field
/// that was smuggled in. The statuses are httpd's but for a vertical tab, which it takes for a blank.
#[tokio::test]
async fn no_answer_is_split() {
    for (answer, expected) in [
        ("HTTP/1.1 200 a\0b\r\nContent-Length: 2\r\n\r\nok", "502"),
        ("HTTP/1.1 200 O\rX-Injected: 1\r\nContent-Length: 2\r\n\r\nok", "200"),
        ("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok", "502"),
        ("HTTP/1.1 200 OK\r\nX: a\rX-Injected: 1\r\nContent-Length: 2\r\n\r\nok", "500"),
        ("HTTP/1.1 200 OK\r\nX: a\x0bX-Injected: 1\r\nContent-Length: 2\r\n\r\nok", "500"),
        ("HTTP/1.1 200 OK\r\nX-Injected : 1\r\nContent-Length: 2\r\n\r\nok", "500"),
        ("HTTP/1.1 200 OK\r\n X-Injected: 1\r\nContent-Length: 2\r\n\r\nok", "500"),
        ("HTTP/1.1 200 OK\r\nContent-Type: a\rX-Injected: 1\r\nContent-Length: 2\r\n\r\nok", "500"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\x0b\r\n\r\n2\r\nok\r\n0\r\n\r\n", "500"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "200",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 9\r\n\r\nok", "502"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX-Injected: 1\r\n\r\n", "200"),
        ("HTTP/1.1 204 None\r\nContent-Length: 30\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: 1\r\n\r\n", "204"),
        (
            "HTTP/1.1 103 Hints\r\nX: a\rX-Injected: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "500",
        ),
        ("HTTP/1.1 101 No\r\nUpgrade: websocket\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: 1\r\n\r\n", "502"),
    ] {
        let backend = Backend::scripted(move |mut connection| async move {
            connection.head().await;
            connection.send(answer).await;
        })
        .await;
        let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
        let mut client = gateway.connect().await;
        client.request("GET /", &["Connection: close"]).await;
        let all = String::from_utf8(client.rest().await).unwrap();
        assert_eq!(all.get(9..12), Some(expected), "{}: {all}", answer.escape_debug());
        assert!(
            !all.contains("X-Injected") && all.matches("HTTP/1.1 ").count() == 1,
            "{}: {all}",
            answer.escape_debug()
        );
    }
}

/// A client that kept its connection sees that the backend closed, and may try again; one that has just come gets a page.
#[tokio::test]
async fn a_backend_that_closes_is_passed_on_to_clients_that_kept_theirs() {
    let backend = Backend::scripted(move |mut connection| async move {
        let head = connection.head().await;
        if head.starts_with("GET /ok ") {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await;
        }
    })
    .await;
    for line in [format!("ProxyPass / http://{backend}/"), format!("ProxyPass / ws://{backend}/")] {
        let gateway = Configuration::new().with(&line).serve().await;
        let mut client = gateway.connect().await;
        client.request("GET /gone", &[]).await;
        assert!(client.answer().await.0.starts_with("HTTP/1.1 502 Proxy Error\r\n"));
        client.request("GET /ok", &[]).await;
        assert!(client.answer().await.0.starts_with("HTTP/1.1 200 OK\r\n"));
        client.ask_for_websocket("/gone").await;
        assert_eq!(client.rest().await, b"");
    }
}

/// CVE-2026-34356: a cookie as long as a head may be, mapped to longer ones.
#[tokio::test]
async fn long_cookies_are_mapped() {
    let attributes: String = "Path=/base; Domain=in.test; ".repeat(250);
    let answer = format!("HTTP/1.1 200 OK\r\nSet-Cookie: a=b; {attributes}x\r\nContent-Length: 2\r\n\r\nok");
    let backend = Backend::answering(answer.leak()).await;
    let lines = format!(
        "ProxyPass / http://{backend}/\nProxyPassReverseCookiePath /base /{0}\nProxyPassReverseCookieDomain in.test {0}.test",
        "long".repeat(500)
    );
    let gateway = Configuration::new().with(&lines).serve().await;
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    let (head, body) = client.answer().await;
    assert!(head.contains("Path=/longlong") && head.contains("Domain=longlong"), "{head}");
    assert_eq!(body, "ok");
}
