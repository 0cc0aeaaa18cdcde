//! Rules about backends.

use std::sync::Arc;

use wsgate_directives::config::Merge;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::proxy::Status;
use wsgate_directives::span::Span;

use super::{routes, scheme, target};
use crate::snapshot::{Balancer, Server, Snapshot};

/// Schemes that something serves, in httpd or here.
const SCHEMES: [&str; 5] = ["http", "https", "ws", "wss", "balancer"];

/// A scheme that nothing serves: each request is answered 500.
pub(super) fn unknown_schemes(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for route in routes(server) {
        let Some(url) = target(&route).filter(|url| !url.starts_with('$')) else { continue };
        let scheme = scheme(url);
        if !SCHEMES.contains(&scheme.as_str()) && !scheme.contains('$') {
            let message = format!("nothing serves {scheme}://: every request is answered 500");
            let warning = Diagnostic::warning("scheme-unknown", route.pass.span, message);
            found.push(warning.help("schemes are http, https, ws, wss and balancer"));
        }
    }
    found
}

/// A TLS backend where SSLProxyEngine is off: each request is answered 500.
pub(super) fn without_engine(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let is_on = |dir: &DirConf| dir.ssl.proxy_engine.as_ref().is_some_and(|on| **on);
    let sections = server.proxies.iter().chain(&server.locations);
    let somewhere = sections.into_iter().any(|section| is_on(&Merge::merge(&*server.base, &section.conf)));
    let mut found = Vec::new();
    for route in routes(server) {
        let secure = target(&route).is_some_and(|url| matches!(scheme(url).as_str(), "https" | "wss"));
        if secure && !is_on(&route.dir) && !somewhere {
            let message = "SSLProxyEngine is off here: every request is answered 500";
            let warning = Diagnostic::warning("tls-backend-without-engine", route.pass.span, message);
            found.push(warning.help("add SSLProxyEngine On"));
        }
    }
    found
}

/// A balancer without members: each request is answered 503.
pub(super) fn incomplete_balancers(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let incomplete = |balancer: &Arc<Balancer>| {
        let (lacks, help) = if !snapshot.loaded.balancer {
            let help = "add LoadModule proxy_balancer_module modules/mod_proxy_balancer.so".to_owned();
            ("needs mod_proxy_balancer, which is not loaded: every request is answered 500", help)
        } else if balancer.members.is_empty() {
            let help = format!("add BalancerMember lines in <Proxy {}>", balancer.name);
            ("has no members: every request is answered 503", help)
        } else {
            return None;
        };
        let message = format!("{} {lacks}", balancer.name);
        Some(Diagnostic::warning("balancer-incomplete", balancer.span, message).help(help))
    };
    server.balancers.iter().filter_map(incomplete).collect()
}

fn no_effect(span: Span, what: &str, reason: &str) -> Diagnostic {
    Diagnostic::note("no-effect", span, format!("{what} has no effect: {reason}"))
}

/// Parameters by which a balancer chooses among its members, at a backend that is none.
pub(super) fn parameters_of_members(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    const OF_MEMBERS: &str = "this backend is no member of a balancer";
    let choosing = |status: &Status| status.hot_standby || status.hot_spare || status.drain;
    let mut found = Vec::new();
    for backend in &server.backends {
        let params = &backend.worker.params;
        if let Some(retry) = params.retry.as_ref().filter(|retry| !retry.is_zero()) {
            let reason = "this backend is no member of a balancer, and tried for each request";
            found.push(no_effect(retry.span, "retry=", reason));
        }
        let given = [
            ("lbset=", params.lb_set.as_ref().filter(|set| set.value > 0).map(|set| set.span)),
            ("loadfactor=", params.load_factor.as_ref().filter(|set| set.value != 100).map(|set| set.span)),
            ("route=", params.route.as_ref().map(|set| set.span)),
            ("redirect=", params.redirect.as_ref().map(|set| set.span)),
            ("status=", params.status.as_ref().filter(|set| choosing(&set.value)).map(|set| set.span)),
        ];
        found.extend(given.into_iter().filter_map(|(key, span)| Some(no_effect(span?, key, OF_MEMBERS))));
    }
    found
}

/// `min=`: connections are made when they are needed.
pub(super) fn least_connections(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let members = server.balancers.iter().flat_map(|balancer| &balancer.members);
    let all = server.backends.iter().chain(members);
    let least = all.filter_map(|backend| backend.worker.params.min.filter(|min| min.value > 0));
    least.map(|min| no_effect(min.span, "min=", "connections are made when they are needed")).collect()
}
