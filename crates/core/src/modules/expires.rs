//! mod_expires: tells how long answers stay fresh.

use std::time::{Duration, UNIX_EPOCH};

use wsgate_directives::modules::expires::{Freshness, Settings, Since};

use crate::moment::Moment;
use crate::request::Request;

/// Adds Expires and Cache-Control to an answer that does not tell by itself (`expires_filter`).
pub(crate) fn answer(request: &mut Request) {
    let dir = request.dir.clone();
    let Some(settings) = dir.expires.own.as_ref().filter(|own| own.active.is_some_and(|on| *on)) else {
        return;
    };
    let told = request.error_headers.contains("Expires") || request.answer_headers.contains("Expires");
    if request.status.is_error() || told {
        return;
    }
    let Some(until) = chosen(settings, request).and_then(|freshness| until(request, freshness)) else {
        return;
    };
    let age = until.saturating_sub(request.received.since_epoch);
    request.answer_headers.merge("Cache-Control", format!("max-age={}", age.as_secs()));
    let until = Moment { since_epoch: until, utc_offset: 0 };
    request.answer_headers.set("Expires", until.http_date());
}

/// What the answer's media type is given, its main type, or everything.
fn chosen(settings: &Settings, request: &Request) -> Option<Freshness> {
    let content_type = request.content_type.as_deref().unwrap_or_default();
    let end = content_type.iter().position(|byte| *byte == b';').unwrap_or(content_type.len());
    let by_type = settings.of(content_type[..end].trim_ascii_end()).or_else(|| {
        let slash = content_type.iter().position(|byte| *byte == b'/').filter(|_| settings.wildcards)?;
        settings.of(&[&content_type[..=slash], b"*"].concat())
    });
    by_type.or(settings.default)
}

/// When it is fresh no more, but not before now; what is no file was never changed.
fn until(request: &Request, freshness: Freshness) -> Option<Duration> {
    let now = request.received.since_epoch;
    let since = match freshness.since {
        Since::Access => now,
        Since::Modification => request.found?.modified.duration_since(UNIX_EPOCH).unwrap_or_default(),
    };
    let length = Duration::from_secs(freshness.seconds.unsigned_abs());
    let until = if freshness.seconds < 0 { since.saturating_sub(length) } else { since + length };
    Some(until.max(now))
}
