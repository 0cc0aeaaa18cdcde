//! Conditions of requests on what is there (RFC 9110 section 13, as httpd has it: `ap_meets_conditions`).
//!
//! They are held against the answer's fields, ETag and Last-Modified.

use crate::http_date::parse;
use crate::reply::Status;
use crate::request::Request;

/// How a condition comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// There is none.
    None,
    /// It does not hold.
    NoMatch,
    /// It holds, as far as can be told: what was changed within the last minute may change again.
    Weak,
    /// It holds.
    Strong,
}

impl Validity {
    fn holds(self) -> bool {
        matches!(self, Self::Weak | Self::Strong)
    }
}

/// What is answered in the place of the content: 304 where the client has it, 412 where it does not want it so.
pub(crate) fn instead(request: &Request) -> Option<Status> {
    if !(200..300).contains(&request.status.0) {
        return None;
    }
    if if_match(request) == Validity::NoMatch || if_unmodified_since(request).holds() {
        return Some(Status(412));
    }
    let reads = request.is_method("GET") || request.is_method("HEAD");
    let same = if_none_match(request);
    if same.holds() && !reads {
        return Some(Status(412));
    }
    let unmodified = if_unmodified_since(request);
    let since = if_modified_since(request);
    let conditions = [unmodified, same, since];
    let fails = conditions.contains(&Validity::NoMatch);
    let holds = reads && (same.holds() || since.holds());
    (holds && !fails && if_range(request) == Validity::None).then_some(Status(304))
}

/// Whether the ranges that are asked for are those of what is there.
pub(crate) fn if_range(request: &Request) -> Validity {
    let fields = &request.head.headers;
    let Some(condition) = fields.get("If-Range").filter(|_| fields.contains("Range")) else {
        return Validity::None;
    };
    if condition.starts_with(b"\"") {
        let same = request.answer_headers.get("ETag") == Some(condition);
        return if same { Validity::Strong } else { Validity::NoMatch };
    }
    let modified = modified(request);
    let same = parse(condition) == Some(modified);
    if same && !is_fresh(request, modified) { Validity::Strong } else { Validity::NoMatch }
}

fn if_match(request: &Request) -> Validity {
    let Some(tags) = request.head.headers.get("If-Match") else { return Validity::None };
    let tag = request.answer_headers.get("ETag");
    let same = tags.starts_with(b"*") || tag.is_some_and(|tag| lists(tags, tag, Comparison::Strong));
    if same { Validity::Strong } else { Validity::NoMatch }
}

fn if_none_match(request: &Request) -> Validity {
    let fields = &request.head.headers;
    let Some(tags) = fields.get("If-None-Match") else { return Validity::None };
    if tags.starts_with(b"*") {
        return Validity::Strong;
    }
    let reads = request.is_method("GET") || request.is_method("HEAD");
    let weakly = reads && !fields.contains("Range");
    let comparison = if weakly { Comparison::Weak } else { Comparison::Strong };
    match request.answer_headers.get("ETag") {
        Some(tag) if lists(tags, tag, comparison) => Validity::Strong,
        _ => Validity::NoMatch,
    }
}

fn if_unmodified_since(request: &Request) -> Validity {
    let Some(condition) = request.head.headers.get("If-Unmodified-Since") else { return Validity::None };
    let modified = modified(request);
    match parse(condition) {
        Some(since) if modified > since => settled(request, modified),
        _ => Validity::NoMatch,
    }
}

fn if_modified_since(request: &Request) -> Validity {
    let Some(condition) = request.head.headers.get("If-Modified-Since") else { return Validity::None };
    let (modified, now) = (modified(request), now(request));
    match parse(condition) {
        Some(since) if since >= modified && since <= now => settled(request, modified),
        _ => Validity::NoMatch,
    }
}

/// That something holds by its time; of what is fresh, ranges cannot be trusted to fit together.
fn settled(request: &Request, modified: u64) -> Validity {
    match is_fresh(request, modified) {
        false => Validity::Strong,
        true if request.head.headers.contains("Range") => Validity::NoMatch,
        true => Validity::Weak,
    }
}

fn is_fresh(request: &Request, modified: u64) -> bool {
    now(request) < modified + 60
}

/// When the answer's content was changed; without Last-Modified, now.
fn modified(request: &Request) -> u64 {
    let told = request.answer_headers.get("Last-Modified");
    told.and_then(|date| parse(date)).unwrap_or_else(|| now(request))
}

fn now(request: &Request) -> u64 {
    let told = request.answer_headers.get("Date");
    told.and_then(|date| parse(date)).unwrap_or(request.received.since_epoch.as_secs())
}

/// How entity tags are compared (RFC 9110 section 8.8.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags has this one (`ap_find_etag_strong`, `ap_find_etag_weak`).
fn lists(tags: &[u8], tag: &[u8], comparison: Comparison) -> bool {
    let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    let mut quoted = false;
    let tags = tags.split(|byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    });
    tags.map(<[u8]>::trim_ascii).any(|known| match comparison {
        Comparison::Strong => known == tag && !tag.starts_with(b"W/"),
        Comparison::Weak => opaque(known) == opaque(tag),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_in_lists() {
        use Comparison::{Strong, Weak};
        for (tags, tag, comparison, found) in [
            ("\"a\"", "\"a\"", Strong, true),
            ("\"b\" , \"a\"", "\"a\"", Strong, true),
            ("\"b,\"a\",\"", "\"a\"", Strong, false),
            ("\"a\"", "W/\"a\"", Strong, false),
            ("W/\"a\"", "W/\"a\"", Strong, false),
            ("W/\"a\"", "\"a\"", Weak, true),
            ("\"a\"", "W/\"a\"", Weak, true),
            ("a", "\"a\"", Weak, false),
            ("", "\"a\"", Weak, false),
        ] {
            assert_eq!(lists(tags.as_bytes(), tag.as_bytes(), comparison), found, "{tags} {tag}");
        }
    }
}
