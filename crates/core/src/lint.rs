//! What a configuration says that is served as written, but probably not as meant.
//!
//! Each rule looks at the finished snapshot, so it sees what inheritance made of the lines. Errors are only files that
//! are not there and that httpd wants while it reads; all else it accepts. The answers are the same, and only the surprise
//! is spared, unless a rule says what is missing.

use std::collections::HashSet;

use wsgate_directives::diag::Diagnostic;

use crate::snapshot::{Server, Snapshot};

mod absent;
mod backends;
mod files;
mod htaccess;
mod routes;
mod servers;

/// All findings, each once, in the order of servers and lines.
pub fn lint(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let rules: [fn(&Snapshot, &Server) -> Vec<Diagnostic>; 20] = [
        absent::document_root,
        absent::tls,
        routes::shadowed,
        routes::slashes,
        routes::stripped_upgrades,
        routes::default_idle_time,
        routes::never_interpolated,
        backends::unknown_schemes,
        backends::without_engine,
        backends::incomplete_balancers,
        backends::parameters_of_members,
        backends::least_connections,
        files::scripts,
        htaccess::mistakes,
        htaccess::unseen,
        servers::duplicates,
        servers::inherited_anyway,
        servers::request_workers,
        servers::heads_of_others,
        servers::tls_without_engine,
    ];
    let mut seen = HashSet::new();
    let all = snapshot.servers.iter().flat_map(|server| rules.iter().flat_map(|rule| rule(snapshot, server)));
    // A virtual host repeats what it inherits.
    all.filter(|found| seen.insert((found.code, found.span))).collect()
}

/// What a ProxyPass of some server says, and where.
struct Route<'a> {
    pass: &'a wsgate_directives::modules::proxy::ProxyPass,
    /// The settings that hold where it stands.
    dir: std::borrow::Cow<'a, wsgate_directives::modules::DirConf>,
}

/// All ProxyPass lines of a server: those outside of sections, then those in Locations.
fn routes(server: &Server) -> Vec<Route<'_>> {
    use std::borrow::Cow;
    use wsgate_directives::config::Merge;
    let outside =
        server.conf.proxy.passes.iter().map(|pass| Route { pass, dir: Cow::Borrowed(&*server.base) });
    let inside = server.locations.iter().filter_map(|section| {
        let pass = section.conf.proxy.pass.as_ref()?;
        Some(Route { pass, dir: Cow::Owned(Merge::merge(&*server.base, &section.conf)) })
    });
    outside.chain(inside).collect()
}

/// The URL that a route leads to; none where it excludes.
fn target<'a>(route: &Route<'a>) -> Option<&'a str> {
    match &route.pass.to {
        wsgate_directives::modules::proxy::To::Url(url) => Some(url),
        wsgate_directives::modules::proxy::To::Exclude => None,
    }
}

fn scheme(url: &str) -> String {
    url.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::interpret::interpret;
    use wsgate_directives::registry::Registry;

    use super::lint;
    use crate::snapshot::resolve;
    use crate::world::Still;

    #[track_caller]
    fn check(lines: &str, expected: &[(&str, u32)]) {
        let files = MemoryFiles(BTreeMap::from([("/c".to_owned(), lines.as_bytes().to_vec())]));
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        let mut world = Still::default();
        for path in ["/c.pem", "/srv/index.html"] {
            world.files.insert(path.into(), b"x".to_vec());
        }
        let (snapshot, _) = resolve(&config, &Still::default(), Arc::new(world));
        let found = lint(&snapshot);
        let got: Vec<(&str, u32)> =
            found.iter().map(|found| (found.code, found.span.map_or(0, |span| span.line))).collect();
        assert_eq!(got, expected, "{lines}");
    }

    #[test]
    fn routes_that_surprise() {
        check("Timeout 9\nProxyPass / http://b/\nProxyPass /ws ws://b/ws", &[("proxy-rule-shadowed", 3)]);
        check("Timeout 9\nProxyPass /ws ws://b/ws\nProxyPass / http://b/", &[]);
        check("Timeout 9\nProxyPass /a !\nProxyPass /a/b http://b/x", &[("proxy-rule-shadowed", 3)]);
        check("ProxyPass /a/ http://b/x", &[("proxypass-slash-mismatch", 1)]);
        check("ProxyPass / http://b", &[("proxypass-slash-mismatch", 1)]);
        check("ProxyPass /a http://b", &[]);
        check("ProxyPass /ws http://b/ws", &[("ws-upgrade-stripped", 1)]);
        check("ProxyPass /ws http://b/ws upgrade=websocket", &[]);
        check("<Location /socket.io>\nProxyPass http://b/s\n</Location>", &[("ws-upgrade-stripped", 2)]);
        check("ProxyPass /ws ws://b/ws", &[("idle-default-60s", 1)]);
        check("ProxyPass /ws ws://b/ws timeout=600", &[]);
        check("ProxyWebsocketIdleTimeout 0\nProxyPass /ws ws://b/ws", &[]);
    }

    #[test]
    fn backends_that_cannot_serve() {
        check("ProxyPass /a wsx://b/", &[("proxypass-slash-mismatch", 1), ("scheme-unknown", 1)]);
        check("ProxyPass /a https://b/a", &[("tls-backend-without-engine", 1)]);
        check("SSLProxyEngine On\nProxyPass /a https://b/a", &[]);
        check("<Proxy https://b/>\nSSLProxyEngine On\n</Proxy>\nProxyPass /a https://b/a", &[]);
        check("ProxyPass / balancer://c/", &[("balancer-incomplete", 1)]);
        let without = "LoadModule proxy_module x.so\nLoadModule proxy_http_module x.so\n";
        let balancer = "<Proxy balancer://c>\nBalancerMember http://b\n</Proxy>";
        check(balancer, &[]);
        check(&format!("{without}{balancer}"), &[("balancer-incomplete", 4)]);
    }

    #[test]
    fn handlers_of_httpd_alone() {
        let cgi = "LoadModule mime_module x.so\nLoadModule cgi_module x.so\n";
        check(&format!("{cgi}AddHandler cgi-script .cgi .pl"), &[("scripts-not-run", 3)]);
        check(&format!("{cgi}AddType application/x-httpd-cgi .cgi"), &[("scripts-not-run", 3)]);
        check(&format!("{cgi}AddHandler server-parsed .shtml\nAddOutputFilter INCLUDES .shtml"), &[]);
        check(&format!("{cgi}<Location /s>\nSetHandler server-info\n</Location>"), &[]);
        check("<Location /s>\nSetHandler server-info\n</Location>", &[("scripts-not-run", 2)]);
        check(
            "<Directory /a>\n<Files b>\nSetHandler cgi-script\n</Files>\n</Directory>",
            &[("scripts-not-run", 3)],
        );
        check("AddOutputFilter INCLUDES .shtml", &[("scripts-not-run", 1)]);
        check("AddHandler php-script .php\nAction php-script /app", &[]);
        check(
            "<Files *.php>\nSetHandler \"proxy:unix:/run/php.sock|fcgi://localhost\"\n</Files>",
            &[("scripts-not-run", 2)],
        );
        check("<Files *.app>\nSetHandler proxy:http://b/\n</Files>", &[]);
        check("RewriteEngine On\nRewriteRule php$ - [H=application/x-httpd-php]", &[("scripts-not-run", 2)]);
    }

    #[test]
    fn interpolation_that_is_off() {
        check(
            "ProxyPass /a http://b/a interpolate\nProxyPassReverse /a http://b/a interpolate",
            &[("no-effect", 1), ("no-effect", 2)],
        );
        check("ProxyPassInterpolateEnv Off\nProxyPass /a http://b/a interpolate", &[("no-effect", 2)]);
        check("ProxyPassInterpolateEnv On\nProxyPass /a http://b/a interpolate", &[]);
        let inside =
            "<Location /a>\nProxyPassInterpolateEnv On\nProxyPass http://b/a interpolate\n</Location>";
        check(inside, &[]);
    }

    #[test]
    fn parameters_that_nothing_reads() {
        check(
            "ProxyPass /a http://b/a retry=5 lbset=1 route=x redirect=y status=+H loadfactor=2",
            &[
                ("no-effect", 1),
                ("no-effect", 1),
                ("no-effect", 1),
                ("no-effect", 1),
                ("no-effect", 1),
                ("no-effect", 1),
            ],
        );
        check("ProxyPass /a http://b/a retry=0 lbset=0 status=+D-H loadfactor=1 min=0", &[]);
        check("ProxyPass /a http://b/a min=3", &[("no-effect", 1)]);
        let members = "<Proxy balancer://c>\nBalancerMember http://b retry=5 lbset=1 min=2\n</Proxy>";
        check(members, &[("no-effect", 2)]);
    }

    #[test]
    fn bounds_that_bound_nothing() {
        check("MaxRequestWorkers 150", &[("no-effect", 1)]);
        check("ProxyWebsocketAsync Off\nMaxRequestWorkers 150", &[]);
        let inside = "<Location /a>\n<If true>\nProxyWebsocketAsync Off\n</If>\n</Location>";
        check(&format!("MaxClients 150\n{inside}"), &[]);
    }

    #[test]
    fn inheritance_that_cannot_be_switched_off() {
        let with =
            |lines: &str| format!("ProxyPass /a http://b/a\n<VirtualHost *:80>\n{lines}\n</VirtualHost>");
        check(&with("ProxyPassInherit Off"), &[("inherited-anyway", 3)]);
        check(&with("ProxyPassInherit On"), &[]);
        check(&with("BalancerInherit Off"), &[("inherited-anyway", 3)]);
        check(&with("BalancerInherit Off\nProxyPassInherit Off"), &[("inherited-anyway", 4)]);
        check("<VirtualHost *:80>\nProxyPassInherit Off\nBalancerInherit Off\n</VirtualHost>", &[]);
    }

    #[test]
    fn what_is_not_there() {
        let check = |lines: &str, expected: &[(&str, u32)]| {
            check(&format!("LoadModule ssl_module x.so\n{lines}"), expected);
        };
        check("DocumentRoot /nowhere", &[("file-missing", 2)]);
        check("DocumentRoot /c.pem", &[("file-missing", 2)]);
        check("<VirtualHost *:80>\nDocumentRoot /nowhere\n</VirtualHost>", &[("file-missing", 3)]);
        let both = "SSLCertificateFile /none.pem\nSSLProxyCACertificatePath /none";
        check(both, &[("file-missing", 2), ("file-missing", 3)]);
        check("SSLProxyCACertificateFile /c.pem\nSSLProxyCACertificatePath /srv", &[]);
        check("SSLCACertificatePath /c.pem", &[("file-missing", 2)]);
    }

    #[test]
    fn tls_that_is_not_spoken() {
        let vhost = |lines: &str| format!("Listen 444\n<VirtualHost *:444>\n{lines}\n</VirtualHost>");
        check(&vhost("SSLCertificateFile /c.pem"), &[("tls-not-spoken", 3)]);
        check(&vhost("SSLEngine Off\nSSLCertificateFile /c.pem"), &[]);
        check(&vhost("SSLEngine On\nSSLCertificateFile /c.pem\nSSLVerifyClient require"), &[]);
        check(&vhost("SSLEngine Off\nSSLVerifyClient require"), &[("tls-not-spoken", 4)]);
        check(&vhost("SSLVerifyClient none"), &[]);
        check("Listen 80\nSSLVerifyClient require", &[("tls-not-spoken", 2)]);
        check(&format!("SSLVerifyClient require\n{}", vhost("SSLEngine On")), &[]);
        let https = vhost("SSLCertificateFile /c.pem").replace("444", "443");
        check(&https, &[]);
        check(&https.replace("Listen 443", ""), &[]);
    }

    /// What is read before a server is known counts where it stands in the first virtual host of an address.
    #[test]
    fn limits_of_the_second_virtual_host() {
        let two = |main: &str, first: &str, second: &str| {
            format!(
                "{main}\n<VirtualHost *:80>\nServerName a\n{first}\n</VirtualHost>\n\
                 <VirtualHost *:80>\nServerName b\n{second}\n</VirtualHost>"
            )
        };
        check(&two("", "", "LimitRequestLine 9000"), &[("no-effect", 8)]);
        check(
            &two("", "", "LimitRequestFieldSize 9\nLimitRequestFields 9"),
            &[("no-effect", 8), ("no-effect", 9)],
        );
        check(&two("", "", "RequestReadTimeout header=5"), &[("no-effect", 8)]);
        check(&two("", "LimitRequestLine 9000", "LimitRequestLine 9000"), &[]);
        check(&two("LimitRequestLine 9000", "", ""), &[]);
        check(&two("LimitRequestLine 9000", "LimitRequestLine 8000", ""), &[]);
        let apart =
            "<VirtualHost *:80>\n</VirtualHost>\n<VirtualHost *:81>\nLimitRequestLine 9000\n</VirtualHost>";
        check(apart, &[]);
    }

    #[test]
    fn virtual_hosts_that_hide_each_other() {
        let twice = "<VirtualHost *:80>\nServerName a\n</VirtualHost>\n<VirtualHost *:80>\nServerName A\n</VirtualHost>";
        check(twice, &[("duplicate-vhost", 4)]);
        let ports = "<VirtualHost *:80>\nServerName a\n</VirtualHost>\n<VirtualHost *:81>\nServerName a\n</VirtualHost>";
        check(ports, &[]);
    }
}
