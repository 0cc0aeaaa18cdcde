//! Filters by the names that httpd's modules register them under.
//!
//! Only names: what a filter does to an answer is `core`'s and the server's business.

use crate::interpret::{Cx, Outcome, Problem};
use crate::registry;
use crate::words::Arg;

/// An output filter that wsgate runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// INFLATE of mod_deflate: decompresses gzip.
    Inflate,
    /// SUBSTITUTE of mod_substitute: replaces text.
    Substitute,
    /// DEFLATE of mod_deflate: compresses by gzip.
    Deflate,
    /// BROTLI_COMPRESS of mod_brotli.
    Brotli,
    /// RATE_LIMIT of mod_ratelimit: lets so many bytes pass a second.
    RateLimit,
}

impl Filter {
    /// The filter of a name, letter case ignored.
    pub fn named(name: &[u8]) -> Option<Self> {
        let entry = OUTPUT.iter().find(|entry| entry.name.as_bytes().eq_ignore_ascii_case(name))?;
        match entry.known {
            Known::Ours(filter) => Some(filter),
            Known::NoEffect(_) | Known::Refused(_) => None,
        }
    }
}

/// How hard a compressor tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// Its level or quality.
    pub level: u8,
    /// How far back it looks, as a power of two.
    pub window: u8,
}

/// Notes that tell the access log what a compressor did (DeflateFilterNote, BrotliFilterNote).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The name of the one that says how many percent are left.
    pub ratio: Option<Box<str>>,
    /// Of the one that says how many bytes there were.
    pub input: Option<Box<str>>,
    /// Of the one that says how many bytes became of them.
    pub output: Option<Box<str>>,
}

impl Notes {
    /// A line: a name, or what is noted and a name.
    pub(crate) fn line(&mut self, first: &Arg, second: Option<&Arg>) -> Outcome {
        let (what, name) = second.map_or(("ratio", first), |name| (first.text().unwrap_or_default(), name));
        let slot = match what.to_ascii_lowercase().as_str() {
            "ratio" => &mut self.ratio,
            "input" => &mut self.input,
            "output" => &mut self.output,
            _ => return Err(Problem::at(first, "what is noted is Ratio, Input or Output")),
        };
        *slot = Some(name.text()?.into());
        Ok(())
    }

    /// Whether there is a note of this name.
    pub fn has(&self, name: &[u8]) -> bool {
        let mut names = [&self.ratio, &self.input, &self.output].into_iter().flatten();
        names.any(|own| own.as_bytes().eq_ignore_ascii_case(name))
    }

    /// What they say of so many bytes that became so many.
    pub fn said(&self, input: u64, output: u64) -> impl Iterator<Item = (&str, String)> {
        let number = |number: u64| if number > 0 { number.to_string() } else { "-".to_owned() };
        let ratio = output.saturating_mul(100).checked_div(input);
        let ratio = ratio.map_or_else(|| "-".to_owned(), |ratio| ratio.to_string());
        let all = [(&self.input, number(input)), (&self.output, number(output)), (&self.ratio, ratio)];
        all.into_iter().filter_map(|(name, said)| Some((name.as_deref()?, said)))
    }
}

/// What becomes of the entity tag of an answer that is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntityTags {
    /// It says so: `"x-gzip"`.
    #[default]
    AddSuffix,
    /// It stays.
    NoChange,
    /// It goes.
    Remove,
}

impl EntityTags {
    pub(crate) fn named(arg: &Arg) -> Result<Self, Problem> {
        match arg.text()?.to_ascii_lowercase().as_str() {
            "addsuffix" => Ok(Self::AddSuffix),
            "nochange" => Ok(Self::NoChange),
            "remove" => Ok(Self::Remove),
            _ => Err(Problem::at(arg, "it must be AddSuffix, NoChange or Remove")),
        }
    }
}

/// What wsgate does with a filter.
enum Known {
    /// Runs it.
    Ours(Filter),
    /// Leaves it out, for this reason: the bytes are the same without it.
    NoEffect(&'static str),
    /// Refuses the configuration: the bytes would be others.
    Refused(&'static str),
}

/// A filter of httpd's.
struct Entry {
    name: &'static str,
    module: &'static str,
    known: Known,
}

const fn entry(name: &'static str, module: &'static str, known: Known) -> Entry {
    Entry { name, module, known }
}

/// The output filters that a configuration may name.
const OUTPUT: &[Entry] = &[
    entry("BROTLI_COMPRESS", "brotli_module", Known::Ours(Filter::Brotli)),
    entry("BUFFER", "buffer_module", Known::NoEffect("buffers are sized by wsgate")),
    entry("CASEFILTER", "case_filter_module", Known::Refused("wsgate does not change letter case")),
    entry("DATA", "data_module", Known::Refused("wsgate makes no data: URLs of answers")),
    entry("DEFLATE", "deflate_module", Known::Ours(Filter::Deflate)),
    entry("INCLUDES", "include_module", Known::Refused("wsgate evaluates no server-side includes")),
    entry("INFLATE", "deflate_module", Known::Ours(Filter::Inflate)),
    entry("proxy-html", "proxy_html_module", Known::Refused("wsgate does not rewrite HTML")),
    entry("RATE_LIMIT", "ratelimit_module", Known::Ours(Filter::RateLimit)),
    entry("Sed", "sed_module", Known::Refused("wsgate runs no sed scripts; use Substitute")),
    entry("SUBSTITUTE", "substitute_module", Known::Ours(Filter::Substitute)),
    entry("XLATEOUT", "charset_lite_module", Known::Refused("wsgate does not convert charsets")),
    entry("xml2enc", "xml2enc_module", Known::Refused("wsgate does not convert charsets")),
];

/// The input filters that a configuration may name.
const INPUT: &[Entry] = &[
    entry("BUFFER", "buffer_module", Known::NoEffect("buffers are sized by wsgate")),
    entry("CaseFilterIn", "case_filter_in_module", Known::Refused("wsgate does not change letter case")),
    entry("DEFLATE", "deflate_module", Known::Refused(AS_SENT)),
    entry("Sed", "sed_module", Known::Refused(AS_SENT)),
    entry("XLATEIN", "charset_lite_module", Known::Refused(AS_SENT)),
    entry("xml2enc", "xml2enc_module", Known::Refused(AS_SENT)),
];

const AS_SENT: &str = "the bodies of requests go to backends as clients send them: let the backend do it";

/// httpd says in the log, for each request, that there is no such filter.
pub(crate) fn warn_unknown(cx: &mut Cx<'_>, arg: &Arg, name: &str) {
    cx.warn("unknown-filter", arg, format!("no filter is called {name}: nothing passes through it"));
}

/// What a name stands for.
pub(crate) enum Named {
    /// A filter to be run.
    Filter(Filter),
    /// A filter that is there and changes nothing here.
    Nothing,
    /// No filter: none has this name, or its module is not loaded.
    Unknown,
}

/// The output filter of a name, letter case ignored (`ap_get_output_filter_handle`).
///
/// # Errors
/// It would change what is answered, and wsgate does not run it.
pub(crate) fn output(cx: &mut Cx<'_>, arg: &Arg, name: &str) -> Result<Named, Problem> {
    named(cx, OUTPUT, arg, name)
}

/// Looks at the names of SetInputFilter: none of those that change anything is run.
///
/// # Errors
/// A backend would get another body.
pub(crate) fn input(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    for name in arg.text()?.split(';').filter(|name| !name.is_empty()) {
        if let Named::Unknown = named(cx, INPUT, arg, name)? {
            warn_unknown(cx, arg, name);
        }
    }
    Ok(())
}

fn named(cx: &mut Cx<'_>, table: &[Entry], arg: &Arg, name: &str) -> Result<Named, Problem> {
    let Some(entry) = table.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)) else {
        return Ok(Named::Unknown);
    };
    if !cx.may_be_loaded(entry.module) {
        return Ok(Named::Unknown);
    }
    match entry.known {
        Known::Ours(filter) => Ok(Named::Filter(filter)),
        Known::NoEffect(reason) => {
            cx.no_effect(arg.span, &format!("the filter {}", entry.name), reason);
            Ok(Named::Nothing)
        }
        Known::Refused(reason) => {
            let module = registry::module(entry.module).map_or(entry.module, |module| module.name);
            let message = format!("the filter {} ({module}) is not supported", entry.name);
            Err(Problem::at(arg, message).code("refused").help(reason))
        }
    }
}
