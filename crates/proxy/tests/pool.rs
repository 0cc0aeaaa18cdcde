//! Which connections are kept, reused and closed.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;
use support::{ANSWER, OK, Peer, Try, backend, number, numbering, on_worker, spawned, state, told, until};
use tokio::net::TcpStream;
use wsgate_proxy::{Handover, Kind};

/// `proxy-initial-not-pooled`: nothing is sent over a connection that may be closing, and the new one is kept.
#[test]
fn a_fresh_connection() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        request.backend.state = state(Some(1));
        assert_eq!(number(&mut request).await, "0");
        request.fresh = true;
        assert_eq!(number(&mut request).await, "1");
        assert_eq!(request.pools.idle(), 1);
        request.fresh = false;
        assert_eq!(number(&mut request).await, "1");
    });
}

#[test]
fn reuse() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        assert_eq!(number(&mut request).await, "0");
        assert_eq!(number(&mut request).await, "0");
        // Another TLS name is another connection.
        request.backend.identity = "b.test".into();
        assert_eq!(number(&mut request).await, "1");
        request.backend.identity = "".into();
        assert_eq!(number(&mut request).await, "0");
        assert_eq!(request.pools.idle(), 2);
        request.pools.clear();
        assert_eq!(number(&mut request).await, "2");
        request.keep = false;
        assert_eq!(number(&mut request).await, "2");
        assert_eq!(number(&mut request).await, "3");
        request.backend.params.disable_reuse = true;
        assert_eq!(number(&mut request).await, "4");
        assert_eq!(request.pools.idle(), 0);
    });
}

/// What is in use while the pools are cleared is not kept afterwards.
#[test]
fn cleared() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        let busy = request.send().await.map_err(|e| e.kind).unwrap();
        request.pools.clear();
        assert!(told(busy).await.ends_with("\"0\""));
        assert_eq!(request.pools.idle(), 0);
        assert_eq!(number(&mut request).await, "1");
        assert_eq!(number(&mut request).await, "1");
    });
}

/// What was used last is used next.
#[test]
fn a_stack() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        let first = request.send().await.map_err(|e| e.kind).unwrap();
        let second = request.send().await.map_err(|e| e.kind).unwrap();
        assert!(told(second).await.ends_with("\"1\""));
        assert!(told(first).await.ends_with("\"0\""));
        assert_eq!(number(&mut request).await, "0");
    });
}

/// Answers that end a connection.
#[test]
fn not_kept() {
    on_worker(async {
        for answer in [
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore than that",
        ] {
            let address = backend(move |_, mut peer| async move {
                peer.head().await;
                peer.say(answer).await;
                peer.rest().await;
            })
            .await;
            let mut request = Try::get(address);
            request.told().await;
            assert_eq!(request.pools.idle(), 0, "{answer:?}");
        }
    });
}

/// A connection that the backend closed while it was idle, or on which it said something unasked, is not used.
#[test]
fn stale() {
    on_worker(async {
        for unasked in ["", "HTTP/1.1 408 Request Timeout\r\n\r\n"] {
            let done = Rc::new(Cell::new(false));
            let told = Rc::clone(&done);
            let address = backend(move |_, mut peer| {
                let done = Rc::clone(&told);
                async move {
                    peer.head().await;
                    peer.say(OK).await;
                    tokio::task::yield_now().await;
                    peer.say(unasked).await;
                    drop(peer);
                    done.set(true);
                }
            })
            .await;
            let mut request = Try::get(address);
            assert_eq!(request.told().await, ANSWER);
            until(|| done.get()).await;
            // The runtime looks at its sockets before it goes on.
            tokio::task::yield_now().await;
            assert_eq!(request.told().await, ANSWER, "{unasked:?}");
        }
    });
}

/// One that closes under the request is a failure, told apart from that of a fresh connection.
#[test]
fn closed_under_the_request() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            peer.head().await;
            peer.say(OK).await;
            peer.head().await;
        })
        .await;
        let mut request = Try::get(address);
        assert_eq!(request.told().await, ANSWER);
        let error = request.send().await.map(|_| ()).unwrap_err();
        assert_eq!((error.kind, error.reused), (Kind::Closed, true));
        assert!(format!("{error:#}").starts_with("closed before its answer on a connection that was kept"));
        let address = backend(|_, mut peer| async move {
            peer.head().await;
            peer.reset();
        })
        .await;
        let error = Try::get(address).send().await.map(|_| ()).unwrap_err();
        assert_eq!((error.kind, error.reused), (Kind::Closed, false));
    });
}

#[test]
fn ttl_and_smax() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        request.backend.params.ttl = Some(Duration::from_millis(30));
        assert_eq!(number(&mut request).await, "0");
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(number(&mut request).await, "1");

        let mut request = Try::get(numbering().await);
        request.backend.params.smax = Some(1);
        let first = request.send().await.map_err(|e| e.kind).unwrap();
        let second = request.send().await.map_err(|e| e.kind).unwrap();
        told(first).await;
        told(second).await;
        assert_eq!(request.pools.idle(), 1);
    });
}

/// What is idle for too long, or closed by the backend, goes without anybody asking for it.
#[test]
fn tended() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        spawned(request.pools.clone().tend());
        request.backend.params.ttl = Some(Duration::from_millis(1));
        assert_eq!(number(&mut request).await, "0");
        assert_eq!(request.pools.idle(), 1);
        let pools = request.pools.clone();
        until(|| pools.idle() == 0).await;
    });
}

#[test]
fn disabled() {
    on_worker(async {
        let mut request = Try::get(numbering().await);
        request.backend.params.disabled = true;
        assert_eq!(request.told().await, "Disabled");
    });
}

/// No more is read than is taken.
#[test]
fn backpressure() {
    const LENGTH: usize = 64 << 20;
    on_worker(async {
        let written = Rc::new(Cell::new(0));
        let count = Rc::clone(&written);
        let address = backend(move |_, mut peer: Peer| {
            let written = Rc::clone(&count);
            async move {
                peer.head().await;
                peer.say(format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n")).await;
                let piece = vec![b'a'; 1 << 16];
                for _ in 0..LENGTH >> 16 {
                    peer.say(&piece).await;
                    written.set(written.get() + piece.len());
                }
            }
        })
        .await;
        let mut request = Try::get(address);
        let mut answer = request.send().await.map_err(|e| e.kind).unwrap();
        let mut taken = 0;
        while let Some(frame) = answer.body.frame().await {
            taken += frame.map_err(|e| e.kind).unwrap().into_data().unwrap().len();
            // The kernel's buffers hold a few MiB; nothing else may grow.
            assert!(written.get() - taken.min(written.get()) < 16 << 20);
        }
        assert_eq!(taken, LENGTH);
        let (sent, received) = request.backend.state.traffic();
        assert!(sent > 10 && received as usize >= LENGTH);
    });
}

/// A refused upgrade: somebody else wrote the request and read the beginning of the answer.
#[test]
fn receive() {
    on_worker(async {
        let address = backend(|_, mut peer| async move {
            assert!(peer.head().await.unwrap().starts_with("GET /ws"));
            peer.say("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nno!")
                .await;
            assert!(peer.head().await.unwrap().starts_with("GET /x"));
            peer.say(OK).await;
        })
        .await;
        let mut request = Try::get(address);
        let mut stream = TcpStream::connect(address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /ws HTTP/1.1\r\n\r\n").await.unwrap();
        let mut read = vec![0; 20];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut read).await.unwrap();
        let (stream, permit) =
            request.pools.connect(&request.backend, Duration::ZERO, async || Ok(stream)).await.unwrap();
        let handover = Handover { stream, read: Bytes::from(read), permit, of_head: false, keep: true };
        let answer = request.pools.receive(&request.backend, handover, request.reading, &mut |_| ()).await;
        let answer = answer.map_err(|e| e.kind).unwrap();
        assert!(!Pin::new(&answer.body).is_end_stream());
        let told = told(answer).await;
        assert_eq!(told, r#"426 Upgrade Required [Upgrade=websocket, Content-Length=3] "no!""#);
        assert_eq!(request.told().await, ANSWER);
    });
}
