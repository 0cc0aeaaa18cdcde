//! How answers are read: each case is what a backend sends and what comes out.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use support::{Try, answering, backend, on_worker};
use wsgate_proxy::BadHeader;

#[track_caller]
fn check(cases: &'static [(&'static str, &'static str)]) {
    on_worker(async {
        for (answer, expected) in cases {
            let address = answering(answer.as_bytes()).await;
            assert_eq!(&Try::get(address).told().await, expected, "{answer:?}");
        }
    });
}

#[test]
fn framing() {
    check(&[
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", r#"200 OK [Content-Length=2] "ok""#),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore", r#"200 OK [Content-Length=2] "ok""#),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
            r#"200 OK [] "abc""#,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nto the end", r#"200 OK [] "to the end""#),
        ("HTTP/1.0 200 OK\r\nX-V: 10\r\n\r\nold", r#"200 OK [X-V=10] "old""#),
        ("HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", r#"204 No Content [X=y] """#),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            r#"304 Not Modified [Content-Length=5] """#,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            r#"200 OK [] "a""#,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
            r#"200 OK [Content-Length=2] "ok""#,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok", "BadLength"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nzzz", r#"200 OK [] "zzz""#),
    ]);
}

#[test]
fn status_lines() {
    check(&[
        ("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", r#"200  [Content-Length=2] "ok""#),
        (
            "HTTP/1.1 200 Everything Fine\r\nContent-Length: 0\r\n\r\n",
            r#"200 Everything Fine [Content-Length=0] """#,
        ),
        ("HTTP/1.1 777 Odd\r\nContent-Length: 2\r\n\r\nok", r#"777 Odd [Content-Length=2] "ok""#),
        ("HTTP/1.1 2000 X\r\n\r\n", r#"200 - [] """#),
        ("HTTP/1.1 abc Bad\r\n\r\n", r#"200 - [] "HTTP/1.1 abc Bad\r\n""#),
        ("HTTP/1.1 99 Low\r\n\r\n", r#"200 - [] "HTTP/1.1 99 Low\r\n""#),
        ("garbage\r\nmore", r#"200 - [] "garbagemore""#),
        ("HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "StatusLine"),
        ("HTTP/1.1 099 X\r\n\r\n", "StatusLine"),
        ("\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", r#"200 OK [Content-Length=0] """#),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", "UnexpectedUpgrade"),
    ]);
}

#[test]
fn fields() {
    check(&[
        ("HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok", "NoColon"),
        (
            "HTTP/1.1 200 OK\r\nHTTP/1.0 200, OK\r\nContent-Length: 2\r\n\r\nok",
            r#"200 OK [Content-Length=2] "ok""#,
        ),
        (
            "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\nok",
            r#"200 OK [X=a folded, Content-Length=2] "ok""#,
        ),
        (
            "HTTP/1.1 200 OK\r\nX: a \r\n\tb\r\n  c\r\nContent-Length: 2\r\n\r\nok",
            r#"200 OK [X=a 	b  c, Content-Length=2] "ok""#,
        ),
        ("HTTP/1.1 200 a\0b\r\nContent-Length: 2\r\n\r\nok", "StatusLine"),
        ("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok", "Nul"),
        (
            "HTTP/1.1 200 OK\r\nBad Name: a\r\nContent-Length: 2\r\n\r\nok",
            r#"200 OK [Bad Name=a, Content-Length=2] "ok""#,
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n", "BadField"),
        ("HTTP/1.1 103 Early\r\nBad Name: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "BadField"),
        (
            "HTTP/1.1 200 OK\nx-ODD: y  \nContent-Length: 2\n\nok",
            r#"200 OK [x-ODD=y, Content-Length=2] "ok""#,
        ),
        (
            "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nZ: 1\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n",
            r#"200 OK [Set-Cookie=a, Z=1, set-cookie=b, Content-Length=0] """#,
        ),
    ]);
}

#[test]
fn bad_header() {
    let answer = b"HTTP/1.1 200 OK\r\nX: y\r\nno colon\r\nContent-Length: 2\r\n\r\nok";
    let cases = [
        (BadHeader::IsError, "NoColon"),
        (BadHeader::Ignore, r#"200 OK [X=y, Content-Length=2] "ok""#),
        (BadHeader::StartBody, r#"200 OK [X=y] "Content-Length: 2\r\n\r\nok""#),
    ];
    on_worker(async {
        for (rule, expected) in cases {
            let mut request = Try::get(answering(answer).await);
            request.reading.head.bad_header = rule;
            assert_eq!(request.told().await, expected);
        }
    });
}

#[test]
fn early_ends() {
    check(&[
        ("", "Closed"),
        ("\r\n", "Closed"),
        ("HTTP/1.1 20", "Closed"),
        ("HTTP/1.1 200 OK\r\nX-Half", "HeadCut"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "200 OK [Content-Length=100] BodyCut"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "200 OK [] BodyCut"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5", "200 OK [] BodyCut"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n", "200 OK [] BadChunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nlong\r\n", "200 OK [] BadChunk"),
    ]);
}

#[test]
fn head_limits() {
    let field = |length: usize| {
        let name = "X: ";
        let fill = "a".repeat(length - name.len());
        format!("HTTP/1.1 200 OK\r\n{name}{fill}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    };
    let many = |fields: usize| {
        let line = format!("X: {}\r\n", "b".repeat(1000));
        format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", line.repeat(fields)).into_bytes()
    };
    let cases = [
        (field(8191), Ok(200)),
        (field(8192), Err(())),
        (field(200_000), Err(())),
        (many(150), Ok(200)),
        (many(400), Err(())),
    ];
    on_worker(async move {
        for (at, (answer, expected)) in cases.into_iter().enumerate() {
            let address = answering(answer.leak()).await;
            let got = Try::get(address).send().await;
            let got = got.map(|answer| answer.head.status).map_err(|error| format!("{:?}", error.kind));
            assert_eq!(got, expected.map_err(|()| "HeadTooLarge".to_owned()), "case {at}");
        }
    });
}

#[test]
fn of_head() {
    on_worker(async {
        let address = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n").await;
        let mut request = Try { method: "HEAD", ..Try::get(address) };
        assert_eq!(request.told().await, r#"200 OK [Content-Length=77] """#);
    });
}

#[test]
fn interim() {
    on_worker(async {
        let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let address = answering(format!("{early}{last}").leak().as_bytes()).await;
        let mut request = Try::get(address);
        assert_eq!(request.told().await, r#"200 OK [Content-Length=2] "ok""#);
        let seen: Vec<u16> = request.interim.iter().map(|head| head.status).collect();
        assert_eq!(seen, [100, 103]);
        assert_eq!(&request.interim[1].fields[0].1[..], b"x");

        let many = early.repeat(5);
        let most = many.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").expect("it begins so");
        let address = answering(format!("{most}{last}").leak().as_bytes()).await;
        assert_eq!(Try::get(address).told().await, r#"200 OK [Content-Length=2] "ok""#);
        let address = answering(many.leak().as_bytes()).await;
        assert_eq!(Try::get(address).told().await, "TooManyInterim");
    });
}

/// Each byte on its own.
#[test]
fn in_pieces() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            let answer =
                b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
            peer.head().await;
            peer.stream.set_nodelay(true).unwrap();
            for byte in answer {
                peer.say([*byte]).await;
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(Try::get(address).told().await, r#"200 OK [X=a b] "abc""#);
    });
}

/// An answer that is there before the request.
#[test]
fn hasty() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            peer.say("SSH-2.0-x\r\n").await;
            peer.head().await;
        })
        .await;
        let mut request = Try::get(address);
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.readable().await.unwrap();
        assert_eq!(request.told_on(stream).await, r#"200 - [] "SSH-2.0-x""#);
    });
}
