//! An exchange in the access logs: its lines begin with the head of the answer and end when the last byte has been
//! written, or the client is gone, or its tunnel is at its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use wsgate_core::http::Headers;
use wsgate_core::modules::log_config::{Aftermath, Answered, End};
use wsgate_core::plan::Plan;
use wsgate_core::request::Request;
use wsgate_proxy::Error;
use wsgate_wstunnel::Ended;

use super::{Body, Channel, Exchange};
use crate::clock;
use crate::counted::{Traffic, Wire};
use crate::filters;
use crate::logs::{Lines, Scope, process};

/// A body whose end is the end of an exchange.
pub(crate) struct Recorded {
    body: Body,
    record: Option<Box<Record>>,
    channel: Channel,
}

/// What is written when it is over.
struct Record {
    lines: Lines,
    wire: Arc<Wire>,
    first_byte: Option<Duration>,
    aftermath: Aftermath,
    sent: u64,
    trailers: Option<Headers>,
}

/// The lines of a tunnel.
pub(super) struct TunnelRecord {
    lines: Lines,
    wire: Arc<Wire>,
    /// What the wire carried before the relay had it; none if the relay's stream goes on counting.
    before: Option<Traffic>,
    /// Bytes that the relay counts although the wire carried them before, or never.
    early: u64,
}

impl Exchange {
    /// The lines of a request whose answer has this status and these fields.
    fn lines(&self, request: &Request, plan: Option<&Plan>, status: u16, headers: &Headers) -> Lines {
        if request.server.logs.is_empty() {
            return Lines::default();
        }
        let scope = Scope::current();
        self.generation.logs.lines(&Answered {
            snapshot: &self.generation.snapshot,
            request,
            plan,
            status,
            headers,
            served_before: self.channel.served().saturating_sub(1),
            ids: scope.as_ref().map(Scope::ids).unwrap_or_default(),
            process: process(),
        })
    }

    /// The body of an answer, which the access logs have at its end.
    pub(super) fn record(
        &self,
        request: &Request,
        plan: Option<&Plan>,
        (status, headers): (u16, &Headers),
        (keep, body): (bool, Body),
    ) -> Recorded {
        let channel = self.channel.clone();
        let lines = self.lines(request, plan, status, headers);
        if lines.is_empty() {
            self.wire.take();
            return Recorded { body, record: None, channel };
        }
        let record = Record {
            lines,
            wire: self.wire.clone(),
            first_byte: plan.map(|_| clock::now().since(request.received)),
            aftermath: if keep { Aftermath::Kept } else { Aftermath::Closed },
            sent: 0,
            trailers: None,
        };
        Recorded { body, record: Some(Box::new(record)), channel }
    }

    /// The lines of a tunnel that is about to begin, and gets `early` bytes for the backend from here.
    pub(super) fn tunnel_record(
        &self,
        request: &Request,
        plan: &Plan,
        headers: &Headers,
        early: usize,
    ) -> TunnelRecord {
        let lines = self.lines(request, Some(plan), 101, headers);
        let before = self.connection.tls.is_none().then(|| self.wire.take());
        TunnelRecord { lines, wire: self.wire.clone(), before, early: early as u64 }
    }
}

impl TunnelRecord {
    /// The tunnel is over.
    pub(super) fn finish(self, ended: &Ended) {
        let Traffic { read, written } = match self.before {
            Some(before) => Traffic {
                read: (before.read + ended.info.from_client).saturating_sub(self.early),
                written: before.written + ended.info.from_backend,
            },
            None => self.wire.take(),
        };
        self.lines.finish(&End {
            at: clock::now(),
            bytes_in: read,
            bytes_out: written,
            body: 0,
            first_byte: None,
            connection: Aftermath::Closed,
            request_trailers: None,
            answer_trailers: None,
            notes: None,
        });
    }
}

impl Record {
    fn finish(self, written: bool, notes: &Headers) {
        let Traffic { read, written: out } = self.wire.take();
        self.lines.finish(&End {
            at: clock::now(),
            bytes_in: read,
            bytes_out: out,
            body: self.sent,
            first_byte: self.first_byte,
            connection: if written { self.aftermath } else { Aftermath::Aborted },
            request_trailers: None,
            answer_trailers: self.trailers.as_ref(),
            notes: Some(notes),
        });
    }

    fn note(&mut self, frame: &Frame<Bytes>) {
        if let Some(data) = frame.data_ref() {
            self.sent += data.len() as u64;
        }
        if let Some(trailers) = frame.trailers_ref() {
            let mut fields = Headers::with_capacity(trailers.len());
            for (name, value) in trailers {
                fields.add(name.as_str().to_owned(), value.as_bytes().to_vec());
            }
            self.trailers = Some(fields);
        }
    }
}

/// hyper drops a body when it has taken the last of it, or when nothing can be sent any more. What it has taken is
/// written with the next flush.
impl Drop for Recorded {
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            let notes = filters::notes(&self.body);
            self.channel.when_flushed(Box::new(move |written| record.finish(written, &notes)));
        }
    }
}

impl HttpBody for Recorded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let (Some(Ok(frame)), Some(record)) = (&frame, &mut this.record) {
            record.note(frame);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
