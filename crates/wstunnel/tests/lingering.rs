//! A tunnel that was ended from outside waits for its far ends, and costs nothing meanwhile. Alone in its process, for
//! it counts the process's time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustix::time::{ClockId, clock_gettime};
use tokio::net::UnixStream;
use tokio::task::LocalSet;
use wsgate_wstunnel::{Drive, End, Mode, Terms, Tunnels, Worker};

#[test]
fn sides_that_do_not_close_cost_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        for (drive, mode) in [(Drive::Worker, Mode::Engine), (Drive::Thread, Mode::Thread)] {
            let tunnels = Tunnels::new(1);
            let worker = Worker::new(&tunnels).unwrap();
            let (_client, near_client) = UnixStream::pair().unwrap();
            let (_backend, near_backend) = UnixStream::pair().unwrap();
            let end = |stream| End { stream, early: Bytes::new() };
            let terms = Terms {
                label: Arc::default(),
                client: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
                backend: "backend".into(),
                idle: None,
                half_close: true,
                drive,
                on_end: Box::new(|_| ()),
            };
            let id = worker.start(end(near_client), end(near_backend), terms);
            while tunnels.find(id).unwrap().mode != mode {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            assert!(tunnels.kill(id));
            assert_eq!(tunnels.drain(Duration::from_secs(30)).await, 0);
            let used = clock_gettime(ClockId::ProcessCPUTime);
            // Longer than either side is waited for.
            tokio::time::sleep(Duration::from_secs(3)).await;
            let used = clock_gettime(ClockId::ProcessCPUTime) - used;
            assert_eq!(tunnels.totals().threads, 0);
            assert!(used.tv_sec == 0 && used.tv_nsec < 300_000_000, "{used:?} of CPU time by {drive:?}");
        }
    });
}
