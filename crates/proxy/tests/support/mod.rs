//! Scripted backends on loopback, and a short way to send one request to them.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by several test binaries"
)]

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use wsgate_proxy::{
    Answer, AnswerHead, Backend, BackendState, Backends, BodyRules, BoxError, Declared, Error, HeadRules,
    Kind, PoolParams, Pools, Reading, Request, RequestBody, RequestLine, SourceBody, Stream,
};

/// Runs a test on a worker thread's kind of runtime.
pub fn on_worker(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limited = async { tokio::time::timeout(Duration::from_secs(20), test).await.expect("test hangs") };
    LocalSet::new().block_on(&runtime, limited);
}

/// An answer, and how it is told.
pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
pub const ANSWER: &str = r#"200 OK [Content-Length=2] "ok""#;

/// The backend's end of one connection.
pub struct Peer {
    pub stream: TcpStream,
    read: Vec<u8>,
}

impl Peer {
    async fn more(&mut self) -> bool {
        let mut space = [0; 65536];
        let length = self.stream.read(&mut space).await.unwrap_or(0);
        self.read.extend_from_slice(&space[..length]);
        length > 0
    }

    /// Reads to the end of a head.
    pub async fn head(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.read.split_off(at + 4);
                let head = std::mem::replace(&mut self.read, rest);
                return Some(String::from_utf8_lossy(&head).into_owned());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads so many bytes behind the head.
    pub async fn bytes(&mut self, length: usize) -> Vec<u8> {
        while self.read.len() < length && self.more().await {}
        let rest = self.read.split_off(length.min(self.read.len()));
        std::mem::replace(&mut self.read, rest)
    }

    /// Reads to the end of the connection.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }

    pub async fn say(&mut self, answer: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(answer.as_ref()).await;
    }

    /// Closes with a reset.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

/// Listens, and gives each connection to the script with its number.
pub async fn backend<F>(script: impl Fn(usize, Peer) -> F + 'static) -> SocketAddr
where
    F: Future<Output = ()> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    spawn_local(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            spawn_local(script(number, Peer { stream, read: Vec::new() }));
            number += 1;
        }
    });
    address
}

/// A backend that answers each first head of a connection with these bytes and closes.
pub async fn answering(answer: &'static [u8]) -> SocketAddr {
    backend(move |_, mut peer| async move {
        if peer.head().await.is_some() {
            peer.say(answer).await;
        }
    })
    .await
}

/// Answers every request of a connection with its number.
pub async fn numbering() -> SocketAddr {
    backend(|number, mut peer| async move {
        while peer.head().await.is_some() {
            peer.say(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}")).await;
        }
    })
    .await
}

/// On which connection the request was served.
pub async fn number(request: &mut Try) -> String {
    let told = request.told().await;
    told.rsplit('"').nth(1).unwrap_or(&told).to_owned()
}

/// One request, to be changed and sent.
pub struct Try {
    pub pools: Pools<TcpStream>,
    pub backend: Backend,
    pub address: SocketAddr,
    pub method: &'static str,
    pub target: Vec<u8>,
    pub fields: Vec<(Bytes, Bytes)>,
    pub body: RequestBody,
    pub http10: bool,
    pub keep: bool,
    pub fresh: bool,
    pub reading: Reading,
    pub interim: Vec<AnswerHead>,
}

pub fn state(max: Option<u32>) -> Arc<BackendState> {
    Backends::default().state("http://backend", max)
}

impl Try {
    pub fn get(address: SocketAddr) -> Self {
        let backend = Backend { state: state(None), identity: "".into(), params: PoolParams::default() };
        Self {
            pools: Pools::new(),
            backend,
            address,
            method: "GET",
            target: b"/x".to_vec(),
            fields: Vec::new(),
            body: RequestBody::none(),
            http10: false,
            keep: true,
            fresh: false,
            reading: Reading { silence: Duration::from_secs(10), ping: None, head: HeadRules::default() },
            interim: Vec::new(),
        }
    }

    pub async fn post(address: SocketAddr, source: SourceBody, declared: Declared, rules: BodyRules) -> Self {
        let body = RequestBody::prepare(source, declared, rules).await.unwrap();
        Self { body, method: "POST", ..Self::get(address) }
    }

    pub fn field(mut self, name: &'static str, value: &'static str) -> Self {
        self.fields.push((Bytes::from_static(name.as_bytes()), Bytes::from_static(value.as_bytes())));
        self
    }

    pub async fn send(&mut self) -> Result<Answer<TcpStream>, Error> {
        let address = self.address;
        self.send_by(async move || {
            TcpStream::connect(address).await.map_err(|error| Error::new(Kind::Refused, error))
        })
        .await
    }

    async fn send_by(
        &mut self,
        connect: impl AsyncFnOnce() -> Result<TcpStream, Error>,
    ) -> Result<Answer<TcpStream>, Error> {
        let request = Request {
            line: RequestLine { method: self.method.as_bytes(), target: &self.target, http10: self.http10 },
            fields: &self.fields,
            body: &mut self.body,
            keep: self.keep,
            fresh: self.fresh,
            reading: self.reading,
            on_interim: &mut |head| self.interim.push(head),
        };
        self.pools.send(&self.backend, request, connect).await
    }

    pub async fn told_on(&mut self, stream: TcpStream) -> String {
        match self.send_by(async || Ok(stream)).await {
            Err(error) => format!("{:?}", error.kind),
            Ok(answer) => told(answer).await,
        }
    }

    /// Status, reason, fields and body in one line.
    pub async fn told(&mut self) -> String {
        match self.send().await {
            Err(error) => format!("{:?}", error.kind),
            Ok(answer) => told(answer).await,
        }
    }
}

pub async fn told<S: Stream>(answer: Answer<S>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let head = answer.head;
    let reason = head.reason.as_ref().map_or("-".to_owned(), |reason| text(reason));
    let fields: Vec<String> =
        head.fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect();
    let body = match answer.body.collect().await {
        Ok(body) => format!("{:?}", text(&body.to_bytes())),
        Err(error) => format!("{:?}", error.kind),
    };
    format!("{} {reason} [{}] {body}", head.status, fields.join(", "))
}

/// A body that is fed by the test.
pub fn fed() -> (mpsc::UnboundedSender<Result<Bytes, BoxError>>, SourceBody) {
    let (feed, pieces) = mpsc::unbounded_channel();
    (feed, Box::pin(Fed(pieces)))
}

/// A body that is there.
pub fn whole(body: impl Into<Bytes>) -> SourceBody {
    Box::pin(http_body_util::Full::new(body.into()).map_err(|never| match never {}))
}

struct Fed(mpsc::UnboundedReceiver<Result<Bytes, BoxError>>);

impl Body for Fed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Waits until a condition on this thread holds, without a clock.
pub async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

pub fn spawned<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    spawn_local(future)
}

pub fn gone() -> BoxError {
    io::Error::other("client went away").into()
}
