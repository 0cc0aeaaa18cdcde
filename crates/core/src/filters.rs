//! The output filters of an answer: which there are, in which order, and what they do to its head.
//!
//! Not the bytes: a [`Stage`] says what is done to them, and the server does it. Order and conditions are httpd's: the
//! filters of `ap_run_insert_filter`, sorted by their type (`ap_filter_type`), each looking at the answer as those before
//! it left it.

use std::sync::Arc;

use wsgate_directives::config::Setting;
use wsgate_directives::filters::{Compression, Filter, Notes};
use wsgate_directives::modules::deflate::Inflation;
use wsgate_directives::modules::filter::{Place as By, Smart};

pub use crate::modules::ratelimit::Rate;
pub use crate::modules::substitute::Substitutions;

use crate::modules::{brotli, deflate, filter, ratelimit, substitute};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

/// What is done to the body of an answer.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It is decompressed by gzip, within bounds.
    Gunzip(Inflation),
    /// Text in it is replaced, line by line.
    Substitute(Substitutions),
    /// It is compressed by gzip.
    Gzip {
        /// How hard.
        compression: Compression,
        /// What the access log is told of it.
        notes: Arc<Notes>,
    },
    /// It is compressed by Brotli.
    Brotli {
        /// How hard.
        compression: Compression,
        /// How much at a time, as a power of two; 0 leaves it to the library.
        block: u8,
        /// What the access log is told of it.
        notes: Arc<Notes>,
    },
    /// It is slowed down; the bytes stay.
    Slow(Rate),
}

impl Stage {
    /// Whether other bytes come out than go in.
    pub fn transforms(&self) -> bool {
        !matches!(self, Self::Slow(_))
    }
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
            Self::Smart(smart) => match smart.place {
                By::Of(filter) => rank(filter),
                By::Resource => 10,
                By::ContentSet => 20,
                By::Protocol => 30,
            },
        }
    }
}

/// httpd's `ap_filter_type`.
fn rank(filter: Filter) -> u8 {
    match filter {
        Filter::Inflate => 9,
        Filter::Substitute => 10,
        Filter::Deflate | Filter::Brotli => 20,
        Filter::RateLimit => 49,
    }
}

/// Whether a filter says only at the end what a note of this name is.
pub(crate) fn notes_later(request: &Request, name: &[u8]) -> bool {
    let conf = &request.server.conf;
    let by_deflate = conf.deflate.own.as_ref().is_some_and(|own| own.notes.has(name));
    by_deflate || conf.brotli.own.as_ref().is_some_and(|own| own.notes.has(name))
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
        // The one before may have changed the length, but for nothing.
        let length = length.filter(|length| *length == 0 || !stages.iter().any(Stage::transforms));
        stages.extend(match filter {
            None => None,
            Some(Filter::Inflate) => deflate::inflate(request),
            Some(Filter::Substitute) => Some(substitute::output(request)),
            Some(Filter::Deflate) => deflate::output(request, length),
            Some(Filter::Brotli) => brotli::output(request),
            Some(Filter::RateLimit) => ratelimit::output(request),
        });
    }
    Ok(stages)
}
