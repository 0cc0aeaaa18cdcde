//! Backends: one that echoes WebSockets, and one that does what a test says, byte by byte.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Message;

use crate::{Raw, address};

/// A backend on an address of its own, for as long as it is held.
pub struct Backend {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Backend {
    /// Echoes every text and binary message; pings and closes are answered by the library.
    pub async fn echo() -> Self {
        Self::serving(echo).await
    }

    /// The same behind TLS.
    pub async fn echo_by_tls(acceptor: TlsAcceptor) -> Self {
        Self::serving(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    echo(stream).await;
                }
            }
        })
        .await
    }

    /// Does the same with each connection.
    pub async fn scripted<F>(script: impl Fn(Raw) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::serving(move |stream| script(Raw::from(stream))).await
    }

    /// Answers each request of each connection with the same bytes.
    pub async fn answering(answer: &'static str) -> Self {
        Self::scripted(move |mut connection| async move {
            loop {
                connection.head().await;
                connection.send(answer).await;
            }
        })
        .await
    }

    async fn serving<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let address = address::own();
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(address).unwrap();
        // Two thousand clients may come at once.
        let listener: TcpListener = socket.listen(4096).unwrap();
        let task = tokio::spawn(async move {
            // Connections end with the test's runtime; a task that fails is seen by what its client misses.
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Self { address, task }
    }
}

/// As a URL has it: address and port.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        let sent = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            _ => socket.flush().await,
        };
        if sent.is_err() {
            return;
        }
    }
}
