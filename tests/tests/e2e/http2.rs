//! HTTP/2 frame by frame (RFC 9113): what a well-behaved library would not send.

use std::sync::{Arc, Mutex};

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

/// The next frame: its kind and what it carries; none at the end.
async fn next(client: &mut Raw) -> Option<(u8, Vec<u8>)> {
    let head = client.bytes_if_any(9).await?;
    let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
    Some((head[3], client.bytes_if_any(length).await?))
}

/// The payload of the next frame of this kind.
async fn until(client: &mut Raw, kind: u8) -> Vec<u8> {
    loop {
        let (came, payload) = next(client).await.expect("a frame");
        if came == kind {
            return payload;
        }
    }
}

/// Whether the other side ends the connection with a word.
async fn is_told_to_go(client: &mut Raw) -> bool {
    loop {
        match next(client).await {
            Some((GOAWAY, _)) => return true,
            Some(_) => {}
            None => return false,
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

/// A field that no table remembers.
fn literal(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// Sends as much as is taken of something endless; the connection must end with a word, and memory stay.
async fn survives(first: Vec<u8>, again: impl Fn(u32) -> Vec<u8>) {
    let silent = Backend::scripted(async |mut connection| {
        connection.head().await;
        std::future::pending::<()>().await;
    })
    .await;
    let gateway = serving(&format!("ProxyPass / http://{silent}/")).await;
    let before = gateway.memory();
    let mut client = begin(&gateway).await;
    client.send(first).await;
    for number in 0..20_000 {
        if !client.sends(again(number)).await {
            let after = gateway.memory();
            assert!(after < before + 16_384, "{after} KiB after {before}");
            assert!(is_told_to_go(&mut client).await, "no GOAWAY");
            let mut other = begin(&gateway).await;
            other.send(frame(SETTINGS, 1, 0, b"")).await;
            until(&mut other, SETTINGS).await;
            return;
        }
    }
    panic!("it takes anything: {} KiB after {before}", gateway.memory());
}

/// CVE-2023-44487, CVE-2026-23918.
#[tokio::test]
async fn streams_that_are_reset_at_once_end_the_connection() {
    survives(Vec::new(), |number| {
        let stream = 2 * number + 1;
        [asks(stream, "/"), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    })
    .await;
}

/// CVE-2024-27316.
#[tokio::test]
async fn a_head_without_end_ends_the_connection() {
    let field = [b"\x00\x01a\x7f\x81\x07".as_slice(), &[b'y'; 256]].concat();
    survives(frame(HEADERS, END_STREAM, 1, &get("/")), move |_| frame(CONTINUATION, 0, 1, &field)).await;
}

/// CVE-2025-8671.
#[tokio::test]
async fn streams_that_we_are_made_to_reset_end_the_connection() {
    const WINDOW_UPDATE: u8 = 8;
    survives(Vec::new(), |number| {
        let stream = 2 * number + 1;
        [asks(stream, "/"), frame(WINDOW_UPDATE, 0, stream, &[0; 4])].concat()
    })
    .await;
}

/// CVE-2019-9518: frames that no window bounds.
#[tokio::test]
async fn data_without_bytes_ends_the_connection() {
    let post = [b"\x83\x86\x44\x01/\x41\x09localhost".to_vec()].concat();
    let nothing = frame(DATA, 0, 1, b"").repeat(100);
    survives(frame(HEADERS, END_HEADERS, 1, &post), move |_| nothing.clone()).await;
}

/// CVE-2025-53020: a byte on the wire for each field of three thousand.
#[tokio::test]
async fn a_head_that_unfolds_ends_the_connection() {
    // The first entry that a client adds to the table is 62; the value's length has two bytes more.
    let entry = [b"\x40\x01a\x7f\xb9\x16".as_slice(), &[b'y'; 3000]].concat();
    let first = frame(HEADERS, END_STREAM | END_HEADERS, 1, &[get("/"), entry].concat());
    let many = [get("/"), vec![0xbe; 16_000]].concat();
    survives(first, move |number| frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 3, &many)).await;
}

/// CVE-2019-9512, CVE-2019-9515: frames that want an answer, of a client that takes none.
#[tokio::test]
async fn answers_that_nobody_takes_do_not_pile_up() {
    const PING: u8 = 6;
    const MOST: usize = 256 << 20;
    for asks_again in [frame(PING, 0, 0, b"01234567"), frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0xff, 0xff])] {
        let gateway = serving("").await;
        let before = gateway.memory();
        let mut client = begin(&gateway).await;
        let sent = client.flood(&asks_again, MOST).await;
        assert!(sent < MOST, "it takes anything");
        let most = gateway.most_memory();
        assert!(most < before + 16_384, "{most} KiB after {before}");
    }
}

/// What HTTP/2 can carry in a field and HTTP/1 cannot, on its way to a backend of HTTP/1 (CVE-2021-33193, CVE-2021-21295).
#[tokio::test]
async fn no_stream_becomes_two_requests() {
    let heard = Arc::<Mutex<Vec<u8>>>::default();
    let listening = heard.clone();
    // Answers what is whole without reading it as HTTP, and hears whatever else comes.
    let backend = Backend::scripted(move |mut connection| {
        let listening = listening.clone();
        async move {
            let mut all = Vec::new();
            while let Some(byte) = connection.bytes_if_any(1).await {
                all.extend(byte);
                if all.ends_with(b"\r\n\r\n") && (all.starts_with(b"GET ") || all.ends_with(b"x: y\r\n\r\n"))
                {
                    let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
                    listening.lock().unwrap().append(&mut all);
                    connection.send(answer).await;
                }
            }
            listening.lock().unwrap().append(&mut all);
        }
    })
    .await;
    let gateway = serving(&format!("ProxyPass / http://{backend}/")).await;
    let hidden = "GET /hidden HTTP/1.1\r\nx: y\r\n\r\n";
    let honest = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "localhost")];
    let with = |at: usize, value: &'static str| {
        let mut fields = honest.to_vec();
        fields[at].1 = value;
        fields
    };
    let and = |name: &'static str, value: &'static str| [&honest[..], &[(name, value)]].concat();
    for fields in [
        with(0, "GET /hidden HTTP/1.1\r\n\r\nPOST"),
        with(2, "/ HTTP/1.1\r\n\r\nGET /hidden"),
        with(2, "/ HTTP/1.1"),
        with(3, "localhost\r\n\r\nGET /hidden HTTP/1.1"),
        and("x", "a\r\n\r\nGET /hidden HTTP/1.1"),
        and("x: y\r\n\r\nget /hidden http/1.1\r\nz", "a"),
        and("x-hidden ", "a"),
        and("x", "a\nx-hidden: b"),
        and("x", "a\0hidden"),
        and("X-Hidden", "a"),
        and("transfer-encoding", "chunked"),
        and("content-length", "0"),
        and("content-length", "2"),
        and("connection", "x-forwarded-for"),
        and("upgrade", "hidden"),
        honest.to_vec(),
    ] {
        let mut client = begin(&gateway).await;
        let head: Vec<u8> = fields.iter().flat_map(|(name, value)| literal(name, value)).collect();
        client.send(frame(HEADERS, END_HEADERS, 1, &head)).await;
        client.sends(frame(DATA, END_STREAM, 1, hidden.as_bytes())).await;
        client.sends(asks(3, "/")).await;
        while next(&mut client).await.is_some_and(|(kind, payload)| kind != GOAWAY && payload != b"hello") {}
    }
    let heard = String::from_utf8(heard.lock().unwrap().clone()).unwrap();
    assert!(heard.contains("GET / HTTP/1.1\r\n") && heard.contains(hidden), "{heard}");
    // The hidden request is a body, and nothing else.
    let outside = heard.replace(&format!("\r\n\r\n{hidden}"), "");
    assert!(!outside.to_ascii_lowercase().contains("hidden"), "{outside}");
}

/// CVE-2024-36387: a request for a tunnel, however wrong, is refused and leaves the connection as it was.
#[tokio::test]
async fn requests_for_tunnels_are_refused() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    let gateway = serving(&format!("ProxyPass /ws ws://{backend}/ws\nProxyPass / http://{backend}/")).await;
    let connect = |fields: &[(&str, &str)]| {
        let fields: Vec<u8> = fields.iter().flat_map(|(name, value)| literal(name, value)).collect();
        [literal(":method", "CONNECT"), fields].concat()
    };
    let whole =
        [(":protocol", "websocket"), (":scheme", "http"), (":path", "/ws"), (":authority", "localhost")];
    for (number, fields) in [
        connect(&whole),
        connect(&whole[..1]),
        connect(&whole[1..]),
        connect(&whole[3..]),
        connect(&[]),
        connect(&[whole[0], whole[0], whole[1], whole[2], whole[3]]),
        connect(&[(":protocol", ""), whole[1], whole[2], whole[3]]),
        connect(&[(":protocol", "a\r\nb"), whole[1], whole[2], whole[3]]),
        connect(&[
            whole[0],
            whole[1],
            whole[2],
            whole[3],
            ("upgrade", "websocket"),
            ("connection", "upgrade"),
        ]),
        connect(&[whole[0], whole[1], (":path", ""), whole[3]]),
        [literal(":protocol", "websocket"), get("/ws")].concat(),
    ]
    .into_iter()
    .enumerate()
    {
        let mut client = begin(&gateway).await;
        client.send(frame(HEADERS, END_HEADERS, 1, &fields)).await;
        // Whoever breaks the protocol may be cut off.
        let early = [frame(DATA, 0, 1, b"early"), frame(RST_STREAM, 0, 1, &[0, 0, 0, 8])].concat();
        let goes_on = client.sends(early).await && client.sends(asks(3, "/")).await;
        let heard = async {
            while let Some((kind, payload)) = next(&mut client).await {
                if (kind, &payload[..]) == (DATA, b"hello") || kind == GOAWAY {
                    return true;
                }
            }
            false
        };
        assert!(heard.await || !goes_on, "{number}");
    }
    let mut client = begin(&gateway).await;
    client.send(asks(1, "/")).await;
    assert_eq!(until(&mut client, DATA).await, b"hello");
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
