//! The flag CO: a cookie by its parts (`add_cookie`).

use std::time::Duration;

use wsgate_directives::values::atoi;

use crate::moment::Moment;
use crate::request::Request;
use crate::strftime::strftime;

/// Sets a cookie: `name:value:domain:minutes:path:secure:httponly:samesite`, or with `;` before it and between its
/// parts. Without a domain none is set, and each name is set once.
pub(super) fn set(request: &mut Request, text: &[u8]) {
    let (separator, text) = match text.strip_prefix(b";") {
        Some(rest) => (b';', rest),
        None => (b':', text),
    };
    // Empty parts do not count: what follows moves up.
    let mut parts = text.split(|byte| *byte == separator).filter(|part| !part.is_empty());
    let (Some(name), Some(value), Some(domain)) = (parts.next(), parts.next(), parts.next()) else { return };
    if request.rewrite.cookies.iter().any(|known| *known == *name) {
        return;
    }
    let (minutes, path) = (parts.next(), parts.next());
    let (secure, http_only, same_site) = (parts.next(), parts.next(), parts.next());
    let mut cookie = [name, b"=", value, b"; path=", path.unwrap_or(b"/"), b"; domain=", domain].concat();
    if let Some(minutes) = minutes.map(atoi).filter(|minutes| *minutes != 0) {
        cookie.extend_from_slice(b"; expires=");
        cookie.extend_from_slice(&expiry(request.received, minutes));
    }
    let says = |part: Option<&[u8]>, word: &[u8]| {
        part.is_some_and(|part| {
            part == b"1" || part.eq_ignore_ascii_case(b"true") || part.eq_ignore_ascii_case(word)
        })
    };
    if says(secure, b"secure") {
        cookie.extend_from_slice(b"; secure");
    }
    if says(http_only, b"HttpOnly") {
        cookie.extend_from_slice(b"; HttpOnly");
    }
    if let Some(site) = same_site.filter(|site| *site != b"0" && !site.eq_ignore_ascii_case(b"false")) {
        cookie.extend_from_slice(b"; SameSite=");
        cookie.extend_from_slice(site);
    }
    request.rewrite.cookies.push(bytes::Bytes::copy_from_slice(name));
    request.error_headers.add("Set-Cookie", cookie);
}

fn expiry(from: Moment, minutes: i64) -> Vec<u8> {
    let distance = Duration::from_secs(minutes.unsigned_abs().saturating_mul(60));
    let since_epoch = if minutes > 0 {
        from.since_epoch.saturating_add(distance)
    } else {
        from.since_epoch.saturating_sub(distance)
    };
    // Behind the year 9999 no browser looks.
    let since_epoch = since_epoch.min(Duration::from_secs(253_402_300_799));
    strftime(b"%a, %d-%b-%Y %H:%M:%S GMT", Moment { since_epoch, utc_offset: 0 })
}
