//! The functions that need nothing but their argument: case, escapes, base64, digests.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use md5::Md5;
use sha1::{Digest, Sha1};
use wsgate_directives::expr::Transform;

use crate::{hex, path};

/// apr_base64_decode asks for no padding and ignores bits that are left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// What a function makes of a text.
pub(crate) fn apply(transform: Transform, text: &[u8]) -> Vec<u8> {
    match transform {
        Transform::ToLower => text.to_ascii_lowercase(),
        Transform::ToUpper => text.to_ascii_uppercase(),
        Transform::Escape => path::escape(text),
        Transform::Unescape => unescape(text).unwrap_or_default(),
        Transform::Base64 => STANDARD.encode(text).into_bytes(),
        Transform::Unbase64 => unbase64(text),
        Transform::Md5 => digits(&Md5::digest(text)),
        Transform::Sha1 => digits(&Sha1::digest(text)),
        Transform::Ldap => escape_ldap(text),
    }
}

/// Bytes that may not stand in a filter become a backslash and two digits (apr_pescape_ldap).
fn escape_ldap(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        if matches!(byte, b' '..=b'~') && !b"\"+,;<>\\*()".contains(&byte) {
            escaped.push(byte);
        } else {
            escaped.push(b'\\');
            escaped.extend_from_slice(&hex::lower(byte));
        }
    }
    escaped
}

/// Resolves `%XX` except for slashes; `None` if one is malformed or a zero byte (ap_unescape_url_keep2f).
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Some(plain),
            [b'%', encoded @ ..] => {
                match hex::byte(encoded)? {
                    0 => return None,
                    b'/' => plain.extend_from_slice(&rest[..3]),
                    byte => plain.push(byte),
                }
                &encoded[2..]
            }
            [byte, tail @ ..] => {
                plain.push(*byte);
                tail
            }
        };
    }
}

/// Takes what is base64 at the start, and of its result what is before a zero byte.
pub(crate) fn unbase64(text: &[u8]) -> Vec<u8> {
    let member = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut len = text.iter().take_while(|byte| member(byte)).count();
    // One letter too many is not a byte.
    len -= usize::from(len % 4 == 1);
    let mut plain = LENIENT.decode(&text[..len]).unwrap_or_default();
    if let Some(zero) = memchr::memchr(0, &plain) {
        plain.truncate(zero);
    }
    plain
}

fn digits(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| hex::lower(*byte)).collect()
}
