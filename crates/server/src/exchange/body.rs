//! The bodies of answers.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use wsgate_core::ranges::Piece;
use wsgate_proxy::{AnswerBody, Error, Kind, Picked};

use super::file::Part;
use crate::filters::{Filtered, Slow};
use crate::stream::BackendStream;

/// What a client gets behind the head.
pub(crate) enum Body {
    /// Nothing, or what is left of these bytes.
    Bytes(Option<Bytes>),
    /// What is left of a file.
    File(Part),
    /// What a backend sends.
    Backend(Box<Backed>),
    /// Any of these, through a filter.
    Filtered(Box<Filtered>),
    /// Any of these, held back to a rate.
    Slow(Box<Slow>),
    /// What a backend sent, or a file, is cut short; said only when everything before has been written.
    Cut(Option<Error>),
}

/// What a backend sends. As long as that lasts, the backend is busy to its balancer.
pub(crate) struct Backed {
    body: AnswerBody<BackendStream>,
    /// What was read of it before the client was answered.
    first: Option<Result<Bytes, Error>>,
    /// The backend's name, for the log.
    name: String,
    _picked: Option<Arc<Picked>>,
}

impl Backed {
    /// Takes what of the body is there already, without waiting.
    ///
    /// # Errors
    /// It is not framed as it should be: that can still be told.
    pub(super) async fn begin(
        mut body: AnswerBody<BackendStream>,
        name: String,
        picked: Option<Arc<Picked>>,
    ) -> Result<Self, Error> {
        let first = poll_fn(|cx| {
            let frame = Pin::new(&mut body).poll_frame(cx);
            Poll::Ready(match frame {
                Poll::Ready(Some(frame)) => Some(frame.map(|frame| frame.into_data().unwrap_or_default())),
                Poll::Ready(None) | Poll::Pending => None,
            })
        });
        match first.await {
            Some(Err(error)) if error.kind == Kind::BadChunk => Err(error),
            first => Ok(Self { body, first, name, _picked: picked }),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first.map(Frame::data))),
            None => Pin::new(&mut self.body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().and_then(|first| first.as_ref().ok()).map_or(0, Bytes::len) as u64;
        let mut hint = self.body.size_hint();
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + first);
        }
        hint.set_lower(hint.lower() + first);
        hint
    }
}

impl Body {
    /// These bytes.
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        Self::Bytes(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// These pieces of it. What a backend sends is taken whole before.
    pub(super) fn cut(self, pieces: Vec<Piece>) -> Self {
        match self {
            Self::Bytes(bytes) => {
                let bytes = bytes.unwrap_or_default();
                let mut cut = BytesMut::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => cut.extend_from_slice(&text),
                        Piece::Part { start, length } => {
                            let within =
                                |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
                            cut.extend_from_slice(
                                &bytes[within(start)..within(start.saturating_add(length))],
                            );
                        }
                    }
                }
                Self::bytes(cut.freeze())
            }
            Self::File(part) => Self::File(part.cut(pieces)),
            other @ (Self::Backend(_) | Self::Filtered(_) | Self::Slow(_) | Self::Cut(_)) => other,
        }
    }

    /// Nothing more of it comes.
    fn cut_short<T>(&mut self, error: Error, cx: &mut Context<'_>) -> Poll<T> {
        *self = Self::Cut(Some(error));
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        match this {
            Self::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::File(part) => match ready!(part.poll_next(cx)) {
                Some(Err(error)) => {
                    log::error!(target: "core", "a file cannot be read any further: {error:#}");
                    this.cut_short(error, cx)
                }
                frame => Poll::Ready(frame),
            },
            Self::Backend(body) => match ready!(body.poll_next(cx)) {
                Some(Err(error)) => {
                    log::error!(target: "proxy_http", "{}: {error:#}", body.name);
                    this.cut_short(error, cx)
                }
                frame => Poll::Ready(frame),
            },
            Self::Filtered(filtered) => filtered.poll_next(cx),
            Self::Slow(slow) => slow.poll_next(cx),
            Self::Cut(error) => Poll::Ready(error.take().map(Err)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_none(),
            Self::File(part) => part.left == 0,
            Self::Backend(body) => body.is_end_stream(),
            Self::Filtered(filtered) => filtered.is_end_stream(),
            Self::Slow(slow) => slow.is_end_stream(),
            Self::Cut(error) => error.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::File(part) => SizeHint::with_exact(part.left),
            Self::Backend(body) => body.size_hint(),
            Self::Filtered(filtered) => filtered.size_hint(),
            Self::Slow(slow) => slow.size_hint(),
            Self::Cut(_) => SizeHint::default(),
        }
    }
}
