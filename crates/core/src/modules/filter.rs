//! mod_filter: picks a filter by what is answered.

use wsgate_directives::filters::Filter;
use wsgate_directives::modules::filter::{Smart, When};

use crate::reply::Status;
use crate::request::Request;
use crate::snapshot::Snapshot;

/// The first provider whose condition holds (`filter_harness`, `filter_lookup`). One that cannot be evaluated does not.
pub(crate) fn provider(snapshot: &Snapshot, request: &mut Request, smart: &Smart) -> Option<Filter> {
    if request.status != Status::OK && !request.env.contains("filter-errordocs") {
        return None;
    }
    let mut fits = |when: &When| match when {
        When::Types(types) => request.content_type.as_ref().is_some_and(|content_type| {
            let end = content_type.iter().position(|byte| b"; \t".contains(byte));
            let media = &content_type[..end.unwrap_or(content_type.len())];
            types.iter().any(|known| **known == *media)
        }),
        When::Holds(condition) => request.evaluate(snapshot, condition).unwrap_or_else(|error| {
            log::error!("a filter's condition cannot be evaluated: {error}");
            false
        }),
    };
    smart.providers.iter().find(|provider| fits(&provider.when)).map(|provider| provider.filter)
}
