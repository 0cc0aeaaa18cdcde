//! The head of an answer as the client gets it, and the order of what acts on it: httpd's output filters down to
//! `ap_http_header_filter`.
//!
//! Not the framing: Transfer-Encoding, the length of bodies that are made here, and what keeps a connection open are
//! the server's. Three cases: a backend answers, wsgate answers, a backend switches protocols.

use bytes::Bytes;
use wsgate_directives::modules::core::{Charset, Tokens};

use crate::filters::{self, Stage};
use crate::http::{Field, Headers, Version, has_token};
use crate::modules::{expires, headers, http, pages, proxy_answer};
use crate::moment::Moment;
use crate::plan::Upgrade;
use crate::reply::{Body, Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

mod fields;

use fields::{checked, unite_vary};

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

/// The head for a backend's answer other than 1xx. The request then holds the fields, for logs.
///
/// # Errors
/// The answer is not for the client (ProxyErrorOverride), or its fields are not fit to be sent: [`crate::request::fail`]
/// says what the client gets instead of it.
pub fn of_backend(snapshot: &Snapshot, request: &mut Request, answer: AnswerHead) -> Result<Answer, Reply> {
    let AnswerHead { status, reason, headers } = answer;
    let mut headers = proxy_answer::headers(request, headers);
    if proxy_answer::is_overridden(request, status) {
        // To httpd this is a first failure even if the answer was to be an ErrorDocument: it has one of its own.
        request.failed = None;
        return Err(proxy_answer::overridden(status, reason, &headers));
    }
    let (status, reason) = proxy_answer::kept_status(request, status, reason);
    for cookie in request.answer_headers.all(b"Set-Cookie") {
        headers.add("Set-Cookie", cookie.clone());
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
        let length = length.filter(|_| !stages.iter().any(Stage::transforms));
        framing_stays(request, length)?;
        let (head, manners) = finish(request, reason, now, Maker::Backend)?;
        Ok(Answer { head, manners, stages })
    });
    outcome.map_err(|unfit| {
        request.error_headers = Headers::new();
        request.answer_headers = Headers::new();
        Reply { late: true, ..unfit }
    })
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
        (Answer { head, manners, stages: Vec::new() }, Bytes::new())
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
    let mut stages = Vec::new();
    let body = match &reply.body {
        Body::Bytes(_) | Body::File(_) | Body::Unhandled(_) => {
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
    let (head, manners) = finish(request, reply.reason_phrase(), now, maker)?;
    Ok((Answer { head, manners, stages }, body))
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

/// Who made an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// A backend: its Date and Server stay.
    Backend,
    /// A handler of this server.
    Handler,
    /// Nobody: it is the page of an error or a redirect.
    Page,
}

/// The request's tables as one, checked (`check_headers`, `basic_http_header`).
///
/// # Errors
/// 500 where a field cannot be sent.
fn finish(request: &mut Request, reason: Bytes, now: Moment, maker: Maker) -> Phase<(AnswerHead, Manners)> {
    let (status, conformance) = (request.status, request.conformance());
    let tables = request.error_headers.iter().chain(&request.answer_headers);
    let mut fields = tables.map(|field| checked(field, conformance)).collect::<Phase<Headers>>()?;
    if request.env.contains("force-no-vary") {
        fields.remove("Vary");
    } else {
        unite_vary(&mut fields);
    }
    if status.is_bodyless() {
        fields.remove("Content-Length");
    } else {
        content_fields(request, &mut fields, maker);
    }
    let mut headers = own_headers(request, now);
    for own in ["Date", "Server"] {
        let kept = fields.get(own).cloned().filter(|_| maker == Maker::Backend);
        fields.remove(own);
        if let Some(kept) = kept {
            headers.set(own, kept);
        }
    }
    let manners = manners(request, status, &fields);
    fields.remove("Transfer-Encoding");
    for Field { name, value } in &fields {
        headers.add(name.clone(), value.clone());
    }
    Ok((AnswerHead { status, reason, headers }, manners))
}

/// What a body is: its type, how it is encoded, its languages.
fn content_fields(request: &Request, fields: &mut Headers, maker: Maker) {
    if let Some(content_type) = request.content_type.as_ref().filter(|known| !known.is_empty()) {
        fields.set("Content-Type", with_charset(request, content_type, maker));
    }
    if let Some(encoding) = &request.content_encoding {
        fields.set("Content-Encoding", encoding.clone());
    }
    let mut languages: Vec<&[u8]> = request.content_languages.iter().map(|language| &**language).collect();
    if languages.is_empty() {
        return;
    }
    let known = fields.get("Content-Language").cloned().unwrap_or_default();
    for word in known.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|word| !word.is_empty()) {
        if !languages.iter().any(|language| language.eq_ignore_ascii_case(word)) {
            languages.push(word);
        }
    }
    let united = languages.join(&b","[..]);
    fields.set("Content-Language", united);
}

/// `nokeepalive` and its kin (`basic_http_header_check`, `ap_set_keepalive`).
fn manners(request: &Request, status: Status, fields: &Headers) -> Manners {
    let env = |name| request.env.contains(name);
    let downgrade = env("downgrade-1.0") || env("force-no-vary");
    let old = downgrade || request.head.version <= Version::HTTP_10;
    let http10 = old && (env("force-response-1.0") || env("force-no-vary"));
    let asked = fields.all(b"Connection").any(|value| has_token(value, "close"));
    let ignored = env("nokeepalive") && !request.head.headers.contains("Via");
    let drops = status.drops_connection();
    // Who is taken for one of HTTP/1.0 has to ask for its connection to be kept.
    let wanted = request.head.headers.all(b"Connection").any(|value| has_token(value, "keep-alive"));
    let close = http10 || asked || ignored || drops || (downgrade && !wanted);
    Manners { close, downgrade, http10 }
}

/// AddDefaultCharset, for text/plain and text/html without a charset (`ap_make_content_type`).
fn with_charset(request: &Request, content_type: &Bytes, maker: Maker) -> Bytes {
    let suppressed = maker == Maker::Page && request.env.contains("suppress-error-charset");
    let charset = match request.dir.core.add_default_charset.as_ref().map(|set| &set.value) {
        Some(Charset::Name(name)) if !suppressed => name,
        _ => return content_type.clone(),
    };
    let lower = content_type.to_ascii_lowercase();
    let holds = |text: &[u8]| memchr::memmem::find(&lower, text).is_some();
    if holds(b"charset=") || !(holds(b"text/plain") || holds(b"text/html")) {
        return content_type.clone();
    }
    [content_type, &b"; charset="[..], charset.as_bytes()].concat().into()
}

/// Date and Server.
fn own_headers(request: &Request, now: Moment) -> Headers {
    let mut headers = Headers::with_capacity(16);
    headers.add("Date", now.http_date());
    headers.add("Server", banner(request));
    headers
}

/// What the server calls itself (ServerTokens).
pub fn banner(request: &Request) -> &'static str {
    const MAJOR: &str = concat!("wsgate/", env!("CARGO_PKG_VERSION_MAJOR"));
    const MINOR: &str =
        concat!("wsgate/", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    match request.server.conf.core.server_tokens.as_ref().map(|tokens| tokens.value) {
        Some(Tokens::Prod) => "wsgate",
        Some(Tokens::Major) => MAJOR,
        Some(Tokens::Minor) => MINOR,
        Some(Tokens::Min) => concat!("wsgate/", env!("CARGO_PKG_VERSION")),
        None | Some(Tokens::Os | Tokens::Full) => concat!("wsgate/", env!("CARGO_PKG_VERSION"), " (Unix)"),
    }
}
