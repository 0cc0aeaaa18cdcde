//! Content codings (RFC 9110 section 8.4): whether a client takes one, and what compressing an answer does to its head.

use bytes::Bytes;
use wsgate_directives::filters::EntityTags;

use crate::http::Headers;
use crate::request::Request;

/// The codings that an answer has already, together; none if it names none.
pub(crate) fn present(request: &Request) -> Option<Vec<u8>> {
    let tables = [&request.answer_headers, &request.error_headers].into_iter();
    let fields = tables.filter_map(|table| table.get("Content-Encoding"));
    let named: Vec<&[u8]> = fields.chain(&request.content_encoding).map(|value| &**value).collect();
    (!named.is_empty()).then(|| named.join(&b","[..]))
}

/// Whether these are codings that change nothing.
pub(crate) fn is_plain(codings: &[u8]) -> bool {
    let mut rest = codings;
    loop {
        match token(&mut rest, false) {
            b"" => return true,
            b"identity" | b"7bit" | b"8bit" | b"binary" => rest = rest.get(1..).unwrap_or_default(),
            _ => return false,
        }
    }
}

/// Whether the client takes answers of this coding. Weights count only where they are nothing.
pub(crate) fn is_accepted(request: &Request, coding: &str) -> bool {
    let Some(accepted) = request.head.headers.get("Accept-Encoding") else { return false };
    let mut rest = &accepted[..];
    loop {
        let name = token(&mut rest, false);
        if name.is_empty() {
            return false;
        }
        if name.eq_ignore_ascii_case(coding.as_bytes()) {
            break;
        }
        while let [b';', parameter @ ..] = rest {
            rest = parameter;
            token(&mut rest, true);
        }
        rest = rest.strip_prefix(b",").unwrap_or(rest);
    }
    while let [b';', parameter @ ..] = rest {
        rest = parameter;
    }
    let weight = token(&mut rest, true);
    !(weight.len() >= 3 && b"q=0.000".starts_with(weight))
}

/// Takes a word off a field's value (`ap_get_token`): it ends at `;`, at `,` and, unless it may have some, at a blank.
fn token<'a>(rest: &mut &'a [u8], blanks: bool) -> &'a [u8] {
    let text = rest.trim_ascii_start();
    let mut quoted = false;
    let end = text.iter().position(|byte| {
        let ends = !quoted && (matches!(byte, b';' | b',') || !blanks && byte.is_ascii_whitespace());
        quoted ^= *byte == b'"';
        ends
    });
    let (word, behind) = text.split_at(end.unwrap_or(text.len()));
    *rest = behind.trim_ascii_start();
    word
}

/// Says that an answer has another coding now; `before` are those that it had.
pub(crate) fn apply(request: &mut Request, coding: &'static str, before: Option<&[u8]>, tags: EntityTags) {
    let headers = &mut request.answer_headers;
    if before.is_none_or(|before| before.eq_ignore_ascii_case(b"identity")) {
        headers.set("Content-Encoding", coding);
    } else {
        headers.merge("Content-Encoding", coding);
    }
    if let Some(known) = &mut request.content_encoding {
        known.clone_from(headers.get("Content-Encoding").expect("it was set just now"));
    }
    altered(headers, coding, tags);
}

/// Takes gzip off the codings of an answer, if it is the last that was applied (`check_gzip`); whether it was.
pub(crate) fn remove_gzip(request: &mut Request) -> bool {
    let tables = [&mut request.answer_headers, &mut request.error_headers].into_iter();
    let Some(table) = tables.into_iter().find(|table| table.contains("Content-Encoding")) else {
        let Some(left) = request.content_encoding.as_deref().and_then(without_gzip) else { return false };
        request.content_encoding = Some(left).filter(|left| !left.is_empty());
        return true;
    };
    let Some(left) = table.get("Content-Encoding").and_then(|codings| without_gzip(codings)) else {
        return false;
    };
    let left = Some(left).filter(|left| !left.is_empty());
    match &left {
        Some(left) => table.set("Content-Encoding", left.clone()),
        None => drop(table.remove("Content-Encoding")),
    }
    if request.content_encoding.is_some() {
        request.content_encoding = left;
    }
    true
}

/// A list of codings without the gzip at its end; none if there is none.
fn without_gzip(codings: &[u8]) -> Option<Bytes> {
    let mut words: Vec<&[u8]> = codings.split(|byte| *byte == b',').collect();
    while let Some(last) = words.pop() {
        let word = last.trim_ascii();
        if word.eq_ignore_ascii_case(b"gzip") || word.eq_ignore_ascii_case(b"x-gzip") {
            return Some(words.join(&b","[..]).into());
        }
        if !(word.is_empty() || word.eq_ignore_ascii_case(b"identity")) {
            return None;
        }
    }
    None
}

/// What does not hold any more for a body that was compressed or decompressed; `suffix` is for its entity tag.
pub(crate) fn altered(headers: &mut Headers, suffix: &str, tags: EntityTags) {
    headers.remove("Content-Length");
    headers.remove("Content-MD5");
    match tags {
        EntityTags::NoChange => {}
        EntityTags::Remove => drop(headers.remove("ETag")),
        EntityTags::AddSuffix => {
            let tag = headers.get("ETag").filter(|tag| tag.len() > 2).and_then(|tag| tag.strip_suffix(b"\""));
            if let Some(tag) = tag.map(|tag| [tag, b"-", suffix.as_bytes(), b"\""].concat()) {
                headers.set("ETag", tag);
            }
        }
    }
}
