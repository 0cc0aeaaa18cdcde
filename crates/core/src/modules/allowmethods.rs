//! mod_allowmethods: the methods that may be used.

use crate::request::Request;

/// Whether the request's method may be used (`am_check_access`).
pub(crate) fn lets_in(request: &Request) -> bool {
    let allowed = request.dir.allowmethods.allowed.as_ref();
    allowed.is_none_or(|methods| methods.contains(&request.head.method))
}
