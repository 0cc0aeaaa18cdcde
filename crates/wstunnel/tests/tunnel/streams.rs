//! The relay of streams that are no sockets, on paused time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};
use wsgate_wstunnel::{Cause, Drive, Mode, Socket, Stream};

use crate::support::{Plan, expect, noise, on_worker, rest, send, with_paused_time};

#[test]
fn large_messages_go_both_ways_at_once() {
    with_paused_time(async |mut rig| {
        let (_, client, backend) = rig.memory(&Plan::default());
        let (up, down) = (noise(1, 300_000), noise(2, 300_000));
        let (mut client_read, mut client_write) = tokio::io::split(client);
        let (mut backend_read, mut backend_write) = tokio::io::split(backend);
        let (to_backend, to_client) = (up.clone(), down.clone());
        spawn_local(async move { send(&mut client_write, &to_backend).await });
        spawn_local(async move { send(&mut backend_write, &to_client).await });
        tokio::join!(expect(&mut client_read, &down), expect(&mut backend_read, &up));
        drop((client_read, backend_read));
        let ended = rig.ended().await;
        assert_eq!((ended.info.from_client, ended.info.from_backend), (300_000, 300_000));
        assert_eq!(ended.info.mode, Mode::Task);
    });
}

/// A stream with a mistake in it.
struct Broken;

impl Stream for Broken {
    fn into_socket(self) -> Result<Socket, Self> {
        Err(self)
    }
}

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        panic!("meant to")
    }
}

impl AsyncWrite for Broken {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[test]
fn a_relay_that_panics_has_failed() {
    on_worker(async |mut rig| {
        for drive in [Drive::Worker, Drive::Thread] {
            rig.start(Broken, Broken, &Plan::by(drive));
            assert_eq!(rig.ended().await.cause, Cause::Failed);
        }
    });
}

#[test]
fn half_closes_are_passed_on_with_what_is_pending() {
    with_paused_time(async |mut rig| {
        let (_, mut client, mut backend) = rig.memory(&Plan::default());
        let pending = noise(3, 10_000);
        let sent = pending.clone();
        let client = spawn_local(async move {
            send(&mut client, &sent).await;
            client.shutdown().await.unwrap();
            client
        });
        sleep(Duration::from_secs(1)).await;
        assert!(rest(&mut backend).await == pending);
        let mut client = client.await.unwrap();
        send(&mut backend, b"the answer").await;
        backend.shutdown().await.unwrap();
        assert_eq!(rest(&mut client).await, b"the answer");
        assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
    });
}

#[test]
fn a_stalled_reader_stops_the_sender() {
    with_paused_time(async |rig| {
        let (id, mut client, _backend) = rig.memory(&Plan::default());
        let sending =
            tokio::time::timeout(Duration::from_secs(5), client.write_all(&noise(4, 1 << 20))).await;
        assert!(sending.is_err(), "it must block");
        // Two in-memory pipes of 1 KiB, and one refused read in between.
        let taken = rig.tunnels.find(id).unwrap().from_client;
        assert!(taken <= 2048, "{taken} bytes taken");
    });
}

#[test]
fn idleness_is_counted_from_the_last_byte_either_way() {
    with_paused_time(async |mut rig| {
        let idle = Duration::from_secs(60);
        let (_, mut client, mut backend) = rig.memory(&Plan { idle: Some(idle), ..Plan::default() });
        let began = Instant::now();
        for _ in 0..5 {
            sleep(Duration::from_secs(50)).await;
            send(&mut backend, b"tick").await;
            expect(&mut client, b"tick").await;
        }
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(backend.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(rig.ended().await.cause, Cause::Idle);
        let lasted = began.elapsed().as_secs();
        assert!((310..=311).contains(&lasted), "{lasted} s");
    });
}

#[test]
fn without_a_limit_it_stays_open_for_days() {
    with_paused_time(async |rig| {
        let (id, mut client, mut backend) = rig.memory(&Plan::default());
        sleep(Duration::from_secs(30 * 24 * 3600)).await;
        assert_eq!(rig.tunnels.find(id).unwrap().quiet, Duration::from_secs(30 * 24 * 3600));
        send(&mut client, b"still there").await;
        expect(&mut backend, b"still there").await;
    });
}

#[test]
fn a_side_that_is_gone_ends_the_tunnel_and_the_other_gets_what_was_sent() {
    with_paused_time(async |mut rig| {
        let (_, mut client, mut backend) = rig.memory(&Plan::default());
        send(&mut backend, b"last words").await;
        drop(backend);
        assert_eq!(rest(&mut client).await, b"last words");
        // Writing on breaks the pipe; the tunnel is over either way.
        let _ = client.write_all(b"into the void").await;
        assert_eq!(rig.ended().await.cause, Cause::BackendClosed);
        let mut none = [0];
        assert_eq!(client.read(&mut none).await.unwrap(), 0);
    });
}
