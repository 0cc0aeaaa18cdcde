//! The output filters of an answer: which there are, in which order, and what they do to its head.
//!
//! Not the bytes: a [`Stage`] says what is done to them, and the server does it. Order and conditions are httpd's: the
//! filters of `ap_run_insert_filter`, sorted by their type (`ap_filter_type`), each looking at the answer as those before
//! it left it.

use wsgate_directives::config::Setting;
use wsgate_directives::filters::{Compression, Filter};
use wsgate_directives::modules::filter::Smart;

use crate::modules::{brotli, deflate, filter};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

/// What is done to the body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is compressed by gzip.
    Gzip(Compression),
    /// It is compressed by Brotli.
    Brotli {
        /// How hard.
        compression: Compression,
        /// How much at a time, as a power of two; 0 leaves it to the library.
        block: u8,
    },
}

/// A place in the chain.
enum Place<'a> {
    Fixed(Filter),
    Smart(&'a Smart),
}

impl Place<'_> {
    /// What its place in the chain depends on.
    fn rank(&self) -> u8 {
        match self {
            Self::Fixed(filter) => rank(*filter),
            Self::Smart(smart) => smart.providers.last().map_or(0, |provider| rank(provider.filter)),
        }
    }
}

/// httpd's `ap_filter_type`.
fn rank(filter: Filter) -> u8 {
    match filter {
        Filter::Deflate | Filter::Brotli => 20,
    }
}

/// Runs the chain over the head of an answer, whose body has this length if that is known before any of it is seen; gives
/// what is left to be done to the body.
///
/// # Errors
/// A condition could not be evaluated.
pub(crate) fn run(snapshot: &Snapshot, request: &mut Request, length: Option<u64>) -> Phase<Vec<Stage>> {
    let dir = request.dir.clone();
    let fixed = dir.core.output_filters.as_ref().map_or(&[][..], |Setting { value, .. }| value);
    // Those that the file's name asks for are there first, then SetOutputFilter's, then mod_filter's.
    let by_name = request.output_filters.iter().filter_map(|name| Filter::named(name));
    let fixed = by_name.chain(fixed.iter().copied()).map(Place::Fixed);
    let mut places: Vec<Place<'_>> = fixed.chain(dir.filter.chain().map(Place::Smart)).collect();
    places.sort_by_key(Place::rank);
    let mut stages = Vec::new();
    for place in places {
        let filter = match place {
            Place::Fixed(filter) => Some(filter),
            Place::Smart(smart) => filter::provider(snapshot, request, smart),
        };
        // The one before may have changed the length.
        let length = length.filter(|_| stages.is_empty());
        stages.extend(match filter {
            None => None,
            Some(Filter::Deflate) => deflate::output(request, length),
            Some(Filter::Brotli) => brotli::output(request),
        });
    }
    Ok(stages)
}
