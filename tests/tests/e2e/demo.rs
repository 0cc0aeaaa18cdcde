//! `wsgate demo`: the page, the echo, the figures.

use std::process::Stdio;

use tokio::process::Command;
use wsgate_tests::message::{CloseCode, CloseFrame, Message};
use wsgate_tests::{Gateway, soon};

#[tokio::test]
async fn a_client_talks_through_it() {
    let gateway = Gateway::demo().await;
    let mut client = gateway.websocket("/echo").await;
    client.echoes("text").await;
    client.send(vec![0, 1, 2, 255]).await;
    assert_eq!(client.next().await, Message::binary(vec![0, 1, 2, 255]));
    client.send_fragments(&["a", "b", "c"]).await;
    assert_eq!(client.next().await, Message::text("abc"));
    client.send(Message::Ping("p".into())).await;
    assert_eq!(client.next().await, Message::Pong("p".into()));
    let frame = CloseFrame { code: CloseCode::Away, reason: "".into() };
    assert_eq!(client.close(frame.clone()).await, Some(frame));
}

#[tokio::test]
async fn the_page_and_the_figures_come_through_the_gateway() {
    let gateway = Gateway::demo().await;
    let mut page = gateway.connect().await;
    page.request("GET /", &["Connection: close"]).await;
    let head = page.head().await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("text/html"), "{head}");
    assert!(String::from_utf8(page.rest().await).unwrap().contains("new WebSocket("));
    let mut client = gateway.websocket("/echo").await;
    client.echoes("counted").await;
    let mut figures = gateway.connect().await;
    figures.request("GET /server-status?json", &["Connection: close"]).await;
    figures.head().await;
    let figures = String::from_utf8(figures.rest().await).unwrap();
    // 7 letters: 6 bytes before them from the client, 2 from the backend.
    for expected in [r#""open":1"#, r#""from_client":13"#, r#""from_backend":9"#, "demo.conf:"] {
        assert!(figures.contains(expected), "{expected} is not in {figures}");
    }
}

#[tokio::test]
async fn the_status_is_a_page_and_lines_too() {
    let gateway = Gateway::demo().await;
    let mut client = gateway.websocket("/echo").await;
    client.echoes("counted").await;
    for (target, expected) in [
        ("/server-status", "<title>wsgate status</title>"),
        ("/server-status?auto", "TunnelsOpen: 1\nTunnelsOnThreads: 0\nTunnelsOpened: 1\n"),
    ] {
        let mut status = gateway.connect().await;
        status.request(&format!("GET {target}"), &["Connection: close"]).await;
        status.head().await;
        let text = String::from_utf8(status.rest().await).unwrap();
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

/// `cargo test -p wsgate-tests -- --ignored browser`
#[tokio::test]
#[ignore = "needs Chromium"]
async fn a_browser_talks_through_it() {
    let gateway = Gateway::demo().await;
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Command::new("chromium");
    browser.args("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run".split(' '));
    browser.args("--disable-background-networking --disable-component-update --disable-sync".split(' '));
    browser.arg(format!("--user-data-dir={}", profile.path().display()));
    browser.args(["--virtual-time-budget=8000", "--dump-dom"]).arg(format!("http://{}/", gateway.address()));
    let output = soon("the browser", browser.stdin(Stdio::null()).output()).await.unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    for expected in ["hello through the gateway", "tick 3", "state open", "demo.conf:"] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}
