//! Sends a request to a backend and gives back its answer.
//!
//! The request's head is written here, byte for byte as httpd writes it; hyper frames its body. Nothing is buffered
//! on the way back: each piece of the answer's body is handed on as it comes, and no more is read than is taken.

use std::error::Error as _;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, header};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::body::{RequestBody, Sizing};
use crate::error::{Error, Kind};
use crate::head::{AnswerHead, HeadRules};
use crate::line::RequestLine;
use crate::live::{Live, Stream};
use crate::pool::{Age, Backend, Pools};
use crate::state::Permit;
use crate::turn::{Phase, Turn};

/// A request as the backend is to get it.
pub struct Request<'a> {
    /// Its first line; as HTTP/1.0 it goes without a Connection field.
    pub line: RequestLine<'a>,
    /// The end-to-end fields with their spelling and order; those of framing and connection are added.
    pub fields: &'a [(Bytes, Bytes)],
    /// The body; it is spent once a connection is there.
    pub body: &'a mut RequestBody,
    /// Whether the connection may serve other requests afterwards.
    pub keep: bool,
    /// Whether it must not have served any before (`proxy-initial-not-pooled`).
    pub fresh: bool,
    /// How the answer is read.
    pub reading: Reading,
    /// Gets each interim answer, 100 included.
    pub on_interim: &'a mut dyn FnMut(AnswerHead),
}

/// How an answer is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The longest silence of the backend (`timeout=`, ProxyTimeout, Timeout).
    pub silence: Duration,
    /// How long a 100 (Continue) is waited for (`ping=`); as long as for anything else where not set.
    pub ping: Option<Duration>,
    /// The limits of its head.
    pub head: HeadRules,
}

/// A connection whose request somebody else has written.
pub struct Handover<S> {
    /// The connection.
    pub stream: S,
    /// What has been read of the answer already.
    pub read: Bytes,
    /// Its place among the backend's connections.
    pub permit: Permit,
    /// Whether the request was a HEAD.
    pub of_head: bool,
    /// Whether the connection may serve other requests afterwards.
    pub keep: bool,
}

/// The answer of a backend.
pub struct Answer<S: Stream> {
    /// Its head; Transfer-Encoding is gone, a Content-Length that does not count too.
    pub head: AnswerHead,
    /// Its body; trailers are dropped, as httpd drops them.
    pub body: AnswerBody<S>,
}

impl<S: Stream> Pools<S> {
    /// Sends a request and reads the answer's head. `connect` is used if there is no idle connection.
    ///
    /// As long as [`RequestBody::is_unspent`] holds, the same request may be sent to another backend.
    ///
    /// # Errors
    /// There is no connection, the request cannot be sent, or there is no answer.
    pub async fn send(
        &self,
        backend: &Backend,
        request: Request<'_>,
        connect: impl AsyncFnOnce() -> Result<S, Error>,
    ) -> Result<Answer<S>, Error> {
        let keep = request.keep && !backend.params.disable_reuse;
        let head = write_head(&request, keep)?;
        let age = self.age();
        let live = self.obtain(backend, request.fresh, request.reading.silence, connect).await?;
        let of_head = request.line.method == b"HEAD";
        let turn =
            Turn { awaits_continue: request.awaits_continue(), ..Turn::new(head, of_head, request.reading) };
        let sizing = request.body.sizing;
        *live.turn.borrow_mut() = turn;
        let body = request.body.take(Rc::clone(&live.turn));
        let message = message(of_head, sizing, body);
        let way = Way { pools: self.clone(), backend: backend.clone(), live, keep, age };
        way.exchange(message, request.on_interim).await
    }

    /// Reads an answer, from its beginning, to a request that somebody else has written: that of an upgrade which the
    /// backend did not make.
    ///
    /// # Errors
    /// There is no proper answer.
    pub async fn receive(
        &self,
        backend: &Backend,
        handover: Handover<S>,
        reading: Reading,
        on_interim: &mut dyn FnMut(AnswerHead),
    ) -> Result<Answer<S>, Error> {
        let Handover { stream, read, permit, of_head, keep } = handover;
        let age = self.age();
        let live = Live::open(stream, BytesMut::from(&read[..]), permit).await?;
        *live.turn.borrow_mut() = Turn::new(Bytes::new(), of_head, reading);
        let body = RequestBody::none().take(Rc::clone(&live.turn));
        let message = message(of_head, Sizing::None, body);
        let way = Way { pools: self.clone(), backend: backend.clone(), live, keep, age };
        way.exchange(message, on_interim).await
    }
}

impl Request<'_> {
    /// The patience for a 100 (Continue), if the request asks for one and has something to hold back.
    fn awaits_continue(&self) -> Option<Duration> {
        let expects = self.fields.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case(b"Expect") && value.eq_ignore_ascii_case(b"100-continue")
        });
        let patience = self.reading.ping.unwrap_or(self.reading.silence);
        (expects && !self.body.is_empty()).then_some(patience)
    }
}

impl Turn {
    fn new(head: Bytes, of_head: bool, reading: Reading) -> Self {
        Self {
            phase: Phase::Head,
            head: Some(head),
            rules: reading.head,
            of_head,
            silence: reading.silence,
            ..Self::default()
        }
    }
}

/// The head of a request.
fn write_head(request: &Request<'_>, keep: bool) -> Result<Bytes, Kind> {
    let Request { line, fields, body, .. } = request;
    let mut head = line.head(fields.iter().map(|(name, value)| (&name[..], &value[..])))?;
    match body.sizing {
        Sizing::None => {}
        Sizing::Length(length) => head.extend(format!("Content-Length: {length}\r\n").into_bytes()),
        Sizing::Chunked if line.http10 => return Err(Kind::Unsendable),
        Sizing::Chunked => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
    }
    if !line.http10 {
        let kept: &[u8] = if keep { b"Connection: Keep-Alive\r\n" } else { b"Connection: close\r\n" };
        head.extend_from_slice(kept);
    }
    head.extend_from_slice(b"\r\n");
    Ok(head.into())
}

/// What hyper is told of a request: whether its answer has a body, and how its own body is framed.
fn message<B>(of_head: bool, sizing: Sizing, body: B) -> http::Request<B> {
    let mut message = http::Request::new(body);
    *message.method_mut() = if of_head { Method::HEAD } else { Method::POST };
    let (name, value) = match sizing {
        Sizing::None => return message,
        Sizing::Length(length) => (header::CONTENT_LENGTH, HeaderValue::from(length)),
        Sizing::Chunked => (header::TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
    };
    message.headers_mut().insert(name, value);
    message
}

/// A connection with the way back to its pool.
struct Way<S: Stream> {
    pools: Pools<S>,
    backend: Backend,
    live: Live<S>,
    keep: bool,
    age: Age,
}

impl<S: Stream> Way<S> {
    async fn exchange(
        mut self,
        message: http::Request<crate::body::OutBody>,
        on_interim: &mut dyn FnMut(AnswerHead),
    ) -> Result<Answer<S>, Error> {
        let reused = self.live.served > 0;
        self.live.served += 1;
        let mut response = pin!(self.live.sender.send_request(message));
        let response = poll_fn(|cx| {
            self.live.drive(cx);
            while let Some(interim) = self.live.take_interim() {
                on_interim(interim);
            }
            response.as_mut().poll(cx)
        });
        let response = response.await;
        let (sent, answer) = {
            let mut turn = self.live.turn.borrow_mut();
            (turn.sent, turn.answer.take())
        };
        let received = answer.as_ref().map_or(0, |answer| answer.line_length as u64);
        self.backend.state.count_traffic(sent, received);
        let (head, body) = match (answer, response) {
            (Some(head), Ok(response)) => (head, response.into_body()),
            (_, Ok(_)) => return Err(self.live.failure(Kind::Closed, None).on(reused)),
            (_, Err(error)) => return Err(self.live.failure(Kind::Closed, Some(error)).on(reused)),
        };
        let keep = self.keep && head.keeps;
        let mut body = AnswerBody { incoming: body, way: Some(Self { keep, ..self }) };
        if body.incoming.is_end_stream() {
            poll_fn(|cx| {
                body.finish(cx);
                Poll::Ready(())
            })
            .await;
        }
        Ok(Answer { head, body })
    }
}

impl<S: Stream> Live<S> {
    fn take_interim(&self) -> Option<AnswerHead> {
        self.turn.borrow_mut().interim.pop_front()
    }

    /// Why the turn failed: what the wire or the body noted, else `kind`.
    fn failure(&self, kind: Kind, error: Option<hyper::Error>) -> Error {
        let mut turn = self.turn.borrow_mut();
        let kind = turn.failure.unwrap_or(kind);
        match (turn.body_error.take(), error) {
            (Some(cause), _) => Error::new(kind, cause),
            (None, Some(cause)) => Error::new(kind, cause),
            (None, None) => kind.into(),
        }
    }
}

/// The body of an answer. When it has ended, its connection is back in the pool; dropped before, it is closed.
pub struct AnswerBody<S: Stream> {
    incoming: Incoming,
    way: Option<Way<S>>,
}

impl<S: Stream> AnswerBody<S> {
    /// The body has ended: the connection is kept if both sides want that and nothing is left on it.
    fn finish(&mut self, cx: &mut Context<'_>) {
        let Some(mut way) = self.way.take() else { return };
        way.live.drive(cx);
        way.live.turn.borrow_mut().phase = Phase::Idle;
        if way.keep && way.live.is_fit() {
            way.pools.give_back(&way.backend, way.live, way.age);
        }
    }

    fn count(&self, bytes: usize) {
        if let Some(way) = &self.way {
            way.backend.state.count_traffic(0, bytes as u64);
        }
    }
}

impl<S: Stream> Body for AnswerBody<S> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let body = self.get_mut();
        let mut driven = false;
        loop {
            match Pin::new(&mut body.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(piece) = frame.into_data() else { continue };
                    body.count(piece.len());
                    if body.incoming.is_end_stream() {
                        body.finish(cx);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                Poll::Ready(Some(Err(error))) => {
                    let kind = broken(&error);
                    let failure = match body.way.take() {
                        Some(way) => way.live.failure(kind, Some(error)),
                        None => Error::new(kind, error),
                    };
                    return Poll::Ready(Some(Err(failure)));
                }
                Poll::Ready(None) => {
                    body.finish(cx);
                    return Poll::Ready(None);
                }
                Poll::Pending if driven => return Poll::Pending,
                Poll::Pending => {
                    driven = true;
                    if let Some(way) = &mut body.way {
                        way.live.drive(cx);
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// What ended a body: hyper tells chunks that are none from chunks that are missing by the error of I/O that it makes up.
fn broken(error: &hyper::Error) -> Kind {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let mut kinds = causes.filter_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
    let invalid = |kind| matches!(kind, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
    if kinds.any(invalid) { Kind::BadChunk } else { Kind::BodyCut }
}
