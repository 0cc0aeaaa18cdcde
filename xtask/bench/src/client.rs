//! One connection of the load: plain or by TLS, from the handshake to the close. Every answer is checked.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::backend::PIECE;
use crate::ws;

/// How the front is reached.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    /// By TLS, if so.
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A connection to a front.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    /// Read and not yet used.
    bytes: Vec<u8>,
    out: Vec<u8>,
}

/// Load must not be slowed down by making masks; that they differ is a browser's concern.
const MASK: Option<[u8; 4]> = Some([0x55, 0xaa, 0x0f, 0xf0]);

impl Client {
    /// Connects; by TLS with a full handshake each time.
    pub(crate) async fn connect(front: &Front) -> io::Result<Self> {
        let socket = TcpStream::connect(front.address).await?;
        socket.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &front.tls {
            None => Box::new(socket),
            Some(config) => {
                let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
                Box::new(TlsConnector::from(config.clone()).connect(name, socket).await?)
            }
        };
        Ok(Self { stream, bytes: Vec::new(), out: Vec::new() })
    }

    /// Opens a tunnel.
    pub(crate) async fn open(front: &Front, path: &str) -> io::Result<Self> {
        let mut client = Self::connect(front).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://localhost\r\n\r\n",
            front.address.port(),
            ws::KEY,
        );
        client.stream.write_all(request.as_bytes()).await?;
        let head = client.head().await?;
        let accepted = ws::field(&head, "Sec-WebSocket-Accept") == Some(&ws::accept(ws::KEY));
        if !head.starts_with("HTTP/1.1 101 ") || !accepted {
            return Err(wrong(&head));
        }
        Ok(client)
    }

    /// A request and its answer, over a connection that is kept.
    pub(crate) async fn get(&mut self) -> io::Result<()> {
        self.stream
            .write_all(b"GET /http HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n")
            .await?;
        let head = self.head().await?;
        let length: usize = ws::field(&head, "Content-Length").and_then(|n| n.parse().ok()).unwrap_or(0);
        if !head.starts_with("HTTP/1.1 200 ") || length == 0 {
            return Err(wrong(&head));
        }
        while self.bytes.len() < length {
            self.read().await?;
        }
        self.bytes.drain(..length);
        Ok(())
    }

    /// A message, and the same one back.
    pub(crate) async fn echo(&mut self, payload: &[u8]) -> io::Result<()> {
        self.send(ws::BINARY, payload).await?;
        let lead = self.frame().await?;
        if self.bytes[lead.from..lead.to] != *payload {
            return Err(wrong("another message"));
        }
        self.bytes.drain(..lead.to);
        if self.bytes.is_empty() {
            // An idle tunnel of the load costs the machine little.
            self.bytes = Vec::new();
        }
        Ok(())
    }

    /// Takes `bytes` from `/source`.
    pub(crate) async fn take(&mut self, bytes: usize) -> io::Result<()> {
        let whole = bytes / PIECE * (PIECE + 10);
        let mut taken = 0;
        self.bytes.reserve(4 * PIECE);
        while taken < whole {
            taken += self.bytes.len();
            self.bytes.clear();
            if taken < whole {
                self.read().await?;
            }
        }
        Ok(())
    }

    /// Gives `bytes` to `/sink`, which says how many came.
    pub(crate) async fn give(&mut self, bytes: usize) -> io::Result<()> {
        let mut piece = Vec::new();
        ws::push(&mut piece, ws::BINARY, &[0; PIECE], MASK);
        for _ in 0..bytes / PIECE {
            self.stream.write_all(&piece).await?;
        }
        self.send(ws::CLOSE, b"").await?;
        let lead = self.frame().await?;
        let told = String::from_utf8_lossy(&self.bytes[lead.from..lead.to]).into_owned();
        if told != (bytes / PIECE * PIECE).to_string() { Err(wrong(&told)) } else { Ok(()) }
    }

    /// Closes as RFC 6455 has it: a close frame each way, then the end.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        self.send(ws::CLOSE, b"\x03\xe8").await?;
        let lead = self.frame().await?;
        if lead.opcode != ws::CLOSE {
            return Err(wrong("no close frame"));
        }
        self.bytes.drain(..lead.to);
        match self.read().await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(wrong("bytes behind the close frame")),
        }
    }

    async fn send(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        self.out.clear();
        ws::push(&mut self.out, opcode, payload, MASK);
        self.stream.write_all(&self.out).await?;
        self.stream.flush().await
    }

    async fn head(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = ws::head_end(&self.bytes) {
                return Ok(String::from_utf8_lossy(&self.bytes.drain(..end).collect::<Vec<_>>()).into_owned());
            }
            self.read().await?;
        }
    }

    async fn frame(&mut self) -> io::Result<ws::Lead> {
        loop {
            if let Some(lead) = ws::lead(&self.bytes).filter(|lead| lead.to <= self.bytes.len()) {
                return Ok(lead);
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.bytes).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::other(what.lines().next().unwrap_or_default().to_owned())
}
