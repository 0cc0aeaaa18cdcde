//! Random schedules against the simplest model there is: what arrives is what was sent, in order, and it ends.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::task::{spawn_local, yield_now};
use wsgate_wstunnel::{Cause, Drive};

use crate::support::{Plan, Rig, noise, on_worker, soon};

#[derive(Debug, Clone)]
enum Write {
    Send(usize),
    Stall,
}

#[derive(Debug, Clone)]
enum Read {
    Take(usize),
    Stall,
}

/// What one side does: it writes by a schedule and half-closes; it reads by a schedule, then all that is left.
#[derive(Debug, Clone)]
struct Side {
    writes: Vec<Write>,
    reads: Vec<Read>,
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![1..200_usize, 1..20_000_usize, 60_000..300_000_usize]
}

fn side() -> impl Strategy<Value = Side> {
    let write = prop_oneof![3 => size().prop_map(Write::Send), 1 => Just(Write::Stall)];
    let read = prop_oneof![3 => size().prop_map(Read::Take), 1 => Just(Read::Stall)];
    (prop::collection::vec(write, 0..12), prop::collection::vec(read, 0..12))
        .prop_map(|(writes, reads)| Side { writes, reads })
}

async fn stall() {
    for _ in 0..20 {
        yield_now().await;
    }
}

async fn write<S: AsyncWrite>(mut to: WriteHalf<S>, seed: u64, writes: Vec<Write>) -> Vec<u8> {
    let mut sent = Vec::new();
    for (at, write) in writes.into_iter().enumerate() {
        match write {
            Write::Send(length) => {
                let bytes = noise(seed + at as u64, length);
                to.write_all(&bytes).await.unwrap();
                sent.extend(bytes);
            }
            Write::Stall => stall().await,
        }
    }
    to.shutdown().await.unwrap();
    sent
}

async fn read<S: AsyncRead>(mut from: ReadHalf<S>, reads: Vec<Read>) -> Vec<u8> {
    let mut got = Vec::new();
    for read in reads {
        match read {
            Read::Take(length) => drop((&mut from).take(length as u64).read_to_end(&mut got).await.unwrap()),
            Read::Stall => stall().await,
        }
    }
    from.read_to_end(&mut got).await.unwrap();
    got
}

async fn follow<S: AsyncRead + AsyncWrite + 'static>(mut rig: Rig, near: (S, Side), far: (S, Side)) {
    let ((client_read, client_write), (backend_read, backend_write)) = (split(near.0), split(far.0));
    let up = spawn_local(write(client_write, 1000, near.1.writes));
    let down = spawn_local(write(backend_write, 2000, far.1.writes));
    let at_client = spawn_local(read(client_read, near.1.reads));
    let at_backend = spawn_local(read(backend_read, far.1.reads));
    assert!(soon(up).await.unwrap() == soon(at_backend).await.unwrap(), "upwards");
    assert!(soon(down).await.unwrap() == soon(at_client).await.unwrap(), "downwards");
    let cause = rig.ended().await.cause;
    assert!(matches!(cause, Cause::ClientClosed | Cause::BackendClosed), "{cause}");
}

#[derive(Debug, Clone, Copy)]
enum Between {
    Tcp,
    Narrow,
    Memory,
}

fn drive() -> impl Strategy<Value = Drive> {
    prop_oneof![
        3 => Just(Drive::Worker),
        1 => Just(Drive::Thread),
        2 => (0..3_u64).prop_map(|ms| Drive::ThreadUntilQuiet(Duration::from_millis(ms))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_schedule_delivers_all_and_ends(
        client in side(),
        backend in side(),
        drive in drive(),
        between in prop::sample::select(&[Between::Tcp, Between::Narrow, Between::Memory][..]),
    ) {
        on_worker(async move |rig| {
            let plan = Plan::by(drive);
            match between {
                Between::Tcp => {
                    let (_, near, far) = rig.tcp(&plan).await;
                    follow(rig, (near, client), (far, backend)).await;
                }
                Between::Narrow => {
                    let (_, near, far) = rig.narrow(&plan);
                    follow(rig, (near, client), (far, backend)).await;
                }
                Between::Memory => {
                    let (_, near, far) = rig.memory(&plan);
                    follow(rig, (near, client), (far, backend)).await;
                }
            }
        });
    }
}
