//! A WebSocket client that shares no code with the gateway.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::soon;

/// What WebSockets carry.
pub mod message {
    pub use tokio_tungstenite::tungstenite::Message;
    pub use tokio_tungstenite::tungstenite::protocol::CloseFrame;
    pub use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
}

/// A client's end of an open WebSocket.
pub struct WebSocket<S> {
    inner: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Opens one over a connection.
    pub async fn open(stream: S, host: &str, path: &str) -> Self {
        let url = format!("ws://{host}{path}");
        let opened = soon("a WebSocket", tokio_tungstenite::client_async(url, stream)).await;
        Self { inner: opened.unwrap().0 }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: impl Into<Message>) {
        soon("room to send", self.inner.send(message.into())).await.unwrap();
    }

    /// Sends a text in pieces, a frame each.
    pub async fn send_fragments(&mut self, pieces: &[&str]) {
        for (index, piece) in pieces.iter().enumerate() {
            let kind = if index == 0 { Data::Text } else { Data::Continue };
            let last = index + 1 == pieces.len();
            let frame = Frame::message(piece.as_bytes().to_vec(), OpCode::Data(kind), last);
            self.send(Message::Frame(frame)).await;
        }
    }

    /// The next message.
    pub async fn next(&mut self) -> Message {
        soon("a message", self.inner.next()).await.expect("the tunnel is open").unwrap()
    }

    /// Sends a text and expects it back.
    pub async fn echoes(&mut self, text: &str) {
        self.send(text).await;
        assert_eq!(self.next().await, Message::text(text));
    }

    /// Closes with a code, and gives what the other side answers.
    pub async fn close(&mut self, frame: CloseFrame) -> Option<CloseFrame> {
        soon("the close to be sent", self.inner.close(Some(frame))).await.unwrap();
        loop {
            if let Message::Close(answer) = self.next().await {
                return answer;
            }
        }
    }

    /// Waits for the other side to end it, with or without a word.
    pub async fn ends(&mut self) {
        while let Some(Ok(_)) = soon("the end of the tunnel", self.inner.next()).await {}
    }
}
