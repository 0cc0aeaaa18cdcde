//! URLs to this server itself (`ap_construct_url`).

use std::borrow::Cow;

use bytes::Bytes;
use wsgate_directives::config::Server as Written;
use wsgate_directives::modules::core::CanonicalName;

use crate::request::Request;
use crate::vhost;

impl Request {
    /// Scheme, host and port by which clients reach this server, without a slash behind them.
    pub fn own_url(&self) -> String {
        let scheme = self.scheme();
        let (host, port) = (self.own_host(), self.own_port());
        let host = bracketed(&host);
        if port == default_port(&scheme) {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{port}")
        }
    }

    /// `http` or `https`; the scheme of ServerName where it has one (`ap_http_scheme`).
    pub fn scheme(&self) -> String {
        let named = self.server.conf.core.server_name.as_ref().and_then(|name| name.scheme.clone());
        let own = if self.connection.tls.is_some() { "https" } else { "http" };
        named.unwrap_or_else(|| own.to_owned())
    }

    fn canonical(&self) -> bool {
        self.dir.core.use_canonical_name.as_ref().is_some_and(|set| **set == CanonicalName::On)
    }

    /// The host that URLs to this server name (`ap_get_server_name`).
    pub fn own_host(&self) -> String {
        match &self.host {
            Some(host) if !self.canonical() => String::from_utf8_lossy(&host.name).into_owned(),
            _ => self.server.name.clone(),
        }
    }

    /// The port that URLs to this server name (`ap_get_server_port`).
    pub fn own_port(&self) -> u16 {
        let physical = self.connection.local.port();
        let by_connection = self.dir.core.use_canonical_physical_port.as_ref().is_some_and(|on| **on);
        let physical = by_connection.then_some(physical);
        let named = self.server.port;
        let port = if self.canonical() {
            named.or(physical)
        } else {
            self.host.as_ref().and_then(|host| host.port).or(physical).or(named)
        };
        port.unwrap_or_else(|| default_port(&self.scheme()))
    }
}

impl Request {
    /// Whether a host and port in a URL are this very server's (`ap_matches_request_vhost`).
    pub(crate) fn is_own(&self, host: &[u8], port: i64) -> bool {
        let server = &self.server;
        let split = |text| vhost::split(text, server.default_port).ok();
        let mut addresses = server.addresses.iter().filter_map(|address| split(&address.value));
        addresses.any(|(name, own)| {
            (own == 0 || i64::from(own) == port) && name.as_bytes().eq_ignore_ascii_case(host)
        }) || port == server.port.map_or(0, i64::from) && server.is_named(host)
    }
}

/// The port that a server gives itself (`server_rec`'s): ServerName's or none where it has a ServerName, else its first
/// address's, else the main server's.
pub(crate) fn port_of(server: &Written) -> Option<u16> {
    if let Some(name) = &server.conf.core.server_name {
        return name.port;
    }
    let address = server.addresses.first().and_then(|address| vhost::split(&address.value, None).ok());
    address.map(|(_, port)| port).filter(|port| *port > 0).or(server.default_port)
}

/// Puts a query behind a URL that has none.
pub(crate) fn push_query(url: &mut Vec<u8>, query: Option<&Bytes>) {
    if let Some(query) = query {
        url.push(b'?');
        url.extend_from_slice(query);
    }
}

/// A host as URLs have it: IPv6 addresses stand in brackets (`ap_get_server_name_for_url`).
pub(crate) fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') && !host.starts_with('[') {
        Cow::Owned(format!("[{host}]"))
    } else {
        Cow::Borrowed(host)
    }
}

/// `ap_default_port`.
pub(crate) fn default_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::interpret::interpret;
    use wsgate_directives::registry::Registry;

    use crate::http::{Head, Version};
    use crate::request::{Connection, Request};
    use crate::snapshot::resolve;
    use crate::world::Still;

    /// What httpd 2.4.71 answered with `Redirect /r /to` under this configuration, here without `/to`.
    #[test]
    fn urls_to_this_server() {
        const CONFIG: &str = "ServerName main.test\n\
            <VirtualHost *:18980>\nServerName a.test\n</VirtualHost>\n\
            <VirtualHost *:18980>\nServerName p.test:99\n</VirtualHost>\n\
            <VirtualHost *:18981>\n</VirtualHost>\n";
        let files = MemoryFiles([("/c".to_owned(), CONFIG.as_bytes().to_vec())].into());
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        let (snapshot, _) = resolve(&config, &Still::default(), Arc::new(Still::default()));
        for (port, host, url) in [
            (18980, Some("a.test"), "http://a.test"),
            (18980, Some("a.test:7"), "http://a.test:7"),
            (18980, Some("p.test"), "http://p.test:99"),
            (18980, None, "http://a.test"),
            (18981, Some("a.test"), "http://a.test:18981"),
            (18981, Some("a.test:7"), "http://a.test:7"),
            (18981, None, "http://main.test:18981"),
            (18982, Some("a.test"), "http://a.test"),
            (18982, None, "http://main.test"),
        ] {
            let (local, peer) = (([127, 0, 0, 1], port).into(), ([127, 0, 0, 1], 4000).into());
            let connection = Arc::new(Connection { local, peer, proxied: None, tls: None });
            let mut head = Head {
                method: "GET".into(),
                target: "/r".into(),
                version: Version::HTTP_10,
                ..Head::unread()
            };
            host.into_iter().for_each(|host| head.headers.add("Host", host));
            let (request, _) = Request::receive(&snapshot, connection, head, snapshot.world.now());
            assert_eq!(request.own_url(), url, "{host:?} to {port}");
        }
    }
}
