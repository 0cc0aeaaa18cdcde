//! Regular files: what the default handler says of one.
//!
//! Not the reading: the server opens what a [`FilePlan`] names, and [`crate::answer::of_file`] says what is sent of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use wsgate_directives::modules::core::{PathInfo, RangeLimit, TagParts};

use crate::mapped::{Mapped, OnDisk};
use crate::moment::Moment;
use crate::reply::{Reply, Status};
use crate::request::{Decision, Phase, Request};
use crate::world::{Kind, Stat};

/// A file that is to be sent.
#[derive(Debug)]
pub struct FilePlan {
    /// Its path.
    pub path: Bytes,
    /// Whether its entity tag is a digest of its content (FileETag Digest).
    pub digest: bool,
}

/// A file that was opened.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// What is known of it.
    pub stat: Stat,
    /// The digest (SHA-1) of its content, where the plan asks for one.
    pub digest: Option<[u8; 20]>,
}

/// The file that a request is mapped to (`default_handler`); a folder has none.
pub(crate) fn plan(request: &Request) -> Phase<Decision> {
    let Mapped::Disk(OnDisk { name, rest, .. }) = &request.mapped else {
        return Err(Status::NOT_FOUND.into());
    };
    let missing = || {
        log::info!(target: "core", "File does not exist: {}{}", name.escape_ascii(), rest.escape_ascii());
        Reply::page(Status::NOT_FOUND)
    };
    let goes_on = request.dir.core.accept_path_info.as_ref().is_some_and(|accept| **accept == PathInfo::On);
    match request.found.ok_or_else(missing)?.kind {
        Kind::File if rest.is_empty() || goes_on => {}
        Kind::File | Kind::Folder => return Err(missing()),
        Kind::Link | Kind::Other => return Err(Status::FORBIDDEN.into()),
    }
    let digest = request.dir.core.file_etag.parts().has(TagParts::DIGEST);
    Ok(Decision::File(Box::new(FilePlan { path: name.clone(), digest })))
}

/// Puts what is known of a file into the answer: when it was changed, its entity tag, and that there are ranges of it.
pub(crate) fn describe(request: &mut Request, opened: &Opened) {
    let modified = seconds(opened.stat.modified).min(request.received.since_epoch.as_secs());
    let date = Moment { since_epoch: Duration::from_secs(modified), utc_offset: 0 }.http_date();
    request.answer_headers.set("Last-Modified", date);
    let parts = request.dir.core.file_etag.parts();
    match entity_tag(opened, parts, request.received) {
        Some(tag) => request.answer_headers.set("ETag", tag),
        None => drop(request.answer_headers.remove("ETag")),
    }
    let none = request.dir.core.max_ranges.as_ref().is_some_and(|most| **most == RangeLimit::AtMost(0));
    request.answer_headers.set("Accept-Ranges", if none { "none" } else { "bytes" });
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// What FileETag says, or a digest (`ap_make_etag_ex`); weak where the file may change again within that second.
fn entity_tag(opened: &Opened, parts: TagParts, received: Moment) -> Option<String> {
    if let Some(digest) = &opened.digest {
        return Some(format!("\"{}\"", BASE64_STANDARD.encode(digest)));
    }
    if parts.has(TagParts::NONE) {
        return None;
    }
    let Stat { inode, size, modified, .. } = opened.stat;
    let modified = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let weak = if modified + Duration::from_secs(1) <= received.since_epoch { "" } else { "W/" };
    let told = [
        parts.has(TagParts::INODE).then(|| format!("{inode:x}")),
        parts.has(TagParts::SIZE).then(|| format!("{size:x}")),
        parts.has(TagParts::TIME).then(|| format!("{:x}", modified.as_micros())),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    Some(format!("{weak}\"{}\"", told.join("-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_of_parts() {
        let modified = UNIX_EPOCH + Duration::from_micros(0xabc);
        let stat = Stat {
            kind: Kind::File,
            size: 255,
            inode: 16,
            executable: false,
            owner: 0,
            modified,
            changed: modified,
        };
        let opened = Opened { stat, digest: None };
        let tag = |parts, seconds| {
            let received = Moment { since_epoch: Duration::from_secs(seconds), utc_offset: 0 };
            entity_tag(&opened, parts, received)
        };
        assert_eq!(tag(TagParts::SIZE, 9).unwrap(), "\"ff\"");
        assert_eq!(tag(TagParts::TIME, 1).unwrap(), "W/\"abc\"");
        assert_eq!(tag(TagParts::INODE, 9).unwrap(), "\"10\"");
        assert_eq!(tag(TagParts::NONE, 9), None);
    }
}
