//! Conversations: bytes in, bytes out, through the gate and a real hyper, over an in-memory stream.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wsgate_core::http::{Conformance, Head};

use super::super::{BodyEnd, ClientIo, Handle, HeadRules, Persistence, Settings, Timeouts, builder};

pub(super) type Client = Handle<DuplexStream>;

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn settings() -> Settings {
    let timeouts =
        Timeouts { fresh: SECOND * 90, idle: SECOND * 5, io: SECOND * 60, header: None, body: None };
    Settings { rules: HeadRules::default(), timeouts }
}

/// A server for one connection; its end is the connection's.
pub(super) async fn serve(stream: DuplexStream, settings: Settings) {
    converse(stream, settings).await.linger().await;
}

/// The server without its lingering.
pub(super) async fn converse(stream: DuplexStream, settings: Settings) -> Client {
    let (io, handle) = ClientIo::new(stream, Arc::new(settings));
    let service = service_fn(|request| answer(handle.clone(), request));
    // A service that took the stream away ends with an error.
    let _ = builder().serve_connection(TokioIo::new(io), service).await;
    handle
}

async fn answer(client: Client, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let head = match client.take_head().expect("hyper calls for each head") {
        Ok(head) => head,
        Err(bad) => return Ok(page(&client, bad.status, &bad.head.line, false)),
    };
    let keep = client.persistence() != Persistence::Close;
    match &head.target[..] {
        b"/interim" => {
            client.interim("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".into()).await?;
            Ok(page(&client, 200, b"after", keep))
        }
        b"/tunnel" => tunnel(&client).await,
        b"/chunked" => Ok(client.answer(
            "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n".into(),
            BodyEnd::Chunked,
            keep,
            Full::new("data".into()),
        )),
        b"/bare" => {
            let head = if head.version < wsgate_core::http::Version::HTTP_10 {
                ""
            } else {
                "HTTP/1.1 200 OK\r\n\r\n"
            };
            Ok(client.answer(head.into(), BodyEnd::Close, keep, Full::new("data".into())))
        }
        b"/own" => Ok(Response::new(Full::new("hyper's".into()))),
        b"/unread" => Ok(page(&client, 200, b"unread", keep)),
        _ => Ok(echo(&client, &head, request, keep).await),
    }
}

/// An answer that says what has come.
async fn echo(client: &Client, head: &Head, request: Request<Incoming>, keep: bool) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    assert!(!parts.headers.contains_key("upgrade") && !parts.headers.contains_key("expect"));
    match body.collect().await {
        Ok(body) => page(client, 200, &[&head.line[..], b" ", &body.to_bytes()].concat(), keep),
        Err(_) => page(client, client.body_flaw().expect("a body fails at the gate"), &head.line, false),
    }
}

fn page(client: &Client, status: u16, body: &[u8], keep: bool) -> Response<Full<Bytes>> {
    let close = if keep { "" } else { "CONNECTION: close\r\n" };
    let head = format!("HTTP/1.1 {status} Whatever\r\nconTENT-length: {}\r\n{close}\r\n", body.len());
    client.answer(
        head.into(),
        BodyEnd::Length(body.len() as u64),
        keep,
        Full::new(Bytes::copy_from_slice(body)),
    )
}

/// Takes the stream and says back what comes, until the client has said all.
async fn tunnel(client: &Client) -> io::Result<Response<Full<Bytes>>> {
    let (mut stream, early) = client.detach().expect("a request without a body can be taken over");
    assert!(client.detach().is_none(), "a stream can be taken once");
    stream.write_all(b"HTTP/1.1 101 Mine\r\n\r\n").await?;
    stream.write_all(&early).await?;
    let (mut from, mut to) = tokio::io::split(stream);
    tokio::io::copy(&mut from, &mut to).await?;
    to.shutdown().await?;
    Err(io::ErrorKind::ConnectionAborted.into())
}

/// What [`page`] looks like on the wire.
pub(super) fn shown(status: u16, body: &str, keep: bool) -> String {
    let close = if keep { "" } else { "CONNECTION: close\r\n" };
    format!("HTTP/1.1 {status} Whatever\r\nconTENT-length: {}\r\n{close}\r\n{body}", body.len())
}

/// Says `sent` and no more, through a stream that holds `room` bytes; what comes back.
async fn say(settings: Settings, sent: &[u8], room: usize) -> String {
    let (client, server) = duplex(room);
    let server = tokio::spawn(serve(server, settings));
    let (mut from, mut to) = tokio::io::split(client);
    let sent = sent.to_vec();
    let writer = tokio::spawn(async move {
        // A server that closes early does not read everything.
        let _ = to.write_all(&sent).await;
        let _ = to.shutdown().await;
        to
    });
    let mut back = Vec::new();
    from.read_to_end(&mut back).await.expect("an in-memory stream does not fail");
    drop(from.unsplit(writer.await.expect("the writer does not panic")));
    server.await.expect("the server does not panic");
    String::from_utf8(back).expect("the answers are text")
}

#[track_caller]
fn check_with(settings: &Settings, sent: impl AsRef<[u8]>, want: &str) {
    let sent = sent.as_ref();
    for room in [1, 7, 4096] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let back = runtime.block_on(async { say(settings.clone(), sent, room).await });
        assert_eq!(back, want, "{} with room for {room}", sent.escape_ascii());
    }
}

#[track_caller]
fn check(sent: impl AsRef<[u8]>, want: &[(u16, &str, bool)]) {
    let want: String = want.iter().map(|&(status, body, keep)| shown(status, body, keep)).collect();
    check_with(&settings(), sent, &want);
}

/// A POST with these fields and this body, then a GET.
fn post(fields: &str, body: &str) -> String {
    format!("POST /p HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n{body}GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
}

const NEXT: (u16, &str, bool) = (200, "GET /next HTTP/1.1 ", true);

#[test]
fn connections_are_kept() {
    check(
        "GET /1 HTTP/1.1\r\n\r\nFOO /2 HTTP/1.2\r\n\r\n",
        &[(200, "GET /1 HTTP/1.1 ", true), (200, "FOO /2 HTTP/1.2 ", true)],
    );
    check(
        "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\nGET /3 HTTP/1.0\r\n\r\n",
        &[(200, "GET /1 HTTP/1.0 ", true), (200, "GET /2 HTTP/1.0 ", false)],
    );
    check(
        "GET /1 HTTP/1.1\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
        &[(200, "GET /1 HTTP/1.1 ", false)],
    );
    check("", &[]);
    check("\r\n", &[]);
}

#[test]
fn bad_requests_are_answered_and_end_the_connection() {
    check(
        "GET / HTTP/1.1\r\n\r\nGET  / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        &[(200, "GET / HTTP/1.1 ", true), (400, "GET / HTTP/1.1", false)],
    );
    check("GET / HTTP/1.1\nHost: x\n\n", &[(400, "GET / HTTP/1.1\n", false)]);
    check("GET / HTTP/1.1\r\nBad Name: x\r\n\r\nGET / HTTP/1.1\r\n\r\n", &[(400, "GET / HTTP/1.1", false)]);
    check(
        format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(9000)),
        &[(414, &format!("GET /{}", "x".repeat(8186)), false)],
    );
    // Cut off: with the request line there, it is a request.
    check("GET / HTTP/1.1\r\nHost", &[(400, "GET / HTTP/1.1", false)]);
    check("GET / HTTP/1", &[]);
}

#[test]
fn bodies_end_where_they_should() {
    check(post("Content-Length: 3", "abc"), &[(200, "POST /p HTTP/1.1 abc", true), NEXT]);
    check(post("Content-Length: 0", ""), &[(200, "POST /p HTTP/1.1 ", true), NEXT]);
    check(post("X: y", ""), &[(200, "POST /p HTTP/1.1 ", true), NEXT]);
    let large = "x".repeat(100_000);
    check(post("Content-Length: 100000", &large), &[(200, &format!("POST /p HTTP/1.1 {large}"), true), NEXT]);
    let chunks = "3;x=y\r\nabc\r\n10  \r\n0123456789abcdef\r\n00\r\nTrailer: dropped\r\n\r\n";
    let echoed = (200, "POST /p HTTP/1.1 abc0123456789abcdef", true);
    check(post("Transfer-Encoding: chunked", chunks), &[echoed, NEXT]);
    check(post("Transfer-Encoding: gzip, Chunked", chunks), &[echoed, NEXT]);
    let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    check(
        post("Transfer-Encoding: chunked", &chunked),
        &[(200, &format!("POST /p HTTP/1.1 {large}"), true), NEXT],
    );
    check(
        "POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        &[(200, "POST /p HTTP/1.0 a", false)],
    );
    // Expect is the service's affair; hyper sends no 100 of its own.
    check(
        post("Expect: 100-continue\r\nContent-Length: 3", "abc"),
        &[(200, "POST /p HTTP/1.1 abc", true), NEXT],
    );
    check(
        post("Upgrade: x\r\nConnection: Upgrade\r\nContent-Length: 3", "abc"),
        &[(200, "POST /p HTTP/1.1 abc", true), NEXT],
    );
}

#[test]
fn nothing_is_smuggled() {
    let both = "Content-Length: 3\r\nTransfer-Encoding: chunked";
    let inner = "0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n";
    check(post(both, inner), &[(200, "POST /p HTTP/1.1 ", false)]);
    check(
        post("Transfer-Encoding: chunked\r\nContent-Length: 40", inner),
        &[(200, "POST /p HTTP/1.1 ", false)],
    );
    for fields in [
        "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3, 3",
        "Content-Length: +3",
        "Content-Length: -1",
        "Content-Length: 0x3",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Content-Length : 3",
        "Content-Length: 3\r\n : 4",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding : chunked",
    ] {
        check(post(fields, inner), &[(400, "POST /p HTTP/1.1", false)]);
    }
    for body in [
        "zz\r\nabc\r\n0\r\n\r\n",
        "3\nabc\n0\n\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "0\r\nBad Trailer: x\r\n\r\n",
        "3\r\nabc\r\n0\r\nX: y\n\r\n",
    ] {
        check(post("Transfer-Encoding: chunked", body), &[(400, "POST /p HTTP/1.1", false)]);
    }
    check(post("Transfer-Encoding: chunked", "8000000000000000\r\n"), &[(413, "POST /p HTTP/1.1", false)]);
    check("POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", &[(400, "POST /p HTTP/1.1", false)]);
    check(
        "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        &[(400, "POST /p HTTP/1.1", false)],
    );
    // A body the service did not want is not taken for a request.
    let unread = format!(
        "POST /unread HTTP/1.1\r\nContent-Length: 100000\r\n\r\n{}",
        "GET / HTTP/1.1\r\n\r\n".repeat(5000)
    );
    check(unread, &[(200, "unread", true)]);
}

#[test]
fn lax_framing_reaches_hyper_in_order() {
    let rules = HeadRules { conformance: Conformance::Unsafe, ..HeadRules::default() };
    let lax = Settings { rules, ..settings() };
    let sent = "POST /p HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\nGET /next HTTP/1.1\n\n";
    check_with(&lax, sent, &(shown(200, "POST /p HTTP/1.1 abc", true) + &shown(200, NEXT.1, true)));
}

#[test]
fn answers_are_written_as_the_service_has_them() {
    let settings = settings();
    let chunked = "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n0\r\n\r\n";
    check_with(&settings, "GET /chunked HTTP/1.1\r\n\r\nGET /chunked HTTP/1.1\r\n\r\n", &chunked.repeat(2));
    for version in ["HTTP/1.1", "HTTP/1.0"] {
        let sent = format!("GET /bare {version}\r\n\r\nGET /bare {version}\r\n\r\n");
        check_with(&settings, sent, "HTTP/1.1 200 OK\r\n\r\ndata");
    }
    check_with(&settings, "GET /bare\r\nGET /bare\r\n", "data");
    check_with(
        &settings,
        "HEAD /chunked HTTP/1.1\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    check_with(&settings, "GET /own HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nhyper's");
}

#[test]
fn interim_answers_come_first() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    let both = interim.to_owned() + &shown(200, "after", true);
    check_with(&settings(), "GET /interim HTTP/1.1\r\n\r\nGET /interim HTTP/1.1\r\n\r\n", &both.repeat(2));
    check_with(&settings(), "GET /interim HTTP/1.0\r\n\r\n", &shown(200, "after", false));
}

#[test]
fn tunnels_get_every_byte() {
    let tunnel = "HTTP/1.1 101 Mine\r\n\r\n";
    let upgrade = "GET /tunnel HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    check_with(&settings(), upgrade, tunnel);
    check_with(&settings(), format!("{upgrade}early\r\n\r\nbytes"), &format!("{tunnel}early\r\n\r\nbytes"));
    let large = "x".repeat(50_000);
    check_with(&settings(), format!("{upgrade}{large}"), &format!("{tunnel}{large}"));
    // Behind another request, whose answer has to be out first.
    let first = shown(200, "GET /1 HTTP/1.1 ", true);
    check_with(
        &settings(),
        format!("GET /1 HTTP/1.1\r\n\r\n{upgrade}early"),
        &format!("{first}{tunnel}early"),
    );
    let body = format!("POST /1 HTTP/1.1\r\nContent-Length: 50000\r\n\r\n{large}");
    let first = shown(200, &format!("POST /1 HTTP/1.1 {large}"), true);
    check_with(&settings(), format!("{body}{upgrade}early"), &format!("{first}{tunnel}early"));
}

#[test]
fn a_connection_counts_its_requests() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (mut client, server) = duplex(4096);
        let (io, handle) = ClientIo::new(server, Arc::new(settings()));
        let counted = handle.clone();
        let service = service_fn(move |_| {
            let body = counted.served().to_string();
            let keep = counted.served() < 3;
            let answer = page(&counted, 200, body.as_bytes(), keep);
            async { Ok::<_, Infallible>(answer) }
        });
        let serving = tokio::spawn(builder().serve_connection(TokioIo::new(io), service));
        client.write_all("GET / HTTP/1.1\r\n\r\n".repeat(5).as_bytes()).await.expect("there is room");
        let mut back = String::new();
        client.read_to_string(&mut back).await.expect("the answers are text");
        let want = shown(200, "1", true) + &shown(200, "2", true) + &shown(200, "3", false);
        assert_eq!(back, want);
        assert!(serving.await.expect("the server does not panic").is_ok());
        assert!(!handle.timed_out());
    });
}
