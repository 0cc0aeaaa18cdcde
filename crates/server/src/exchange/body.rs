//! The bodies of answers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use wsgate_proxy::{AnswerBody, Error, Picked};

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
    /// What a backend sent is cut short; said only when everything before has been written.
    Cut(Option<Error>),
}

/// What a backend sends. As long as that lasts, the backend is busy to its balancer.
pub(crate) struct Backed {
    pub(super) body: AnswerBody<BackendStream>,
    /// The backend's name, for the log.
    pub(super) name: String,
    pub(super) _picked: Option<Arc<Picked>>,
}

impl Body {
    /// These bytes.
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        Self::Bytes(Some(bytes).filter(|bytes| !bytes.is_empty()))
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
            Self::File(part) => Pin::new(part).poll_next(cx),
            Self::Backend(body) => match ready!(Pin::new(&mut body.body).poll_frame(cx)) {
                Some(Err(error)) => {
                    log::error!(target: "proxy_http", "{}: {error:#}", body.name);
                    *this = Self::Cut(Some(error));
                    cx.waker().wake_by_ref();
                    Poll::Pending
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
            Self::Backend(body) => body.body.is_end_stream(),
            Self::Filtered(_) => false,
            Self::Slow(slow) => slow.is_end_stream(),
            Self::Cut(error) => error.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::File(part) => SizeHint::with_exact(part.left),
            Self::Backend(body) => body.body.size_hint(),
            Self::Slow(slow) => slow.size_hint(),
            Self::Filtered(_) | Self::Cut(_) => SizeHint::default(),
        }
    }
}
