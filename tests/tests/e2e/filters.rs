//! Answers whose bodies pass through filters, as a client sees them that can decode.

use std::io::{Read, Write};
use std::sync::Mutex;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tokio::sync::oneshot;
use wsgate_tests::{Backend, Configuration, Gateway, Raw};

/// An answer with its body as it came, chunks put together.
struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    async fn read(client: &mut Raw, bodyless: bool) -> Self {
        let head = client.head().await;
        let field = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let body = match field("Content-Length") {
            _ if bodyless => Vec::new(),
            Some(length) => client.bytes(length.parse().unwrap()).await,
            None if field("Transfer-Encoding") == Some("chunked") => chunks(client).await,
            None => client.rest().await,
        };
        Self { head, body }
    }

    /// The body as it was before `coding`.
    fn decoded(&self, coding: &str) -> String {
        assert!(self.head.contains(&format!("Content-Encoding: {coding}\r\n")), "{}", self.head);
        assert!(self.head.contains("Vary: Accept-Encoding\r\n"), "{}", self.head);
        let mut out = String::new();
        match coding {
            "gzip" => GzDecoder::new(&self.body[..]).read_to_string(&mut out).unwrap(),
            _ => brotli::Decompressor::new(&self.body[..], 4096).read_to_string(&mut out).unwrap(),
        };
        out
    }
}

async fn chunks(client: &mut Raw) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let chunk = chunk(client).await;
        if chunk.is_empty() {
            return whole;
        }
        whole.extend(chunk);
    }
}

/// A chunk; empty at the end.
async fn chunk(client: &mut Raw) -> Vec<u8> {
    let mut size = String::new();
    while !size.ends_with("\r\n") {
        size.push(client.bytes(1).await[0].into());
    }
    let length = usize::from_str_radix(size.trim(), 16).unwrap();
    let mut chunk = client.bytes(length + 2).await;
    chunk.truncate(length);
    chunk
}

async fn ask(gateway: &Gateway, line: &str, coding: &str) -> Answer {
    let mut client = gateway.connect().await;
    client.request(line, &[&format!("Accept-Encoding: {coding}")]).await;
    Answer::read(&mut client, line.starts_with("HEAD")).await
}

/// Text that does not compress well.
fn text(length: usize) -> String {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b' ' + (state >> 24) as u8 % 90)
    };
    (0..length).map(|_| next()).collect()
}

/// A backend that answers with the size that the path ends in: in one piece (`/c/`), or in two chunks (`/k/`).
async fn sizes() -> Backend {
    Backend::scripted(|mut connection| async move {
        let head = connection.head().await;
        let (way, size) = head.split(' ').nth(1).unwrap()[1..].split_once('/').unwrap();
        let body = text(size.parse().unwrap());
        let (first, second) = body.split_at(body.len() / 2);
        let answer = match way {
            "c" => format!("Content-Length: {}\r\n\r\n{body}", body.len()),
            _ => format!(
                "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
                first.len(),
                second.len()
            ),
        };
        connection.send(format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{answer}")).await;
    })
    .await
}

const COMPRESS: &str =
    "AddOutputFilterByType BROTLI_COMPRESS text/plain\nAddOutputFilterByType DEFLATE text/plain";

#[tokio::test]
async fn what_was_compressed_is_what_was_sent() {
    let backend = sizes().await;
    let configuration =
        Configuration::new().file("www/1000.txt", &text(1000)).file("www/300000.txt", &text(300_000));
    let www = format!("DocumentRoot {}", configuration.path("www").display());
    let configuration =
        configuration.with(COMPRESS).with(&www).with(&format!("ProxyPass /b/ http://{backend}/"));
    let gateway = configuration.serve().await;
    for size in [1000, 300_000] {
        for path in [format!("/b/c/{size}"), format!("/b/k/{size}"), format!("/{size}.txt")] {
            for coding in ["gzip", "br"] {
                let answer = ask(&gateway, &format!("GET {path}"), coding).await;
                assert_eq!(answer.decoded(coding), text(size), "{path} {coding}");
            }
            let answer = ask(&gateway, &format!("GET {path}"), "identity").await;
            assert!(answer.body == text(size).into_bytes() && !answer.head.contains("Content-Encoding"));
        }
    }
}

#[tokio::test]
async fn small_answers_have_a_length_and_parts_are_of_what_is_sent() {
    let configuration = Configuration::new().file("www/a.txt", &text(1000));
    let www = format!("DocumentRoot {}", configuration.path("www").display());
    let gateway = configuration.with(COMPRESS).with(&www).serve().await;
    let whole = ask(&gateway, "GET /a.txt", "gzip").await;
    let told = format!("Content-Length: {}\r\n", whole.body.len());
    assert!(whole.head.contains(&told), "{}", whole.head);
    assert!(ask(&gateway, "HEAD /a.txt", "gzip").await.head.contains(&told));
    let mut client = gateway.connect().await;
    for (coding, status) in [("gzip", "200 OK"), ("identity", "206 Partial Content")] {
        let coding = format!("Accept-Encoding: {coding}");
        client.request("GET /a.txt", &[&coding, "Range: bytes=0-9"]).await;
        let answer = Answer::read(&mut client, false).await;
        assert!(answer.head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{}", answer.head);
    }
}

#[tokio::test]
async fn a_client_of_http_10_gets_no_chunks() {
    let backend = sizes().await;
    let gateway =
        Configuration::new().with(COMPRESS).with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    client.send("GET /c/300000 HTTP/1.0\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n").await;
    let answer = Answer::read(&mut client, false).await;
    assert!(answer.head.contains("Connection: close\r\n"), "{}", answer.head);
    assert_eq!(answer.decoded("gzip"), text(300_000));
}

/// The backend goes on only when the client has what came before.
#[tokio::test]
async fn what_a_backend_sends_is_not_held_back() {
    let (hand, take) = oneshot::channel::<Raw>();
    let hand = Mutex::new(Some(hand));
    let backend = Backend::scripted(move |mut connection| {
        let hand = hand.lock().unwrap().take();
        async move {
            connection.head().await;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
            connection.send(format!("{head}5\r\nfirst\r\n")).await;
            drop(hand.map(|hand| hand.send(connection)));
        }
    })
    .await;
    let gateway = Configuration::new()
        .with("SetOutputFilter DEFLATE")
        .with(&format!("ProxyPass / http://{backend}/"))
        .serve()
        .await;
    let mut client = gateway.connect().await;
    client.request("GET /", &["Accept-Encoding: gzip"]).await;
    assert!(client.head().await.contains("Content-Encoding: gzip\r\n"));
    let mut came = Vec::new();
    let mut seen = String::new();
    while !seen.contains("first") {
        came.extend(chunk(&mut client).await);
        seen.clear();
        // What has come is no whole file yet.
        let _ = GzDecoder::new(&came[..]).read_to_string(&mut seen);
    }
    take.await.unwrap().send("6\r\nsecond\r\n0\r\n\r\n").await;
    came.extend(chunks(&mut client).await);
    let mut whole = String::new();
    GzDecoder::new(&came[..]).read_to_string(&mut whole).unwrap();
    assert_eq!(whole, "firstsecond");
}

#[tokio::test]
async fn text_is_replaced_inside_of_what_is_compressed() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all("left\nright\n".repeat(100).as_bytes()).unwrap();
    let body = gzip.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer: &'static [u8] = [head.as_bytes(), &body].concat().leak();
    let backend = Backend::scripted(move |mut connection| async move {
        connection.head().await;
        connection.send(answer).await;
    })
    .await;
    let lines = "AddOutputFilterByType INFLATE;SUBSTITUTE;DEFLATE text/html\nSubstitute s/left/right/n";
    let gateway =
        Configuration::new().with(lines).with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let answer = ask(&gateway, "GET /", "gzip").await;
    assert_eq!(answer.decoded("gzip"), "right\nright\n".repeat(100));
    let answer = ask(&gateway, "GET /", "identity").await;
    assert_eq!(answer.body, "right\nright\n".repeat(100).into_bytes());
}

#[tokio::test]
async fn what_cannot_be_filtered_is_told_while_it_can_be() {
    let configuration = Configuration::new().file("www/a.html", &format!("{}\n", "a".repeat(200)));
    let lines = "SetOutputFilter SUBSTITUTE\nSubstitute s/a/bb/\nSubstituteMaxLineLength 300";
    let www = format!("DocumentRoot {}", configuration.path("www").display());
    let gateway = configuration.with(lines).with(&www).serve().await;
    let answer = ask(&gateway, "GET /a.html", "identity").await;
    assert!(answer.head.starts_with("HTTP/1.1 500 "), "{}", answer.head);
    gateway.says("a line is longer than SubstituteMaxLineLength").await;
}

#[tokio::test]
async fn no_filter_touches_a_tunnel() {
    let echo = Backend::echo().await;
    let lines = "SetOutputFilter INFLATE;SUBSTITUTE;DEFLATE;RATE_LIMIT\nSubstitute s/a/b/\nSetEnv rate-limit 1\nSetEnv force-gzip";
    let gateway = Configuration::new().with(lines).tunnelling("/ws", &echo).serve().await;
    let mut client = gateway.connect().await;
    client.open_tunnel("/ws").await;
    // A frame of a client, masked with nothing.
    let frame = [&[0x82, 0xfe, 0xff, 0x00, 0, 0, 0, 0], &b"a".repeat(0xff00)[..]].concat();
    client.send(frame).await;
    let back = client.bytes(4 + 0xff00).await;
    assert!(back[4..].iter().all(|byte| *byte == b'a'));
}

#[tokio::test]
async fn the_access_log_has_what_compressors_noted() {
    let configuration = Configuration::new().file("www/a.txt", &"text ".repeat(2000));
    let lines = format!(
        "{COMPRESS}\nDocumentRoot {}\nDeflateFilterNote Input in\nDeflateFilterNote Output out\n\
         DeflateFilterNote share\nBrotliFilterNote Ratio br\n\
         CustomLog /dev/stderr \"%m %{{in}}n %{{out}}n %{{share}}n %{{br}}n\"",
        configuration.path("www").display()
    );
    let gateway = configuration.with(&lines).serve().await;
    let length = ask(&gateway, "GET /a.txt", "gzip").await.body.len() - 18;
    gateway.says(&format!("GET 10000 {length} {} -", length * 100 / 10_000)).await;
    for (line, coding, noted) in [
        ("GET /a.txt", "br", "GET - - - 0"),
        ("GET /a.txt", "identity", "GET - - - -"),
        ("HEAD /a.txt", "gzip", "HEAD - - - -"),
    ] {
        ask(&gateway, line, coding).await;
        gateway.says(noted).await;
    }
}
