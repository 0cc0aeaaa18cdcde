//! The fields of an answer: what modules and handlers left in the request's tables as one table, checked.

use bytes::Bytes;
use wsgate_directives::modules::core::{Charset, Tokens};

use super::{AnswerHead, Manners};
use crate::http::{Conformance, Field, Headers, Version, has_token, is_token_byte};
use crate::moment::Moment;
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};

/// Who made an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
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
pub(super) fn finish(
    request: &mut Request,
    reason: Bytes,
    now: Moment,
    maker: Maker,
) -> Phase<(AnswerHead, Manners)> {
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

/// A field as it may be sent: a name of token characters, a value without control bytes; folds become spaces.
fn checked(field: &Field, conformance: Conformance) -> Phase<Field> {
    let unfit = || Reply::page(Status::INTERNAL_SERVER_ERROR);
    let visible = |byte: &u8| *byte > 0x20 && *byte != 0x7f;
    let name = &field.name;
    let named = if conformance.is_strict() {
        name.iter().all(|byte| is_token_byte(*byte))
    } else {
        name.iter().all(visible)
    };
    if name.is_empty() || !named {
        log::error!("the answer has a field with a bad name: {}", name.escape_ascii());
        return Err(unfit());
    }
    let fits = |byte: &u8| visible(byte) || matches!(byte, b' ' | b'\t');
    if field.value.iter().all(fits) {
        return Ok(field.clone());
    }
    let value = unfolded(&field.value);
    if !value.iter().all(fits) {
        log::error!("the answer's field {} has control bytes", name.escape_ascii());
        return Err(unfit());
    }
    Ok(Field { name: name.clone(), value: value.into() })
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
pub(crate) fn with_charset(request: &Request, content_type: &Bytes, maker: Maker) -> Bytes {
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
pub(super) fn own_headers(request: &Request, now: Moment) -> Headers {
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
