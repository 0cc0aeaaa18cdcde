//! ProxyPass and ProxyPassMatch.

use std::sync::Arc;

use super::url::without_socket;
use super::workers::{self, WorkerMatch, must_have_value};
use super::{balancers, params::key_value};
use crate::config::Scope;
use crate::interpret::{Cx, Outcome, Problem};
use crate::pattern::PatternKind;
use crate::regex::Regex;
use crate::span::Span;
use crate::words::{Arg, RawArgs};

/// One ProxyPass or ProxyPassMatch line.
#[derive(Clone, Debug)]
pub struct ProxyPass {
    /// The requests that it takes.
    pub from: From,
    /// Where they go.
    pub to: To,
    /// `nocanon`: the path is passed on as the client sent it.
    pub nocanon: bool,
    /// `interpolate`: `${NAME}` is replaced at each request, if ProxyPassInterpolateEnv is On.
    pub interpolate: bool,
    /// `mapping=`: the path is compared before it is decoded.
    pub mapping: Option<Mapping>,
    /// The line.
    pub span: Span,
}

/// The paths of a ProxyPass.
#[derive(Clone, Debug)]
pub enum From {
    /// Paths below this one, by segments (`alias_match`).
    Prefix(Box<str>),
    /// Paths that match.
    Regex(Arc<Regex>),
}

/// The target of a ProxyPass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// `!`: not proxied.
    Exclude,
    /// This URL, without the socket of a `unix:` URL; a balancer's begins with `balancer://`.
    Url(Box<str>),
}

/// `mapping=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Before decoding.
    Encoded,
    /// Before decoding, path parameters of segments left out of the comparison.
    Servlet,
}

pub(super) fn plain(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    add(cx, raw, WorkerMatch::Prefix)
}

pub(super) fn matching(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    add(cx, raw, WorkerMatch::Regex)
}

/// httpd's `add_pass`.
fn add(cx: &mut Cx<'_>, raw: &RawArgs, mut kind: WorkerMatch) -> Outcome {
    cx.warn_if_mapped_already();
    let mut words = raw.words().peekable();
    if cx.place.section.is_none() && words.peek().is_some_and(|word| word.as_bytes() == b"~") {
        let tilde = words.next();
        match (kind, tilde) {
            (WorkerMatch::Regex, Some(tilde)) => {
                return Err(Problem::at(
                    &tilde,
                    "ProxyPassMatch takes a regular expression anyway: leave ~ out",
                ));
            }
            _ => kind = WorkerMatch::Regex,
        }
    }
    let from = match section_path(cx, &mut kind)? {
        Some(from) => from,
        None => path(words.next(), kind)?,
    };
    let Some(target) = words.next() else {
        return Err(Problem::new("ProxyPass needs a path and a URL outside of <Location>")
            .help("write ProxyPass /path ws://backend/path"));
    };
    let words: Vec<Arg> = words.collect();
    let (options, params) = Options::take(&target, &words, cx.place.section.is_some())?;
    let to = destination(cx, &target, kind, &params)?;
    let Options { nocanon, interpolate, noquery, mapping } = options;
    if let Some(span) = noquery {
        cx.no_effect(span, "noquery", "backends that speak HTTP get the query all the same, in httpd too");
    }
    let pass = ProxyPass { from, to, nocanon, interpolate, mapping, span: cx.span };
    if cx.place.section.is_some() {
        cx.dir.proxy.pass = Some(pass);
    } else {
        cx.server.proxy.passes.push(pass);
    }
    Ok(())
}

/// What the Location around says; none outside.
fn section_path(cx: &Cx<'_>, kind: &mut WorkerMatch) -> Result<Option<From>, Problem> {
    let Some(Scope::Location(pattern) | Scope::Proxy(pattern)) = cx.place.section else { return Ok(None) };
    let from = match (&pattern.kind, *kind) {
        // Plain ProxyPass takes the section's text for a path, also where it is a regular expression.
        (PatternKind::Literal | PatternKind::Regex(_), WorkerMatch::Prefix) => {
            From::Prefix(pattern.text.clone())
        }
        (PatternKind::Regex(regex), WorkerMatch::Regex) => From::Regex(regex.clone()),
        (PatternKind::Literal, WorkerMatch::Regex) | (PatternKind::Wildcard, _) => {
            *kind = WorkerMatch::Regex;
            let regex = Regex::new(pattern.text.as_bytes()).map_err(|error| {
                Problem::new(format!("the section's path is no regular expression: {error}"))
            })?;
            From::Regex(Arc::new(regex))
        }
    };
    Ok(Some(from))
}

fn path(word: Option<Arg>, kind: WorkerMatch) -> Result<From, Problem> {
    let Some(word) = word else {
        return Err(Problem::new("ProxyPass needs a path and a URL outside of <Location>"));
    };
    match kind {
        WorkerMatch::Prefix => Ok(From::Prefix(word.text()?.into())),
        WorkerMatch::Regex => Regex::new(word.as_bytes())
            .map(|regex| From::Regex(Arc::new(regex)))
            .map_err(|error| Problem::at(&word, error.to_string()).code("bad-regex")),
    }
}

#[derive(Default)]
struct Options {
    nocanon: bool,
    interpolate: bool,
    noquery: Option<Span>,
    mapping: Option<Mapping>,
}

impl Options {
    /// Takes the words without a worker's parameter off; the others are left.
    fn take(target: &Arg, words: &[Arg], in_section: bool) -> Result<(Self, Vec<Arg>), Problem> {
        let mut options = Self::default();
        let mut params = Vec::new();
        for word in words {
            if word.is("nocanon") {
                options.nocanon = true;
            } else if word.is("interpolate") {
                options.interpolate = true;
            } else if word.is("noquery") {
                options.noquery = Some(word.span);
            } else {
                match key_value(word)? {
                    None if in_section && target.as_bytes().starts_with(b"/") => {
                        return Err(Problem::at(
                            target,
                            "ProxyPass takes no path inside <Location>: the section is the path",
                        ));
                    }
                    None => return Err(must_have_value(word)),
                    Some((key, value)) if key.eq_ignore_ascii_case("mapping") => {
                        options.mapping = Some(mapping(word, value)?);
                    }
                    Some(_) => params.push(word.clone()),
                }
            }
        }
        Ok((options, params))
    }
}

fn mapping(word: &Arg, value: &str) -> Result<Mapping, Problem> {
    match value.to_ascii_lowercase().as_str() {
        "encoded" => Ok(Mapping::Encoded),
        "servlet" => Ok(Mapping::Servlet),
        _ => Err(Problem::at(word, "mapping is encoded or servlet")),
    }
}

fn destination(cx: &mut Cx<'_>, target: &Arg, kind: WorkerMatch, params: &[Arg]) -> Result<To, Problem> {
    if target.as_bytes() == b"!" {
        if let Some(param) = params.first() {
            cx.warn("ignored-argument", param, "behind ! there is no backend to set anything for");
        }
        return Ok(To::Exclude);
    }
    let text = target.text()?;
    let real = without_socket(text)
        .ok_or_else(|| Problem::at(target, "a unix: URL is unix:/path/of.sock|scheme://host/"))?;
    if balancers::is_name(text) {
        balancers::configure_for_pass(cx, target, params)?;
    } else {
        let mut workers = std::mem::take(&mut cx.server.proxy.workers);
        let outcome = workers::obtain(&mut workers, target, kind)
            .and_then(|(at, shared)| workers::configure(cx, &mut workers[at], shared, params));
        cx.server.proxy.workers = workers;
        outcome?;
    }
    Ok(To::Url(real.into()))
}
