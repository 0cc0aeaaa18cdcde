//! The user and password of an Authorization field (RFC 7617), read as httpd reads them.

use bytes::Bytes;

use crate::expr::unbase64;
use crate::http::Headers;

/// A user's name and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The name.
    pub(crate) user: Bytes,
    /// The password.
    pub(crate) password: Bytes,
}

/// What an Authorization field holds.
pub(crate) enum Authorization {
    /// Basic.
    Basic(Credentials),
    /// Another scheme.
    Other,
}

/// Reads the Authorization field (`get_basic_auth`); none where there is none. Whatever is no base64 ends the
/// credentials, and so does a zero byte.
pub(crate) fn authorization(headers: &Headers) -> Option<Authorization> {
    let field = headers.get("Authorization")?;
    let space = memchr::memchr(b' ', field).unwrap_or(field.len());
    let (scheme, encoded) = field.split_at(space);
    if !scheme.eq_ignore_ascii_case(b"Basic") {
        return Some(Authorization::Other);
    }
    let start = encoded.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(encoded.len());
    let plain = Bytes::from(unbase64(&encoded[start..]));
    let colon = memchr::memchr(b':', &plain).unwrap_or(plain.len());
    let password = plain.slice((colon + 1).min(plain.len())..);
    Some(Authorization::Basic(Credentials { user: plain.slice(..colon), password }))
}

/// The field's value for credentials.
pub(crate) fn basic(user: &[u8], password: &[u8]) -> String {
    use base64::Engine as _;
    let plain = [user, b":", password].concat();
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(plain))
}
