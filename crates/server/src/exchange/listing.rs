//! Listings of folders, made by a thread that may wait for the disk.

use tokio::task::spawn_blocking;
use wsgate_core::modules::autoindex::list;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;

use super::Exchange;

impl Exchange {
    /// The listing of a request's folder.
    pub(super) async fn listing(&self, request: &Request) -> Result<Reply, Reply> {
        let (generation, request) = (self.generation.clone(), request.clone());
        let listing = spawn_blocking(move || list(&generation.snapshot, &request)).await;
        listing.unwrap_or_else(|error| {
            log::error!("a listing was not made: {error}");
            Err(Status::INTERNAL_SERVER_ERROR.into())
        })
    }
}
