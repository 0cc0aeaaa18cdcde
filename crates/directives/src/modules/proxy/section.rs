//! `<Proxy>`, `<ProxyMatch>` and ProxySet.

use super::balancers;
use super::workers::{self, WorkerMatch, find_worker};
use crate::config::Scope;
use crate::fnmatch::is_pattern;
use crate::interpret::{Cx, Enter, Outcome, Problem};
use crate::pattern::{Pattern, PatternKind};
use crate::words::{Arg, RawArgs, strip_caseless};

pub(super) fn proxy(cx: &mut Cx<'_>, raw: &RawArgs) -> Result<Enter, Problem> {
    let mut words = raw.words();
    let Some(first) = words.next().filter(|word| !word.is_empty()) else {
        return Err(Problem::new("<Proxy> requires a URL").help("write <Proxy *> for all backends"));
    };
    let params: Vec<Arg> = words.collect();
    if !params.is_empty() {
        section_params(cx, &first, &params)?;
    }
    Ok(Enter::Section(Scope::Proxy(Pattern::plain(&without_prefix(first))?)))
}

pub(super) fn proxy_match(_: &mut Cx<'_>, raw: &RawArgs) -> Result<Enter, Problem> {
    let mut words = raw.words();
    let Some(first) = words.next().filter(|word| !word.is_empty()) else {
        return Err(Problem::new("<ProxyMatch> requires a regular expression"));
    };
    match words.next() {
        Some(second) => Err(Problem::at(&second, "multiple <ProxyMatch> arguments are not supported")),
        None => Ok(Enter::Section(Scope::Proxy(Pattern::regex(&without_prefix(first))?))),
    }
}

/// `proxy:` before the URL is left out.
fn without_prefix(arg: Arg) -> Arg {
    match strip_caseless(&arg.bytes, b"proxy:") {
        Some(rest) => Arg { bytes: rest.into(), ..arg },
        None => arg,
    }
}

fn section_params(cx: &mut Cx<'_>, name: &Arg, params: &[Arg]) -> Outcome {
    if is_pattern(name.as_bytes()) {
        return Err(Problem::at(name, "<Proxy> takes no parameters where the URL has a wildcard"));
    }
    if !name.as_bytes().contains(&b':') {
        return Err(Problem::at(name, "<Proxy> takes parameters only for a URL"));
    }
    apply(cx, name, WorkerMatch::Prefix, Creates::Yes, params)
}

/// Whether a worker or balancer that no line has named yet is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Creates {
    Yes,
    No,
}

/// httpd's `set_proxy_param`.
pub(super) fn proxy_set(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut words = raw.words();
    let (name, kind, creates) = match cx.place.section {
        Some(Scope::Proxy(pattern)) => {
            let name = Arg { bytes: pattern.text.as_bytes().into(), span: cx.span };
            let regex = matches!(pattern.kind, PatternKind::Regex(_));
            (name, if regex { WorkerMatch::Regex } else { WorkerMatch::Prefix }, Creates::Yes)
        }
        _ => match words.next() {
            Some(name) => (name, WorkerMatch::Prefix, Creates::No),
            None => return Err(Problem::new("ProxySet must name a worker or balancer outside of <Proxy>")),
        },
    };
    let params: Vec<Arg> = words.collect();
    apply(cx, &name, kind, creates, &params)
}

fn apply(cx: &mut Cx<'_>, name: &Arg, kind: WorkerMatch, creates: Creates, params: &[Arg]) -> Outcome {
    let url = name.text()?;
    if balancers::is_name(url) {
        let lower = url.to_ascii_lowercase();
        let known = cx.server.proxy.balancers.iter().any(|balancer| lower.starts_with(&*balancer.name));
        if creates == Creates::No && !known {
            return Err(Problem::at(name, format!("no line before this one names the balancer {url}")));
        }
        return balancers::configure_for_pass(cx, name, params);
    }
    let mut workers = std::mem::take(&mut cx.server.proxy.workers);
    let outcome = if creates == Creates::No && find_worker(&workers, url, None).is_none() {
        Err(Problem::at(name, format!("no line before this one names the backend {url}")))
    } else {
        workers::obtain(&mut workers, name, kind)
            .and_then(|(at, _)| workers::configure(cx, &mut workers[at], false, params))
    };
    cx.server.proxy.workers = workers;
    outcome
}
