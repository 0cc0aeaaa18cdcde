//! Which server a request is for: by the address that the connection came to, then by the host that it names
//! (server/vhost.c).

use std::net::{IpAddr, SocketAddr};

use wsgate_directives::config::Setting;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::fnmatch::strcasecmp_match;
use wsgate_directives::modules::core::HostPattern;
use wsgate_directives::modules::mpm::Listen;
use wsgate_directives::values::atoi;

use crate::path::behind;
use crate::snapshot::{Names, Server};

/// The servers by address.
#[derive(Debug, Default)]
pub struct VhostTable {
    exact: Vec<Chain>,
    any: Vec<Chain>,
}

/// The servers of one address and port, in the order of the files.
#[derive(Debug)]
struct Chain {
    address: Option<IpAddr>,
    /// 0 is any port.
    port: u16,
    servers: Vec<usize>,
}

/// The servers among which a connection's requests choose; the first one is the default.
#[derive(Clone, Copy, Debug)]
pub struct Candidates<'a> {
    /// Indices into the snapshot's servers; empty where only the main server is left.
    pub servers: &'a [usize],
}

impl VhostTable {
    /// Builds the table (`ap_fini_vhost_config`); addresses that do not resolve are left out with a warning, as in httpd.
    pub(crate) fn new(servers: &[Server], names: &dyn Names, notes: &mut Vec<Diagnostic>) -> Self {
        let mut table = Self::default();
        // From the last to the first, each put in front: so every list ends up in the order of the files.
        for server in servers.iter().skip(1).rev() {
            for address in &server.addresses {
                match parse(&address.value, server.default_port, names) {
                    Ok(found) => found.into_iter().for_each(|(ip, port)| table.add(ip, port, server.index)),
                    Err(why) => notes.push(Diagnostic::warning("vhost-address", address.span, why)),
                }
            }
        }
        table
    }

    fn add(&mut self, address: Option<IpAddr>, port: u16, server: usize) {
        let chains = if address.is_some() { &mut self.exact } else { &mut self.any };
        match chains.iter_mut().find(|chain| chain.address == address && chain.port == port) {
            Some(chain) if chain.servers.first() == Some(&server) => {}
            Some(chain) => chain.servers.insert(0, server),
            None => chains.insert(0, Chain { address, port, servers: vec![server] }),
        }
    }

    /// All lists, those of particular addresses first: the address (none is any), the port (0 is any), the servers.
    pub fn lists(&self) -> impl Iterator<Item = (Option<IpAddr>, u16, &[usize])> {
        self.exact.iter().chain(&self.any).map(|chain| (chain.address, chain.port, &*chain.servers))
    }

    /// The servers of the address that a connection came to: those that name it, else those of `*`.
    pub fn candidates(&self, local: SocketAddr) -> Candidates<'_> {
        let ip = local.ip().to_canonical();
        let find = |chains: &'_ [Chain], address: Option<IpAddr>| {
            let of =
                |port: u16| chains.iter().position(|chain| chain.address == address && chain.port == port);
            of(local.port()).or_else(|| of(0))
        };
        let chain = match find(&self.exact, Some(ip)) {
            Some(exact) => self.exact.get(exact),
            None => find(&self.any, None).and_then(|any| self.any.get(any)),
        };
        Candidates { servers: chain.map_or(&[], |chain| &chain.servers) }
    }
}

/// The addresses of a server; the main server's are all. None is any address, 0 any port.
pub(crate) fn places(server: &Server, names: &dyn Names) -> Vec<(Option<IpAddr>, u16)> {
    if server.span.is_none() {
        return vec![(None, 0)];
    }
    let parsed =
        server.addresses.iter().filter_map(|address| parse(&address.value, server.default_port, names).ok());
    parsed.flatten().collect()
}

/// Listen lines with addresses in place of names, each as many times as the name has addresses (`alloc_listener`).
pub(crate) fn look_up(
    listens: Vec<Setting<Listen>>,
    names: &dyn Names,
    notes: &mut Vec<Diagnostic>,
) -> Vec<Setting<Listen>> {
    let resolved = listens.into_iter().flat_map(|listen| {
        let Some(name) = &listen.name else { return vec![listen] };
        let found = names.addresses(name);
        if found.is_empty() {
            notes.push(Diagnostic::error("listen-address", listen.span, format!("{name} does not resolve")));
        }
        let with = |address| Listen { address: Some(address), name: None, ..listen.value.clone() };
        found.into_iter().map(|address| Setting { value: with(address), span: listen.span }).collect()
    });
    resolved.collect()
}

/// The Listen line that makes a server speak TLS without SSLEngine: the first one for an address that the server names,
/// if it is for https and the server has a certificate (`ap_setup_listeners`, `ssl_init_Module`). The main server names
/// none.
pub(crate) fn listens_for_tls<'a>(
    server: &Server,
    listens: &'a [Setting<Listen>],
    names: &dyn Names,
) -> Option<&'a Setting<Listen>> {
    if server.span.is_none() || server.conf.ssl.engine.is_some() || server.conf.ssl.certificates.0.is_empty()
    {
        return None;
    }
    let takes = |listen: &&Setting<Listen>, (address, port): (Option<IpAddr>, u16)| {
        let own = listen.address.map(|ip| ip.to_canonical()).filter(|ip| !ip.is_unspecified());
        own == address && listen.port == port
    };
    let first = places(server, names)
        .into_iter()
        .find_map(|place| listens.iter().find(|listen| takes(listen, place)));
    first.filter(|listen| listen.is_https())
}

/// The addresses that `address[:port]` of `<VirtualHost>` means (`get_addresses`).
fn parse(
    text: &str,
    default_port: Option<u16>,
    names: &dyn Names,
) -> Result<Vec<(Option<IpAddr>, u16)>, String> {
    let (host, port) = split(text, default_port)?;
    if host.eq_ignore_ascii_case("_default_") || matches!(host, "*" | "") {
        return Ok(vec![(None, port)]);
    }
    // 0.0.0.0 and :: are any address, too.
    let place = |ip: IpAddr| (Some(ip.to_canonical()).filter(|ip| !ip.is_unspecified()), port);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(vec![place(ip)]);
    }
    let found = names.addresses(host);
    if found.is_empty() {
        return Err(format!("{host} does not resolve: this address is ignored"));
    }
    Ok(found.into_iter().map(place).collect())
}

/// The host and the port of an address as written; port 0 is any.
///
/// # Errors
/// What is wrong with the port.
pub(crate) fn split(text: &str, default_port: Option<u16>) -> Result<(&str, u16), String> {
    match text.rsplit_once(':').filter(|(host, port)| !port.contains(']') && !is_bare_v6(host)) {
        Some((host, "*")) => Ok((host, 0)),
        Some((host, port)) => match u16::try_from(atoi(port.as_bytes())).ok().filter(|port| *port > 0) {
            Some(number) if port.bytes().all(|byte| byte.is_ascii_digit()) => Ok((host, number)),
            _ => Err(format!("{port:?} is no port: this address is ignored")),
        },
        None if text == "*" => Ok((text, 0)),
        None => Ok((text, default_port.unwrap_or(0))),
    }
}

/// `::1` without brackets has colons in the host part.
fn is_bare_v6(host: &str) -> bool {
    !host.starts_with('[') && host.contains(':')
}

impl Candidates<'_> {
    /// The candidate that a name is for, if any names it (`update_server_from_aliases`): ServerName, then aliases,
    /// server by server in the order of the files.
    pub fn by_name(&self, servers: &[std::sync::Arc<Server>], name: &[u8]) -> Option<usize> {
        self.servers.iter().copied().find(|index| servers[*index].is_named(name))
    }

    /// The candidate whose ServerPath a path is below: for clients that name no host (`check_serverpath`).
    pub fn by_path(&self, servers: &[std::sync::Arc<Server>], path: &[u8]) -> Option<usize> {
        let own_path = |index: &usize| servers[*index].conf.core.server_path.as_ref();
        self.servers
            .iter()
            .copied()
            .find(|index| own_path(index).is_some_and(|prefix| behind(path, prefix.as_bytes()).is_some()))
    }
}

impl Server {
    /// Whether ServerName or a ServerAlias is this name (`matches_aliases`).
    pub fn is_named(&self, name: &[u8]) -> bool {
        let aliases = &self.conf.core.server_aliases;
        self.name.as_bytes().eq_ignore_ascii_case(name)
            || aliases.iter().any(|alias| match &alias.value {
                HostPattern::Name(alias) => alias.as_bytes().eq_ignore_ascii_case(name),
                HostPattern::Wildcard(pattern) => strcasecmp_match(name, pattern.as_bytes()),
            })
    }
}
