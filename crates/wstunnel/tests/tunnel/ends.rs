//! How tunnels end: half-closes, resets, idleness; each cause, and no byte lost before it.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_local;
use wsgate_wstunnel::{Cause, Drive};

use crate::support::{Plan, expect, narrow_pair, noise, on_worker, reset, rest, send, soon, tcp_pair};

const DRIVES: [Drive; 2] = [Drive::Worker, Drive::Thread];

#[test]
fn a_client_half_close_passes_what_is_pending_and_leaves_the_other_way_open() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (_, mut client, mut backend) = rig.narrow(&Plan::by(drive));
            let pending = noise(1, 300_000);
            let sent = pending.clone();
            let half_closed = spawn_local(async move {
                send(&mut client, &sent).await;
                client.shutdown().await.unwrap();
                client
            });
            assert!(rest(&mut backend).await == pending);
            let mut client = half_closed.await.unwrap();
            send(&mut backend, b"the answer").await;
            expect(&mut client, b"the answer").await;
            drop(backend);
            assert!(rest(&mut client).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
        }
    });
}

/// `proxy-nohalfclose`: what came before the end of one way arrives, then both are over.
#[test]
fn without_half_closes_the_end_of_one_way_is_that_of_the_other() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let plan = Plan { half_close: false, ..Plan::by(drive) };
            let (_, mut client, mut backend) = rig.tcp(&plan).await;
            send(&mut client, b"a last word").await;
            client.shutdown().await.unwrap();
            assert_eq!(rest(&mut backend).await, b"a last word");
            assert!(rest(&mut client).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
        }
        let plan = Plan { half_close: false, ..Plan::default() };
        let (_, mut client, mut backend) = rig.memory(&plan);
        send(&mut backend, b"a last word").await;
        backend.shutdown().await.unwrap();
        assert_eq!(rest(&mut client).await, b"a last word");
        assert!(rest(&mut backend).await.is_empty());
        assert_eq!(rig.ended().await.cause, Cause::BackendClosed);
    });
}

#[test]
fn a_backend_half_close_passes_what_is_pending_and_leaves_the_other_way_open() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (_, mut client, mut backend) = rig.narrow(&Plan::by(drive));
            let pending = noise(2, 300_000);
            let sent = pending.clone();
            let half_closed = spawn_local(async move {
                send(&mut backend, &sent).await;
                backend.shutdown().await.unwrap();
                backend
            });
            assert!(rest(&mut client).await == pending);
            let mut backend = half_closed.await.unwrap();
            send(&mut client, b"a last word").await;
            expect(&mut backend, b"a last word").await;
            drop(client);
            assert!(rest(&mut backend).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::BackendClosed);
        }
    });
}

#[test]
fn a_reset_by_the_backend_is_an_orderly_end_to_the_client() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (_, mut client, mut backend) = rig.tcp(&Plan::by(drive)).await;
            send(&mut backend, b"last words").await;
            expect(&mut client, b"last words").await;
            reset(backend);
            assert!(rest(&mut client).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::BackendReset);
        }
    });
}

#[test]
fn a_reset_by_the_client_is_an_orderly_end_to_the_backend() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (_, mut client, mut backend) = rig.tcp(&Plan::by(drive)).await;
            send(&mut client, b"last words").await;
            expect(&mut backend, b"last words").await;
            reset(client);
            assert!(rest(&mut backend).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::ClientReset);
        }
    });
}

#[test]
fn a_reset_does_not_take_back_what_the_slow_side_has_not_read() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            // More than the client's side takes: some waits in the tunnel, some in the backend's socket.
            let (mut client, near_client) = narrow_pair();
            let (mut backend, near_backend) = tcp_pair().await;
            let id = rig.start(near_client, near_backend, &Plan::by(drive));
            let pending = noise(3, 60_000);
            send(&mut backend, &pending).await;
            soon(async {
                while rig.tunnels.find(id).unwrap().from_backend == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
            .await;
            reset(backend);
            assert!(rest(&mut client).await == pending);
            drop(client);
            assert_eq!(rig.ended().await.cause, Cause::BackendReset);
        }
    });
}

#[test]
fn a_reset_behind_a_half_close_ends_the_tunnel() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (_, mut client, mut backend) = rig.tcp(&Plan::by(drive)).await;
            client.shutdown().await.unwrap();
            assert!(rest(&mut backend).await.is_empty());
            reset(client);
            assert!(rest(&mut backend).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
        }
    });
}

#[test]
fn a_closed_unix_peer_ends_the_tunnel_after_its_last_bytes() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (_, mut client, mut backend) = rig.unix(&Plan::by(drive));
            send(&mut backend, b"last words").await;
            drop(backend);
            assert_eq!(rest(&mut client).await, b"last words");
            assert_eq!(rig.ended().await.cause, Cause::BackendClosed);
        }
    });
}

#[test]
fn an_idle_tunnel_ends_with_a_fin_on_both_sides() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let idle = Some(Duration::from_millis(60));
            let (_, mut client, mut backend) = rig.tcp(&Plan { idle, ..Plan::by(drive) }).await;
            assert!(rest(&mut client).await.is_empty());
            assert!(rest(&mut backend).await.is_empty());
            let ended = rig.ended().await;
            assert_eq!(ended.cause, Cause::Idle);
            assert!(ended.info.age >= Duration::from_millis(60));
        }
    });
}

#[test]
fn traffic_one_way_keeps_a_tunnel_open() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let idle = Duration::from_millis(150);
            let (_, mut client, mut backend) = rig.tcp(&Plan { idle: Some(idle), ..Plan::by(drive) }).await;
            for _ in 0..20 {
                tokio::time::sleep(idle / 10).await;
                send(&mut backend, b"tick").await;
                expect(&mut client, b"tick").await;
            }
            let ended = rig.ended().await;
            assert_eq!(ended.cause, Cause::Idle);
            assert!(ended.info.age >= idle * 3);
        }
    });
}

#[test]
fn two_stalled_sides_cost_nothing_until_the_idle_timeout() {
    on_worker(async |mut rig| {
        let idle = Duration::from_millis(500);
        let (id, client, backend) = rig.narrow(&Plan { idle: Some(idle), ..Plan::default() });
        let chunk = noise(7, 64 * 1024);
        let mut before = u64::MAX;
        loop {
            while client.try_write(&chunk).is_ok() {}
            while backend.try_write(&chunk).is_ok() {}
            tokio::time::sleep(Duration::from_millis(20)).await;
            let info = rig.tunnels.find(id).unwrap();
            if info.from_client + info.from_backend == before {
                break;
            }
            before = info.from_client + info.from_backend;
        }
        let used = clock_gettime(ClockId::ThreadCPUTime);
        assert_eq!(rig.ended().await.cause, Cause::Idle);
        let used = clock_gettime(ClockId::ThreadCPUTime) - used;
        assert!(used.tv_sec == 0 && used.tv_nsec < 100_000_000, "{used:?} of CPU time in half a second");
    });
}
