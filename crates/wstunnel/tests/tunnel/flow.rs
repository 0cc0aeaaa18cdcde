//! Bytes in motion: every path of a write, of a refusal, of splice(2).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::spawn_local;
use wsgate_wstunnel::Cause;

use crate::support::{Plan, expect, noise, on_worker, rest, send, soon};

const MIB: usize = 1 << 20;

#[test]
fn messages_go_both_ways_and_are_counted() {
    on_worker(async |rig| {
        let (id, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        for round in 1..=50_u64 {
            let (up, down) = (noise(round, round as usize * 7), noise(round + 100, round as usize * 1000));
            send(&mut client, &up).await;
            expect(&mut backend, &up).await;
            send(&mut backend, &down).await;
            expect(&mut client, &down).await;
        }
        let info = rig.tunnels.find(id).unwrap();
        assert_eq!((info.from_client, info.from_backend), (7 * 1275, 1000 * 1275));
    });
}

#[test]
fn both_ways_at_once_through_narrow_sockets() {
    on_worker(async |rig| {
        let (_, client, backend) = rig.narrow(&Plan::default());
        let (up, down) = (noise(1, 2 * MIB), noise(2, 2 * MIB));
        let (mut client_read, mut client_write) = client.into_split();
        let (mut backend_read, mut backend_write) = backend.into_split();
        let (to_backend, to_client) = (up.clone(), down.clone());
        spawn_local(async move { send(&mut client_write, &to_backend).await });
        spawn_local(async move { send(&mut backend_write, &to_client).await });
        tokio::join!(expect(&mut client_read, &down), expect(&mut backend_read, &up));
    });
}

#[test]
fn bulk_then_small_then_bulk_again() {
    on_worker(async |rig| {
        let (_, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        for round in 0..3 {
            let bulk = noise(round, 8 * MIB);
            let sent = bulk.clone();
            let sending = spawn_local(async move {
                send(&mut backend, &sent).await;
                backend
            });
            expect(&mut client, &bulk).await;
            backend = sending.await.unwrap();
            for message in 0..20_u64 {
                let small = noise(message, 1 + message as usize * 100);
                send(&mut backend, &small).await;
                expect(&mut client, &small).await;
                send(&mut client, &small).await;
                expect(&mut backend, &small).await;
            }
        }
    });
}

#[test]
fn bulk_between_unix_sockets() {
    on_worker(async |rig| {
        let (_, mut client, mut backend) = rig.unix(&Plan::default());
        let bulk = noise(3, 4 * MIB);
        let sent = bulk.clone();
        spawn_local(async move {
            send(&mut client, &sent).await;
            client.shutdown().await.unwrap();
            rest(&mut client).await
        });
        assert!(rest(&mut backend).await == bulk);
    });
}

#[test]
fn a_reader_of_single_bytes_gets_a_large_frame() {
    on_worker(async |rig| {
        let (_, client, mut backend) = rig.narrow(&Plan::default());
        let frame = noise(4, MIB);
        let sent = frame.clone();
        spawn_local(async move {
            send(&mut backend, &sent).await;
            backend
        });
        let mut client = client;
        let mut one = [0];
        for (at, byte) in frame.iter().enumerate() {
            soon(client.read_exact(&mut one)).await.unwrap();
            assert_eq!(one[0], *byte, "at {at}");
        }
    });
}

#[test]
fn a_reader_that_does_not_read_stops_the_sender() {
    on_worker(async |mut rig| {
        let (id, client, mut backend) = rig.narrow(&Plan::default());
        // Stuffed from the far end until the tunnel takes no more.
        let chunk = noise(5, 64 * 1024);
        let mut taken = 0;
        loop {
            match backend.try_write(&chunk) {
                Ok(length) => taken += length,
                Err(_) => {
                    let before = rig.tunnels.find(id).unwrap().from_backend;
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    if rig.tunnels.find(id).unwrap().from_backend == before {
                        break;
                    }
                }
            }
        }
        assert!(taken < MIB, "{taken} bytes were taken for a reader that reads none");
        // It is not lost: all of it arrives when the reader reads.
        spawn_local(async move {
            backend.shutdown().await.unwrap();
            rest(&mut backend).await
        });
        let mut client = client;
        assert_eq!(rest(&mut client).await.len(), taken);
        drop(client);
        assert_eq!(rig.ended().await.cause, Cause::BackendClosed);
    });
}

#[test]
fn a_bulk_tunnel_does_not_starve_a_small_one() {
    on_worker(async |rig| {
        let (_, mut sink, mut source) = rig.tcp(&Plan::default()).await;
        let (_, mut client, mut backend) = rig.tcp(&Plan::default()).await;
        spawn_local(async move {
            let chunk = noise(6, MIB);
            while source.write_all(&chunk).await.is_ok() {}
        });
        spawn_local(async move {
            let mut scrap = vec![0; MIB];
            while matches!(sink.read(&mut scrap).await, Ok(1..)) {}
        });
        for round in 0..200 {
            let message = noise(round, 100);
            send(&mut client, &message).await;
            expect(&mut backend, &message).await;
            send(&mut backend, &message).await;
            expect(&mut client, &message).await;
        }
    });
}
