//! A worker with its tunnels, and the far ends of a tunnel's two sides.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;
use wsgate_wstunnel::{Drive, End, Ended, RouteLabel, Socket, Stream, Terms, TunnelId, Tunnels, Worker};

/// How long a test waits for what must come; only a broken relay takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A worker on this thread.
pub(crate) struct Rig {
    pub(crate) tunnels: Tunnels,
    pub(crate) worker: Worker,
    end: UnboundedSender<Ended>,
    ended: UnboundedReceiver<Ended>,
}

/// Runs a test on a worker's thread with real time.
pub(crate) fn on_worker<F: Future<Output = ()>>(test: impl FnOnce(Rig) -> F) {
    run(false, test);
}

/// Runs a test on a worker's thread whose time passes when everybody waits. No real sockets.
pub(crate) fn with_paused_time<F: Future<Output = ()>>(test: impl FnOnce(Rig) -> F) {
    run(true, test);
}

fn run<F: Future<Output = ()>>(paused: bool, test: impl FnOnce(Rig) -> F) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let tunnels = Tunnels::new(4);
        let worker = Worker::new(&tunnels).unwrap();
        let (end, ended) = unbounded_channel();
        test(Rig { tunnels, worker, end, ended }).await;
    });
}

/// What differs between a test's tunnels.
pub(crate) struct Plan {
    pub(crate) idle: Option<Duration>,
    pub(crate) half_close: bool,
    pub(crate) drive: Drive,
    pub(crate) early: [&'static [u8]; 2],
}

impl Default for Plan {
    fn default() -> Self {
        Self { idle: None, half_close: true, drive: Drive::Worker, early: [b"", b""] }
    }
}

impl Plan {
    /// A tunnel that is relayed so.
    pub(crate) fn by(drive: Drive) -> Self {
        Self { drive, ..Self::default() }
    }
}

impl Rig {
    pub(crate) fn start<C: Stream, B: Stream>(&self, client: C, backend: B, plan: &Plan) -> TunnelId {
        let end = self.end.clone();
        let terms = Terms {
            label: Arc::new(RouteLabel {
                vhost: "host".into(),
                route: "/ws".into(),
                place: "httpd.conf:1".into(),
            }),
            client: SocketAddr::from((Ipv4Addr::LOCALHOST, 4711)),
            backend: "ws://backend".into(),
            idle: plan.idle,
            half_close: plan.half_close,
            drive: plan.drive,
            on_end: Box::new(move |ended| drop(end.send(ended.clone()))),
        };
        let [from_client, from_backend] = plan.early.map(Bytes::from_static);
        let client = End { stream: client, early: from_client };
        self.worker.start(client, End { stream: backend, early: from_backend }, terms)
    }

    /// A tunnel between TCP sockets: its id and the far ends, client's and backend's.
    pub(crate) async fn tcp(&self, plan: &Plan) -> (TunnelId, TcpStream, TcpStream) {
        let (client, near_client) = tcp_pair().await;
        let (backend, near_backend) = tcp_pair().await;
        let id = self.start(near_client, near_backend, plan);
        (id, client, backend)
    }

    /// A tunnel between unix sockets.
    pub(crate) fn unix(&self, plan: &Plan) -> (TunnelId, UnixStream, UnixStream) {
        let (client, near_client) = UnixStream::pair().unwrap();
        let (backend, near_backend) = UnixStream::pair().unwrap();
        let id = self.start(near_client, near_backend, plan);
        (id, client, backend)
    }

    /// The same with socket buffers so small that every step is refused now and then. (TCP with such buffers waits
    /// for delayed acknowledgements most of the time.)
    pub(crate) fn narrow(&self, plan: &Plan) -> (TunnelId, UnixStream, UnixStream) {
        let (client, near_client) = narrow_pair();
        let (backend, near_backend) = narrow_pair();
        let id = self.start(near_client, near_backend, plan);
        (id, client, backend)
    }

    /// A tunnel between in-memory streams, which the worker relays in a task.
    pub(crate) fn memory(&self, plan: &Plan) -> (TunnelId, DuplexStream, DuplexStream) {
        let (client, near_client) = duplex(1024);
        let (backend, near_backend) = duplex(1024);
        let id = self.start(Opaque(near_client), Opaque(near_backend), plan);
        (id, client, backend)
    }

    /// The next tunnel that ends.
    pub(crate) async fn ended(&mut self) -> Ended {
        soon(self.ended.recv()).await.expect("the rig itself holds a sender")
    }
}

pub(crate) async fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (near, _) = listener.accept().await.unwrap();
    far.set_nodelay(true).unwrap();
    near.set_nodelay(true).unwrap();
    (far, near)
}

pub(crate) fn narrow_pair() -> (UnixStream, UnixStream) {
    let (far, near) = UnixStream::pair().unwrap();
    SockRef::from(&far).set_send_buffer_size(4096).unwrap();
    SockRef::from(&near).set_send_buffer_size(4096).unwrap();
    (far, near)
}

/// What must happen, happens in this time.
pub(crate) async fn soon<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(PATIENCE, what).await.expect("the relay does not stall")
}

/// Bytes that repeat late and differ by seed.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
    .take(length)
    .collect()
}

pub(crate) async fn send(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    soon(to.write_all(bytes)).await.unwrap();
}

/// The next bytes are these.
#[track_caller]
pub(crate) fn expect<'a, R: AsyncRead + Unpin>(
    from: &'a mut R,
    bytes: &'a [u8],
) -> impl Future<Output = ()> + 'a {
    let caller = std::panic::Location::caller();
    async move {
        let mut got = vec![0; bytes.len()];
        soon(from.read_exact(&mut got)).await.unwrap_or_else(|e| panic!("{caller}: {e}"));
        assert!(got == bytes, "other bytes at {caller}");
    }
}

/// All that still comes, up to an orderly end.
pub(crate) async fn rest(from: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut got = Vec::new();
    soon(from.read_to_end(&mut got)).await.expect("an orderly end, no reset");
    got
}

/// Ends a connection with a reset.
pub(crate) fn reset(tcp: TcpStream) {
    SockRef::from(&tcp).set_linger(Some(Duration::ZERO)).unwrap();
    drop(tcp);
}

/// A stream that is no socket, as a tunnel sees it.
pub(crate) struct Opaque<S>(pub(crate) S);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for Opaque<S> {
    fn into_socket(self) -> Result<Socket, Self> {
        Err(self)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opaque<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opaque<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
