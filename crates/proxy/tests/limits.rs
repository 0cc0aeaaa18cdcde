//! `max=`: who gets a connection while all are in use, and what counts as one.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use support::{Peer, Try, backend, number, numbering, on_worker, spawned, state, told, until};
use wsgate_proxy::{Backend, Backends, Kind, PoolParams, Pools};

/// `max=1 acquire=30`.
fn one(address: SocketAddr) -> Try {
    let params = PoolParams { acquire: Some(Duration::from_millis(30)), ..PoolParams::default() };
    let backend = Backend { state: state(Some(1)), identity: "".into(), params };
    Try { backend, ..Try::get(address) }
}

#[test]
fn exhausted() {
    on_worker(async {
        let mut request = one(numbering().await);
        let busy = request.send().await.map_err(|e| e.kind).unwrap();
        assert_eq!(request.told().await, "Exhausted");
        told(busy).await;
        // Idle, it is the one connection.
        assert_eq!(number(&mut request).await, "0");
        // A tunnel counts, too.
        request.pools.clear();
        let tunnel = request.backend.state.permit(Duration::ZERO).await.map_err(|e| e.kind).unwrap();
        assert_eq!(request.told().await, "Exhausted");
        drop(tunnel);
        assert_eq!(number(&mut request).await, "1");
    });
}

/// Whoever waits gets the connection that becomes free.
#[test]
fn handed_over() {
    on_worker(async {
        let mut request = one(numbering().await);
        request.backend.params.acquire = Some(Duration::from_secs(10));
        let mut second = Try {
            pools: request.pools.clone(),
            backend: request.backend.clone(),
            ..Try::get(request.address)
        };
        let busy = request.send().await.map_err(|e| e.kind).unwrap();
        let waiting = spawned(async move { number(&mut second).await });
        tokio::task::yield_now().await;
        told(busy).await;
        assert_eq!(waiting.await.unwrap(), "0");
        assert_eq!(request.pools.idle(), 1);
    });
}

/// An idle connection of another thread, or under another name, gives way.
#[test]
fn idle_ones_give_way() {
    on_worker(async {
        let mut request = one(numbering().await);
        request.backend.params.acquire = Some(Duration::from_secs(10));
        spawned(request.pools.clone().tend());
        assert_eq!(number(&mut request).await, "0");
        let mut elsewhere =
            Try { pools: Pools::new(), backend: request.backend.clone(), ..Try::get(request.address) };
        assert_eq!(number(&mut elsewhere).await, "1");
        assert_eq!(request.pools.idle(), 0);
        spawned(elsewhere.pools.clone().tend());
        elsewhere.backend.identity = "b.test".into();
        assert_eq!(number(&mut elsewhere).await, "2");
    });
}

/// The limit follows a reload; what is in use stays.
#[test]
fn limits_change() {
    on_worker(async {
        let backends = Backends::default();
        let state = backends.state("w", Some(3));
        let take = || async { state.permit(Duration::ZERO).await.ok() };
        let (a, b, c) = (take().await.unwrap(), take().await.unwrap(), take().await.unwrap());
        assert!(take().await.is_none());
        assert!(Arc::ptr_eq(&backends.state("w", Some(1)), &state));
        drop(a);
        drop(b);
        assert!(take().await.is_none());
        drop(c);
        let only = take().await.unwrap();
        assert!(take().await.is_none());
        backends.state("w", Some(2));
        let second = take().await.unwrap();
        assert!(take().await.is_none());
        backends.state("w", None);
        let many: Vec<_> = (0..100).map(|_| ()).collect();
        for () in many {
            std::mem::forget(take().await.unwrap());
        }
        drop((only, second));
        assert!(!Arc::ptr_eq(&backends.state("other", None), &state));
    });
}

/// A dropped answer closes its connection and frees its place, wherever it was dropped.
#[test]
fn dropped_in_the_middle() {
    on_worker(async {
        let closed = Rc::new(Cell::new(0));
        let count = Rc::clone(&closed);
        let address = backend(move |number, mut peer: Peer| {
            let closed = Rc::clone(&count);
            async move {
                peer.head().await;
                peer.say(["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"][number.min(1)]).await;
                peer.rest().await;
                closed.set(closed.get() + 1);
            }
        })
        .await;
        let mut request = one(address);
        // While the head is waited for.
        let silent = tokio::time::timeout(Duration::from_millis(20), request.send()).await;
        assert!(silent.is_err());
        // Within the body.
        let mut answer = request.send().await.map_err(|e| e.kind).unwrap();
        let piece = answer.body.frame().await.unwrap().map_err(|e| e.kind).unwrap();
        assert_eq!(piece.into_data().unwrap(), "abc");
        drop(answer);
        until(|| closed.get() == 2).await;
        assert_eq!(request.pools.idle(), 0);
        assert!(request.backend.state.permit(Duration::ZERO).await.is_ok());
    });
}

/// A tunnel takes the idle connection; it is the tunnel's from then on.
#[test]
fn tunnels_take_idle_connections() {
    on_worker(async {
        let mut request = one(numbering().await);
        assert_eq!(number(&mut request).await, "0");
        let nobody = async || Err(Kind::Refused.into());
        let taken = request.pools.connect(&request.backend, Duration::ZERO, nobody).await;
        let (mut stream, permit) = taken.map_err(|e| e.kind).unwrap();
        assert_eq!(request.pools.idle(), 0);
        assert_eq!(request.told().await, "Exhausted");
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /t HTTP/1.1\r\n\r\n").await.unwrap();
        let mut read = [0; 39];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut read).await.unwrap();
        assert!(read.ends_with(b"\r\n\r\n0"));
        drop(permit);
        assert_eq!(number(&mut request).await, "1");
    });
}
