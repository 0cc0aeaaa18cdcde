//! What all peers are put in front of: one thread that answers `GET /http`, echoes (`/echo`), swallows (`/sink`) and
//! sends (`/source?BYTES`). It trusts its client.

use std::io;
use std::net::SocketAddr;
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};

use crate::ws;

/// The body of a plain answer.
const BODY: &str = "a plain answer of a plain backend";
/// Payload of the frames that [`Path::Source`] sends.
pub(crate) const PIECE: usize = 64 << 10;

/// Starts it; it ends with the process.
pub(crate) fn start() -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    thread::Builder::new().name("backend".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, accept(listener))
    })?;
    Ok(address)
}

async fn accept(listener: std::net::TcpListener) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        spawn_local(async move {
            // A client that leaves is nothing to report: the load counts what it misses.
            let _ = Connection { stream, bytes: Vec::new() }.serve().await;
        });
    }
}

struct Connection {
    stream: TcpStream,
    /// Read and not yet used.
    bytes: Vec<u8>,
}

impl Connection {
    async fn serve(mut self) -> io::Result<()> {
        loop {
            let Some(head) = self.head().await? else { return Ok(()) };
            let path = head.split(' ').nth(1).unwrap_or_default();
            let Some(key) = ws::field(&head, "Sec-WebSocket-Key") else {
                let length = BODY.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{BODY}"
                );
                self.stream.write_all(answer.as_bytes()).await?;
                continue;
            };
            let accept = ws::accept(key);
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            self.stream.write_all(answer.as_bytes()).await?;
            return match path.split_once('?') {
                Some((_, bytes)) => self.source(bytes.parse().unwrap_or(0)).await,
                None if path.ends_with("/sink") => self.sink().await,
                None => self.echo().await,
            };
        }
    }

    async fn head(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = ws::head_end(&self.bytes) {
                let head = self.bytes.drain(..end).collect();
                return String::from_utf8(head).map(Some).map_err(io::Error::other);
            }
            if self.stream.read_buf(&mut self.bytes).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The next whole frame, without its mask: its opcode and its payload.
    async fn frame(&mut self) -> io::Result<Option<(u8, Vec<u8>)>> {
        loop {
            if let Some(lead) = ws::lead(&self.bytes).filter(|lead| lead.to <= self.bytes.len()) {
                let mut payload = self.bytes[lead.from..lead.to].to_vec();
                self.bytes.drain(..lead.to);
                if self.bytes.is_empty() {
                    self.bytes = Vec::new();
                }
                ws::unmask(&mut payload, lead.mask);
                return Ok(Some((lead.opcode, payload)));
            }
            if self.stream.read_buf(&mut self.bytes).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// A close frame, behind which the client closes.
    async fn close(&mut self, payload: &[u8]) -> io::Result<()> {
        let mut out = Vec::new();
        ws::push(&mut out, ws::CLOSE, payload, None);
        self.stream.write_all(&out).await?;
        self.stream.shutdown().await
    }

    async fn echo(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        while let Some((opcode, payload)) = self.frame().await? {
            if opcode == ws::CLOSE {
                return self.close(&payload).await;
            }
            out.clear();
            ws::push(&mut out, opcode, &payload, None);
            self.stream.write_all(&out).await?;
        }
        Ok(())
    }

    /// Tells at the end how much came.
    async fn sink(&mut self) -> io::Result<()> {
        let mut count = 0;
        while let Some((opcode, payload)) = self.frame().await? {
            if opcode == ws::CLOSE {
                return self.close(count.to_string().as_bytes()).await;
            }
            count += payload.len();
        }
        Ok(())
    }

    async fn source(&mut self, bytes: usize) -> io::Result<()> {
        let mut piece = Vec::new();
        ws::push(&mut piece, ws::BINARY, &[0; PIECE], None);
        for _ in 0..bytes / PIECE {
            self.stream.write_all(&piece).await?;
        }
        self.close(b"").await
    }
}
