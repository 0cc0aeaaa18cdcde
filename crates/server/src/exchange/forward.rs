//! A plain request, passed to a backend.

use hyper::body::Incoming;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;

use super::{Attempt, Outcome};

impl Attempt<'_> {
    pub(super) async fn forward(
        &self,
        request: &mut Request,
        body: &mut Option<Incoming>,
    ) -> Result<Outcome, Reply> {
        let _ = (request, body);
        Err(Reply::page(Status::NOT_IMPLEMENTED))
    }
}
