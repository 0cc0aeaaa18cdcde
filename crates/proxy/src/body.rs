//! The body of a request on its way to a backend: what of it is read ahead, how its length is told, and the body that
//! hyper gets.
//!
//! Read ahead because a small body is sent with its length even if it came in chunks, and because nothing of it may be
//! lost while one member of a balancer after the other is tried (`ap_proxy_http_prefetch`).

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::error::{BoxError, Error, Kind};
use crate::spool::Spool;
use crate::turn::SharedTurn;

/// How much is read ahead (`MAX_MEM_SPOOL`); httpd is content 80 bytes below.
const READ_AHEAD: usize = 16384 - 80;

/// A body as somebody else produces it.
pub type SourceBody = Pin<Box<dyn Body<Data = Bytes, Error = BoxError>>>;

/// What the client says of the length of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Nothing: there is none, or (HTTP/2) it ends where it ends.
    Nothing,
    /// Content-Length.
    Length(u64),
    /// Transfer-Encoding: chunked.
    Chunked,
}

/// How a body is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyRules {
    /// With its length, even if all of it must be kept for that (`proxy-sendcl`, `force-proxy-request-1.0`).
    pub with_length: bool,
    /// Only what is there already is read ahead (`proxy-prefetch-nonblocking`, or a client that waits for a 100).
    pub nonblocking: bool,
}

/// How the length of a body is told to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sizing {
    None,
    Length(u64),
    Chunked,
}

/// A request's body, ready to be sent to a backend, and to the next one if the first cannot be reached.
pub struct RequestBody {
    ahead: VecDeque<Bytes>,
    rest: Option<SourceBody>,
    pub(crate) sizing: Sizing,
    spent: bool,
}

impl RequestBody {
    /// No body.
    #[must_use]
    pub fn none() -> Self {
        Self { ahead: VecDeque::new(), rest: None, sizing: Sizing::None, spent: false }
    }

    /// Reads ahead and decides how the length is told.
    ///
    /// # Errors
    /// [`Kind::RequestBody`] with the source's own error as the cause, or [`Kind::Spool`].
    pub async fn prepare(source: SourceBody, declared: Declared, rules: BodyRules) -> Result<Self, Error> {
        let mut ahead = Ahead { pieces: VecDeque::new(), length: 0, source: Some(source) };
        ahead.read(rules.nonblocking).await?;
        let Ahead { pieces, length, source } = ahead;
        let sizing = match (&source, declared) {
            (None, Declared::Nothing) if length == 0 => Sizing::None,
            (None, _) => Sizing::Length(length as u64),
            (Some(_), Declared::Length(length)) => Sizing::Length(length),
            (Some(rest), Declared::Nothing) if rest.is_end_stream() => Sizing::None,
            (Some(_), _) if rules.with_length => return Self::spooled(pieces, source).await,
            (Some(_), _) => Sizing::Chunked,
        };
        Ok(Self { ahead: pieces, rest: source, sizing, spent: false })
    }

    /// Keeps all of it to know its length.
    async fn spooled(ahead: VecDeque<Bytes>, rest: Option<SourceBody>) -> Result<Self, Error> {
        let mut spool = Spool::new(ahead);
        if let Some(mut rest) = rest {
            while let Some(piece) = next(&mut rest).await? {
                spool.add(piece).await.map_err(|error| Error::new(Kind::Spool, error))?;
            }
        }
        let length = spool.length();
        let rest = spool.into_body().await.map_err(|error| Error::new(Kind::Spool, error))?;
        Ok(Self { ahead: VecDeque::new(), rest: Some(rest), sizing: Sizing::Length(length), spent: false })
    }

    /// Whether nothing of the body has been given to a backend: it may still be sent to another one.
    #[must_use]
    pub fn is_unspent(&self) -> bool {
        !self.spent
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ahead.is_empty() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    /// Takes the body out; what stays is spent.
    pub(crate) fn take(&mut self, turn: SharedTurn) -> OutBody {
        let Self { ahead, rest, sizing, .. } = std::mem::replace(self, Self { spent: true, ..Self::none() });
        let rest = rest.filter(|rest| !rest.is_end_stream());
        turn.borrow_mut().sending = !ahead.is_empty() || rest.is_some();
        let left = match sizing {
            Sizing::Length(length) => length,
            Sizing::None | Sizing::Chunked => u64::MAX,
        };
        OutBody { ahead, rest, left, turn }
    }
}

/// What has been read of a body, and where the rest comes from; none once it has ended.
struct Ahead {
    pieces: VecDeque<Bytes>,
    length: usize,
    source: Option<SourceBody>,
}

impl Ahead {
    async fn read(&mut self, nonblocking: bool) -> Result<(), Error> {
        let mut yielded = false;
        while self.length < READ_AHEAD {
            let Some(source) = &mut self.source else { break };
            let piece = std::future::poll_fn(|cx| match poll_piece(source.as_mut(), cx) {
                Poll::Pending if nonblocking => Poll::Ready(None),
                piece => piece.map(Some),
            });
            match piece.await {
                None if yielded => break,
                None => {
                    // What has come may have to be handed on by whoever reads the client's connection.
                    yielded = true;
                    tokio::task::yield_now().await;
                }
                Some(Some(piece)) => {
                    let piece = piece.map_err(|error| Error::new(Kind::RequestBody, error))?;
                    self.length += piece.len();
                    self.pieces.push_back(piece);
                    yielded = false;
                }
                Some(None) => self.source = None,
            }
        }
        Ok(())
    }
}

async fn next(source: &mut SourceBody) -> Result<Option<Bytes>, Error> {
    let piece = std::future::poll_fn(|cx| poll_piece(source.as_mut(), cx)).await;
    piece.transpose().map_err(|error| Error::new(Kind::RequestBody, error))
}

/// The next piece of data that is not empty; trailers are dropped, as httpd drops them.
fn poll_piece(
    mut source: Pin<&mut dyn Body<Data = Bytes, Error = BoxError>>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BoxError>>> {
    loop {
        match ready!(source.as_mut().poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(piece) if !piece.is_empty() => return Poll::Ready(Some(Ok(piece))),
                _ => {}
            },
        }
    }
}

/// The body that hyper sends.
pub(crate) struct OutBody {
    ahead: VecDeque<Bytes>,
    rest: Option<SourceBody>,
    /// What is still to come by the length that was told; hyper sends no more.
    left: u64,
    turn: SharedTurn,
}

impl OutBody {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        if let Some(piece) = self.ahead.pop_front() {
            return Poll::Ready(Some(Ok(piece)));
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let piece = ready!(poll_piece(rest.as_mut(), cx));
        if !matches!(piece, Some(Ok(_))) || rest.is_end_stream() {
            self.rest = None;
        }
        Poll::Ready(piece)
    }
}

impl Body for OutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        if body.turn.borrow().awaits_continue.is_some() {
            // Whoever reads the 100 (Continue) polls this again: both happen in one poll of the connection.
            return Poll::Pending;
        }
        let piece = ready!(body.poll_next(cx));
        if let Some(Ok(piece)) = &piece {
            body.left = body.left.saturating_sub(piece.len() as u64);
        }
        if body.is_end_stream() {
            body.turn.borrow_mut().sending = false;
            // From now on it is the backend's silence that counts: the reading side is to see that.
            cx.waker().wake_by_ref();
        }
        Poll::Ready(match piece {
            None => None,
            Some(Ok(piece)) => Some(Ok(Frame::data(piece))),
            Some(Err(error)) => {
                let mut turn = body.turn.borrow_mut();
                turn.failure = Some(Kind::RequestBody);
                turn.body_error = Some(error);
                Some(Err(io::Error::other("the request's body failed")))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 || (self.ahead.is_empty() && self.rest.is_none())
    }

    fn size_hint(&self) -> SizeHint {
        // The length is told by the head's fields, which hyper keeps to.
        SizeHint::default()
    }
}
