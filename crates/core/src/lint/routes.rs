//! Rules about which route a request takes.

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::proxy::{From, To};
use wsgate_directives::span::Span;

use super::{routes, scheme, target};
use crate::path::alias_match;
use crate::snapshot::{Server, Snapshot, anywhere};

/// An earlier ProxyPass takes every request of a later one: the first that matches wins, not the longest.
pub(super) fn shadowed(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let passes = &server.conf.proxy.passes;
    let mut found = Vec::new();
    for (index, later) in passes.iter().enumerate() {
        let From::Prefix(path) = &later.from else { continue };
        let covers = passes[..index].iter().find(|earlier| match &earlier.from {
            From::Prefix(prefix) => alias_match(path.as_bytes(), prefix.as_bytes()) > 0,
            From::Regex(_) => false,
        });
        if let Some(earlier) = covers.filter(|earlier| earlier.to != later.to) {
            let message = format!("no request reaches this ProxyPass: an earlier one takes {path}");
            let warning = Diagnostic::warning("proxy-rule-shadowed", later.span, message);
            found.push(warning.related(earlier.span, "this one").help("put the longer path first"));
        }
    }
    found
}

/// A slash at the end of one side only: httpd replaces text, it does not join paths.
pub(super) fn slashes(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for pass in &server.conf.proxy.passes {
        let (From::Prefix(path), To::Url(url)) = (&pass.from, &pass.to) else { continue };
        // Without a path behind the host the next segment would run into the host's name.
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let bare = !rest.contains('/') && !url.starts_with("balancer:");
        if path.ends_with('/') != url.ends_with('/') && (!bare || path.ends_with('/')) {
            let sent = format!("{url}{}", if path.ends_with('/') { "x" } else { "/x" });
            let asked = format!("{}/x", path.trim_end_matches('/'));
            let message = format!("one side ends in a slash and the other does not: {asked} becomes {sent}");
            let warning = Diagnostic::warning("proxypass-slash-mismatch", pass.span, message);
            found.push(warning.help("end both sides with a slash, or neither"));
        }
    }
    found
}

/// Words in a path that speak of WebSockets.
const SPEAKING: [&str; 6] = ["ws", "wss", "websocket", "websockets", "socket.io", "cable"];

/// An http:// route that looks as if WebSockets came this way, but drops their Upgrade.
pub(super) fn stripped_upgrades(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for route in routes(server) {
        let (From::Prefix(path), Some(url)) = (&route.pass.from, target(&route)) else { continue };
        let speaks = path.split('/').any(|segment| SPEAKING.contains(&segment.to_ascii_lowercase().as_str()));
        let upgrades = server.backend_for(url).is_some_and(|backend| backend.worker.params.upgrade.is_some());
        if speaks && matches!(scheme(url).as_str(), "http" | "https") && !upgrades {
            let message = format!(
                "WebSockets cannot be opened through {path}: the Upgrade is taken off towards http://"
            );
            let warning = Diagnostic::warning("ws-upgrade-stripped", route.pass.span, message);
            found
                .push(warning.help("add upgrade=websocket, or write ws:// if only WebSockets come this way"));
        }
    }
    found
}

/// A ws:// route without a time of its own: silent tunnels end after a minute.
pub(super) fn default_idle_time(_: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let timed = server.conf.core.timeout.is_some() || server.conf.proxy.timeout.is_some();
    let mut found = Vec::new();
    for route in routes(server) {
        let Some(url) = target(&route).filter(|url| matches!(scheme(url).as_str(), "ws" | "wss")) else {
            continue;
        };
        let own = server.backend_for(url).is_some_and(|backend| backend.worker.params.timeout.is_some());
        let idle = route.dir.proxy_wstunnel.idle_timeout.is_some();
        let raw = route.dir.proxy_wstunnel.fallback.as_ref().is_some_and(|on| !**on);
        if !timed && !own && !idle && !raw {
            let message = "tunnels end after 60 seconds of silence: neither timeout= nor ProxyTimeout is set";
            let note = Diagnostic::note("idle-default-60s", route.pass.span, message);
            found.push(note.help("set ProxyWebsocketIdleTimeout, or timeout= as httpd 2.4 has it"));
        }
    }
    found
}

/// `interpolate` where ProxyPassInterpolateEnv is On nowhere.
pub(super) fn never_interpolated(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let passes =
        routes(server).into_iter().filter(|route| route.pass.interpolate).map(|route| route.pass.span);
    let outside = std::iter::once(&*server.base).chain(server.locations.iter().map(|section| &section.conf));
    let reverses = outside.flat_map(|dir| &dir.proxy.reverses).filter(|reverse| reverse.interpolate);
    let asking: Vec<Span> = passes.chain(reverses.map(|reverse| reverse.span)).collect();
    let servers = snapshot.servers.iter().map(|server| &**server);
    if asking.is_empty() || anywhere(servers, |conf| conf.proxy.interpolate_env.is_some_and(|on| on.value)) {
        return Vec::new();
    }
    let note = |span| {
        let note = Diagnostic::note("no-effect", span, "interpolate has no effect: ${NAME} stays as it is");
        note.help("add ProxyPassInterpolateEnv On")
    };
    asking.into_iter().map(note).collect()
}
