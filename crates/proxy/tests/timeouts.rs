//! Silence, by kind of moment. The streams are in memory and the clock is the test's, so nothing here takes time.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use support::{fed, spawned, state, told, whole};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};
use wsgate_proxy::{
    Backend, BodyRules, Declared, HeadRules, PoolParams, Pools, Reading, Request, RequestBody, RequestLine,
    SourceBody,
};

const SILENCE: Duration = Duration::from_secs(60);

/// What becomes of a request, and how many seconds it takes.
async fn outcome<F>(
    mut body: RequestBody,
    ping: Option<Duration>,
    peer: impl FnOnce(DuplexStream) -> F,
) -> String
where
    F: Future<Output = ()> + 'static,
{
    let begun = Instant::now();
    let (ours, theirs) = duplex(4096);
    spawned(peer(theirs));
    let backend = Backend { state: state(None), identity: "".into(), params: PoolParams::default() };
    let expect = [(Bytes::from_static(b"Expect"), Bytes::from_static(b"100-Continue"))];
    let request = Request {
        line: RequestLine { method: b"POST", target: b"/", http10: false },
        fields: if ping.is_some() { &expect } else { &[] },
        body: &mut body,
        keep: true,
        fresh: false,
        reading: Reading { silence: SILENCE, ping, head: HeadRules::default() },
        on_interim: &mut |_| (),
    };
    let pools = Pools::<DuplexStream>::new();
    let became = match pools.send(&backend, request, async || Ok(ours)).await {
        Err(error) => format!("{:?}", error.kind),
        Ok(answer) => told(answer).await,
    };
    format!("{became} after {}", begun.elapsed().as_secs())
}

fn on_paused(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    LocalSet::new().block_on(&runtime.unwrap(), test);
}

/// The backend says this, each piece 40 seconds after the one before, and nothing more.
#[track_caller]
fn check(pieces: &'static [&'static str], expected: &'static str) {
    on_paused(async {
        let peer = move |mut stream: DuplexStream| async move {
            for piece in pieces {
                sleep(Duration::from_secs(40)).await;
                stream.write_all(piece.as_bytes()).await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        assert_eq!(outcome(RequestBody::none(), None, peer).await, expected);
    });
}

#[test]
fn silence() {
    check(&[], "Silent after 60");
    check(&["HTTP/1.1 20"], "Silent after 100");
    check(&["HTTP/1.1 200 OK\r\nX: y\r\n"], "HeadCut after 100");
    check(&["HTTP/1.1 103 Early\r\n\r\n"], "Silent after 100");
    check(
        &["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"],
        "200 OK [Content-Length=9] BodyStalled after 100",
    );
    check(&["HTTP/1.1 200 OK\r\n\r\nabc"], "200 OK [] BodyStalled after 100");
}

/// Each piece restarts the clock.
#[test]
fn a_slow_answer_is_not_silent() {
    check(
        &["HTTP/1.1 200 OK\r\n", "Content-Length: 6\r\n\r\n", "ab", "cd", "ef"],
        r#"200 OK [Content-Length=6] "abcdef" after 200"#,
    );
}

#[test]
fn no_continue() {
    on_paused(async {
        let rules = BodyRules { nonblocking: true, ..BodyRules::default() };
        let body = prepared(whole("abc"), Declared::Length(3), rules).await;
        let peer = |stream| async move {
            let _open: DuplexStream = stream;
            std::future::pending::<()>().await;
        };
        let ping = Some(Duration::from_secs(7));
        assert_eq!(outcome(body, ping, peer).await, "NoContinue after 7");
    });
}

async fn prepared(source: SourceBody, declared: Declared, rules: BodyRules) -> RequestBody {
    RequestBody::prepare(source, declared, rules).await.unwrap()
}

/// A backend that reads nothing.
#[test]
fn write_stalled() {
    on_paused(async {
        let body = prepared(whole(vec![0; 1 << 20]), Declared::Length(1 << 20), BodyRules::default()).await;
        let peer = |stream| async move {
            let _open: DuplexStream = stream;
            std::future::pending::<()>().await;
        };
        assert_eq!(outcome(body, None, peer).await, "WriteStalled after 60");
    });
}

/// Silence while the request is sent is not the backend's.
#[test]
fn a_slow_client_is_no_silent_backend() {
    on_paused(async {
        let (feed, source) = fed();
        feed.send(Ok("x".repeat(20_000).into())).unwrap();
        let body = prepared(source, Declared::Length(30_000), BodyRules::default()).await;
        let client = async move {
            sleep(Duration::from_secs(600)).await;
            feed.send(Ok("x".repeat(10_000).into())).unwrap();
            std::future::pending::<()>().await;
        };
        spawned(client);
        let peer = |mut stream: DuplexStream| async move {
            let mut space = [0; 4096];
            while stream.read(&mut space).await.is_ok_and(|length| length > 0) {}
        };
        assert_eq!(outcome(body, None, peer).await, "Silent after 660");
    });
}
