//! The head of an answer as the client gets it, and the order of what acts on it: httpd's output filters down to
//! `ap_http_header_filter`.
//!
//! Not the framing: Transfer-Encoding, the length of bodies that are made here, and what keeps a connection open are
//! the server's. Three cases: a backend answers, wsgate answers, a backend switches protocols.

use bytes::Bytes;

use crate::filters::{self, Stage};
use crate::http::{Field, Headers};
use crate::modules::files::{self, Opened};
use crate::modules::{expires, headers, http, pages, proxy_answer};
use crate::moment::Moment;
use crate::plan::{Protocol, Upgrade};
use crate::ranges::{self, Piece};
use crate::reply::{Body, Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::validators;

mod fields;

pub use fields::banner;
pub(crate) use fields::{Maker, with_charset};
use fields::{finish, own_headers};

/// How much httpd reads of a backend's answer at once (ProxyIOBufferSize): ranges are cut from what it has whole.
const BUFFER: u64 = 8192;

/// A status line and fields: what a backend sent, or what the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHead {
    /// The status.
    pub status: Status,
    /// The reason phrase.
    pub reason: Bytes,
    /// The header fields in order; to the client without Transfer-Encoding.
    pub headers: Headers,
}

/// An answer made ready: what goes out before its body, and how the body does.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The head.
    pub head: AnswerHead,
    /// How the connection goes on behind it.
    pub manners: Manners,
    /// What is done to the body, in order.
    pub stages: Vec<Stage>,
    /// What is sent of the body instead of all of it. Of a backend's body that is short then.
    pub pieces: Option<Vec<Piece>>,
}

impl Answer {
    /// Whether other bytes go out than were made, so that nobody knows how many.
    pub fn is_transformed(&self) -> bool {
        self.stages.iter().any(Stage::transforms)
    }
}

/// How the connection to the client goes on behind an answer, as far as the answer and the request's environment say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// The connection is closed behind the answer (`nokeepalive`, a `Connection: close` by Header, some statuses).
    pub close: bool,
    /// The client is treated as one of HTTP/1.0 (`downgrade-1.0`): no chunks.
    pub downgrade: bool,
    /// The status line says HTTP/1.0 (`force-response-1.0`).
    pub http10: bool,
}

/// The head for a backend's answer other than 1xx. The request then holds the fields, for logs. An Upgrade field passes
/// where the backend may offer the protocol: it may be the reason of a 426.
///
/// # Errors
/// The answer is not for the client (ProxyErrorOverride), or its fields are not fit to be sent: [`crate::request::fail`]
/// says what the client gets instead of it.
pub fn of_backend(
    snapshot: &Snapshot,
    request: &mut Request,
    answer: AnswerHead,
    protocol: Option<&Protocol>,
) -> Result<Answer, Reply> {
    let AnswerHead { status, reason, headers } = answer;
    let offer = headers.get("Upgrade").filter(|offer| protocol.is_some_and(|own| own.is(offer))).cloned();
    let mut headers = proxy_answer::headers(request, headers);
    if proxy_answer::is_overridden(request, status) {
        // To httpd this is a first failure even if the answer was to be an ErrorDocument: it has one of its own.
        request.failed = None;
        return Err(proxy_answer::overridden(status, reason, &headers));
    }
    let (status, phrase) = proxy_answer::kept_status(request, status, reason);
    for cookie in request.answer_headers.all(b"Set-Cookie") {
        headers.add("Set-Cookie", cookie.clone());
    }
    if let Some(offer) = offer {
        headers.set("Connection", "Upgrade");
        headers.set("Upgrade", offer);
    }
    let length = headers.get("Content-Length").cloned();
    request.status = status;
    if let Some(content_type) = headers.get("Content-Type") {
        request.content_type = Some(content_type.clone());
    }
    request.answer_headers = headers;
    let now = snapshot.world.now();
    let sent = if request.is_method("HEAD") || status.is_bodyless() {
        Some(0)
    } else {
        length.as_deref().and_then(number)
    };
    expires::answer(request);
    let outcome = filters::run(snapshot, request, sent).and_then(|stages| {
        headers::answer(snapshot, request, now)?;
        let transforms = stages.iter().any(Stage::transforms);
        let pieces = cut(snapshot, request, sent.filter(|sent| *sent <= BUFFER && !transforms))?;
        framing_stays(request, length.filter(|_| !transforms && pieces.is_none()))?;
        let reason = if pieces.is_some() { own_reason(request) } else { phrase.clone() };
        let (head, manners) = finish(request, reason, now, Maker::Backend)?;
        Ok(Answer { head, manners, stages, pieces })
    });
    outcome.map_err(|unfit| {
        request.error_headers = Headers::new();
        request.answer_headers = Headers::new();
        // The backend's phrase stays with its own status.
        let reason = unfit.reason.or(Some(phrase).filter(|_| unfit.status == status));
        Reply { late: true, reason, ..unfit }
    })
}

/// What is sent of a body of a length that is known.
fn cut(snapshot: &Snapshot, request: &mut Request, length: Option<u64>) -> Phase<Option<Vec<Piece>>> {
    length.map_or(Ok(None), |length| ranges::cut(snapshot, request, length))
}

/// The reason phrase of the status that the answer has now.
fn own_reason(request: &Request) -> Bytes {
    Bytes::from_static(request.status.reason().as_bytes())
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Where a body ends is not for Header to say: the backend's length stays. httpd counts anew, and answers 500 where a
/// Transfer-Encoding is set that does not end in chunked.
fn framing_stays(request: &mut Request, length: Option<Bytes>) -> Phase<()> {
    for table in [&mut request.error_headers, &mut request.answer_headers] {
        let coding = table.get("Transfer-Encoding").cloned();
        if coding.is_some_and(|coding| !coding.to_ascii_lowercase().ends_with(b"chunked")) {
            return Err(Status::INTERNAL_SERVER_ERROR.into());
        }
        table.remove("Transfer-Encoding");
        table.remove("Content-Length");
    }
    // httpd does not tell HEAD of an empty body.
    let told = length.filter(|length| !(request.is_method("HEAD") && **length == *b"0"));
    if let Some(length) = told {
        request.answer_headers.set("Content-Length", length);
    }
    Ok(())
}

/// The head and the body for an answer that is made here. HEAD has the body, too, where its length is to be told.
pub fn of_reply(snapshot: &Snapshot, request: &mut Request, reply: &Reply) -> (Answer, Bytes) {
    let now = snapshot.world.now();
    let ready = prepared(snapshot, request, reply, now).or_else(|unfit| {
        // httpd makes a 500 of it, and if that has a bad field as well, one without fields and page.
        request.error_headers = Headers::new();
        request.answer_headers = Headers::new();
        request.content_type = None;
        (request.content_encoding, request.content_languages) = (None, Vec::new());
        prepared(snapshot, request, &unfit, now)
    });
    ready.unwrap_or_else(|unfit| {
        let headers = own_headers(request, now);
        let head = AnswerHead { status: unfit.status, reason: unfit.reason_phrase(), headers };
        let manners = Manners { close: true, downgrade: false, http10: false };
        (Answer { head, manners, stages: Vec::new(), pieces: None }, Bytes::new())
    })
}

/// Fills the request's tables with a reply's fields (for pages `ap_send_error_response`) and makes one of them.
fn prepared(
    snapshot: &Snapshot,
    request: &mut Request,
    reply: &Reply,
    now: Moment,
) -> Phase<(Answer, Bytes)> {
    request.status = reply.status;
    let (mut stages, mut pieces) = (Vec::new(), None);
    let body = match &reply.body {
        Body::Bytes(_) | Body::Unhandled(_) => {
            for Field { name, value } in &reply.headers {
                request.answer_headers.set(name.clone(), value.clone());
            }
            if let Some(content_type) = reply.headers.get("Content-Type") {
                request.content_type = Some(content_type.clone());
            }
            if !matches!(reply.body, Body::Unhandled(_)) {
                expires::answer(request);
                stages = filters::run(snapshot, request, reply.body.length())?;
                headers::answer(snapshot, request, now)?;
                pieces = cut(
                    snapshot,
                    request,
                    reply.body.length().filter(|_| !stages.iter().any(Stage::transforms)),
                )?;
            }
            reply.body.bytes()
        }
        Body::Page(_) | Body::Text(_) => {
            error_fields(request, reply);
            expires::answer(request);
            headers::error(snapshot, request, now)?;
            error_body(request, reply)
        }
    };
    let page = matches!(reply.body, Body::Page(_) | Body::Text(_));
    let maker = if page { Maker::Page } else { Maker::Handler };
    let reason = if pieces.is_some() { own_reason(request) } else { reply.reason_phrase() };
    let (head, manners) = finish(request, reason, now, maker)?;
    Ok((Answer { head, manners, stages, pieces }, body))
}

/// The head for a file, and what is sent of it.
///
/// # Errors
/// None of the ranges that are asked for is in it, or a field cannot be sent: [`crate::request::fail`] says what the
/// client gets instead.
pub fn of_file(snapshot: &Snapshot, request: &mut Request, opened: &Opened) -> Result<Answer, Reply> {
    let now = snapshot.world.now();
    let always = request.error_headers.clone();
    let outcome = described(snapshot, request, opened, now);
    if outcome.is_err() {
        request.error_headers = always;
        request.answer_headers = Headers::new();
    }
    outcome
}

/// The default handler's answer (the end of `default_handler`).
fn described(snapshot: &Snapshot, request: &mut Request, opened: &Opened, now: Moment) -> Phase<Answer> {
    files::describe(request, opened);
    let instead = validators::instead(request);
    if let Some(status) = instead {
        (request.status, request.reason) = (status, None);
    }
    let length = if instead.is_some() { 0 } else { opened.stat.size };
    expires::answer(request);
    let stages = filters::run(snapshot, request, Some(length))?;
    headers::answer(snapshot, request, now)?;
    let pieces = match instead {
        Some(_) => Some(Vec::new()),
        None => cut(snapshot, request, Some(length).filter(|_| !stages.iter().any(Stage::transforms)))?,
    };
    let reason = request.reason.clone().unwrap_or(own_reason(request));
    let (head, manners) = finish(request, reason, now, Maker::Handler)?;
    Ok(Answer { head, manners, stages, pieces })
}

/// The fields of an error or redirect. httpd lets the two tables change places here: what `Header always` sees is
/// empty, so it cannot take a challenge or a Location away.
fn error_fields(request: &mut Request, reply: &Reply) {
    request.answer_headers = std::mem::take(&mut request.error_headers);
    let fields = &mut request.answer_headers;
    for Field { name, value } in &reply.headers {
        fields.add(name.clone(), value.clone());
    }
    if matches!(reply.status.0, 405 | 501) && !fields.contains("Allow") {
        let allow = http::allow(request);
        request.answer_headers.set("Allow", allow);
    }
    (request.content_encoding, request.content_languages) = (None, Vec::new());
    let plain = request.env.contains("suppress-error-charset");
    let content_type = if plain { "text/html" } else { pages::TYPE };
    request.content_type = Some(Bytes::from_static(content_type.as_bytes()));
}

/// The page or text; for HEAD it is not even made.
fn error_body(request: &Request, reply: &Reply) -> Bytes {
    match &reply.body {
        _ if reply.status.is_bodyless() || request.is_method("HEAD") => Bytes::new(),
        Body::Page(detail) => pages::page(request, reply, detail.as_deref()).into(),
        _ => reply.body.bytes(),
    }
}

/// The fields for a 101, Connection and Upgrade included. Header directives do not reach it.
///
/// # Errors
/// The backend switches to another protocol than `asked`, or nobody asked.
pub fn switching(request: &Request, asked: &Upgrade, headers: Headers) -> Result<Headers, Reply> {
    match (asked, headers.get("Upgrade").cloned()) {
        (Upgrade::Framed(token), Some(upgrade)) if upgrade.eq_ignore_ascii_case(token) => {
            let mut headers = proxy_answer::headers(request, headers);
            headers.set("Connection", "Upgrade");
            headers.set("Upgrade", upgrade);
            Ok(headers)
        }
        _ => Err(Reply::proxy_error(Status::BAD_GATEWAY, "Unexpected Upgrade of the server behind this one")),
    }
}

/// The fields of an interim answer of a backend; Header directives do not reach it. None if it is not for the client
/// (`proxy-interim-response`).
pub fn interim(request: &Request, headers: Headers) -> Option<Headers> {
    let policy = request.env.get("proxy-interim-response");
    let passes = policy.is_none_or(|policy| policy.eq_ignore_ascii_case(b"RFC"));
    passes.then(|| {
        let mut headers = proxy_answer::headers(request, headers);
        headers.remove("Content-Length");
        headers
    })
}
