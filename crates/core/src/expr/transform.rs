//! The functions that need nothing but their argument: case, escapes, base64, digests.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use md5::Md5;
use sha1::{Digest, Sha1};
use wsgate_directives::expr::Transform;

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
        Transform::Escape => {
            escape(text, b'%', |byte| byte.is_ascii_alphanumeric() || b"$-_.+!*'(),:;@&=/~".contains(&byte))
        }
        Transform::Unescape => unescape(text).unwrap_or_default(),
        Transform::Base64 => STANDARD.encode(text).into_bytes(),
        Transform::Unbase64 => unbase64(text),
        Transform::Md5 => hex(&Md5::digest(text)),
        Transform::Sha1 => hex(&Sha1::digest(text)),
        Transform::Ldap => {
            escape(text, b'\\', |byte| matches!(byte, b' '..=b'~') && !b"\"+,;<>\\*()".contains(&byte))
        }
    }
}

/// Bytes that may not stay become the mark and two hexadecimal digits (ap_escape_uri, apr_pescape_ldap).
fn escape(text: &[u8], mark: u8, stays: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        if stays(byte) {
            escaped.push(byte);
        } else {
            escaped.push(mark);
            escaped.extend_from_slice(&digits(byte));
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
            [b'%', high, low, tail @ ..] => {
                match value(*high)? << 4 | value(*low)? {
                    0 => return None,
                    b'/' => plain.extend_from_slice(&[b'%', *high, *low]),
                    byte => plain.push(byte),
                }
                tail
            }
            [b'%', ..] => return None,
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

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| digits(*byte)).collect()
}

fn digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

fn value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
