//! Synchronous tunnels: a thread each, a limited number, and the way back to the worker.

use std::time::Duration;

use wsgate_wstunnel::{Cause, Drive, Mode, TunnelId};

use crate::support::{Plan, Rig, expect, noise, on_worker, send, soon};

async fn until_mode(rig: &Rig, id: TunnelId, mode: Mode) {
    soon(async {
        while rig.tunnels.find(id).unwrap().mode != mode {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[test]
fn a_synchronous_tunnel_has_a_thread_and_gives_it_back() {
    on_worker(async |mut rig| {
        let (id, mut client, mut backend) = rig.tcp(&Plan::by(Drive::Thread)).await;
        until_mode(&rig, id, Mode::Thread).await;
        assert_eq!(rig.tunnels.totals().threads, 1);
        send(&mut client, b"ping").await;
        expect(&mut backend, b"ping").await;
        drop((client, backend));
        assert_eq!(rig.ended().await.info.mode, Mode::Thread);
        soon(async {
            while rig.tunnels.totals().threads > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    });
}

#[test]
fn beyond_the_limit_a_tunnel_is_the_workers() {
    on_worker(async |rig| {
        let mut far = Vec::new();
        for _ in 0..4 {
            far.push(rig.tcp(&Plan::by(Drive::Thread)).await);
        }
        let (id, mut client, mut backend) = rig.tcp(&Plan::by(Drive::Thread)).await;
        assert_eq!(rig.tunnels.find(id).unwrap().mode, Mode::Engine);
        assert_eq!(rig.tunnels.totals().threads, 4);
        send(&mut client, b"ping").await;
        expect(&mut backend, b"ping").await;
    });
}

#[test]
fn streams_are_relayed_on_a_thread_as_well() {
    on_worker(async |mut rig| {
        let (id, mut client, mut backend) = rig.memory(&Plan::by(Drive::Thread));
        until_mode(&rig, id, Mode::Thread).await;
        let message = noise(1, 5000);
        tokio::join!(send(&mut client, &message), expect(&mut backend, &message));
        drop(client);
        drop(backend);
        assert_eq!(rig.ended().await.info.mode, Mode::Thread);
    });
}

#[test]
fn a_quiet_tunnel_goes_to_its_worker_and_runs_on() {
    on_worker(async |mut rig| {
        let until_quiet = Drive::ThreadUntilQuiet(Duration::from_millis(30));
        let (id, mut client, mut backend) = rig.tcp(&Plan::by(until_quiet)).await;
        until_mode(&rig, id, Mode::Engine).await;
        send(&mut client, b"ping").await;
        expect(&mut backend, b"ping").await;
        let (id, mut client, mut backend) = rig.memory(&Plan::by(until_quiet));
        until_mode(&rig, id, Mode::Task).await;
        send(&mut client, b"ping").await;
        expect(&mut backend, b"ping").await;
        drop((client, backend));
        assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
    });
}

/// The reader stalls with the tunnel full, so the handover happens with bytes kept and unread ones waiting.
#[test]
fn a_handover_with_bytes_in_flight_loses_none() {
    on_worker(async |rig| {
        let until_quiet = Drive::ThreadUntilQuiet(Duration::from_millis(30));
        let (id, mut client, mut backend) = rig.narrow(&Plan::by(until_quiet));
        let (up, down) = (noise(1, 1 << 20), noise(2, 1 << 20));
        let (to_backend, to_client) = (up.clone(), down.clone());
        let (mut client_read, mut client_write) = client.split();
        let (mut backend_read, mut backend_write) = backend.split();
        let handed_over = async {
            until_mode(&rig, id, Mode::Engine).await;
            tokio::join!(expect(&mut client_read, &down), expect(&mut backend_read, &up));
        };
        tokio::join!(send(&mut client_write, &to_backend), send(&mut backend_write, &to_client), handed_over);
    });
}
