//! Which module of httpd a message belongs to, so that `LogLevel warn proxy:debug` says the same here as there.

/// Beginnings of targets (a target is the path of the code, if none is given) and the modules whose work it does.
/// The longest one that fits counts.
const MODULES: &[(&str, &str)] = &[
    ("h2", "http2"),
    ("hyper", "http"),
    ("hyper_util", "http"),
    ("rustls", "ssl"),
    ("tokio_rustls", "ssl"),
    ("wsgate", "core"),
    ("wsgate::exchange", "proxy_http"),
    ("wsgate::exchange::tunnel", "proxy_wstunnel"),
    ("wsgate::http1", "http"),
    ("wsgate::listen", "mpm_event"),
    ("wsgate::logs", "log_config"),
    ("wsgate::proxy", "proxy"),
    ("wsgate::secure", "ssl"),
    ("wsgate::serve", "mpm_event"),
    ("wsgate::server", "mpm_event"),
    ("wsgate::tls", "ssl"),
    ("wsgate::tunnel", "proxy_wstunnel"),
    ("wsgate::upstream", "proxy"),
    ("wsgate::worker", "mpm_event"),
    ("wsgate_core", "core"),
    ("wsgate_directives", "core"),
    ("wsgate_proxy", "proxy_http"),
    ("wsgate_wstunnel", "proxy_wstunnel"),
];

/// Where the core's modules are, each under its name in httpd.
const CORE_MODULES: &str = "wsgate_core::modules::";

/// The module of a target, as LogLevel and lines name it.
pub(super) fn module(target: &str) -> &str {
    if let Some(inside) = target.strip_prefix(CORE_MODULES) {
        return inside.split("::").next().unwrap_or(inside);
    }
    let fits = |(start, _): &&(&str, &str)| {
        target.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let known = MODULES.iter().filter(fits).max_by_key(|(start, _)| start.len());
    match known {
        Some((_, module)) => module,
        // A target without a path is the name of a module.
        None if !target.contains("::") => target,
        None => "core",
    }
}

#[cfg(test)]
mod tests {
    use wsgate_directives::registry;

    use super::*;

    #[test]
    fn targets_belong_to_modules() {
        for (target, expected) in [
            ("wsgate::tunnel", "proxy_wstunnel"),
            ("wsgate_wstunnel::pump", "proxy_wstunnel"),
            ("wsgate_core::modules::rewrite::rules", "rewrite"),
            ("wsgate_core::modules::log_config", "log_config"),
            ("wsgate_core::walk", "core"),
            ("wsgate::exchange::forward", "proxy_http"),
            ("wsgate::exchange::tunnel", "proxy_wstunnel"),
            ("wsgate::tls::front", "ssl"),
            ("wsgate::cli", "core"),
            ("rustls::client::hs", "ssl"),
            ("proxy_balancer", "proxy_balancer"),
            ("other::path", "core"),
        ] {
            assert_eq!(module(target), expected, "{target}");
        }
    }

    #[test]
    fn they_are_modules_that_log_level_knows() {
        for (target, module) in MODULES {
            assert!(registry::module(&format!("{module}_module")).is_some(), "{target}: {module}");
        }
    }
}
