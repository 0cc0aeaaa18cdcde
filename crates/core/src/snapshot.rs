//! A configuration made ready to serve: everything inherited and merged once, so that requests only look up.

use std::net::IpAddr;
use std::sync::Arc;

use wsgate_directives::config::{Config, Merge, Section, Server as Written, Setting};
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::expand::Modules;
use wsgate_directives::modules::{DirConf, ServerConf, proxy};
use wsgate_directives::registry;
use wsgate_directives::span::{Sources, Span};

use crate::htaccess::{self, Htaccess};
use crate::modules::authn_file::Users;
use crate::modules::authz_groupfile::Groups;
use crate::modules::handlers::Handlers;
use crate::modules::log_config::{self, AccessLog};
use crate::modules::mime;
use crate::modules::remoteip::{self, ProxyProtocol};
use crate::modules::rewrite;
use crate::modules::unique_id::UniqueIds;
use crate::text_files::TextFiles;
use crate::url::port_of;
use crate::vhost::{self, VhostTable};
use crate::walk::{self, Merged};
use crate::world::{Still, World};

/// Looks names up while a configuration is loaded; requests never do.
pub trait Names {
    /// The addresses of a host; empty if it has none.
    fn addresses(&self, host: &str) -> Vec<IpAddr>;

    /// The machine's own name, for servers without a ServerName.
    fn own(&self) -> String;
}

/// In the still world nothing has a name but the machine itself: hosts are addresses.
impl Names for Still {
    fn addresses(&self, host: &str) -> Vec<IpAddr> {
        host.parse().into_iter().collect()
    }

    fn own(&self) -> String {
        "machine.test".to_owned()
    }
}

/// A configuration made ready to serve.
#[derive(Debug)]
pub struct Snapshot {
    /// The main server, then the virtual hosts in the order of the files.
    pub servers: Vec<Arc<Server>>,
    /// The servers by address.
    pub vhosts: VhostTable,
    /// Which connections begin with a PROXY header.
    pub proxy_protocol: ProxyProtocol,
    /// Every backend and balancer, by [`Backend::id`].
    pub backends: Vec<Arc<Backend>>,
    /// Every balancer, by [`Balancer::id`].
    pub balancers: Vec<Arc<Balancer>>,
    /// The files, for naming places.
    pub sources: Arc<Sources>,
    /// Which modules count as loaded.
    pub loaded: Loaded,
    /// The machine.
    pub world: Arc<dyn World>,
    /// Who answers in httpd, and not here.
    pub(crate) handlers: Handlers,
    /// Types of files by the endings of their names.
    pub(crate) types: mime::Types,
    /// What `.htaccess` files say.
    pub(crate) htaccess: Htaccess,
    /// The tables of RewriteMap lines.
    pub(crate) tables: TextFiles<rewrite::Table>,
    /// Whether any settings ask users who they are.
    pub(crate) authenticates: bool,
    /// Names of requests; none without mod_unique_id.
    pub(crate) unique_ids: Option<UniqueIds>,
    /// Password files.
    pub(crate) users: TextFiles<Users>,
    /// Group files.
    pub(crate) groups: TextFiles<Groups>,
}

/// The modules on whose presence an answer depends.
#[derive(Clone, Copy, Debug)]
pub struct Loaded {
    /// mod_proxy: without it a rule's `[P]` is refused.
    pub proxy: bool,
    /// mod_proxy_http: without it `http://` has no handler, and `ws://` is mod_proxy_wstunnel's own.
    pub proxy_http: bool,
    /// mod_proxy_wstunnel: without it `ws://` is mod_proxy_http's.
    pub proxy_wstunnel: bool,
    /// mod_actions: without it no URL answers for a handler.
    pub actions: bool,
    /// mod_autoindex: without it folders that nothing stands in for are not found.
    pub autoindex: bool,
    /// mod_dir: without it nothing stands in for folders.
    pub dir: bool,
    /// mod_mime: without it httpd says no type of any file either.
    pub mime: bool,
    /// mod_ssl: without it no variable of it has a value.
    pub ssl: bool,
    /// mod_status: without it nobody handles `server-status`.
    pub status: bool,
    /// mod_proxy_balancer: without it nobody handles `balancer-manager`.
    pub balancer: bool,
    /// mod_http2: without it clients are not spoken to in HTTP/2.
    pub http2: bool,
}

/// The main server or a virtual host with everything that it inherits.
#[derive(Debug)]
pub struct Server {
    /// Its place among the snapshot's servers.
    pub index: usize,
    /// Its `<VirtualHost>` line.
    pub span: Option<Span>,
    /// The addresses as written.
    pub addresses: Vec<Setting<String>>,
    /// The port of addresses without one.
    pub(crate) default_port: Option<u16>,
    /// The name that it gives itself (`server_hostname`).
    pub name: String,
    /// The port that it gives itself; the scheme's where there is none (`port`).
    pub(crate) port: Option<u16>,
    /// Its settings.
    pub conf: ServerConf,
    /// Settings of requests outside of any section.
    pub base: Arc<DirConf>,
    /// `<Location>` sections, the main server's first.
    pub locations: Vec<Arc<Section>>,
    /// `<Directory>` sections, likewise.
    pub directories: Vec<Arc<Section>>,
    /// `<Proxy>` sections, likewise.
    pub proxies: Vec<Arc<Section>>,
    /// Backends outside of balancers that its requests may use.
    pub backends: Vec<Arc<Backend>>,
    /// Balancers that its requests may use.
    pub balancers: Vec<Arc<Balancer>>,
    /// Its access logs, those that it inherits included.
    pub logs: Vec<AccessLog>,
    /// Who may name clients; none is anyone.
    pub(crate) proxies_in_front: Option<remoteip::Proxies>,
    /// Section settings merged before.
    pub(crate) merged: Merged,
}

impl Server {
    /// The backend outside of balancers whose URL fits a request's best.
    pub(crate) fn backend_for(&self, url: &str) -> Option<&Arc<Backend>> {
        let workers = self.backends.iter().map(|backend| &backend.worker);
        proxy::find_worker(workers, url, None).map(|found| &self.backends[found])
    }
}

/// A backend, one for all servers that share it.
#[derive(Debug)]
pub struct Backend {
    /// Its place among the snapshot's backends.
    pub id: usize,
    /// Its URL and parameters.
    pub worker: proxy::Worker,
}

/// A balancer and its members.
#[derive(Debug)]
pub struct Balancer {
    /// Its place among the snapshot's balancers.
    pub id: usize,
    /// `balancer://name`.
    pub name: Box<str>,
    /// Its parameters.
    pub params: proxy::BalancerParams,
    /// Its members.
    pub members: Vec<Arc<Backend>>,
    /// The line that named it first.
    pub span: Span,
}

impl Snapshot {
    /// `path:line` of a place in the configuration or in a `.htaccess` file.
    pub(crate) fn place(&self, span: Span) -> String {
        self.htaccess.place(&self.sources, span).unwrap_or_else(|| self.sources.place(span))
    }
}

/// Makes a configuration ready to serve in a world.
pub fn resolve(config: &Config, names: &dyn Names, world: Arc<dyn World>) -> (Snapshot, Vec<Diagnostic>) {
    let mut notes = Vec::new();
    let mut backends = Backends::default();
    let own = names.own();
    let main = server(0, &config.main, None, &own, &mut backends);
    let mut servers = vec![main];
    let listens = &mut servers[0].conf.mpm.listens;
    *listens = vhost::look_up(std::mem::take(listens), names, &mut notes);
    for (index, vhost) in config.vhosts.iter().enumerate() {
        let made = server(index + 1, vhost, Some(&config.main), &own, &mut backends);
        servers.push(made);
    }
    let listens = servers[0].conf.mpm.listens.clone();
    for server in &mut servers {
        let listen = vhost::listens_for_tls(server, &listens, names);
        server.conf.ssl.engine =
            server.conf.ssl.engine.or(listen.map(|listen| Setting { value: true, span: listen.span }));
    }
    notes.extend(log_config::suspicious(servers.iter().flat_map(|server| &server.logs)));
    notes.extend(rewrite::missing(&servers, &*world));
    for server in &mut servers {
        let conf = &server.conf.remoteip;
        server.proxies_in_front = remoteip::proxies(conf, names, &*world, &mut notes);
    }
    let proxy_protocol = ProxyProtocol::new(&servers, names);
    let vhosts = VhostTable::new(&servers, names, &mut notes);
    let authenticates =
        anywhere(&servers, |conf| conf.authn_core.auth_type.is_some() || htaccess::asks(conf));
    let types = mime::Types::load(&config.main.conf, &*world, &mut notes);
    let marks = registry::is_loaded("unique_id_module", &config.modules);
    let snapshot = Snapshot {
        servers: servers.into_iter().map(Arc::new).collect(),
        vhosts,
        proxy_protocol,
        backends: backends.workers,
        balancers: backends.balancers,
        sources: config.sources.clone(),
        loaded: Loaded::of(&config.modules),
        unique_ids: marks.then(|| UniqueIds::new(&*world)),
        world,
        handlers: Handlers::of(&config.modules),
        types,
        htaccess: Htaccess::new(config),
        tables: TextFiles::default(),
        authenticates,
        users: TextFiles::default(),
        groups: TextFiles::default(),
    };
    (snapshot, notes)
}

/// Whether any scope of some servers holds settings of a kind.
pub(crate) fn anywhere<'a>(
    servers: impl IntoIterator<Item = &'a Server>,
    holds: fn(&DirConf) -> bool,
) -> bool {
    fn within(conf: &DirConf, holds: fn(&DirConf) -> bool) -> bool {
        let mut inside = conf.core.files.iter().chain(&conf.core.ifs);
        holds(conf) || inside.any(|section| within(&section.conf, holds))
    }
    servers.into_iter().any(|server| {
        let mut sections = server.locations.iter().chain(&server.directories).chain(&server.proxies);
        within(&server.base, holds) || sections.any(|section| within(&section.conf, holds))
    })
}

impl Loaded {
    fn of(modules: &Modules) -> Self {
        let has = |name| registry::is_loaded(name, modules);
        Self {
            proxy: has("proxy_module"),
            proxy_http: has("proxy_http_module"),
            proxy_wstunnel: has("proxy_wstunnel_module"),
            actions: has("actions_module"),
            autoindex: has("autoindex_module"),
            dir: has("dir_module"),
            mime: has("mime_module"),
            ssl: has("ssl_module"),
            status: has("status_module"),
            balancer: has("proxy_balancer_module"),
            http2: has("http2_module"),
        }
    }
}

fn server(
    index: usize,
    own: &Written,
    main: Option<&Written>,
    host: &str,
    backends: &mut Backends,
) -> Server {
    let (conf, base) = match main {
        Some(main) => (Merge::merge(&main.conf, &own.conf), Merge::merge(&main.base, &own.base)),
        None => (own.conf.clone(), own.base.clone()),
    };
    let inherit = |sections: fn(&Written) -> &Vec<Arc<Section>>| match main {
        Some(main) => Merge::merge(sections(main), sections(own)),
        None => sections(own).clone(),
    };
    let main_name = main.and_then(|main| main.conf.core.server_name.as_ref());
    let name = own.conf.core.server_name.as_ref().or(main_name).map_or(host, |name| &name.host);
    Server {
        index,
        span: own.span,
        addresses: own.addresses.clone(),
        default_port: own.default_port,
        name: name.to_owned(),
        port: port_of(own),
        backends: conf.proxy.workers.iter().map(|worker| backends.worker(worker)).collect(),
        balancers: conf.proxy.balancers.iter().map(|balancer| backends.balancer(balancer)).collect(),
        base: Arc::new(base),
        logs: log_config::logs(&conf.log_config),
        conf,
        locations: inherit(|server| &server.locations),
        directories: by_depth(inherit(|server| &server.directories)),
        proxies: inherit(|server| &server.proxies),
        proxies_in_front: None,
        merged: Merged::default(),
    }
}

/// Shallow folders come first, regular expressions last (`ap_core_reorder_directories`).
fn by_depth(mut directories: Vec<Arc<Section>>) -> Vec<Arc<Section>> {
    directories.sort_by_key(|section| walk::depth(section).unwrap_or(usize::MAX));
    directories
}

/// Backends and balancers, each once: the line that made it is its identity.
#[derive(Default)]
struct Backends {
    workers: Vec<Arc<Backend>>,
    balancers: Vec<Arc<Balancer>>,
}

impl Backends {
    fn worker(&mut self, worker: &proxy::Worker) -> Arc<Backend> {
        let same = |known: &&Arc<Backend>| known.worker.span == worker.span && known.worker.url == worker.url;
        if let Some(known) = self.workers.iter().find(same) {
            return known.clone();
        }
        let made = Arc::new(Backend { id: self.workers.len(), worker: worker.clone() });
        self.workers.push(made.clone());
        made
    }

    fn balancer(&mut self, balancer: &proxy::Balancer) -> Arc<Balancer> {
        let members = |this: &mut Self| balancer.members.iter().map(|member| this.worker(member)).collect();
        let same = |known: &&Arc<Balancer>| known.span == balancer.span && known.name == balancer.name;
        if let Some(known) = self.balancers.iter().find(same) {
            return known.clone();
        }
        let made = Arc::new(Balancer {
            id: self.balancers.len(),
            name: balancer.name.clone(),
            params: balancer.params.clone(),
            members: members(self),
            span: balancer.span,
        });
        self.balancers.push(made.clone());
        made
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::interpret::interpret;
    use wsgate_directives::registry::Registry;

    use super::*;

    /// Which servers speak TLS, the main server first.
    #[track_caller]
    fn check_tls(lines: &str, expected: &[bool]) {
        let files = MemoryFiles(BTreeMap::from([("/c".to_owned(), lines.as_bytes().to_vec())]));
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        let (snapshot, _) = resolve(&config, &Still::default(), Arc::new(Still::default()));
        let got: Vec<bool> = snapshot
            .servers
            .iter()
            .map(|server| server.conf.ssl.engine.is_some_and(|engine| engine.value))
            .collect();
        assert_eq!(got, expected, "{lines}");
    }

    #[test]
    fn a_listen_line_for_https_switches_tls_on() {
        let vhost = |address: &str, lines: &str| format!("<VirtualHost {address}>\n{lines}\n</VirtualHost>");
        let cert = "SSLCertificateFile /c.pem";
        check_tls(&format!("Listen 8443 https\n{}", vhost("*:8443", cert)), &[false, true]);
        check_tls(&format!("Listen 443\n{}", vhost("_default_:443", cert)), &[false, true]);
        check_tls(&format!("{cert}\nListen 443\n{}", vhost("*:443", "")), &[false, true]);
        check_tls(&format!("Listen 127.0.0.1:8443 HTTPS\n{}", vhost("127.0.0.1:8443", cert)), &[false, true]);
        for (listen, address, lines) in [
            ("Listen 443 http", "*:443", cert),
            ("Listen 8443", "*:8443", cert),
            ("Listen 8443 https", "*:8443", ""),
            ("Listen 8443 https", "*:8443", "SSLEngine Off\nSSLCertificateFile /c.pem"),
            ("Listen 8443 https", "*", cert),
            ("Listen 127.0.0.1:8443 https", "*:8443", cert),
            ("Listen 80\nListen 8443 https", "*:80 *:8443", cert),
        ] {
            check_tls(&format!("{listen}\n{}", vhost(address, lines)), &[false, false]);
        }
    }
}
