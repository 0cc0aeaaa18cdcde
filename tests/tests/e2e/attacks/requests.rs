//! Requests that two servers could read differently, and fields that are not the client's to say.

use std::path::Path;
use std::sync::{Arc, Mutex};

use wsgate_tests::{Backend, Configuration, Gateway, Raw, soon};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The heads that a backend was sent.
#[derive(Clone, Default)]
struct Heads(Arc<Mutex<Vec<String>>>);

impl Heads {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// A backend that notes each head, and answers all with the same; it reads no bodies but empty ones.
    async fn noted(&self, answer: &'static str) -> Backend {
        let heads = self.clone();
        Backend::scripted(move |mut connection| {
            let heads = heads.clone();
            async move {
                loop {
                    let head = connection.head().await;
                    heads.0.lock().unwrap().push(head);
                    connection.send(answer).await;
                }
            }
        })
        .await
    }
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or(head)
}

/// CVE-2019-17567, CVE-2026-2833: only a 101 makes a tunnel, so what is behind the upgrade is a request like any other.
#[tokio::test]
async fn behind_a_refused_upgrade_every_request_is_judged() {
    for answer in [OK, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"] {
        let heads = Heads::default();
        let backend = heads.noted(answer).await;
        let denied = "<Location /hidden>\nRequire all denied\n</Location>";
        let gateway = Configuration::new().with(denied).tunnelling("/", &backend).serve().await;
        let mut client = gateway.connect().await;
        let upgrade =
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        client.send([upgrade, HIDDEN].concat()).await;
        assert_eq!(status(&client.answer().await.0), status(answer));
        assert_eq!(status(&client.answer().await.0), "403");
        let heads = heads.all();
        assert!(heads.len() == 1 && heads[0].starts_with("GET /ws "), "{heads:?}");
    }
}

/// The statuses that a client gets for a POST and what stands behind it; whatever is behind must not be read as a request
/// unless both sides of the gateway agree that it is one.
async fn framed(gateway: &Gateway, fields: &str, body: &str) -> Vec<String> {
    let mut client = gateway.connect().await;
    client.send(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n{body}{HIDDEN}")).await;
    client.finish().await;
    let all = String::from_utf8(client.rest().await).unwrap();
    all.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].to_owned()).collect()
}

/// CVE-2022-22720, CVE-2022-26377, CVE-2026-2835. The statuses are httpd's.
#[tokio::test]
async fn no_request_has_two_lengths() {
    let heads = Heads::default();
    let backend = heads.noted(OK).await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let hidden = HIDDEN.len();
    let end = "0\r\n\r\n";
    for (fields, body, expected) in [
        // Chunked wins, and the connection ends behind it.
        (format!("Content-Length: {}\r\nTransfer-Encoding: chunked", 5 + hidden), end, "200"),
        (format!("Content-Length: 0\r\nContent-Length: {hidden}"), "", "400"),
        (format!("Content-Length: 0, {hidden}"), "", "400"),
        ("Content-Length: +0".into(), "", "400"),
        ("Content-Length : 0".into(), "", "400"),
        ("Transfer-Encoding: chunked, x".into(), end, "400"),
        ("Transfer-Encoding: x, chunked".into(), end, "500"),
        ("Transfer-Encoding: gzip, chunked".into(), end, "500"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".into(), end, "400"),
        ("Transfer-Encoding: \x0bchunked".into(), end, "400"),
        ("Transfer-Encoding : chunked".into(), end, "400"),
        ("X: a\nContent-Length: 0".into(), "", "400"),
        ("X: a\rContent-Length: 0".into(), "", "400"),
        ("X: a\0b\r\nContent-Length: 0".into(), "", "400"),
        ("Transfer-Encoding: chunked".into(), "0x0\r\n\r\n", "400"),
        ("Transfer-Encoding: chunked".into(), "0\n\n", "400"),
        ("Transfer-Encoding: chunked".into(), "0;x=\n\r\n\r\n", "400"),
        ("Transfer-Encoding: chunked".into(), "ffffffffffffffff0\r\n", "413"),
    ] {
        assert_eq!(framed(&gateway, &fields, body).await, [expected], "{}", fields.escape_debug());
    }
    let hidden = heads.all().into_iter().find(|head| head.starts_with("GET /hidden "));
    assert_eq!(hidden, None);
    // What is no trick: a folded field is unfolded, and the request behind an empty body is one.
    assert_eq!(framed(&gateway, "X: a\r\n b\r\nContent-Length: 0", "").await, ["200", "200"]);
    assert!(heads.all().iter().any(|head| head.contains("\r\nX: a b\r\n")), "{:?}", heads.all());
}

/// HTTP/1.0 has no chunks: an old proxy in front would have taken what is behind the head for the next request.
#[tokio::test]
async fn chunks_of_http_1_0_end_the_connection() {
    let heads = Heads::default();
    let backend = heads.noted(OK).await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    let post = "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    client.send([post, HIDDEN].concat()).await;
    assert_eq!(status(&client.head().await), "200");
    client.rest().await;
    assert_eq!(heads.all().len(), 1, "{:?}", heads.all());
}

async fn backend_gets(configuration: &str, request: &str) -> String {
    let heads = Heads::default();
    let backend = heads.noted(OK).await;
    let lines = configuration.replace("BACKEND", &backend.to_string());
    let gateway = Configuration::new().with(&lines).serve().await;
    let mut client = gateway.connect().await;
    client.send(request).await;
    assert_eq!(status(&client.answer().await.0), "200");
    heads.all().remove(0)
}

/// CVE-2022-31813: what the proxy says of the client is not hop-by-hop because the client says so.
#[tokio::test]
async fn connection_takes_nothing_away_that_the_proxy_says() {
    let names = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Server", "Host", "X-Real"];
    let fields: String =
        names.iter().map(|name| format!("{name}: evil.test\r\nConnection: {name}\r\n")).collect();
    let request = format!("GET / HTTP/1.1\r\n{fields}\r\n");
    let head = backend_gets("ProxyPass / http://BACKEND/\nRequestHeader set X-Ours yes", &request).await;
    for field in [
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Host: evil.test",
        "X-Forwarded-Server: localhost",
        "X-Ours: yes",
    ] {
        assert!(head.contains(&format!("\r\n{field}\r\n")), "{field} in {head}");
    }
    assert!(head.contains("\r\nHost: 127.") && !head.contains("X-Real"), "{head}");
}

/// yarp#877 and others: behind `Upgrade: h2c` a backend's requests would pass unseen.
#[tokio::test]
async fn h2c_is_not_passed_on() {
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
                   HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    for line in ["http://BACKEND/", "http://BACKEND/ upgrade=websocket", "ws://BACKEND/"] {
        let head = backend_gets(&format!("ProxyPass / {line}"), request).await.to_ascii_lowercase();
        assert!(!head.contains("h2c") && !head.contains("http2-settings"), "{line}: {head}");
    }
}

/// What stands in a log as soon as anything does.
async fn written(log: &Path) -> String {
    loop {
        match std::fs::read_to_string(log) {
            Ok(text) if !text.is_empty() => return text,
            _ => tokio::task::yield_now().await,
        }
    }
}

/// No byte of a client begins a line of a log.
#[tokio::test]
async fn logs_have_a_line_for_each_event() {
    let configuration = Configuration::new();
    let log = configuration.path("access.log");
    let lines = format!(
        "LogFormat \"%U %r %{{X}}i %{{User-Agent}}i\" all\nCustomLog {} all\n\
         <Location />\nAllowMethods POST\n</Location>",
        log.display()
    );
    let gateway = configuration.with(&lines).serve().await;
    let mut client = gateway.connect().await;
    let forged = "%0a%1b[core:error] forged";
    client
        .send(format!(
            "GET /x{} HTTP/1.1\r\nHost: h\r\nX: \\\"é\t[31m\r\nConnection: close\r\n\r\n",
            forged.replace(' ', "%20")
        ))
        .await;
    let answer = client.rest().await;
    assert!(answer.starts_with(b"HTTP/1.1 405 "), "{}", answer.escape_ascii());
    let told = gateway.says("client method denied").await;
    assert!(told.contains("\\n\\x1b[core:error] forged"), "{told}");
    let written = soon("the access log's line", written(&log)).await;
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(
        written.bytes().all(|byte| byte == b'\n' || (b' '..0x7f).contains(&byte)),
        "{}",
        written.escape_debug()
    );
}

/// Requests are read when those before them have been answered.
#[tokio::test]
async fn requests_whose_answers_nobody_takes_wait_outside() {
    const MOST: usize = 256 << 20;
    // A connection that has ended is read on for a while, so that its last answer arrives.
    let gateway = Configuration::new().with("MaxKeepAliveRequests 0").serve().await;
    let before = gateway.memory();
    let mut client = gateway.connect().await;
    let sent = client.flood(HIDDEN.as_bytes(), MOST).await;
    assert!(sent < MOST, "it takes anything");
    let most = gateway.most_memory();
    assert!(most < before + 8192, "{most} KiB after {before}");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let (told, mut heard) = tokio::sync::mpsc::channel(1);
    let backend = Backend::scripted(move |mut connection| {
        let told = told.clone();
        async move {
            connection.head().await;
            connection.send("HTTP/1.1 200 OK\r\n\r\n").await;
            connection.flood(b"x", 256 << 20).await;
            connection.rest().await;
            told.send(()).await.unwrap();
        }
    })
    .await;
    let gateway = Configuration::new().with("Timeout 1").tunnelling("/plain", &backend).serve().await;
    let mut client = gateway.connect().await;
    client.request("GET /plain", &[]).await;
    soon("the backend to be left alone", heard.recv()).await.unwrap();
}

/// A raw connection has its own idea of what it may send.
#[tokio::test]
async fn nonsense_is_400_and_the_connection_ends() {
    let gateway = Configuration::new().serve().await;
    for nonsense in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\n: x\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "\x16\x03\x01\x02\0\x01\0\r\n",
    ] {
        let mut client: Raw = gateway.connect().await;
        client.send(nonsense).await;
        client.finish().await;
        let answer = String::from_utf8(client.rest().await).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.matches("HTTP/1.1 ").count() == 1,
            "{nonsense:?}: {answer}"
        );
    }
}
