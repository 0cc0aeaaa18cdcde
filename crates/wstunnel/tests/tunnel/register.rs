//! The register: listing, ending, draining, from the worker's thread and from others.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::spawn_blocking;
use wsgate_wstunnel::{Cause, Drive, End, Mode, Terms, Totals, TunnelId};

use crate::support::{Plan, expect, on_worker, rest, send, tcp_pair, with_paused_time};

#[test]
fn a_tunnel_is_listed_with_all_that_is_known_of_it() {
    on_worker(async |rig| {
        let (id, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        send(&mut client, b"12345").await;
        expect(&mut backend, b"12345").await;
        let all = rig.tunnels.list();
        assert_eq!(all.len(), 1);
        let info = &all[0];
        assert_eq!((info.id, info.mode), (id, Mode::Engine));
        assert_eq!((&*info.label.vhost, &*info.backend), ("host", "ws://backend"));
        assert_eq!((info.from_client, info.from_backend), (5, 0));
        assert_eq!(info.client.port(), 4711);
        assert!(info.quiet <= info.age);
    });
}

#[test]
fn totals_hold_what_ended_and_what_is_open() {
    on_worker(async |mut rig| {
        let (_, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        send(&mut client, b"123").await;
        expect(&mut backend, b"123").await;
        drop((client, backend));
        let cause = rig.ended().await.cause;
        let (_, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        send(&mut backend, b"4567").await;
        expect(&mut client, b"4567").await;
        let mut ended = [0; Cause::ALL.len()];
        ended[Cause::ALL.iter().position(|c| *c == cause).unwrap()] = 1;
        let expected = Totals { open: 1, threads: 0, opened: 2, ended, from_clients: 3, from_backends: 4 };
        assert_eq!(rig.tunnels.totals(), expected);
    });
}

#[test]
fn a_tunnel_is_killed_by_its_name_whoever_relays_it() {
    on_worker(async |mut rig| {
        for drive in [Drive::Worker, Drive::Thread, Drive::ThreadUntilQuiet(Duration::from_millis(1))] {
            let (other, _client, _backend) = rig.tcp(&Plan::default()).await;
            let (id, mut client, mut backend) = rig.tcp(&Plan::by(drive)).await;
            let tunnels = rig.tunnels.clone();
            assert!(spawn_blocking(move || tunnels.kill(id)).await.unwrap());
            let ended = rig.ended().await;
            assert_eq!((ended.info.id, ended.cause), (id, Cause::Killed));
            assert!(rest(&mut client).await.is_empty());
            assert!(rest(&mut backend).await.is_empty());
            assert!(!rig.tunnels.kill(id), "it is gone");
            assert!(rig.tunnels.find(other).is_some());
            assert_eq!(rig.tunnels.kill_where(|info| info.id == other), 1);
            assert_eq!(rig.ended().await.cause, Cause::Killed);
        }
    });
}

#[test]
fn a_task_is_killed_too() {
    with_paused_time(async |mut rig| {
        let (id, mut client, mut backend) = rig.memory(&Plan::default());
        assert!(rig.tunnels.kill(id));
        assert!(rest(&mut client).await.is_empty());
        assert!(rest(&mut backend).await.is_empty());
        assert_eq!(rig.ended().await.cause, Cause::Killed);
    });
}

#[test]
fn draining_waits_for_the_last_tunnel_and_not_for_ever() {
    on_worker(async |mut rig| {
        let (_, client, backend) = rig.tcp(&Plan::default()).await;
        assert_eq!(rig.tunnels.drain(Duration::from_millis(10)).await, 1);
        let tunnels = rig.tunnels.clone();
        let drained = tokio::task::spawn_local(async move { tunnels.drain(Duration::from_secs(60)).await });
        tokio::task::yield_now().await;
        drop((client, backend));
        rig.ended().await;
        assert_eq!(drained.await.unwrap(), 0);
    });
}

#[test]
fn stopping_ends_all_and_what_starts_later() {
    on_worker(async |mut rig| {
        let plans = [Drive::Worker, Drive::Thread];
        for drive in plans {
            rig.tcp(&Plan::by(drive)).await;
        }
        rig.memory(&Plan::default());
        rig.tunnels.stop();
        rig.tcp(&Plan::default()).await;
        assert_eq!(rig.tunnels.drain(Duration::from_secs(30)).await, 0);
        for _ in 0..4 {
            // The far ends were dropped at once, which may have been noticed first.
            let cause = rig.ended().await.cause;
            assert!(matches!(cause, Cause::Stopping | Cause::ClientClosed | Cause::BackendClosed), "{cause}");
        }
    });
}

#[test]
fn a_panic_at_the_end_of_one_tunnel_leaves_the_others_running() {
    on_worker(async |mut rig| {
        let (client, near_client) = tcp_pair().await;
        let (_backend, near_backend) = tcp_pair().await;
        let end = |stream| End { stream, early: Bytes::new() };
        let terms = Terms {
            label: Arc::default(),
            client: client.local_addr().unwrap(),
            backend: "backend".into(),
            idle: None,
            half_close: true,
            drive: Drive::Worker,
            on_end: Box::new(|_| panic!("meant to")),
        };
        rig.worker.start(end(near_client), end(near_backend), terms);
        let (_, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        assert_eq!(rig.tunnels.kill_where(|info| &*info.backend == "backend"), 1);
        send(&mut client, b"still there").await;
        expect(&mut backend, b"still there").await;
        drop((client, backend));
        rig.ended().await;
        assert_eq!(rig.tunnels.drain(Duration::from_secs(30)).await, 0);
    });
}

#[test]
fn a_name_is_read_as_it_is_written() {
    on_worker(async |rig| {
        let (id, _client, _backend) = rig.tcp(&Plan::default()).await;
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "-", "1", "1-", "x-1", "1-2-3", "99999-1"] {
            assert!(wrong.parse::<TunnelId>().is_err(), "{wrong}");
        }
    });
}
