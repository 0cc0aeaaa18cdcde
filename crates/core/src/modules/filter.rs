//! mod_filter: picks a filter by what is answered.

use memchr::memmem;
use wsgate_directives::filters::Filter;
use wsgate_directives::modules::filter::{Protocol, Smart, When};

use crate::mapped::Mapped;
use crate::reply::Status;
use crate::request::Request;
use crate::snapshot::Snapshot;

/// The filter of the first provider that an answer is for (`filter_harness`, `filter_lookup`).
pub(crate) fn provider(snapshot: &Snapshot, request: &mut Request, smart: &Smart) -> Option<Filter> {
    let failed = request.status != Status::OK && !request.env.contains("filter-errordocs");
    if failed || !is_for(request, smart.protocol) {
        return None;
    }
    let mut fitting = smart.providers.iter();
    let chosen = fitting
        .find(|provider| holds(snapshot, request, &provider.when) && is_for(request, provider.protocol))?;
    change(request, chosen.protocol);
    chosen.filter
}

/// A condition that cannot be evaluated does not hold.
fn holds(snapshot: &Snapshot, request: &mut Request, when: &When) -> bool {
    match when {
        When::Types(types) => request.content_type.as_ref().is_some_and(|content_type| {
            let end = content_type.iter().position(|byte| b"; \t".contains(byte));
            let media = &content_type[..end.unwrap_or(content_type.len())];
            types.iter().any(|known| **known == *media)
        }),
        When::Holds(condition) => request.evaluate(snapshot, condition).unwrap_or_else(|error| {
            log::error!("a filter's condition cannot be evaluated: {error}");
            false
        }),
    }
}

/// Whether a filter may see the answer of a backend.
fn is_for(request: &Request, protocol: Protocol) -> bool {
    if !matches!(request.mapped, Mapped::Backend(_)) {
        return true;
    }
    let fixed = || {
        let said = request.answer_headers.get("Cache-Control").map(|said| said.to_ascii_lowercase());
        said.is_some_and(|said| memmem::find(&said, b"no-transform").is_some())
    };
    !(protocol.own_only || protocol.transforms && fixed())
}

/// What does not hold any more of an answer.
fn change(request: &mut Request, protocol: Protocol) {
    let proxied = matches!(request.mapped, Mapped::Backend(_));
    let warning = (proxied && protocol.transforms)
        .then(|| format!("214 {} Transformation applied", request.own_host()));
    let headers = &mut request.answer_headers;
    if let Some(warning) = warning {
        headers.add("Warning", warning);
    }
    if protocol.changes {
        headers.remove("Content-MD5");
        headers.remove("ETag");
    }
    if protocol.changes_length {
        headers.remove("Content-Length");
    }
    if protocol.uncacheable {
        headers.remove("Last-Modified");
        headers.add("Cache-Control", "no-cache");
    }
    if protocol.whole_only {
        headers.set("Accept-Ranges", "none");
    }
}
