//! mod_ratelimit: how fast an answer may go out.

use wsgate_directives::values::atoi;

use crate::filters::Stage;
use crate::request::Request;

/// How fast bytes may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many a second.
    pub bytes: u32,
    /// So many at once before that.
    pub burst: u32,
}

/// `rate_limit_filter`: KiB in the variables `rate-limit` and `rate-initial-burst`.
pub(crate) fn output(request: &Request) -> Option<Stage> {
    // More than C's int holds is no limit.
    let bytes = |name| {
        let kib = atoi(request.env.get(name)?);
        kib.checked_mul(1024)
            .and_then(|bytes| i32::try_from(bytes).ok())
            .and_then(|bytes| u32::try_from(bytes).ok())
    };
    let rate = bytes("rate-limit").filter(|rate| *rate > 0)?;
    Some(Stage::Slow(Rate { bytes: rate, burst: bytes("rate-initial-burst").unwrap_or(0) }))
}
