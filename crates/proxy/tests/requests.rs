//! How requests are sent: each case is a request and what a backend sees of it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use support::{ANSWER, OK, Try, backend, fed, gone, on_worker, spawned, told, until, whole};
use wsgate_proxy::{BodyRules, Declared, Kind};

/// The bytes that a backend gets, to the end of the connection.
type Seen = Rc<RefCell<Vec<u8>>>;

/// Answers when it has got so many bytes behind the head.
async fn recorder(answer: &'static str, body: usize) -> (std::net::SocketAddr, Seen) {
    let seen = Seen::default();
    let record = Rc::clone(&seen);
    let address = backend(move |_, mut peer| {
        let record = Rc::clone(&record);
        async move {
            let head = peer.head().await.unwrap_or_default();
            record.borrow_mut().extend_from_slice(head.as_bytes());
            let body = peer.bytes(body).await;
            record.borrow_mut().extend_from_slice(&body);
            peer.say(answer).await;
            let rest = peer.rest().await;
            record.borrow_mut().extend_from_slice(&rest);
        }
    })
    .await;
    (address, seen)
}

fn text(seen: &Seen) -> String {
    String::from_utf8_lossy(&seen.borrow()).into_owned()
}

/// A request without a body; its head as it is on the wire.
#[track_caller]
fn check_head(change: impl FnOnce(Try) -> Try + 'static, expected: &'static str) {
    on_worker(async move {
        let (address, seen) = recorder(OK, 0).await;
        let mut request = change(Try::get(address));
        assert_eq!(request.told().await, ANSWER);
        assert_eq!(text(&seen), expected);
    });
}

#[test]
fn heads() {
    check_head(|r| r, "GET /x HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n");
    check_head(|r| Try { keep: false, ..r }, "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    check_head(|r| Try { http10: true, ..r }, "GET /x HTTP/1.0\r\n\r\n");
    check_head(
        |r| r.field("Host", "b:1").field("x-ODD", "1").field("Cookie", "\u{e4}").field("X-Odd", "2"),
        "GET /x HTTP/1.1\r\nHost: b:1\r\nx-ODD: 1\r\nCookie: \u{e4}\r\nX-Odd: 2\r\nConnection: Keep-Alive\r\n\r\n",
    );
    check_head(|r| Try { method: "FOO", ..r }, "FOO /x HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n");
    check_head(|r| Try { method: "get", ..r }, "get /x HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n");
}

/// What `http::Uri` refuses reaches the backend all the same.
#[test]
fn targets() {
    for target in ["//a/../b", "/%zz?a=%zz", "/?\"^|`{}<>\\", "/\u{e4}?\u{fc}", "*", "/a#b", "x"] {
        check_head(
            move |r| Try { target: target.as_bytes().to_vec(), ..r },
            format!("GET {target} HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n").leak(),
        );
    }
}

#[test]
fn unsendable() {
    on_worker(async {
        let (address, seen) = recorder(OK, 0).await;
        for target in ["", "/a b", "/a\r\nX: y", "/\0", "/\x7f"] {
            let mut request = Try { target: target.into(), ..Try::get(address) };
            assert_eq!(request.told().await, "Unsendable", "{target:?}");
        }
        assert_eq!(Try::get(address).field("X", "a\r\nY: b").told().await, "Unsendable");
        assert_eq!(Try::get(address).field("X\n", "a").told().await, "Unsendable");
        assert_eq!(Try { method: "A B", ..Try::get(address) }.told().await, "Unsendable");
        assert_eq!(text(&seen), "");
    });
}

const NO_RULES: BodyRules = BodyRules { with_length: false, nonblocking: false };

/// A request with a body; what a backend sees behind `POST /x HTTP/1.1`.
#[track_caller]
fn check_body(body: impl Into<Bytes> + 'static, declared: Declared, rules: BodyRules, expected: String) {
    on_worker(async move {
        let (head, body_sent) = expected.split_once("\r\n\r\n").unwrap();
        let (address, seen) = recorder(OK, body_sent.len()).await;
        let mut request = Try::post(address, whole(body), declared, rules).await;
        assert_eq!(request.told().await, ANSWER);
        let seen = text(&seen);
        let (seen_head, seen_body) = seen.split_once("\r\n\r\n").unwrap();
        assert_eq!(seen_head, format!("POST /x HTTP/1.1\r\n{head}"));
        assert!(seen_body == body_sent, "{} bytes", seen_body.len());
        assert_eq!(request.pools.idle(), 1);
    });
}

#[test]
fn bodies() {
    let kept = "Connection: Keep-Alive\r\n\r\n";
    let length = |length: usize, body: &str| format!("Content-Length: {length}\r\n{kept}{body}");
    let big = "z".repeat(200 * 1024);
    check_body("", Declared::Nothing, NO_RULES, kept.to_owned());
    check_body("", Declared::Length(0), NO_RULES, length(0, ""));
    check_body("", Declared::Chunked, NO_RULES, length(0, ""));
    check_body("abc", Declared::Length(3), NO_RULES, length(3, "abc"));
    check_body("abc", Declared::Nothing, NO_RULES, length(3, "abc"));
    check_body("abcde", Declared::Chunked, NO_RULES, length(5, "abcde"));
    check_body(big.clone(), Declared::Length(big.len() as u64), NO_RULES, length(big.len(), &big));
}

/// A large body that came in chunks goes in chunks; with its length if that is asked for.
#[test]
fn large_chunked() {
    on_worker(async {
        for with_length in [false, true] {
            let rules = BodyRules { with_length, ..NO_RULES };
            let (feed, source) = fed();
            for _ in 0..40 {
                feed.send(Ok("y".repeat(10_000).into())).unwrap();
            }
            drop(feed);
            let (address, seen) = recorder(OK, if with_length { 400_000 } else { 40 * 10_008 + 5 }).await;
            let mut request = Try::post(address, source, Declared::Chunked, rules).await;
            assert_eq!(request.told().await, ANSWER);
            let (head, body) =
                text(&seen).split_once("\r\n\r\n").map(|(h, b)| (h.to_owned(), b.to_owned())).unwrap();
            let framing = if with_length { "Content-Length: 400000" } else { "Transfer-Encoding: chunked" };
            assert_eq!(head, format!("POST /x HTTP/1.1\r\n{framing}\r\nConnection: Keep-Alive"));
            assert_eq!(body.starts_with("2710\r\ny"), !with_length);
        }
    });
}

/// Nothing is sent as long as no connection is there: another backend can have all of it.
#[test]
fn the_body_survives_a_refusal() {
    on_worker(async {
        let (address, seen) = recorder(OK, 3).await;
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut request = Try::post(nobody, whole("abc"), Declared::Length(3), NO_RULES).await;
        assert_eq!(request.told().await, "Refused");
        assert!(request.body.is_unspent());
        request.address = address;
        assert_eq!(request.told().await, ANSWER);
        assert!(!request.body.is_unspent());
        assert!(seen.borrow().ends_with(b"abc"));
    });
}

#[test]
fn a_client_that_breaks_off() {
    on_worker(async {
        let (address, _) = recorder("", 0).await;
        let (feed, source) = fed();
        feed.send(Ok("x".repeat(20_000).into())).unwrap();
        let mut request = Try::post(address, source, Declared::Length(30_000), NO_RULES).await;
        feed.send(Err(gone())).unwrap();
        let error = request.send().await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind, Kind::RequestBody);
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "client went away");
        assert_eq!(error.to_string(), "request body unreadable");
        assert_eq!(format!("{error:#}"), "request body unreadable: client went away");
    });
}

/// The body waits for the 100 (Continue).
#[test]
fn expectation_met() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            peer.head().await.unwrap();
            assert_eq!(peer.bytes(0).await, b"");
            peer.say("HTTP/1.1 100 Continue\r\n\r\n").await;
            assert_eq!(peer.bytes(3).await, b"abc");
            peer.say(OK).await;
        })
        .await;
        let rules = BodyRules { nonblocking: true, ..NO_RULES };
        let request = Try::post(address, whole("abc"), Declared::Length(3), rules).await;
        let mut request = request.field("Expect", "100-continue");
        assert_eq!(request.told().await, ANSWER);
        assert_eq!(request.interim.len(), 1);
    });
}

/// A final answer instead: it is passed on, the body is not sent, and the connection not kept.
#[test]
fn expectation_refused() {
    on_worker(async {
        let (address, seen) = recorder("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig", 0).await;
        let rules = BodyRules { nonblocking: true, ..NO_RULES };
        let request = Try::post(address, whole("abc"), Declared::Length(3), rules).await;
        let mut request = request.field("Expect", "100-continue");
        assert_eq!(request.told().await, r#"413 Too Large [Content-Length=3] "big""#);
        assert_eq!(request.pools.idle(), 0);
        until(|| text(&seen).ends_with("\r\n\r\n")).await;
    });
}

/// An answer before the request's body is there in full is passed on at once.
#[test]
fn early_answer() {
    on_worker(async {
        let (address, _) = recorder(OK, 0).await;
        let (feed, source) = fed();
        feed.send(Ok("x".repeat(20_000).into())).unwrap();
        let mut request = Try::post(address, source, Declared::Length(1_000_000), NO_RULES).await;
        assert_eq!(request.told().await, ANSWER);
        assert_eq!(request.pools.idle(), 0);
        assert!(feed.is_closed());
    });
}

/// So is one of a backend that closes without having read everything: its answer counts, not our failed write.
#[test]
fn early_answer_and_close() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            peer.head().await;
            peer.say(OK).await;
        })
        .await;
        let (feed, source) = fed();
        feed.send(Ok("x".repeat(20_000).into())).unwrap();
        let mut request = Try::post(address, source, Declared::Length(10_000_000), NO_RULES).await;
        let told = spawned(async move { request.told().await });
        assert_eq!(told.await.unwrap(), ANSWER);
    });
}

/// The request may still be on its way while the answer comes.
#[test]
fn both_ways_at_once() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            peer.head().await;
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 40004\r\n\r\n").await;
            for _ in 0..2 {
                let bytes = peer.bytes(20_002).await;
                peer.say(bytes).await;
            }
            peer.rest().await;
        })
        .await;
        let (feed, source) = fed();
        feed.send(Ok("a".repeat(20_002).into())).unwrap();
        let mut request = Try::post(address, source, Declared::Length(40_004), NO_RULES).await;
        let answer = request.send().await.map_err(|error| error.kind).unwrap();
        feed.send(Ok("b".repeat(20_002).into())).unwrap();
        drop(feed);
        let told = told(answer).await;
        assert!(told.ends_with("bb\"") && told.len() > 40_004);
        assert_eq!(request.pools.idle(), 1);
    });
}
