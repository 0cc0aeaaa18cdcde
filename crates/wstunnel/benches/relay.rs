//! The relay loop over loopback: messages through one tunnel and back, and bulk. Most of it is the kernel's; what
//! the relay adds shows in the small messages. `cargo bench -p wsgate-wstunnel`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::task::LocalSet;
use wsgate_wstunnel::{Drive, End, Terms, Tunnels, Worker};

/// A tunnel on a worker's thread, which ends with it: the far ends, client's and backend's.
fn tunnel() -> (TcpStream, TcpStream) {
    let (client, near_client) = pair();
    let (backend, near_backend) = pair();
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        LocalSet::new().block_on(&runtime, async {
            let tunnels = Tunnels::new(0);
            let worker = Worker::new(&tunnels).expect("a worker");
            let terms = Terms {
                label: std::sync::Arc::default(),
                client: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
                backend: "backend".into(),
                idle: None,
                half_close: true,
                drive: Drive::Worker,
                on_end: Box::new(|_| ()),
            };
            let [client, backend] = [near_client, near_backend].map(|near| {
                near.set_nonblocking(true).expect("a socket");
                let stream = tokio::net::TcpStream::from_std(near).expect("a stream");
                End { stream, early: Bytes::new() }
            });
            worker.start(client, backend, terms);
            ready.send(()).expect("somebody waits");
            tunnels.drain(std::time::Duration::MAX).await;
        });
    });
    is_ready.recv().expect("a tunnel");
    (client, backend)
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let far = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
    let (near, _) = listener.accept().expect("a connection");
    far.set_nodelay(true).expect("a socket");
    near.set_nodelay(true).expect("a socket");
    (far, near)
}

fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("messages there and back");
    for size in [32, 1024, 16 * 1024] {
        let (mut client, mut backend) = tunnel();
        let mut bytes = vec![7; size];
        group.bench_function(size.to_string(), |bencher| {
            bencher.iter(|| {
                client.write_all(&bytes).expect("sent");
                backend.read_exact(&mut bytes).expect("received");
                backend.write_all(&bytes).expect("sent");
                client.read_exact(&mut bytes).expect("received");
            });
        });
    }
}

fn bulk(criterion: &mut Criterion) {
    const PIECE: usize = 8 << 20;
    let mut group = criterion.benchmark_group("bulk");
    group.throughput(Throughput::Bytes(PIECE as u64));
    let (mut client, backend) = tunnel();
    let mut sender = backend.try_clone().expect("a socket");
    let (order, orders) = mpsc::channel::<()>();
    let send = thread::spawn(move || {
        let piece = vec![7; PIECE];
        while orders.recv().is_ok() {
            sender.write_all(&piece).expect("sent");
        }
    });
    let mut taken = vec![0; PIECE];
    group.bench_function("down", |bencher| {
        bencher.iter(|| {
            order.send(()).expect("the sender waits");
            client.read_exact(&mut taken).expect("received");
        });
    });
    drop(order);
    send.join().expect("the sender ends");
}

criterion_group!(benches, messages, bulk);
criterion_main!(benches);
