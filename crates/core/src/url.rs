//! URLs to this server itself (`ap_construct_url`).

use wsgate_directives::modules::core::CanonicalName;

use crate::request::Request;

impl Request {
    /// Scheme, host and port by which clients reach this server, without a slash behind them.
    pub fn own_url(&self) -> String {
        let scheme = self.scheme();
        let (host, port) = (self.own_host(), self.own_port());
        let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host };
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
        let named = self.server.conf.core.server_name.as_ref().and_then(|name| name.port);
        let sent = self.host.as_ref().and_then(|host| host.port);
        let fallback = default_port(&self.scheme());
        if self.canonical() {
            named.or(by_connection.then_some(physical)).unwrap_or(fallback)
        } else if self.host.is_some() {
            // httpd takes the port of the Host field; without one there, the scheme's.
            sent.or(by_connection.then_some(physical)).or(named).unwrap_or(fallback)
        } else {
            by_connection.then_some(physical).or(named).unwrap_or(physical)
        }
    }
}

impl Request {
    /// Whether a host and port in a URL are this very server's (`ap_matches_request_vhost`).
    pub(crate) fn is_own(&self, host: &[u8], port: i64) -> bool {
        let server = &self.server;
        let mut addresses = server.addresses.iter().map(|address| split_address(&address.value));
        let named = server.conf.core.server_name.as_ref();
        let own = match named {
            Some(name) => name.port.map_or(0, i64::from),
            None => addresses.clone().next().map_or(0, |(_, port)| port),
        };
        addresses.any(|(name, own)| (own == 0 || own == port) && name.as_bytes().eq_ignore_ascii_case(host))
            || port == own && server.is_named(host)
    }
}

/// The name and the port of a `<VirtualHost>`'s address as written; port 0 is any.
fn split_address(address: &str) -> (&str, i64) {
    match address.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse().unwrap_or(0)),
        _ => (address, 0),
    }
}

fn default_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}
