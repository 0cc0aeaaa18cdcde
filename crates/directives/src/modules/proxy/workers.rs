//! Workers: one for each backend that some line names.

use super::params::{WorkerParams, key_value};
use super::url::{WorkerUrl, without_socket};
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::span::Span;
use crate::words::Arg;

/// PROXY_RFC1035_HOSTNAME_SIZE.
const MAX_HOST: usize = 256;

/// A backend and what is set for it.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Its URL.
    pub url: WorkerUrl,
    /// The URL as text, without a socket: the name by which later lines and requests find it.
    pub name: Box<str>,
    /// Whether `$1` in its URL stands for anything (ProxyPassMatch).
    pub matching: WorkerMatch,
    /// Its parameters.
    pub params: WorkerParams,
    /// The line that named it first.
    pub span: Span,
}

/// How a worker's URL is compared with a request's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerMatch {
    /// As a prefix.
    Prefix,
    /// With `$n` as wildcards (`ap_proxy_strcmp_ematch`).
    Regex,
}

/// The worker whose URL fits best: the longest one that covers scheme, host and port (`ap_proxy_get_worker_ex`).
/// `only` leaves workers of the other kind out.
pub fn find_worker<'a>(
    workers: impl IntoIterator<Item = &'a Worker>,
    url: &str,
    only: Option<WorkerMatch>,
) -> Option<usize> {
    let url = without_socket(url)?;
    let authority = url.find("://")? + 3;
    if authority == url.len() {
        return None;
    }
    let path = url[authority..].find('/').map_or(url.len(), |slash| authority + slash);
    let mut url = url.into_owned();
    url[..path].make_ascii_lowercase();
    let mut best: Option<(usize, usize)> = None;
    for (index, worker) in workers.into_iter().enumerate() {
        let name = &*worker.name;
        let fits = only.is_none_or(|only| only == worker.matching)
            && name.len() <= url.len()
            && name.len() >= path
            && best.is_none_or(|(_, length)| name.len() > length)
            && match worker.matching {
                WorkerMatch::Prefix => url.starts_with(name),
                WorkerMatch::Regex => matches_template(url.as_bytes(), name.as_bytes()),
            };
        if fits {
            best = Some((index, name.len()));
        }
    }
    best.map(|(index, _)| index)
}

/// Whether a URL may have come from a template with `$n` (`ap_proxy_strcmp_ematch`): literal parts in order.
fn matches_template(url: &[u8], template: &[u8]) -> bool {
    match template {
        [] => true,
        [b'$', b'0'..=b'9', rest @ ..] => {
            rest.is_empty() || (0..=url.len()).any(|skip| matches_template(&url[skip..], rest))
        }
        [first, rest @ ..] => {
            url.split_first().is_some_and(|(byte, url)| byte == first && matches_template(url, rest))
        }
    }
}

/// The worker of a URL, made if no line has named it yet; the flag tells whether it was there.
pub(super) fn obtain(
    workers: &mut Vec<Worker>,
    arg: &Arg,
    matching: WorkerMatch,
) -> Result<(usize, bool), Problem> {
    let url = arg.text()?;
    let only = Some(matching);
    if let Some(found) = find_worker(&*workers, url, only) {
        return Ok((found, true));
    }
    let parsed = WorkerUrl::parse(url, matching == WorkerMatch::Regex).map_err(|message| {
        Problem::at(arg, message).help("write scheme://host/path, or ! to exclude the path")
    })?;
    if parsed.host.len() >= MAX_HOST {
        return Err(Problem::at(arg, format!("the host must be shorter than {MAX_HOST} bytes")));
    }
    let mut params = WorkerParams::default();
    if parsed.volatile || matching == WorkerMatch::Regex && parsed.to_string().contains('$') {
        params.disable_reuse = Some(crate::config::Setting { value: true, span: arg.span });
    }
    let name = parsed.to_string().into();
    workers.push(Worker { url: parsed, name, matching, params, span: arg.span });
    Ok((workers.len() - 1, false))
}

/// Applies `key=value` words to a worker; one that is shared keeps the parameters of its first line.
pub(super) fn configure(cx: &mut Cx<'_>, worker: &mut Worker, shared: bool, words: &[Arg]) -> Outcome {
    for word in words {
        let (key, value) = key_value(word)?.ok_or_else(|| must_have_value(word))?;
        if shared {
            let message = format!(
                "{key}= is ignored: {} is shared with an earlier line, whose parameters count",
                worker.url
            );
            let warning = Diagnostic::warning("shared-worker", word.span, message)
                .related(worker.span, "first named here");
            cx.report(warning.help("set the parameter on the first line, or with ProxySet"));
        } else {
            worker.params.apply(cx, word, key, value)?;
        }
    }
    Ok(())
}

/// The complaint about a word without `=`.
pub(super) fn must_have_value(word: &Arg) -> Problem {
    Problem::at(word, "a parameter must be in the form key=value")
}
