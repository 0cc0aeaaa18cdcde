//! mod_autoindex: listings of folders (`handle_autoindex`).

use crate::modules::mime::FOLDER;
use crate::reply::Status;
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::world::Kind;

/// Refuses a folder that nothing stands in for, and of which no listing is made.
pub(crate) fn handle(snapshot: &Snapshot, request: &Request) -> Phase<()> {
    let folder = request.found.is_some_and(|found| found.kind == Kind::Folder);
    let ours = request.handler_in_charge().map_or(snapshot.loaded.dir, |name| name == FOLDER.as_bytes());
    let asked = request.is_method("GET") || request.is_method("HEAD");
    if !snapshot.loaded.autoindex || !folder || !asked || !ours {
        return Ok(());
    }
    log::error!(
        target: "autoindex",
        "{}: no index file stands in for the folder, and listing it is forbidden",
        request.path.escape_ascii()
    );
    Err(Status::FORBIDDEN.into())
}
