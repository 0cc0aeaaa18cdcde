//! Bytes that were read before the tunnel: first in line, each way, under every driver.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use wsgate_wstunnel::Drive;

use crate::support::{Plan, Rig, expect, on_worker, send, with_paused_time};

fn plan(drive: Drive) -> Plan {
    Plan { early: [b"from the client, ", b"from the backend, "], drive, ..Plan::default() }
}

async fn check(
    rig: &Rig,
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut backend: impl AsyncRead + AsyncWrite + Unpin,
) {
    send(&mut client, b"later").await;
    send(&mut backend, b"later").await;
    expect(&mut backend, b"from the client, later").await;
    expect(&mut client, b"from the backend, later").await;
    let all = rig.tunnels.list();
    assert_eq!((all[0].from_client, all[0].from_backend), (22, 23));
}

#[test]
fn by_the_engine() {
    on_worker(async |rig| {
        let (_, client, backend) = rig.tcp(&plan(Drive::Worker)).await;
        check(&rig, client, backend).await;
    });
}

#[test]
fn by_the_engine_between_unix_sockets() {
    on_worker(async |rig| {
        let (_, client, backend) = rig.unix(&plan(Drive::Worker));
        check(&rig, client, backend).await;
    });
}

#[test]
fn by_a_thread() {
    on_worker(async |rig| {
        let (_, client, backend) = rig.tcp(&plan(Drive::Thread)).await;
        check(&rig, client, backend).await;
    });
}

#[test]
fn by_a_thread_at_first() {
    on_worker(async |rig| {
        let (_, client, backend) = rig.tcp(&plan(Drive::ThreadUntilQuiet(Duration::from_millis(1)))).await;
        check(&rig, client, backend).await;
    });
}

#[test]
fn by_a_task() {
    with_paused_time(async |rig| {
        let (_, client, backend) = rig.memory(&plan(Drive::Worker));
        check(&rig, client, backend).await;
    });
}
