//! Descriptors and tunnels come and go; nothing stays. Alone in its process, for it counts the process's.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use wsgate_wstunnel::{Drive, End, RouteLabel, Terms, Tunnels, Worker};

const ROUNDS: usize = 30;
const AT_ONCE: usize = 100;

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

async fn pair(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (far, listener.accept().await.unwrap().0)
}

async fn round(worker: &Worker, tunnels: &Tunnels, listener: &TcpListener, label: &Arc<RouteLabel>) {
    let mut far = Vec::new();
    for at in 0..AT_ONCE {
        let (client, near_client) = pair(listener).await;
        let (backend, near_backend) = pair(listener).await;
        let drive = match at % 10 {
            0 => Drive::Thread,
            1 => Drive::ThreadUntilQuiet(Duration::from_millis(1)),
            _ => Drive::Worker,
        };
        let terms = Terms {
            label: Arc::clone(label),
            client: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            backend: "backend".into(),
            idle: Some(Duration::from_secs(60)),
            half_close: true,
            drive,
            on_end: Box::new(|_| ()),
        };
        let early = Bytes::from_static(b"early");
        worker.start(
            End { stream: near_client, early: early.clone() },
            End { stream: near_backend, early },
            terms,
        );
        far.push((client, backend));
    }
    for (at, (mut client, mut backend)) in far.into_iter().enumerate() {
        let mut early = [0; 5];
        client.read_exact(&mut early).await.unwrap();
        backend.read_exact(&mut early).await.unwrap();
        match at % 3 {
            0 => client.shutdown().await.unwrap(),
            1 => backend.shutdown().await.unwrap(),
            _ => socket2::SockRef::from(&backend).set_linger(Some(Duration::ZERO)).unwrap(),
        }
    }
    assert_eq!(tunnels.drain(Duration::from_secs(30)).await, 0);
}

#[test]
fn thousands_of_tunnels_leave_nothing_behind() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let tunnels = Tunnels::new(AT_ONCE);
        let worker = Worker::new(&tunnels).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let label = Arc::new(RouteLabel::default());
        round(&worker, &tunnels, &listener, &label).await;
        let before = descriptors();
        for _ in 0..ROUNDS {
            round(&worker, &tunnels, &listener, &label).await;
        }
        // What ended by a reset lingers for two seconds at most, and threads take a moment to go.
        let gone = async {
            while descriptors() > before || tunnels.totals().threads > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), gone).await;
        assert!(waited.is_ok(), "{} descriptors, {before} before", descriptors());
        assert_eq!(Arc::strong_count(&label), 1, "a record outlived its tunnel");
        assert_eq!(tunnels.totals().opened, ((ROUNDS + 1) * AT_ONCE) as u64);
    });
}
