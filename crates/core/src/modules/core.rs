//! httpd's core: what is left where no module takes a request.

use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::core::EncodedSlashes;

use crate::path::Slashes;
use crate::reply::{Reply, Status};
use crate::request::{Decision, Phase, Request};

/// What becomes of `%2F` (AllowEncodedSlashes).
pub(crate) fn encoded_slashes(dir: &DirConf) -> Slashes {
    match dir.core.allow_encoded_slashes.as_ref().map(|set| set.value) {
        None | Some(EncodedSlashes::Off) => Slashes::Forbid,
        Some(EncodedSlashes::On) => Slashes::Decode,
        Some(EncodedSlashes::NoDecode) => Slashes::Keep,
    }
}

/// The default handler: no file is served yet, so nothing is found.
pub(crate) fn handle(request: &Request) -> Phase<Decision> {
    let _ = request;
    Err(Reply::page(Status::NOT_FOUND))
}
