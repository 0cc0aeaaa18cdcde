//! Fields of an answer as they may be sent.

use crate::http::{Conformance, Field, Headers, is_token_byte};
use crate::reply::{Reply, Status};
use crate::request::Phase;

/// A field as it may be sent: a name of token characters, a value without control bytes; folds become spaces.
pub(super) fn checked(field: &Field, conformance: Conformance) -> Phase<Field> {
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
pub(super) fn unite_vary(fields: &mut Headers) {
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
