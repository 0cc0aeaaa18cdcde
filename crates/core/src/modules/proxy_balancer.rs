//! mod_proxy_balancer: who shows the balancers. What there is to show, the server knows.

use crate::request::Request;
use crate::snapshot::Snapshot;

/// Whether a request asks for the balancers (`balancer_handler`). They are shown, not changed: a POST, by which httpd's
/// page changes them, asks for something else.
pub(crate) fn is_asked(snapshot: &Snapshot, request: &Request) -> bool {
    snapshot.loaded.balancer
        && request.handler_in_charge() == Some(b"balancer-manager")
        && (request.is_method("GET") || request.is_method("HEAD"))
}
