//! A plain request, passed to a backend, and the way of any answer back to the client.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http_body_util::BodyExt;
use wsgate_core::answer::{AnswerHead, interim, of_backend};
use wsgate_core::http::Headers;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;
use wsgate_directives::modules::proxy::BadHeader as Told;
use wsgate_proxy::{
    Answer, AnswerHead as Received, BadHeader, BodyRules, Declared, Error, HeadRules, Reading, RequestBody,
    RequestLine,
};

use super::answer::{Sending, head_bytes, through};
use super::body::Backed;
use super::{Attempt, Body, Outcome};
use crate::client_body::ClientBody;
use crate::stream::BackendStream;

impl Attempt<'_> {
    pub(super) async fn forward(&self, request: &mut Request, body: &mut Upload) -> Result<Outcome, Reply> {
        self.greet(request, body).await;
        let prepared = body.prepare(request).await.map_err(|error| self.failure(&error))?;
        let fields: Vec<(Bytes, Bytes)> =
            self.leg.headers.iter().map(|field| (field.name.clone(), field.value.clone())).collect();
        let notes = Interims::default();
        let mut on_interim = |head| notes.borrow_mut().push_back(head);
        let sent = wsgate_proxy::Request {
            line: self.line(),
            fields: &fields,
            body: prepared,
            keep: self.leg.reusable,
            fresh: self.is_first(request),
            reading: self.reading(request),
            on_interim: &mut on_interim,
        };
        let backend = self.pool(request);
        let sending = self.exchange.worker.pools.send(&backend, sent, async || self.connect(request).await);
        let answer = self.with_interims(request, pin!(sending), &notes).await;
        let answer = answer.map_err(|error| self.failure(&error))?;
        self.pass_back(request, answer).await
    }

    /// The first line of the request as the backend gets it.
    pub(super) fn line(&self) -> RequestLine<'_> {
        let leg = self.leg;
        RequestLine { method: &leg.method, target: &leg.uri, http10: leg.http10 }
    }

    /// Whether nothing must go wrong with the connection that could not with a new one: a client that has just come does
    /// not try again.
    fn is_first(&self, request: &Request) -> bool {
        request.env.contains("proxy-initial-not-pooled") && self.exchange.channel.served() <= 1
    }

    /// Answers `Expect: 100-continue` here, where it is not left to the backend (Proxy100Continue Off).
    async fn greet(&self, request: &Request, body: &Upload) {
        if !body.is_prepared() && !self.leg.headers.contains("Expect") {
            self.go_on(request).await;
        }
    }

    /// Has a client that waits for a 100 (Continue) send its body.
    pub(super) async fn go_on(&self, request: &Request) {
        if request.expects_continue() && request.has_body() {
            let go_on = Bytes::from_static(b"HTTP/1.1 100 Continue\r\n\r\n");
            // A client that is gone is noticed when its body is read.
            let _ = self.exchange.channel.interim(go_on).await;
        }
    }

    /// Waits for the answer, and passes interim ones on meanwhile.
    pub(super) async fn with_interims(
        &self,
        request: &Request,
        mut answer: Pin<&mut impl Future<Output = Result<Answer<BackendStream>, Error>>>,
        notes: &Interims,
    ) -> Result<Answer<BackendStream>, Error> {
        loop {
            // Interim answers come to be while the answer is waited for: no one else has to wake this up.
            let answer = poll_fn(|cx| match answer.as_mut().poll(cx) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if notes.borrow().is_empty() => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            })
            .await;
            while let Some(interim) = take_first(notes) {
                self.interim(request, interim).await;
            }
            if let Some(answer) = answer {
                return answer;
            }
        }
    }

    /// 100 is for clients that asked for it; the others are for all.
    async fn interim(&self, request: &Request, interim: Received) {
        if interim.status != 100 || request.expects_continue() {
            // A client that is gone is noticed when the answer is written.
            let _ = self.pass_interim(request, answer_head(interim)).await;
        }
    }

    /// Gives an interim answer to the client, as far as it is for clients.
    pub(super) async fn pass_interim(&self, request: &Request, mut head: AnswerHead) -> io::Result<()> {
        let Some(headers) = interim(request, head.headers) else { return Ok(()) };
        head.headers = headers;
        self.exchange.channel.interim(head_bytes(&head, false)).await
    }

    /// The most that a line of an answer's head may hold: a buffer of httpd's with its closing NUL.
    pub(super) fn longest_line(&self) -> usize {
        usize::try_from(self.leg.response_field_size).unwrap_or(usize::MAX).saturating_sub(1)
    }

    pub(super) fn reading(&self, request: &Request) -> Reading {
        let line = self.longest_line();
        let worker = self.backend.map(|backend| &backend.worker.params);
        let ping = worker.and_then(|params| params.ping.as_ref()).map(|time| **time);
        let bad_header = request.server.conf.proxy.bad_header.as_ref().map_or_else(
            BadHeader::default,
            |set| match **set {
                Told::IsError => BadHeader::IsError,
                Told::Ignore => BadHeader::Ignore,
                Told::StartBody => BadHeader::StartBody,
            },
        );
        Reading { silence: self.leg.times.io, ping, head: HeadRules { line, bad_header } }
    }

    /// The pool of the attempt's backend.
    pub(super) fn pool(&self, request: &Request) -> wsgate_proxy::Backend {
        let generation = &self.exchange.generation;
        let mut backend = match self.backend {
            Some(backend) => generation.pools[backend.id].clone(),
            None => generation.unnamed.clone(),
        };
        let tls = self.leg.authority.secure().then(|| generation.backend_tls.of(&request.dir)).flatten();
        if let Some(tls) = tls {
            // Connections are alike if their settings are and the name that was checked is.
            backend.identity = format!("{} {}", tls.id(), self.tls_name(request)).into();
        }
        backend
    }

    /// Gives a backend's answer to the client.
    pub(super) async fn pass_back(
        &self,
        request: &mut Request,
        answer: Answer<BackendStream>,
    ) -> Result<Outcome, Reply> {
        let Answer { head, body } = answer;
        self.answered.set(Some(head.status));
        let name = self.leg.authority.host_field();
        let begun = Backed::begin(body, name, self.picked.cloned()).await;
        let body = Body::Backend(Box::new(begun.map_err(|error| self.failure(&error))?));
        let (snapshot, offer) = (&self.exchange.generation.snapshot, self.leg.protocol.as_ref());
        let mut answer = of_backend(snapshot, request, answer_head(head), offer)?;
        let length = length(&answer.head.headers);
        let body = match &answer.pieces {
            Some(_) => Body::bytes(body.collect().await.map_err(|error| self.failure(&error))?.to_bytes()),
            None => body,
        };
        let sending = through(request, &mut answer, length, body).await?;
        Ok(Ok(self.exchange.answer(request, answer, Sending { plan: Some(self.plan), ..sending })))
    }
}

/// Interim answers that have come and are still to be passed on.
pub(super) type Interims = RefCell<VecDeque<Received>>;

/// Not borrowed beyond this: passing one on takes time, and another may come.
fn take_first(notes: &Interims) -> Option<Received> {
    notes.borrow_mut().pop_front()
}

/// A head as the core has it; a missing reason is the status's own.
pub(super) fn answer_head(head: Received) -> AnswerHead {
    let status = Status(head.status);
    let reason = head.reason.unwrap_or_else(|| Bytes::from_static(status.reason().as_bytes()));
    let mut headers = Headers::with_capacity(head.fields.len() + 4);
    for (name, value) in head.fields {
        headers.add(name, value);
    }
    AnswerHead { status, reason, headers }
}

/// A request's body on its way to backends: as it comes, then read ahead so that another backend can get it, too.
pub(crate) struct Upload {
    incoming: Option<ClientBody>,
    prepared: Option<RequestBody>,
    whole: Option<Bytes>,
}

impl Upload {
    /// A body that nothing has been read of.
    pub(super) fn new(incoming: ClientBody) -> Self {
        Self { incoming: Some(incoming), prepared: None, whole: None }
    }

    /// No body.
    pub(super) fn nothing() -> Self {
        Self { incoming: None, prepared: None, whole: None }
    }

    /// What is left where no backend was asked.
    pub(super) fn take(&mut self) -> Option<ClientBody> {
        self.incoming.take()
    }

    /// All of it, by `read`; kept, so that another backend can get it, too.
    pub(super) async fn whole<E>(
        &mut self,
        read: impl AsyncFnOnce(ClientBody) -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        if let Some(incoming) = self.incoming.take() {
            self.whole = Some(read(incoming).await?);
        }
        Ok(self.whole.clone().unwrap_or_default())
    }

    fn is_prepared(&self) -> bool {
        self.prepared.is_some()
    }

    /// Whether a backend has been given (some of) it: then no other can have it.
    pub(super) fn is_spent(&self) -> bool {
        self.prepared.as_ref().is_some_and(|body| !body.is_unspent())
    }

    /// Reads ahead, once.
    async fn prepare(&mut self, request: &Request) -> Result<&mut RequestBody, Error> {
        if let Some(incoming) = self.incoming.take() {
            let source = Box::pin(incoming.map_err(Into::into));
            let rules = BodyRules {
                with_length: request.env.contains("force-proxy-request-1.0")
                    || request.env.contains("proxy-sendcl") && !sends_chunks(&request.env),
                nonblocking: request.env.contains("proxy-prefetch-nonblocking") || request.expects_continue(),
            };
            self.prepared = Some(RequestBody::prepare(source, declared(request), rules).await?);
        }
        Ok(self.prepared.get_or_insert_with(RequestBody::none))
    }
}

/// What overrides `proxy-sendcl`.
fn sends_chunks(env: &Headers) -> bool {
    env.contains("proxy-sendchunked") || env.contains("proxy-sendchunks")
}

fn declared(request: &Request) -> Declared {
    let headers = &request.head.headers;
    if headers.contains("Transfer-Encoding") {
        return Declared::Chunked;
    }
    length(headers).map_or(Declared::Nothing, Declared::Length)
}

/// Content-Length.
fn length(headers: &Headers) -> Option<u64> {
    std::str::from_utf8(headers.get("Content-Length")?).ok()?.parse().ok()
}
