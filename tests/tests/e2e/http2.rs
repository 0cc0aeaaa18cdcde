//! HTTP/2 frame by frame (RFC 9113): what a well-behaved library would not send.

use nix::sys::signal::Signal;
use wsgate_tests::{Backend, Configuration, Gateway, Raw};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `GET path` for localhost, by HPACK's static table and literals.
fn get(path: &str) -> Vec<u8> {
    let literal = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [b"\x82\x86\x44".to_vec(), literal(path), b"\x41".to_vec(), literal("localhost")].concat()
}

fn asks(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &get(path))
}

/// The payload of the next frame of this kind.
async fn until(client: &mut Raw, kind: u8) -> Vec<u8> {
    loop {
        let head = client.bytes(9).await;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let payload = client.bytes(length).await;
        if head[3] == kind {
            return payload;
        }
    }
}

async fn serving(lines: &str) -> Gateway {
    Configuration::new().with("Protocols h2c http/1.1").with(lines).serve().await
}

async fn begin(gateway: &Gateway) -> Raw {
    let mut client = gateway.connect().await;
    client.send([PREFACE, &frame(SETTINGS, 0, 0, b"")].concat()).await;
    client
}

#[tokio::test]
async fn requests_are_proxied_and_http_1_is_served_beside() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    let gateway = serving(&format!("ProxyPass / http://{backend}/")).await;
    let mut client = begin(&gateway).await;
    client.send(asks(1, "/a")).await;
    assert_eq!(until(&mut client, DATA).await, b"hello");
    client.send([asks(3, "/b"), asks(5, "/c")].concat()).await;
    assert_eq!(until(&mut client, DATA).await, b"hello");
    assert_eq!(until(&mut client, DATA).await, b"hello");
    let mut old = gateway.connect().await;
    old.request("GET /", &[]).await;
    assert_eq!(old.answer().await.1, "hello");
}

#[tokio::test]
async fn without_protocols_the_preface_is_a_bad_request() {
    let gateway = Configuration::new().serve().await;
    let mut client = begin(&gateway).await;
    assert!(String::from_utf8_lossy(&client.rest().await).starts_with("HTTP/1.1 400 "));
}

/// Sends as much as is taken of something endless; the connection must end, and memory stay.
async fn survives(first: Vec<u8>, again: impl Fn(u32) -> Vec<u8>) {
    let silent = Backend::scripted(async |mut connection| drop(connection.rest().await)).await;
    let gateway = serving(&format!("ProxyPass / http://{silent}/")).await;
    let before = gateway.memory();
    let mut client = begin(&gateway).await;
    client.send(first).await;
    for number in 0..20_000 {
        if !client.sends(again(number)).await {
            let after = gateway.memory();
            assert!(after < before + 16_384, "{after} KiB after {before}");
            let mut other = begin(&gateway).await;
            other.send(frame(SETTINGS, 1, 0, b"")).await;
            until(&mut other, SETTINGS).await;
            return;
        }
    }
    panic!("it takes anything");
}

#[tokio::test]
async fn streams_that_are_reset_at_once_end_the_connection() {
    survives(Vec::new(), |number| {
        let stream = 2 * number + 1;
        [asks(stream, "/"), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    })
    .await;
}

#[tokio::test]
async fn a_head_without_end_ends_the_connection() {
    let field = [b"\x00\x01a\x7f\x81\x07".as_slice(), &[b'y'; 256]].concat();
    survives(frame(HEADERS, END_STREAM, 1, &get("/")), move |_| frame(CONTINUATION, 0, 1, &field)).await;
}

#[tokio::test]
async fn streams_that_we_are_made_to_reset_end_the_connection() {
    const WINDOW_UPDATE: u8 = 8;
    survives(Vec::new(), |number| {
        let stream = 2 * number + 1;
        [asks(stream, "/"), frame(WINDOW_UPDATE, 0, stream, &[0; 4])].concat()
    })
    .await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    let gateway = serving(&format!("Timeout 5\nProxyPass / http://{backend}/")).await;
    let mut client = gateway.connect().await;
    let no_window = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    client.send([PREFACE, &no_window, &asks(1, "/")].concat()).await;
    until(&mut client, HEADERS).await;
    client.rest().await;
}

#[tokio::test]
async fn a_graceful_stop_sends_clients_elsewhere_and_lets_streams_end() {
    let (asked, mut was_asked) = tokio::sync::mpsc::channel(1);
    let (go, gone) = tokio::sync::watch::channel(false);
    let backend = Backend::scripted(move |mut connection| {
        let (asked, mut gone) = (asked.clone(), gone.clone());
        async move {
            connection.head().await;
            asked.send(()).await.unwrap();
            gone.wait_for(|gone| *gone).await.unwrap();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
        }
    })
    .await;
    let gateway = serving(&format!("ProxyPass / http://{backend}/")).await;
    let mut client = begin(&gateway).await;
    client.send(asks(1, "/")).await;
    was_asked.recv().await.unwrap();
    gateway.signal(Signal::SIGWINCH);
    until(&mut client, GOAWAY).await;
    go.send_replace(true);
    assert_eq!(until(&mut client, DATA).await, b"hello");
    drop(client);
    assert_eq!(gateway.ends().await.code(), Some(0));
}
