//! mod_actions: requests that another URL of this server answers (`action_handler`).

use bytes::Bytes;

use crate::path::escape;
use crate::reply::Status;
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::url::push_query;

/// The URL that answers a request, if a line names one: by its handler or type, else by its method.
pub(crate) fn handle(snapshot: &Snapshot, request: &mut Request) -> Phase<Option<Bytes>> {
    let dir = request.dir.clone();
    let conf = &dir.actions;
    if !snapshot.loaded.actions || conf.actions.is_empty() && conf.scripts.is_empty() {
        return Ok(None);
    }
    let name = request.handler_in_charge().map(<[u8]>::to_vec);
    let named = |name: &[u8]| conf.actions.iter().rev().find(|action| action.name.as_bytes() == name);
    let url = if let Some(action) = name.as_deref().and_then(named) {
        if !action.is_virtual && request.found.is_none() {
            return Err(Status::NOT_FOUND.into());
        }
        request.env.set("HANDLER", name.unwrap_or_default());
        &action.url
    } else {
        // HEAD is GET; and a script's URL that leads nowhere must not lead there forever.
        let method = if request.is_method("HEAD") { b"GET" } else { &*request.head.method };
        let plain = method == b"GET" && request.query.is_none();
        let script = conf.scripts.iter().rev().find(|(known, _)| known.as_bytes() == method);
        match script.filter(|_| !plain && request.redirects < 2) {
            Some((_, url)) => url,
            None => return Ok(None),
        }
    };
    let mut url = [url.as_bytes(), &escape(&request.path)].concat();
    push_query(&mut url, request.query.as_ref());
    Ok(Some(url.into()))
}
