//! Balancers and their members.

use std::time::Duration;

use super::params::key_value;
use super::url::without_socket;
use super::workers::{self, Worker, WorkerMatch, must_have_value};
use crate::config::{Merge, Set, Setting};
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::span::Span;
use crate::values::{atoi, on_off};
use crate::words::{Arg, RawArgs, strip_caseless};

/// PROXY_BALANCER_MAX_NAME_SIZE.
const MAX_NAME: usize = 96;

/// A balancer and its members.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// `balancer://name` in lower case.
    pub name: Box<str>,
    /// Its parameters.
    pub params: BalancerParams,
    /// Its members, in order.
    pub members: Vec<Worker>,
    /// The line that named it first.
    pub span: Span,
}

/// What `key=value` may set for a balancer.
#[derive(Clone, Debug, Default)]
pub struct BalancerParams {
    /// `lbmethod=`: byrequests.
    pub method: Set<LbMethod>,
    /// `stickysession=`.
    pub sticky: Set<StickySession>,
    /// `stickysessionsep=`: `.`; none for Off.
    pub sticky_separator: Set<Option<u8>>,
    /// `scolonpathdelim=`: Off.
    pub semicolon_separates: Set<bool>,
    /// `nofailover=`: Off.
    pub no_failover: Set<bool>,
    /// `timeout=`: how long to wait for a usable member; not at all where not set.
    pub timeout: Set<Duration>,
    /// `maxattempts=`: one less than there are members.
    pub max_attempts: Set<u32>,
    /// `failonstatus=`: statuses that bar a member.
    pub fail_on_status: Vec<Setting<u16>>,
    /// `failontimeout=`: Off.
    pub fail_on_timeout: Set<bool>,
    /// `forcerecovery=`: On.
    pub force_recovery: Set<bool>,
}

merge_fields!(BalancerParams {
    method,
    sticky,
    sticky_separator,
    semicolon_separates,
    no_failover,
    timeout,
    max_attempts,
    fail_on_status,
    fail_on_timeout,
    force_recovery,
});

/// `lbmethod=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LbMethod {
    /// By the number of requests.
    ByRequests,
    /// By the number of bytes.
    ByTraffic,
    /// By the number of requests under way.
    ByBusyness,
}

/// `stickysession=name` or `name|path_name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StickySession {
    /// The cookie's name.
    pub cookie: Box<str>,
    /// The name in paths and queries.
    pub path: Box<str>,
}

/// Whether a URL names a balancer (`ap_proxy_valid_balancer_name`).
pub(super) fn is_name(url: &str) -> bool {
    strip_caseless(url.as_bytes(), b"balancer:").is_some()
}

/// httpd's `merge_balancers`: a balancer of the same name keeps the main server's members.
pub(super) fn merge(base: &[Balancer], add: &[Balancer]) -> Vec<Balancer> {
    let (same, inherited): (Vec<_>, Vec<_>) =
        base.iter().partition(|outer| add.iter().any(|inner| inner.name == outer.name));
    let mut all: Vec<Balancer> = inherited.into_iter().cloned().collect();
    all.extend(add.iter().map(|inner| match same.iter().find(|outer| outer.name == inner.name) {
        Some(outer) => Balancer { params: Merge::merge(&outer.params, &inner.params), ..(*outer).clone() },
        None => inner.clone(),
    }));
    all
}

/// The balancer of a URL, made if no line has named it yet.
pub(super) fn obtain<'a>(balancers: &'a mut Vec<Balancer>, arg: &Arg) -> Result<&'a mut Balancer, Problem> {
    let text = arg.text()?;
    let bad = || Problem::at(arg, format!("{text} is no name of a balancer")).help("write balancer://name");
    let behind = text
        .get(9..)
        .and_then(|rest| rest.strip_prefix("//"))
        .filter(|rest| !rest.is_empty())
        .ok_or_else(bad)?;
    let host = behind.split('/').next().filter(|host| !host.is_empty()).ok_or_else(bad)?;
    let name = format!("balancer://{}", host.to_ascii_lowercase());
    if name.len() >= MAX_NAME {
        return Err(Problem::at(arg, format!("the balancer's name must be shorter than {MAX_NAME} bytes")));
    }
    let at = balancers.iter().position(|balancer| *balancer.name == *name).unwrap_or_else(|| {
        let params = BalancerParams::default();
        balancers.push(Balancer { name: name.into(), params, members: Vec::new(), span: arg.span });
        balancers.len() - 1
    });
    Ok(&mut balancers[at])
}

/// Parameters of a `ProxyPass ... balancer://` line.
pub(super) fn configure_for_pass(cx: &mut Cx<'_>, name: &Arg, words: &[Arg]) -> Outcome {
    obtain(&mut cx.server.proxy.balancers, name)?;
    let mut idle = Vec::new();
    for word in words {
        let (key, value) = key_value(word)?.ok_or_else(|| must_have_value(word))?;
        let module = format!("lbmethod_{value}_module");
        if key.eq_ignore_ascii_case("lbmethod") && !cx.may_be_loaded(&module) {
            let problem = Problem::at(word, format!("lbmethod={value} wants {module}, which is not loaded"));
            return Err(problem.help("add a LoadModule line for it"));
        }
        let balancer = obtain(&mut cx.server.proxy.balancers, name)?;
        balancer.params.apply(word, key, value)?;
        if matches!(key.to_ascii_lowercase().as_str(), "growth" | "nonce") {
            idle.push((word.span, key));
        }
    }
    for (span, key) in idle {
        let message = format!("{key}= has no effect: there is no balancer manager");
        cx.report(Diagnostic::note("no-effect", span, message));
    }
    Ok(())
}

/// httpd's `add_member`.
pub(super) fn member(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut names = Vec::new();
    let mut params = Vec::new();
    for word in raw.words() {
        if key_value(&word)?.is_some() { params.push(word) } else { names.push(word) }
    }
    let (balancer, backend) = match (cx.place.path(), names.as_slice()) {
        (Some(section), [backend]) => (Arg { bytes: section.into(), span: cx.span }, backend),
        (Some(_), [_, extra, ..]) => {
            return Err(Problem::at(extra, "BalancerMember takes no balancer name inside <Proxy>"));
        }
        (None, [balancer, backend]) => (balancer.clone(), backend),
        (None, [_, _, extra, ..]) => return Err(must_have_value(extra)),
        (None, []) => return Err(Problem::new("BalancerMember must name its balancer outside of <Proxy>")),
        (Some(_), []) | (None, [_]) => return Err(Problem::new("BalancerMember must name a backend")),
    };
    let bad_socket = || Problem::at(backend, "a unix: URL is unix:/path/of.sock|scheme://host/");
    without_socket(backend.text()?).ok_or_else(bad_socket)?;
    let at = {
        let balancer = obtain(&mut cx.server.proxy.balancers, &balancer)?;
        workers::obtain(&mut balancer.members, backend, WorkerMatch::Prefix)?
    };
    with_member(cx, &balancer, at.0, |cx, worker| workers::configure(cx, worker, at.1, &params))
}

/// Lets `change` work on a member while the rest of the scope stays accessible.
fn with_member(
    cx: &mut Cx<'_>,
    balancer: &Arg,
    at: usize,
    change: impl FnOnce(&mut Cx<'_>, &mut Worker) -> Outcome,
) -> Outcome {
    let mut members = std::mem::take(&mut obtain(&mut cx.server.proxy.balancers, balancer)?.members);
    let outcome = change(cx, &mut members[at]);
    obtain(&mut cx.server.proxy.balancers, balancer)?.members = members;
    outcome
}

impl BalancerParams {
    /// httpd's `set_balancer_param`.
    pub(super) fn apply(&mut self, arg: &Arg, key: &str, value: &str) -> Outcome {
        let span = arg.span;
        let number = |range: std::ops::RangeInclusive<i64>, complaint: &str| match atoi(value.as_bytes()) {
            number if range.contains(&number) => {
                Ok(Setting { value: u32::try_from(number).unwrap_or(u32::MAX), span })
            }
            _ => Err(Problem::at(arg, complaint)),
        };
        let flag = |name: &str| {
            on_off(value.as_bytes())
                .map(|value| Setting { value, span })
                .ok_or_else(|| Problem::at(arg, format!("{name} must be On|Off")))
        };
        match key.to_ascii_lowercase().as_str() {
            "stickysession" => {
                let (cookie, path) = value.split_once('|').unwrap_or((value, value));
                let value = StickySession { cookie: cookie.into(), path: path.into() };
                self.sticky = Some(Setting { value, span });
            }
            "stickysessionsep" => {
                let separator = match value.as_bytes() {
                    [one] => Some(*one),
                    off if off.eq_ignore_ascii_case(b"off") => None,
                    _ => return Err(Problem::at(arg, "stickysessionsep must be a single character or Off")),
                };
                self.sticky_separator = Some(Setting { value: separator, span });
            }
            "nofailover" => self.no_failover = Some(flag("nofailover")?),
            "scolonpathdelim" => self.semicolon_separates = Some(flag("scolonpathdelim")?),
            "failontimeout" => self.fail_on_timeout = Some(flag("failontimeout")?),
            "forcerecovery" => self.force_recovery = Some(flag("forcerecovery")?),
            "timeout" => {
                let seconds = number(1..=i64::MAX, "timeout must be at least one second")?;
                self.timeout = Some(Setting { value: Duration::from_secs(seconds.value.into()), span });
            }
            "maxattempts" => {
                self.max_attempts = Some(number(0..=i64::MAX, "maxattempts must be a positive number")?);
            }
            "growth" => {
                number(1..=100, "growth must be between 1 and 100")?;
            }
            // As long as the UUID that httpd makes.
            "nonce" if value.len() > 36 => {
                return Err(Problem::at(arg, "nonce must not be longer than 36 bytes"));
            }
            "nonce" => {}
            "lbmethod" => self.method = Some(Setting { value: method(arg, value)?, span }),
            "failonstatus" => {
                for status in value.split([',', ' ']).filter(|status| !status.is_empty()) {
                    let code =
                        u16::try_from(atoi(status.as_bytes())).ok().filter(|code| (100..600).contains(code));
                    let code = code.ok_or_else(|| {
                        Problem::at(arg, "failonstatus takes HTTP statuses, with commas between")
                    })?;
                    self.fail_on_status.push(Setting { value: code, span });
                }
            }
            _ => {
                return Err(
                    Problem::at(arg, format!("unknown balancer parameter {key}")).code("unknown-parameter")
                );
            }
        }
        Ok(())
    }
}

fn method(arg: &Arg, value: &str) -> Result<LbMethod, Problem> {
    match value {
        "byrequests" => Ok(LbMethod::ByRequests),
        "bytraffic" => Ok(LbMethod::ByTraffic),
        "bybusyness" => Ok(LbMethod::ByBusyness),
        "heartbeat" => Err(Problem::at(arg, "lbmethod=heartbeat is not supported")
            .code("refused")
            .help("use bybusyness: it needs no heartbeat of the backends")),
        _ => Err(Problem::at(arg, format!("unknown lbmethod {value}"))
            .help("methods are byrequests, bytraffic and bybusyness")),
    }
}
