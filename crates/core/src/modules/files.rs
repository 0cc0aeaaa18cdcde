//! Regular files: what the default handler says of one, and which part of it is sent.
//!
//! Not the reading: the server opens what a [`FilePlan`] names. Ranges are single ones; a request for several parts gets
//! the whole file, as RFC 9110 section 14.2 allows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::http::Headers;
use crate::mapped::{Mapped, OnDisk};
use crate::moment::Moment;
use crate::reply::{Body, Reply, Status};
use crate::request::{Decision, Phase, Request};
use crate::world::{Kind, Stat};

/// A file, and what is sent of it.
#[derive(Debug)]
pub struct FilePlan {
    /// Its path.
    pub path: Bytes,
    /// Where the part begins that is sent.
    pub start: u64,
    /// How long that is.
    pub length: u64,
    /// Status and fields; its body is the file's part.
    pub reply: Reply,
}

/// The file that a request is mapped to (`default_handler`); a folder has none.
pub(crate) fn plan(request: &Request) -> Phase<Decision> {
    let missing = || Reply::page(Status::NOT_FOUND);
    let Mapped::Disk(OnDisk { name, rest, .. }) = &request.mapped else { return Err(missing()) };
    let stat = request.found.ok_or_else(missing)?;
    match stat.kind {
        Kind::File if rest.is_empty() => {}
        Kind::File | Kind::Folder => return Err(missing()),
        Kind::Link | Kind::Other => return Err(Status::FORBIDDEN.into()),
    }
    let path = name.clone();
    let etag = entity_tag(&stat, request.received);
    let modified = seconds(stat.modified).min(request.received.since_epoch.as_secs());
    let mut reply =
        Reply { body: Body::File(stat.size), reason: request.reason.clone(), ..Reply::page(request.status) };
    let fresh = request.status == Status::OK;
    if fresh && let Some(status) = condition(&request.head.headers, &etag, modified) {
        if status != Status(304) {
            return Err(status.into());
        }
        reply.status = status;
        reply.body = Body::File(0);
        reply.headers.set("ETag", etag);
        return Ok(Decision::File(Box::new(FilePlan { path, start: 0, length: 0, reply })));
    }
    reply.headers.set("Last-Modified", date(modified));
    reply.headers.set("ETag", etag.clone());
    reply.headers.set("Accept-Ranges", "bytes");
    let (mut start, mut length) = (0, stat.size);
    if fresh
        && !request.is_method("POST")
        && let Some(range) = range(&request.head.headers, &etag, modified)
    {
        match range.within(stat.size) {
            Some((first, last)) => {
                (start, length) = (first, last - first + 1);
                reply.status = Status(206);
                reply.body = Body::File(length);
                reply.headers.set("Content-Range", format!("bytes {first}-{last}/{}", stat.size));
            }
            None => {
                let mut refused = Reply::page(Status(416));
                refused.headers.set("Content-Range", format!("bytes */{}", stat.size));
                return Err(refused);
            }
        }
    }
    Ok(Decision::File(Box::new(FilePlan { path, start, length, reply })))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn date(seconds: u64) -> String {
    Moment { since_epoch: Duration::from_secs(seconds), utc_offset: 0 }.http_date()
}

/// Size and time of the last change (`ap_make_etag`); weak where the file may change again within that second.
fn entity_tag(stat: &Stat, received: Moment) -> String {
    let modified = stat.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let settled = modified + Duration::from_secs(1) <= received.since_epoch;
    let weak = if settled { "" } else { "W/" };
    format!("{weak}\"{:x}-{:x}\"", stat.size, modified.as_micros())
}

/// What the request's conditions make of it, if not all hold (`ap_meets_conditions`).
fn condition(fields: &Headers, etag: &str, modified: u64) -> Option<Status> {
    let failed = Some(Status(412));
    if let Some(tags) = fields.get("If-Match") {
        if !names(tags, etag, true) {
            return failed;
        }
    } else if time(fields, "If-Unmodified-Since").is_some_and(|since| modified > since) {
        return failed;
    }
    let unchanged = match fields.get("If-None-Match") {
        Some(tags) => names(tags, etag, false),
        None => time(fields, "If-Modified-Since").is_some_and(|since| modified <= since),
    };
    unchanged.then_some(Status(304))
}

/// Whether a list of tags has this one; weak ones are never strongly the same.
fn names(tags: &[u8], etag: &str, strong: bool) -> bool {
    if tags.trim_ascii() == b"*" {
        return true;
    }
    let opaque = etag.trim_start_matches("W/").as_bytes();
    tags.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).any(|tag| match strong {
        true => tag == etag.as_bytes() && !etag.starts_with("W/"),
        false => tag.strip_prefix(b"W/").unwrap_or(tag) == opaque,
    })
}

fn time(fields: &Headers, name: &str) -> Option<u64> {
    let text = std::str::from_utf8(fields.get(name)?).ok()?;
    httpdate::parse_http_date(text.trim()).ok().map(seconds)
}

/// A single range of bytes, not yet held against a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// From here, to there or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl Range {
    /// The first and the last byte; none if there are no such bytes.
    fn within(self, size: u64) -> Option<(u64, u64)> {
        let end = size.checked_sub(1)?;
        match self {
            Self::From(first, last) => (first <= end).then(|| (first, last.unwrap_or(end).min(end))),
            Self::Last(count) => (count > 0).then(|| (size.saturating_sub(count), end)),
        }
    }
}

/// The range that is asked for, if it is one and If-Range does not hold it back.
fn range(fields: &Headers, etag: &str, modified: u64) -> Option<Range> {
    if let Some(condition) = fields.get("If-Range") {
        let holds = match condition.starts_with(b"\"") {
            true => names(condition, etag, true),
            false => time(fields, "If-Range") == Some(modified),
        };
        if !holds {
            return None;
        }
    }
    let text = std::str::from_utf8(fields.get("Range")?).ok()?.trim();
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse::<u64>().ok() } else { None }
    };
    match (number(first), number(last)) {
        (None, Some(count)) if first.is_empty() => Some(Range::Last(count)),
        (Some(first), None) if last.is_empty() => Some(Range::From(first, None)),
        (Some(first), Some(last)) if first <= last => Some(Range::From(first, Some(last))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let of = |text: &str| {
            let mut fields = Headers::new();
            fields.set("Range", text.to_owned());
            range(&fields, "\"a\"", 0)
        };
        assert_eq!(of("bytes=2-3").and_then(|range| range.within(3)), Some((2, 2)));
        assert_eq!(of("bytes=-2").and_then(|range| range.within(3)), Some((1, 2)));
        assert_eq!(of("bytes=-9").and_then(|range| range.within(3)), Some((0, 2)));
        assert_eq!(of("bytes=3-").and_then(|range| range.within(3)), None);
        assert_eq!(of("bytes=0-").and_then(|range| range.within(0)), None);
        for whole in ["bytes=3-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=+1-2"] {
            assert_eq!(of(whole), None, "{whole}");
        }
    }

    #[test]
    fn conditions() {
        let cases = [
            ("If-None-Match", "\"a\"", Some(304)),
            ("If-None-Match", "\"b\", W/\"a\"", Some(304)),
            ("If-None-Match", "\"b\"", None),
            ("If-Match", "\"b\"", Some(412)),
            ("If-Match", "*", None),
            ("If-Modified-Since", "Thu, 01 Jan 1970 00:01:00 GMT", Some(304)),
            ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:59 GMT", None),
            ("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:59 GMT", Some(412)),
        ];
        for (name, value, status) in cases {
            let mut fields = Headers::new();
            fields.set(name, value);
            assert_eq!(condition(&fields, "\"a\"", 60).map(|status| status.0), status, "{name}: {value}");
        }
    }
}
