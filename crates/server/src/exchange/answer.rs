//! How an answer is written: its head, and whether the connection lives on behind it.

use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Body as _;
use wsgate_core::answer::{Answer, AnswerHead, Manners, of_reply};
use wsgate_core::http::{Headers, Version, has_token};
use wsgate_core::plan::Plan;
use wsgate_core::ranges::Piece;
use wsgate_core::reply::{Body as ReplyBody, Reply, Status};
use wsgate_core::request::Request;

use super::channel::Manner;
use super::{Body, Exchange, Recorded};
use crate::client_body::ClientBody;
use crate::filters::{begin, filtered, is_live};
use crate::http1::{BodyEnd, Persistence};

/// How much of a body that nobody wants is read for the sake of the connection.
const DISCARDED: u64 = 256 << 10;

impl Exchange {
    /// Answers with what was made here.
    pub(super) async fn reply(
        &self,
        request: &mut Request,
        mut reply: Reply,
        body: Option<ClientBody>,
    ) -> Response<Recorded> {
        if reply.status.drops_connection() {
            self.last.set(self.last.get() || body.is_some_and(|body| !body.is_end_stream()));
        } else if let Err(status) = self.discard(request, body, u64::MAX).await {
            reply = Reply::late(status);
        }
        let (mut answer, bytes) = of_reply(&self.generation.snapshot, request, &reply);
        // httpd writes it in pieces.
        let echo =
            request.is_method("TRACE") && matches!(reply.body, ReplyBody::Bytes(_) | ReplyBody::Unhandled(_));
        answer.manners.downgrade |= reply.late;
        let length = Some(bytes.len() as u64).filter(|_| !reply.late && !echo);
        let sending = through(request, &mut answer, length, Body::bytes(bytes)).await;
        let sending = sending.unwrap_or_else(|failed| {
            let (unfiltered, page) = of_reply(&self.generation.snapshot, request, &failed);
            answer = unfiltered;
            Sending { length: Some(page.len() as u64), body: Body::bytes(page), plan: None }
        });
        self.answer(request, answer, sending)
    }

    /// Reads a request body that nobody wants, so that the next request can be read (`ap_discard_request_body`). One that
    /// the client holds back until it is wanted does not come: the connection closes, as it does behind one that is too
    /// large to be read for this.
    ///
    /// # Errors
    /// The body is flawed, or has more than `most` bytes: this is the answer, and the connection closes.
    pub(super) async fn discard(
        &self,
        request: &Request,
        body: Option<ClientBody>,
        most: u64,
    ) -> Result<(), Status> {
        let Some(mut body) = body else { return Ok(()) };
        if request.holds_back() {
            // Not even where there is none: who waits for a word may take another answer for it.
            self.last.set(true);
        }
        let mut read = 0;
        loop {
            let known = read + body.size_hint().lower();
            if known > most {
                self.last.set(true);
                return Err(Status::REQUEST_ENTITY_TOO_LARGE);
            }
            if body.is_end_stream() {
                return Ok(());
            }
            if request.holds_back() || known > DISCARDED {
                self.last.set(true);
                return Ok(());
            }
            match body.frame().await {
                None => return Ok(()),
                Some(Ok(frame)) => read += frame.data_ref().map_or(0, |data| data.len() as u64),
                Some(Err(_)) => {
                    self.last.set(true);
                    return self.channel.body_flaw().map_or(Ok(()), |code| Err(Status(code)));
                }
            }
        }
    }

    /// Writes the head, with the body's length and what the connection's end makes of it, and the body where the
    /// request and the status have one.
    pub(super) fn answer(
        &self,
        request: &Request,
        answer: Answer,
        Sending { length, body, plan }: Sending<'_>,
    ) -> Response<Recorded> {
        let Answer { mut head, manners, .. } = answer;
        let asked = request.is_method("HEAD");
        let told = length.filter(|length| !(head.status.is_bodyless() || asked && *length == 0));
        if let Some(length) = told {
            head.headers.set("Content-Length", length.to_string());
        }
        let bodyless = head.status.is_bodyless() || asked;
        let old = request.head.version < Version::HTTP_11 || manners.downgrade;
        let (end, body) = match length {
            _ if bodyless => (BodyEnd::Length(0), Body::Bytes(None)),
            Some(length) => (BodyEnd::Length(length), body),
            None if old => (BodyEnd::Close, body),
            None => (BodyEnd::Chunked, body),
        };
        let keep = self.persist(request, &mut head, manners, end);
        if end == BodyEnd::Chunked && self.channel.persistence().is_some() {
            head.headers.set("Transfer-Encoding", "chunked");
        }
        let headless = request.head.version == Version::HTTP_09;
        let body = self.record(request, plan, (head.status.0, &head.headers), (keep, body));
        self.channel.answer(&head, &Manner { http10: manners.http10, headless, end, keep }, body)
    }

    /// Closes the connection without a word; the logs have it as 502.
    pub(super) fn hang_up(&self, request: &Request, plan: &Plan) -> Response<Recorded> {
        let head = AnswerHead { status: Status::BAD_GATEWAY, reason: Bytes::new(), headers: Headers::new() };
        let manner = Manner { http10: false, headless: true, end: BodyEnd::Close, keep: false };
        let answer = (head.status.0, &head.headers);
        let body = self.record(request, Some(plan), answer, (false, Body::Bytes(None)));
        self.channel.answer(&head, &manner, body)
    }

    /// httpd's `ap_set_keepalive`: whether the connection is kept, and the fields that say so.
    fn persist(&self, request: &Request, head: &mut AnswerHead, manners: Manners, end: BodyEnd) -> bool {
        let rule = self.front(request).keep_alive;
        let Some(persistence) = self.channel.persistence() else { return true };
        let served = self.channel.served().saturating_sub(1);
        let keep = !manners.close
            && !self.last.get()
            && persistence != Persistence::Close
            && end != BodyEnd::Close
            && rule.on
            && (rule.requests == 0 || rule.requests > served);
        if !keep {
            if !head.headers.all(b"Connection").any(|value| has_token(value, "close")) {
                head.headers.merge("Connection", "close");
            }
        } else if persistence == Persistence::Announce {
            let left = match rule.requests {
                0 => String::new(),
                most => format!(", max={}", most - served),
            };
            head.headers.set("Keep-Alive", format!("timeout={}{left}", rule.timeout.as_secs()));
            head.headers.merge("Connection", "Keep-Alive");
        }
        keep
    }
}

/// Cuts the pieces out of a body that are asked for, and has it go through the filters of its answer. The answer is then
/// one with neither.
///
/// # Errors
/// A filter cannot do it: this is the answer.
pub(super) async fn through<'a>(
    request: &Request,
    answer: &mut Answer,
    length: Option<u64>,
    body: Body,
) -> Result<Sending<'a>, Reply> {
    let transformed = answer.is_transformed();
    let (length, body) = match answer.pieces.take() {
        Some(pieces) => (Some(pieces.iter().map(Piece::length).sum()), body.cut(pieces)),
        None => (length, body),
    };
    let length = length.filter(|_| !transformed);
    let unsent = request.is_method("HEAD") && is_live(&body);
    if answer.head.status.is_bodyless() || unsent {
        return Ok(Sending { length, body, plan: None });
    }
    let mut body = filtered(body, std::mem::take(&mut answer.stages));
    let length = match begin(&mut body).await {
        Ok(begun) => begun.filter(|_| transformed).or(length),
        Err(error) => {
            log::error!("{error:#}");
            return Err(Status::INTERNAL_SERVER_ERROR.into());
        }
    };
    Ok(Sending { length, body, plan: None })
}

/// What goes out behind a head.
pub(super) struct Sending<'a> {
    /// The length of the body, if that is known.
    pub(super) length: Option<u64>,
    /// The body, before anything is done to it.
    pub(super) body: Body,
    /// Who it comes from, if it is a backend's.
    pub(super) plan: Option<&'a Plan>,
}

/// A head as it goes over the wire. Statuses and fields come from parsers and tables that let no line break through.
pub(super) fn head_bytes(head: &AnswerHead, http10: bool) -> Bytes {
    let size = head.headers.iter().map(|field| field.name.len() + field.value.len() + 4).sum::<usize>();
    let mut out = BytesMut::with_capacity(size + head.reason.len() + 32);
    out.put_slice(if http10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    out.put_slice(head.status.0.to_string().as_bytes());
    out.put_slice(b" ");
    out.put_slice(&head.reason);
    out.put_slice(b"\r\n");
    for field in head.headers.iter() {
        out.put_slice(&field.name);
        out.put_slice(b": ");
        out.put_slice(&field.value);
        out.put_slice(b"\r\n");
    }
    out.put_slice(b"\r\n");
    out.freeze()
}
