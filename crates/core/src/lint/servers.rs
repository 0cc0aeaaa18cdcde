//! Rules about virtual hosts.

use wsgate_directives::config::Set;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::ServerConf;
use wsgate_directives::modules::ssl::Verify;
use wsgate_directives::span::Span;

use crate::snapshot::{Server, Snapshot, anywhere};

/// An earlier virtual host with the same address and name takes every request of this one.
pub(super) fn duplicates(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let (Some(span), Some(name)) = (server.span, &server.conf.core.server_name) else { return Vec::new() };
    let same = |other: &&std::sync::Arc<Server>| {
        let named = other.conf.core.server_name.as_ref();
        let addresses =
            |of: &Server| of.addresses.iter().map(|address| address.value.clone()).collect::<Vec<_>>();
        named.is_some_and(|named| named.host.eq_ignore_ascii_case(&name.host))
            && addresses(other) == addresses(server)
    };
    let twin = snapshot.servers[1..server.index].iter().find(same);
    let finding = twin.and_then(|twin| twin.span).map(|earlier| {
        let message =
            format!("no request reaches this virtual host: an earlier one is called {}, too", name.host);
        Diagnostic::warning("duplicate-vhost", span, message)
            .related(earlier, "this one")
            .help("give it another ServerName, or join the two")
    });
    finding.into_iter().collect()
}

/// ProxyPassInherit and BalancerInherit switch off less than they say (`merge_proxy_config`).
pub(super) fn inherited_anyway(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let (main, own) = (&snapshot.servers[0].conf.proxy, &server.conf.proxy);
    if server.span.is_none() {
        return Vec::new();
    }
    let off = |set: &Set<bool>| set.filter(|on| !on.value).map(|set| set.span);
    let mut found = Vec::new();
    if let (Some(span), Some(pass)) = (off(&own.pass_inherit), main.passes.first()) {
        let message =
            "ProxyPass lines of the main server hold in virtual hosts all the same, as in httpd 2.4";
        let warning = Diagnostic::warning("inherited-anyway", span, message).related(pass.span, "this one");
        found.push(warning.help("move them into the virtual hosts that they are for"));
    }
    let backends = !main.workers.is_empty() || !main.balancers.is_empty();
    if let (Some(span), None, true) = (off(&own.balancer_inherit), off(&own.pass_inherit), backends) {
        let message = "the main server's backends and balancers are inherited all the same, as in httpd 2.4";
        let warning = Diagnostic::warning("inherited-anyway", span, message);
        found.push(warning.help("say ProxyPassInherit Off as well"));
    }
    found
}

/// MaxRequestWorkers bounds threads, and only tunnels may have any.
pub(super) fn request_workers(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let threads = || {
        let servers = snapshot.servers.iter().map(|server| &**server);
        anywhere(servers, |conf| conf.proxy_wstunnel.asynchronous.is_some_and(|on| !on.value))
    };
    let set = server.conf.mpm.max_request_workers.filter(|_| !threads());
    let note = |span| {
        let message =
            "this has no effect: only tunnels with ProxyWebsocketAsync Off have threads of their own";
        Diagnostic::note("no-effect", span, message)
    };
    set.map(|set| note(set.span)).into_iter().collect()
}

/// Limits of what is read before it is known which virtual host a request is for: those of the address's first count
/// (`ap_read_request`).
pub(super) fn heads_of_others(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let among = || snapshot.vhosts.lists().filter(|(_, _, servers)| servers.contains(&server.index));
    let firsts: Vec<usize> = among().filter_map(|(_, _, servers)| servers.first().copied()).collect();
    if firsts.is_empty() || firsts.contains(&server.index) {
        return Vec::new();
    }
    let others: Vec<&ServerConf> = firsts.iter().map(|first| &snapshot.servers[*first].conf).collect();
    let main = &snapshot.servers[0].conf;
    let found = [
        differing(&server.conf, main, &others, |conf| &conf.core.limit_request_line),
        differing(&server.conf, main, &others, |conf| &conf.core.limit_request_field_size),
        differing(&server.conf, main, &others, |conf| &conf.core.limit_request_fields),
        differing(&server.conf, main, &others, |conf| &conf.reqtimeout.handshake),
        differing(&server.conf, main, &others, |conf| &conf.reqtimeout.header),
        differing(&server.conf, main, &others, |conf| &conf.reqtimeout.body),
    ];
    let note = |span| {
        let message = "this has no effect: heads are read before it is known which virtual host they are for";
        let note = Diagnostic::note("no-effect", span, message);
        note.help("set it for the main server, or for the first virtual host of the address")
    };
    found.into_iter().flatten().map(note).collect()
}

/// A certificate, or a demand for those of clients, where no TLS is spoken: whoever wrote it relies on it.
pub(super) fn tls_without_engine(snapshot: &Snapshot, server: &Server) -> Vec<Diagnostic> {
    let speaks = |server: &Server| server.conf.ssl.engine.is_some_and(|engine| engine.value);
    let inherited = server.span.is_none() && snapshot.servers.iter().any(|server| speaks(server));
    // What is read without the file that has the Listen lines may lack other files, too: certbot's has SSLEngine.
    let part = snapshot.servers[0].conf.mpm.listens.is_empty();
    if speaks(server) || inherited || part {
        return Vec::new();
    }
    let (ssl, main) = (&server.conf.ssl, &snapshot.servers[0].conf.ssl);
    let own = |span: &Span, of_main: Option<Span>| server.span.is_none() || of_main != Some(*span);
    let certificate = ssl.certificates.0.first().filter(|_| ssl.engine.is_none()).map(|set| set.span);
    let certificate = certificate.filter(|span| own(span, main.certificates.0.first().map(|set| set.span)));
    let verify = ssl.clients.verify.filter(|verify| verify.value != Verify::None).map(|set| set.span);
    let verify = verify.filter(|span| own(span, main.clients.verify.map(|set| set.span)));
    let warning = |span: Span, what: &str| {
        let message = format!("{what}: no TLS is spoken here, for SSLEngine is not On");
        Diagnostic::warning("tls-not-spoken", span, message).help("add SSLEngine On")
    };
    let certificate = certificate.map(|span| warning(span, "no client gets this certificate"));
    let verify = verify.map(|span| warning(span, "no client is asked for a certificate"));
    certificate.into_iter().chain(verify).collect()
}

/// The line that sets something for a server alone, and not as all the others have it.
fn differing<T: PartialEq>(
    own: &ServerConf,
    main: &ServerConf,
    others: &[&ServerConf],
    of: fn(&ServerConf) -> &Set<T>,
) -> Option<Span> {
    let set = of(own).as_ref()?;
    let inherited = of(main).as_ref().is_some_and(|main| main.span == set.span);
    let same = |other: &&ServerConf| of(other).as_ref().is_some_and(|other| other.value == set.value);
    (!inherited && !others.iter().all(same)).then_some(set.span)
}
