//! The way to the client, by HTTP/1 or HTTP/2: what an exchange needs of either.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Response;
use wsgate_core::answer::AnswerHead;

use super::answer::head_bytes;
use crate::http1::{BodyEnd, Flushed, Handle, Persistence, Settings};
use crate::http2;
use crate::stream::ClientStream;

/// The way to the client.
#[derive(Clone)]
pub(crate) enum Channel {
    /// A connection of HTTP/1, behind its gate.
    Http1(Handle<ClientStream>),
    /// A stream of HTTP/2.
    Http2(http2::Stream),
}

/// How an answer goes out.
pub(super) struct Manner {
    /// Its head says HTTP/1.0.
    pub(super) http10: bool,
    /// It has no head (HTTP/0.9).
    pub(super) headless: bool,
    /// How the client finds the body's end.
    pub(super) end: BodyEnd,
    /// The connection lives on.
    pub(super) keep: bool,
}

impl Channel {
    /// The settings of the server that has the request hold from here on.
    pub(super) fn adopt(&self, settings: &Arc<Settings>) {
        if let Self::Http1(handle) = self {
            handle.adopt(settings.clone());
        }
    }

    /// How many requests have come on the connection, this one included.
    pub(super) fn served(&self) -> u32 {
        match self {
            Self::Http1(handle) => handle.served(),
            Self::Http2(stream) => stream.served,
        }
    }

    /// Whether the client's side lets the connection live on; answers of HTTP/2 say nothing about that.
    pub(super) fn persistence(&self) -> Option<Persistence> {
        match self {
            Self::Http1(handle) => Some(handle.persistence()),
            Self::Http2(_) => None,
        }
    }

    /// Whether it can become a tunnel.
    pub(super) fn is_switchable(&self) -> bool {
        matches!(self, Self::Http1(_))
    }

    /// The status of a request whose body could not be read to its end.
    pub(super) fn body_flaw(&self) -> Option<u16> {
        match self {
            Self::Http1(handle) => handle.body_flaw(),
            Self::Http2(stream) => stream.flaw.get(),
        }
    }

    /// Hands hyper an answer.
    pub(super) fn answer<B>(&self, head: &AnswerHead, manner: &Manner, body: B) -> Response<B> {
        match self {
            Self::Http1(handle) => {
                let bytes = if manner.headless { Bytes::new() } else { head_bytes(head, manner.http10) };
                handle.answer(bytes, manner.end, manner.keep, body)
            }
            Self::Http2(_) => http2::answer(head, body),
        }
    }

    /// Sends an interim answer; hyper has no way to do that in HTTP/2.
    pub(super) async fn interim(&self, head: Bytes) -> io::Result<()> {
        match self {
            Self::Http1(handle) => handle.interim(head).await,
            Self::Http2(_) => Ok(()),
        }
    }

    /// Takes the stream for a tunnel.
    pub(super) fn detach(&self) -> Option<(ClientStream, Bytes)> {
        match self {
            Self::Http1(handle) => handle.detach(),
            Self::Http2(_) => None,
        }
    }

    /// Has `flushed` called when all that hyper has taken of an answer is written, or in HTTP/2 queued.
    pub(super) fn when_flushed(&self, flushed: Flushed) {
        match self {
            Self::Http1(handle) => handle.when_flushed(flushed),
            Self::Http2(_) => flushed(true),
        }
    }
}
