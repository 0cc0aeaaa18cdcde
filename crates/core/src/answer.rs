//! The head of an answer as the client gets it, and the order of what acts on it: httpd's output filters down to
//! `ap_http_header_filter`.
//!
//! Not the framing: Transfer-Encoding, the length of bodies that are made here, and what keeps a connection open are
//! the server's. Three cases: a backend answers, wsgate answers, a backend switches protocols.

use bytes::Bytes;
use wsgate_directives::modules::core::{Charset, Tokens};

use crate::http::{Conformance, Field, Headers, Version, has_token, is_token_byte};
use crate::modules::{http, pages, proxy_answer};
use crate::moment::Moment;
use crate::plan::{Plan, Upgrade};
use crate::reply::{Body, Reply, Status};
use crate::request::Request;

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

/// The head for a backend's answer other than 1xx.
///
/// # Errors
/// The answer is not for the client (ProxyErrorOverride), or its fields are not fit to be sent: [`crate::request::fail`]
/// says what the client gets instead of it.
pub fn of_backend(
    request: &mut Request,
    plan: &Plan,
    answer: AnswerHead,
    now: Moment,
) -> Result<(AnswerHead, Manners), Reply> {
    let AnswerHead { status, reason, headers } = answer;
    let mut headers = proxy_answer::headers(request, plan, headers);
    if proxy_answer::is_overridden(request, status) {
        return Err(proxy_answer::overridden(status, reason, &headers));
    }
    let head = proxy_answer::kept_status(request, status, reason);
    for cookie in request.answer_headers.all(b"Set-Cookie") {
        headers.add("Set-Cookie", cookie.clone());
    }
    let content_type = headers.get("Content-Type").cloned();
    let mut out =
        Outgoing { error: request.error_headers.clone(), normal: headers, content_type, proxied: true };
    out.run_filters(request, now, Tables::Both);
    let (status, reason) = head;
    out.finish(request, status, reason, now).ok_or_else(|| {
        request.error_headers = Headers::new();
        Reply::page(Status::INTERNAL_SERVER_ERROR)
    })
}

/// The head and the body for an answer that is made here; the body of HEAD is there too, for its length.
pub fn of_reply(request: &mut Request, reply: Reply, now: Moment) -> (AnswerHead, Manners, Bytes) {
    let (status, reason) = (reply.status, reply.reason_phrase());
    let (mut out, tables, body) = Outgoing::of_reply(request, &reply);
    out.run_filters(request, now, tables);
    if let Some((head, manners)) = out.finish(request, status, reason, now) {
        return (head, manners, body);
    }
    // httpd makes a 500 of it, and if that has a bad field as well, one without fields and page.
    let status = Status::INTERNAL_SERVER_ERROR;
    let reason = Bytes::from_static(status.reason().as_bytes());
    request.error_headers = Headers::new();
    let (mut out, tables, body) = Outgoing::of_reply(request, &status.into());
    out.run_filters(request, now, tables);
    if let Some((head, manners)) = out.finish(request, status, reason.clone(), now) {
        return (head, manners, body);
    }
    let head = AnswerHead { status, reason, headers: own_headers(request, now) };
    (head, Manners { close: true, downgrade: false, http10: false }, Bytes::new())
}

/// The fields for a 101, Connection and Upgrade included. Header directives do not reach it.
///
/// # Errors
/// The backend switches to another protocol than `asked`, or nobody asked.
pub fn switching(
    request: &Request,
    plan: &Plan,
    asked: &Upgrade,
    headers: Headers,
) -> Result<Headers, Reply> {
    let upgrade = headers.get("Upgrade").cloned();
    let fits = |token: &Bytes| upgrade.as_ref().is_some_and(|upgrade| upgrade.eq_ignore_ascii_case(token));
    match (asked, upgrade.clone()) {
        (Upgrade::Framed(token), Some(upgrade)) if fits(token) => {
            let mut headers = proxy_answer::headers(request, plan, headers);
            headers.set("Connection", "Upgrade");
            headers.set("Upgrade", upgrade);
            Ok(headers)
        }
        _ => Err(Reply::proxy_error(Status::BAD_GATEWAY, "Unexpected Upgrade of the server behind this one")),
    }
}

/// Which tables of Header directives act on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    /// `always` and `onsuccess`.
    Both,
    /// `always`: errors and redirects that are made here.
    Always,
}

/// An answer on its way through the filters.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// Fields that errors have as well (`r->err_headers_out`).
    pub(crate) error: Headers,
    /// The other fields (`r->headers_out`).
    pub(crate) normal: Headers,
    /// `r->content_type`: what Content-Type is set to in the end, whatever the tables say.
    pub(crate) content_type: Option<Bytes>,
    /// Whether a backend made it: its Date and Server stay.
    proxied: bool,
}

impl Outgoing {
    /// `ap_send_error_response` for pages and texts.
    fn of_reply(request: &Request, reply: &Reply) -> (Self, Tables, Bytes) {
        let Reply { status, headers, .. } = reply;
        let mut error = request.error_headers.clone();
        match &reply.body {
            Body::Bytes(body) => {
                let mut normal = request.answer_headers.clone();
                for field in headers {
                    normal.set(field.name.clone(), field.value.clone());
                }
                let content_type = normal.get("Content-Type").cloned();
                (Self { error, normal, content_type, proxied: false }, Tables::Both, body.clone())
            }
            Body::Page(_) | Body::Text(_) => {
                for field in headers {
                    error.add(field.name.clone(), field.value.clone());
                }
                if matches!(status.0, 405 | 501) && !error.contains("Allow") {
                    error.set("Allow", http::allow(request));
                }
                let plain = request.env.contains("suppress-error-charset");
                let content_type = if plain { "text/html" } else { pages::TYPE };
                let body = if status.is_bodyless() { Bytes::new() } else { page(request, reply) };
                let content_type = Some(Bytes::from_static(content_type.as_bytes()));
                (Self { error, normal: Headers::new(), content_type, proxied: false }, Tables::Always, body)
            }
        }
    }

    fn run_filters(&mut self, request: &mut Request, now: Moment, tables: Tables) {
        let _ = (request, now, tables);
    }

    /// The tables as one, checked (`check_headers`, `basic_http_header`); none if a field cannot be sent.
    fn finish(
        self,
        request: &Request,
        status: Status,
        reason: Bytes,
        now: Moment,
    ) -> Option<(AnswerHead, Manners)> {
        let Self { error, normal, content_type, proxied } = self;
        let conformance = request.conformance();
        let mut headers = own_headers(request, now);
        let mut fields: Headers = error
            .iter()
            .chain(normal.iter())
            .map(|field| checked(field, conformance))
            .collect::<Option<_>>()?;
        if request.env.contains("force-no-vary") {
            fields.remove("Vary");
        } else {
            unite_vary(&mut fields);
        }
        if status.is_bodyless() {
            fields.remove("Content-Length");
        } else if let Some(content_type) = content_type.filter(|content_type| !content_type.is_empty()) {
            fields.set("Content-Type", with_charset(request, content_type));
        }
        for own in ["Date", "Server"] {
            let kept = fields.get(own).cloned();
            fields.remove(own);
            if let Some(kept) = kept.filter(|_| proxied) {
                headers.set(own, kept);
            }
        }
        let manners = manners(request, status, &fields);
        fields.remove("Transfer-Encoding");
        if !fields.get("Upgrade").is_some_and(|_| fields.contains("Connection")) {
            fields.remove("Connection");
        }
        for Field { name, value } in &fields {
            headers.add(name.clone(), value.clone());
        }
        Some((AnswerHead { status, reason, headers }, manners))
    }
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
    Manners { close: http10 || asked || ignored || drops, downgrade, http10 }
}

/// A field as it may be sent: a name of token characters, a value without control bytes; folds become spaces.
fn checked(field: &Field, conformance: Conformance) -> Option<Field> {
    let visible = |byte: &u8| *byte > 0x20 && *byte != 0x7f;
    let name = &field.name;
    let named = if conformance.is_strict() {
        name.iter().all(|byte| is_token_byte(*byte))
    } else {
        name.iter().all(visible)
    };
    if name.is_empty() || !named {
        return None;
    }
    let fits = |byte: &u8| visible(byte) || matches!(byte, b' ' | b'\t');
    if field.value.iter().all(fits) {
        return Some(field.clone());
    }
    let value = unfolded(&field.value);
    value.iter().all(fits).then(|| Field { name: name.clone(), value: value.into() })
}

/// Line folds (RFC 9112 section 5.2) as single spaces.
fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    loop {
        rest = match rest {
            [] => return out,
            [b'\r', b'\n', b' ' | b'\t', tail @ ..] => {
                out.push(b' ');
                let blanks = tail.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                &tail[blanks..]
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}

/// All Vary fields as one, each name once (`fixup_vary`).
fn unite_vary(fields: &mut Headers) {
    let mut names: Vec<&[u8]> = Vec::new();
    for value in fields.all(b"Vary") {
        let words = value.split(|byte| *byte == b',' || byte.is_ascii_whitespace());
        for name in words.filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
    }
    if !names.is_empty() {
        let united = names.join(&b","[..]);
        fields.set("Vary", united);
    }
}

/// AddDefaultCharset, for text/plain and text/html without a charset (`ap_make_content_type`).
fn with_charset(request: &Request, content_type: Bytes) -> Bytes {
    let charset = match request.dir.core.add_default_charset.as_ref().map(|set| &set.value) {
        Some(Charset::Name(name)) if !request.env.contains("suppress-error-charset") => name,
        _ => return content_type,
    };
    let lower = content_type.to_ascii_lowercase();
    let holds = |text: &[u8]| memchr::memmem::find(&lower, text).is_some();
    if holds(b"charset=") || !(holds(b"text/plain") || holds(b"text/html")) {
        return content_type;
    }
    [&content_type, &b"; charset="[..], charset.as_bytes()].concat().into()
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

fn page(request: &Request, reply: &Reply) -> Bytes {
    match &reply.body {
        Body::Text(text) => text.clone(),
        Body::Page(detail) => pages::page(request, reply, detail.as_deref()).into(),
        Body::Bytes(bytes) => bytes.clone(),
    }
}
