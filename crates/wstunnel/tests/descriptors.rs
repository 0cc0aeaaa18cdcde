//! Tunnels come and go; no descriptor stays and no memory. Alone in its process, for it counts the process's. A few
//! thousand tunnels by default; `TUNNELS=100000` in the environment makes it a hundred thousand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use wsgate_wstunnel::{Drive, End, RouteLabel, Terms, Tunnels, Worker};

/// Tunnels unless the environment says otherwise.
const TUNNELS: usize = 3000;
const AT_ONCE: usize = 100;
/// Rounds after which the process has all the memory that it needs.
const WARM: usize = 10;
/// What allocators and threads' stacks may still add, in bytes: 100,000 tunnels would need more if 40 bytes of each stayed.
const SLACK: usize = 4 << 20;

fn rounds() -> usize {
    let tunnels = std::env::var("TUNNELS").ok().and_then(|number| number.parse().ok()).unwrap_or(TUNNELS);
    tunnels / AT_ONCE
}

/// Memory of this process that is in use and its own.
fn memory() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: Vec<usize> = statm.split_whitespace().map(|number| number.parse().unwrap()).collect();
    (pages[1] - pages[2]) * 4096
}

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
        for _ in 0..WARM {
            round(&worker, &tunnels, &listener, &label).await;
        }
        let (before, memory_before) = (descriptors(), memory());
        for _ in 0..rounds() {
            round(&worker, &tunnels, &listener, &label).await;
        }
        let grown = memory().saturating_sub(memory_before);
        assert!(grown < SLACK, "{grown} bytes more");
        // What ended by a reset lingers for two seconds at most, and threads take a moment to go.
        let gone = async {
            while descriptors() > before || tunnels.totals().threads > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), gone).await;
        assert!(waited.is_ok(), "{} descriptors, {before} before", descriptors());
        assert_eq!(Arc::strong_count(&label), 1, "a record outlived its tunnel");
        assert_eq!(tunnels.totals().opened, ((rounds() + WARM) * AT_ONCE) as u64);
    });
}
