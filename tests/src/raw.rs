//! One end of a connection, byte by byte: for what a WebSocket library would not do.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::soon;

/// A stream and what was read from it ahead.
pub struct Raw<S = TcpStream> {
    stream: S,
    ahead: Vec<u8>,
}

impl Raw {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        Self::from(soon("a connection", TcpStream::connect(address)).await.unwrap())
    }
}

impl<S> From<S> for Raw<S> {
    fn from(stream: S) -> Self {
        Self { stream, ahead: Vec::new() }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    /// Sends.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon("room to send", self.stream.write_all(bytes.as_ref())).await.unwrap();
        soon("a flush", self.stream.flush()).await.unwrap();
    }

    /// Sends; whether the other side still took it.
    pub async fn sends(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        soon("room to send, or the end", self.stream.write_all(bytes.as_ref())).await.is_ok()
    }

    /// Sends the same again and again, until nothing is taken for a while or the other side ends; gives how much that was.
    pub async fn flood(&mut self, what: &[u8], most: usize) -> usize {
        let chunk = what.repeat((64 << 10) / what.len());
        let mut sent = 0;
        while sent < most {
            let quiet = std::time::Duration::from_millis(500);
            // What was cut off goes on where it was.
            match tokio::time::timeout(quiet, self.stream.write(&chunk[sent % chunk.len()..])).await {
                Ok(Ok(written)) => sent += written,
                Ok(Err(_)) | Err(_) => break,
            }
        }
        sent
    }

    /// Sends a request without a body.
    pub async fn request(&mut self, line: &str, fields: &[&str]) {
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        self.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")).await;
    }

    /// Asks for a WebSocket.
    pub async fn ask_for_websocket(&mut self, path: &str) {
        let fields = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY];
        self.request(&format!("GET {path}"), &fields).await;
    }

    /// Gives a WebSocket to who asks for it, with this behind the head; gives the head that asked.
    pub async fn switch(&mut self, early: &str) -> String {
        let asked = self.head().await;
        let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        self.send([head, early].concat()).await;
        asked
    }

    /// Asks for a WebSocket, and gets it.
    pub async fn open_tunnel(&mut self, path: &str) {
        self.ask_for_websocket(path).await;
        let head = self.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    }

    /// A head, with the empty line behind it.
    pub async fn head(&mut self) -> String {
        let find = |bytes: &[u8]| bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let end = loop {
            match find(&self.ahead) {
                Some(end) => break end,
                None => assert!(self.more().await > 0, "the end, in a head: {}", self.ahead.escape_ascii()),
            }
        };
        String::from_utf8(self.ahead.drain(..end).collect()).unwrap()
    }

    /// An answer of a length that its head tells: the head and the body.
    pub async fn answer(&mut self) -> (String, String) {
        let head = self.head().await;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        });
        let body = self.bytes(length.unwrap_or(0)).await;
        (head, String::from_utf8(body).unwrap())
    }

    /// So many bytes.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let bytes = self.bytes_if_any(count).await;
        bytes.unwrap_or_else(|| panic!("the end, after {}", self.ahead.escape_ascii()))
    }

    /// So many bytes; none if the end comes first.
    pub async fn bytes_if_any(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.ahead.len() < count {
            if self.more().await == 0 {
                return None;
            }
        }
        Some(self.ahead.drain(..count).collect())
    }

    /// Everything up to the end.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.more().await > 0 {}
        std::mem::take(&mut self.ahead)
    }

    /// Ends this side; the other may go on.
    pub async fn finish(&mut self) {
        soon("the end to be sent", self.stream.shutdown()).await.unwrap();
    }

    async fn more(&mut self) -> usize {
        // A reset is an end, too.
        soon("more bytes", self.stream.read_buf(&mut self.ahead)).await.unwrap_or(0)
    }
}

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
